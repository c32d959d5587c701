/// Which way media flows, as the writer of the description sees it (RFC 8866 §6.7).
public enum MediaDirection: String, Hashable, Sendable {
  /// Both ways: what a section without a direction means.
  case sendReceive = "sendrecv"
  /// Only from the writer.
  case sendOnly = "sendonly"
  /// Only to the writer.
  case receiveOnly = "recvonly"
  /// Not at all, but the section stays.
  case inactive

  /// The direction with these two ways.
  public init(sends: Bool, receives: Bool) {
    switch (sends, receives) {
    case (true, true): self = .sendReceive
    case (true, false): self = .sendOnly
    case (false, true): self = .receiveOnly
    case (false, false): self = .inactive
    }
  }

  /// Whether the writer sends.
  public var sends: Bool { self == .sendReceive || self == .sendOnly }
  /// Whether the writer receives.
  public var receives: Bool { self == .sendReceive || self == .receiveOnly }

  /// The same flow as the other side sees it.
  public var reversed: MediaDirection { MediaDirection(sends: receives, receives: sends) }

  /// What of this direction `other` allows, both seen from the same side.
  public func intersection(_ other: MediaDirection) -> MediaDirection {
    MediaDirection(sends: sends && other.sends, receives: receives && other.receives)
  }
}
