import LiveKitMessages

/// How well a participant's media gets through, as the server judges it every 5 s.
public enum ConnectionQuality: Hashable, Sendable {
  /// Not judged yet.
  case unknown
  /// Nothing arrives any more.
  case lost
  /// Media suffers.
  case poor
  /// Some loss.
  case good
  /// Nothing to complain about.
  case excellent

  init(_ message: LKConnectionQuality) {
    self =
      switch message {
      case .poor: .poor
      case .good: .good
      case .excellent: .excellent
      case .lost: .lost
      case .UNRECOGNIZED: .unknown
      }
  }
}
