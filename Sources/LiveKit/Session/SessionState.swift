/// Where a session stands.
public enum SessionState: Hashable, Sendable {
  /// Nothing has begun.
  case idle
  /// Signalling or media is being set up.
  case connecting
  /// Media flows.
  case connected
  /// A connection was lost and is being set up again.
  case reconnecting
  /// Over, for good.
  case closed(ClosureReason)
}
