import LiveKitMessages

/// Where a track's media comes from. Visio grants publishing by source, so a track without one is refused.
public enum TrackSource: Hashable, Sendable {
  /// Not said.
  case unknown
  /// A camera.
  case camera
  /// A microphone.
  case microphone
  /// A shared screen or window.
  case screenShare
  /// The sound that belongs to a shared screen.
  case screenShareAudio

  init(_ message: LKTrackSource) {
    self =
      switch message {
      case .camera: .camera
      case .microphone: .microphone
      case .screenShare: .screenShare
      case .screenShareAudio: .screenShareAudio
      case .unknown, .UNRECOGNIZED: .unknown
      }
  }

  var message: LKTrackSource {
    switch self {
    case .unknown: .unknown
    case .camera: .camera
    case .microphone: .microphone
    case .screenShare: .screenShare
    case .screenShareAudio: .screenShareAudio
    }
  }

  /// The name under which LiveKit's clients group the tracks of one source, for lip sync.
  var streamName: String {
    switch self {
    case .unknown, .camera, .microphone: "camera"
    case .screenShare, .screenShareAudio: "screen"
    }
  }
}
