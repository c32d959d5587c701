/// A number that names a data channel of one association, for its whole life; never reused.
public struct DataChannelID: Hashable, Sendable {
  let rawValue: UInt32
}

/// How a data channel delivers (W3C `RTCDataChannelInit`).
public struct DataChannelOptions: Hashable, Sendable {
  /// How much is done for a message that got lost (RFC 3758, RFC 7496).
  public enum Reliability: Hashable, Sendable {
    /// Sent again until it arrives.
    case reliable
    /// Sent again so many times at most; 0 is "once".
    case maximumRetransmits(UInt16)
    /// Sent and sent again for so many ms at most.
    case maximumLifetime(UInt16)
  }

  /// Whether messages arrive in the order in which they were sent.
  public var isOrdered: Bool
  /// How much is done for a message that got lost.
  public var reliability: Reliability
  /// The subprotocol's name; empty for none.
  public var subprotocol: String
  /// The stream when both sides agreed on it beforehand (`negotiated`); nil to open in-band (RFC 8832).
  public var negotiatedStream: UInt16?

  /// Options; those of a reliable, ordered channel that is opened in-band unless told.
  public init(
    isOrdered: Bool = true, reliability: Reliability = .reliable, subprotocol: String = "",
    negotiatedStream: UInt16? = nil
  ) {
    self.isOrdered = isOrdered
    self.reliability = reliability
    self.subprotocol = subprotocol
    self.negotiatedStream = negotiatedStream
  }
}

/// What is known about a data channel.
public struct DataChannel: Hashable, Sendable {
  /// Where a channel stands (W3C `RTCDataChannelState`).
  public enum State: Hashable, Sendable {
    /// The association isn't up yet.
    case connecting
    /// Messages go both ways.
    case open
    /// One side closes; what was sent before still goes out.
    case closing
  }

  /// Bytes of UTF-8 in a label or protocol, at most. The format has room for 65 535; the limit keeps a peer that opens
  /// all streams from filling our memory.
  public static let maximumTextLength = 1_024

  /// Its name in this association.
  public let id: DataChannelID
  /// Its label.
  public let label: String
  /// How it delivers.
  public let options: DataChannelOptions
  /// The SCTP stream of both directions; nil until the DTLS role is known.
  public internal(set) var stream: UInt16?
  /// Where it stands.
  public internal(set) var state = State.connecting
  /// Bytes handed to `send` that wait; what usrsctp has taken (at most 128 KiB for all channels) isn't counted.
  public internal(set) var bufferedAmount = 0
  /// When `bufferedAmount` falls to this or below, `bufferedAmountLow` is told.
  public internal(set) var bufferedAmountLowThreshold = 0

  /// Until the peer has acknowledged the opening, messages go in order behind it (RFC 8832 §6).
  var isAcknowledged = false
  var outgoingReset = ResetState.none
  var isIncomingReset = false
  /// Why we close it, when that isn't a wish.
  var closeReason: SCTPError?

  enum ResetState {
    case none, wanted, requested, done
  }
}
