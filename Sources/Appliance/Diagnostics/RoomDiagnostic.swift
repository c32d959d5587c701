import Catalogue

/// Something that is wrong with the room. The raw value is its stable identity.
public enum RoomDiagnostic: String, CaseIterable, Hashable, Sendable {
  case settingsInvalid = "SettingsInvalid"
  case settingsUnreadable = "SettingsUnreadable"
  case soundMissing = "SoundMissing"
  case microphoneMissing = "MicrophoneMissing"
  case microphoneUnusable = "MicrophoneUnusable"
  case loudspeakerMissing = "LoudspeakerMissing"
  case loudspeakerUnusable = "LoudspeakerUnusable"
  case microphoneSilent = "MicrophoneSilent"
  case microphoneClipping = "MicrophoneClipping"
  case microphoneFaulty = "MicrophoneFaulty"
  case loudspeakerUnheard = "LoudspeakerUnheard"
  case echoRemains = "EchoRemains"
  case howling = "Howling"
  case soundLate = "SoundLate"
  case screenMissing = "ScreenMissing"
  case screenAsleep = "ScreenAsleep"
  case cameraMissing = "CameraMissing"
  case cameraCovered = "CameraCovered"
  case cameraBusy = "CameraBusy"
  case cameraFailing = "CameraFailing"
  case noLink = "NoLink"
  case noAddress = "NoAddress"
  case noRoute = "NoRoute"
  case noNameServer = "NoNameServer"
  case instanceUnset = "InstanceUnset"
  case instanceUnknown = "InstanceUnknown"
  case instanceUnreachable = "InstanceUnreachable"
  case instanceUntrusted = "InstanceUntrusted"
  case encryptionFailed = "EncryptionFailed"
  case instanceForeign = "InstanceForeign"
  case instanceFailing = "InstanceFailing"
  case mediaBlocked = "MediaBlocked"
  case clockWrong = "ClockWrong"
  case clockUnsynchronised = "ClockUnsynchronised"
  case certificateExpiring = "CertificateExpiring"
  case certificateExpired = "CertificateExpired"
  case diskFull = "DiskFull"
  case diskReadOnly = "DiskReadOnly"
  case storageDamaged = "StorageDamaged"
  case tooHot = "TooHot"
  case underVoltage = "UnderVoltage"
  case memoryLow = "MemoryLow"
  case passwordUnset = "PasswordUnset"
  case calendarUnreachable = "CalendarUnreachable"
  case calendarRefused = "CalendarRefused"
  case calendarInvalid = "CalendarInvalid"

  /// How grave something is; the raw value is as the control tree spells it.
  public enum Level: String, Hashable, Sendable, Comparable {
    /// The room works, but not as well as it could, or not for long.
    case warning = "Warning"
    /// Something that people need doesn't work.
    case error = "Error"
    /// The room can't meet.
    case critical = "Critical"

    private var rank: Int {
      switch self {
      case .warning: 0
      case .error: 1
      case .critical: 2
      }
    }

    /// Less grave first.
    public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
  }

  /// How grave it is.
  public var level: Level {
    switch self {
    case .settingsUnreadable, .soundMissing, .screenMissing, .diskReadOnly: .critical
    case .microphoneMissing, .microphoneUnusable, .loudspeakerMissing, .loudspeakerUnusable, .microphoneSilent,
      .cameraMissing, .cameraBusy, .cameraFailing, .noLink, .noAddress, .noRoute, .noNameServer,
      .instanceUnknown, .instanceUnreachable, .instanceUntrusted, .encryptionFailed, .instanceForeign,
      .mediaBlocked, .clockWrong, .certificateExpired, .diskFull, .tooHot, .underVoltage:
      .error
    default: .warning
    }
  }

  /// What is wrong, and what to do.
  public var sentence: Sentence {
    switch self {
    case .settingsInvalid: DiagnosticSentences.settingsInvalid
    case .settingsUnreadable: DiagnosticSentences.settingsUnreadable
    case .soundMissing: DiagnosticSentences.soundMissing
    case .microphoneMissing: DiagnosticSentences.microphoneMissing
    case .microphoneUnusable: DiagnosticSentences.microphoneUnusable
    case .loudspeakerMissing: DiagnosticSentences.loudspeakerMissing
    case .loudspeakerUnusable: DiagnosticSentences.loudspeakerUnusable
    case .microphoneSilent: DiagnosticSentences.microphoneSilent
    case .microphoneClipping: DiagnosticSentences.microphoneClipping
    case .microphoneFaulty: DiagnosticSentences.microphoneFaulty
    case .loudspeakerUnheard: DiagnosticSentences.loudspeakerUnheard
    case .echoRemains: DiagnosticSentences.echoRemains
    case .howling: DiagnosticSentences.howling
    case .soundLate: DiagnosticSentences.soundLate
    case .screenMissing: DiagnosticSentences.screenMissing
    case .screenAsleep: DiagnosticSentences.screenAsleep
    case .cameraMissing: DiagnosticSentences.cameraMissing
    case .cameraCovered: DiagnosticSentences.cameraCovered
    case .cameraBusy: DiagnosticSentences.cameraBusy
    case .cameraFailing: DiagnosticSentences.cameraFailing
    case .noLink: DiagnosticSentences.noLink
    case .noAddress: DiagnosticSentences.noAddress
    case .noRoute: DiagnosticSentences.noRoute
    case .noNameServer: DiagnosticSentences.noNameServer
    case .instanceUnset: DiagnosticSentences.instanceUnset
    case .instanceUnknown: DiagnosticSentences.instanceUnknown
    case .instanceUnreachable: DiagnosticSentences.instanceUnreachable
    case .instanceUntrusted: DiagnosticSentences.instanceUntrusted
    case .encryptionFailed: DiagnosticSentences.encryptionFailed
    case .instanceForeign: DiagnosticSentences.instanceForeign
    case .instanceFailing: DiagnosticSentences.instanceFailing
    case .mediaBlocked: DiagnosticSentences.mediaBlocked
    case .clockWrong: DiagnosticSentences.clockWrong
    case .clockUnsynchronised: DiagnosticSentences.clockUnsynchronised
    case .certificateExpiring: DiagnosticSentences.certificateExpiring
    case .certificateExpired: DiagnosticSentences.certificateExpired
    case .diskFull: DiagnosticSentences.diskFull
    case .diskReadOnly: DiagnosticSentences.diskReadOnly
    case .storageDamaged: DiagnosticSentences.storageDamaged
    case .tooHot: DiagnosticSentences.tooHot
    case .underVoltage: DiagnosticSentences.underVoltage
    case .memoryLow: DiagnosticSentences.memoryLow
    case .passwordUnset: DiagnosticSentences.passwordUnset
    case .calendarUnreachable: DiagnosticSentences.calendarUnreachable
    case .calendarRefused: DiagnosticSentences.calendarRefused
    case .calendarInvalid: DiagnosticSentences.calendarInvalid
    }
  }
}
