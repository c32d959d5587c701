import Realtime

/// Takes a received video track's frames. Called on the peer connection's event loop; must not block.
public protocol VideoFrameSink: AnyObject, Sendable {
  /// An empty frame to fill, or nil when the consumer is behind: the connection then keeps the packets and asks again
  /// with the next one.
  func vacantFrame() -> EncodedFrame?
  /// Takes over a frame got from `vacantFrame()`: complete, decodable, in decoding order.
  func deliver(_ frame: EncodedFrame)
  /// The sender's clock: its RTP timestamp `timestamp` was taken at `ntp` (RFC 3550 §6.4.1).
  func synchronize(timestamp: UInt32, ntp: NTPTime)
}

/// Takes a received audio track's packets in the order of arrival. Called on the peer connection's event loop; must not
/// block.
public protocol AudioPacketSink: AnyObject, Sendable {
  /// One Opus packet. `isRedundant`: a copy out of a RED packet (RFC 2198), useful only where the original is missing;
  /// its sequence number is then derived from its place in the packet.
  func deliver(
    sequenceNumber: Int64, timestamp: UInt32, payload: UnsafeRawBufferPointer, isRedundant: Bool, arrival: Instant)
  /// The sender's clock: its RTP timestamp `timestamp` was taken at `ntp` (RFC 3550 §6.4.1).
  func synchronize(timestamp: UInt32, ntp: NTPTime)
}

/// Takes a received track's RTP packets as they are, decrypted, once each, for a media server that forwards them.
public protocol RTPPacketSink: AnyObject, Sendable {
  /// One packet of the encoding with the given RTP stream identifier (RFC 8852; empty without simulcast). `packet` holds
  /// it whole; retransmitted packets come as the packets that they repeat, packets of padding only with an empty payload.
  func deliver(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, sequenceNumber: Int64, rid: String, arrival: Instant)
  /// An encoding's clock: RTP timestamp `timestamp` was taken at `ntp`.
  func synchronize(rid: String, timestamp: UInt32, ntp: NTPTime)
}

/// Has media to send on a transceiver, such as the far end of an encoder's ring. Called on the peer connection's event
/// loop; must not block.
public protocol MediaSource: AnyObject, Sendable {
  /// Gives all that waits to `connection` for sending on `transceiver`.
  func sendPending(on connection: PeerConnection, transceiver: TransceiverID, at now: Instant)
}
