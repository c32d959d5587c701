/// What `RTPReceiveStream` made of a packet.
public struct ReceivedRTPPacket {
  /// What a packet is to its stream.
  public enum Kind: Hashable, Sendable {
    /// Media that came for the first time, if perhaps late.
    case media
    /// Media that had been lost and was repeated.
    case recovered
    /// Padding only: the number is used up, and there is nothing to decode.
    case padding
    /// Known already, or so old that it can't be told.
    case duplicate
    /// Of no use: a probe, or not one of this stream's.
    case discarded
  }

  /// What the packet is.
  public var kind: Kind
  /// The media packet's header: in a retransmission the original's SSRC, payload type and sequence number, and in
  /// `payload` the range of the original payload.
  public var header: RTPHeader
  /// The packet's place on the stream's endless line; meaningless when discarded.
  public var sequenceNumber: Int64
  /// Whether the source began anew with this packet: nothing before it matters any more.
  public var isRestart = false

  init(_ kind: Kind, _ header: RTPHeader, _ sequenceNumber: Int64) {
    self.kind = kind
    self.header = header
    self.sequenceNumber = sequenceNumber
  }
}
