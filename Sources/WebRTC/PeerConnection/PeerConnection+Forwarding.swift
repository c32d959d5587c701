import Realtime

/// A packet that a media server received on one connection and sends on another.
public struct ForwardedPacket {
  /// The codec; sent under the payload type that the receiver of the packet wants.
  public var codec: MediaCodec
  /// The RTP marker bit.
  public var marker: Bool
  /// The packet's place in the stream that the receiver sees, without gaps but for packets that are really lost; it may
  /// come out of order.
  public var sequenceNumber: Int64
  /// The RTP timestamp that the receiver sees.
  public var timestamp: UInt32
  /// Header extension values to hand on; identification and numbering are the connection's own.
  public var extensions: RTPHeaderExtensions
  /// The dependency descriptor to send, where the receiver takes it; empty for none. Must outlive the call that sends.
  public var dependencyDescriptor = UnsafeRawBufferPointer(start: nil, count: 0)

  /// A packet to forward.
  public init(
    codec: MediaCodec, marker: Bool, sequenceNumber: Int64, timestamp: UInt32,
    extensions: RTPHeaderExtensions = RTPHeaderExtensions()
  ) {
    self.codec = codec
    self.marker = marker
    self.sequenceNumber = sequenceNumber
    self.timestamp = timestamp
    self.extensions = extensions
  }
}

extension PeerConnection {
  /// Sends a packet of another connection on a transceiver's first encoding, with `payload` as it is. It is kept for
  /// retransmission like any other.
  public func forward(
    _ packet: ForwardedPacket, payload: UnsafeRawBufferPointer, on transceiver: TransceiverID, at now: Instant
  ) {
    guard outbound != nil, let sender = transceivers[transceiver.index]?.sender,
      let payloadType = sender.format.payloadType(of: packet.codec), let encoding = sender.encodings.first,
      let stream = encoding?.stream
    else { return }
    let buffer = pool.take()
    let isWritten = try? stream.writeForwarded(packet, payloadType: payloadType, payload: payload, to: buffer, at: now)
    guard isWritten == true else { return pool.recycle(buffer) }
    stampAndSend(buffer, stream.configuration.extensions, at: now)
  }

  /// Whether a transceiver may send `codec`.
  public func canSend(_ codec: MediaCodec, on transceiver: TransceiverID) -> Bool {
    transceivers[transceiver.index]?.sender?.format.payloadType(of: codec) != nil
  }

  /// Sets the clock of forwarded packets for sender reports: the RTP timestamp `timestamp` was taken at `ntp` on the
  /// publisher's clock, as known at `now`.
  public func setForwardedClock(timestamp: UInt32, ntp: NTPTime, of transceiver: TransceiverID, at now: Instant) {
    transceivers[transceiver.index]?.sender?.encodings.first??.stream.setForwardedClock(
      timestamp: timestamp, ntp: ntp, at: now)
  }
}
