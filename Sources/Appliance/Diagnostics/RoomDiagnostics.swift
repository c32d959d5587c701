import Catalogue
import Realtime

/// Something that is wrong with the room. The raw value is its stable identity.
enum RoomDiagnostic: String, CaseIterable, Hashable {
  case settingsInvalid = "SettingsInvalid"
  case settingsUnreadable = "SettingsUnreadable"
  case soundMissing = "SoundMissing"
  case screenMissing = "ScreenMissing"
  case cameraMissing = "CameraMissing"

  /// How grave it is, as the control tree spells it.
  var level: String {
    switch self {
    case .settingsInvalid: "Warning"
    case .cameraMissing: "Error"
    case .settingsUnreadable, .soundMissing, .screenMissing: "Critical"
    }
  }

  /// What is wrong, and what to do.
  var sentence: Sentence {
    switch self {
    case .settingsInvalid: RoomSentences.settingsInvalid
    case .settingsUnreadable: RoomSentences.settingsUnreadable
    case .soundMissing: RoomSentences.soundMissing
    case .screenMissing: RoomSentences.screenMissing
    case .cameraMissing: RoomSentences.cameraMissing
    }
  }
}

/// What is wrong with the room at present, each with a number in the control tree.
struct RoomDiagnostics {
  /// What has changed.
  enum Change: Hashable {
    case began(Int, RoomDiagnostic, text: String)
    case ended(Int, RoomDiagnostic)
  }

  /// The paths of stored settings that don't count.
  var invalidSettings: [String] = []
  private var present: Set<RoomDiagnostic> = []

  /// Takes in how things stand.
  mutating func update(faults: Set<RoomFault>, cameraIsMissing: Bool, isFrench: Bool) -> [Change] {
    var wrong: Set<RoomDiagnostic> = []
    if !invalidSettings.isEmpty { wrong.insert(.settingsInvalid) }
    if faults.contains(.settings) { wrong.insert(.settingsUnreadable) }
    if faults.contains(.sound) { wrong.insert(.soundMissing) }
    if faults.contains(.screen) { wrong.insert(.screenMissing) }
    if cameraIsMissing { wrong.insert(.cameraMissing) }
    defer { present = wrong }
    var changes: [Change] = []
    for (index, diagnostic) in RoomDiagnostic.allCases.enumerated() {
      switch (present.contains(diagnostic), wrong.contains(diagnostic)) {
      case (false, true):
        var text = diagnostic.sentence[isFrench ? .french : .english]
        if diagnostic == .settingsInvalid { text += " (\(invalidSettings.joined(separator: ", ")))" }
        changes.append(.began(index + 1, diagnostic, text: text))
      case (true, false): changes.append(.ended(index + 1, diagnostic))
      default: break
      }
    }
    return changes
  }
}

/// The date, for what is kept.
enum WallTime {
  /// Seconds since 1970.
  static var seconds: Int64 { WallClock.now.seconds }
}
