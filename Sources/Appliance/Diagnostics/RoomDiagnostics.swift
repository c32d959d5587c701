import Catalogue
import Foundation
import Realtime

extension RoomFacts {
  /// Below this the room can't be sure to store its settings, bytes.
  static let leastFreeBytes: Int64 = 20_000_000
  /// Below this part of the memory programs may soon be ended.
  static let leastMemory = 0.05
  /// Boards like those in rooms slow down from here on, °C.
  static let highestTemperature = 80.0
  /// A clock that is further off than this, in seconds, makes certificates invalid and meetings late.
  static let largestClockError = 120.0
  /// So long before its end a certificate should be replaced, seconds.
  static let certificateNotice = 30.0 * 86_400
  /// No release is older: a clock that says an earlier date is wrong.
  static let earliestDate = Date(timeIntervalSince1970: 1_767_225_600)

  /// What is wrong, in the order in which it is numbered.
  public var findings: [RoomDiagnostic] {
    let found = roomFindings.union(equipmentFindings).union(systemFindings).union(networkFindings)
    return RoomDiagnostic.allCases.filter(found.contains)
  }

  private var roomFindings: Set<RoomDiagnostic> {
    var found: Set<RoomDiagnostic> = []
    if !invalidSettings.isEmpty { found.insert(.settingsInvalid) }
    if faults.contains(.settings) { found.insert(.settingsUnreadable) }
    if faults.contains(.sound) { found.insert(.soundMissing) }
    if faults.contains(.screen) { found.insert(.screenMissing) }
    if isStorageDamaged { found.insert(.storageDamaged) }
    if hasPassword == false { found.insert(.passwordUnset) }
    if wasMediaBlocked { found.insert(.mediaBlocked) }
    switch calendar {
    case "Unreachable": found.insert(.calendarUnreachable)
    case "Refused": found.insert(.calendarRefused)
    case "NotFound", "Unreadable", "InvalidUrl": found.insert(.calendarInvalid)
    default: break
    }
    return found
  }

  private var equipmentFindings: Set<RoomDiagnostic> {
    var found: Set<RoomDiagnostic> = []
    for camera in equipment.cameras {
      switch camera.condition {
      case .showing: break
      case .disconnected: found.insert(.cameraMissing)
      case .covered: found.insert(.cameraCovered)
      case .busy: found.insert(.cameraBusy)
      case .failing: found.insert(.cameraFailing)
      }
    }
    if isAwake, equipment.outputs.contains(where: { $0.isAsleep }) { found.insert(.screenAsleep) }
    if let sound = equipment.sound { found.formUnion(sound.findings) }
    // Both together have a name of their own.
    if faults.contains(.sound) { found.subtract([.microphoneMissing, .loudspeakerMissing]) }
    return found
  }

  private var systemFindings: Set<RoomDiagnostic> {
    guard let system else { return [] }
    var found: Set<RoomDiagnostic> = []
    if system.isReadOnly {
      found.insert(.diskReadOnly)
    } else if let free = system.freeBytes, free < Self.leastFreeBytes {
      found.insert(.diskFull)
    }
    if let memory = system.availableMemory, memory < Self.leastMemory { found.insert(.memoryLow) }
    if let temperature = system.temperature, temperature >= Self.highestTemperature { found.insert(.tooHot) }
    if system.isUnderVoltage { found.insert(.underVoltage) }
    if system.date < Self.earliestDate {
      found.insert(.clockWrong)
    } else if system.isClockSynchronised == false {
      found.insert(.clockUnsynchronised)
    }
    if let expiry = system.certificateExpiry {
      let left = expiry.timeIntervalSince(system.date)
      if left <= 0 {
        found.insert(.certificateExpired)
      } else if left < Self.certificateNotice {
        found.insert(.certificateExpiring)
      }
    }
    return found
  }

  /// Of the network only the nearest thing that is wrong: all that is further away fails with it.
  private var networkFindings: Set<RoomDiagnostic> {
    guard let network else { return [] }
    var found: Set<RoomDiagnostic> = []
    if let lead = network.clockLead, abs(lead) > Self.largestClockError { found.insert(.clockWrong) }
    if !network.hasLink {
      found.insert(.noLink)
    } else if !network.hasAddress {
      found.insert(.noAddress)
    } else if !network.hasRoute, network.instance != .reached {
      found.insert(.noRoute)
    } else if !network.hasNameServer, network.instance != .reached {
      found.insert(.noNameServer)
    } else {
      switch network.instance {
      case .reached, nil: break
      case .unset: found.insert(.instanceUnset)
      case .unknown: found.insert(.instanceUnknown)
      case .unreachable: found.insert(.instanceUnreachable)
      case .untrusted: found.insert(.instanceUntrusted)
      case .notEncrypted: found.insert(.encryptionFailed)
      case .foreign: found.insert(.instanceForeign)
      case .failing: found.insert(.instanceFailing)
      }
    }
    return found
  }
}

extension EquipmentReport.Sound {
  /// Digital silence, dBFS: the quietest room is louder through any microphone.
  static let silence = -100.0
  /// With less than this, decibels, people hear themselves.
  static let leastEchoReduction = 6.0

  fileprivate var findings: Set<RoomDiagnostic> {
    var found: Set<RoomDiagnostic> = []
    switch microphone {
    case .fine, .unwanted: break
    case .missing: found.insert(.microphoneMissing)
    case .unusable: found.insert(.microphoneUnusable)
    }
    switch loudspeaker {
    case .fine, .unwanted: break
    case .missing: found.insert(.loudspeakerMissing)
    case .unusable: found.insert(.loudspeakerUnusable)
    }
    if isLate { found.insert(.soundLate) }
    guard microphone == .fine, isListening else { return found }
    if level <= Self.silence { found.insert(.microphoneSilent) }
    if isOverloaded { found.insert(.microphoneClipping) }
    if faultyCount > 0 { found.insert(.microphoneFaulty) }
    if isHowling { found.insert(.howling) }
    if loudspeaker == .fine, isPlaying {
      if let reduction = echoReduction {
        if reduction < Self.leastEchoReduction { found.insert(.echoRemains) }
      } else {
        found.insert(.loudspeakerUnheard)
      }
    }
    return found
  }
}

extension RoomDiagnostic {
  /// For how long it must have been so before it is told: sound comes and goes.
  var patience: Duration {
    switch self {
    case .microphoneSilent, .microphoneClipping, .screenAsleep: .seconds(10)
    case .echoRemains, .loudspeakerUnheard: .seconds(60)
    default: .zero
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

  /// Since when each of what is wrong is so.
  private var since: [RoomDiagnostic: Instant] = [:]
  private var isPresent: Set<RoomDiagnostic> = []

  /// What is wrong now, in the order in which it is numbered.
  var present: [RoomDiagnostic] { RoomDiagnostic.allCases.filter(isPresent.contains) }

  /// Takes in how things stand at `now`.
  mutating func update(_ facts: RoomFacts, at now: Instant, _ language: Language) -> [Change] {
    let findings = Set(facts.findings)
    since = since.filter { findings.contains($0.key) }
    for finding in findings where since[finding] == nil { since[finding] = now }
    let wrong = Set(since.filter { now - $0.value >= $0.key.patience }.keys)
    defer { isPresent = wrong }
    var changes: [Change] = []
    for (index, diagnostic) in RoomDiagnostic.allCases.enumerated() {
      switch (isPresent.contains(diagnostic), wrong.contains(diagnostic)) {
      case (false, true):
        var text = diagnostic.sentence[language]
        if diagnostic == .settingsInvalid { text += " (\(facts.invalidSettings.joined(separator: ", ")))" }
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
