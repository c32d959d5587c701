import Realtime
import WebRTC

/// A publisher's RTP packet on its way through the room, valid while it is handed on.
struct MediaPacket {
  /// What the payload is.
  var codec: MediaCodec
  /// The simulcast layer, 0 the smallest; 0 without simulcast.
  var layer = 0
  /// The packet's place in its layer's stream.
  var sequenceNumber: Int64
  /// RTP timestamp of its layer's stream.
  var timestamp: UInt32
  /// The RTP marker bit.
  var marker: Bool
  /// RTP payload, payload descriptor included; empty for padding.
  var payload: UnsafeRawBufferPointer
  /// The dependency descriptor; empty when the packet has none.
  var dependencyDescriptor = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Header extensions to hand on.
  var extensions = RTPHeaderExtensions()
  /// When it came in.
  var arrival: Instant
}

/// What a forwarder decides about a packet.
struct ForwardingDecision: Equatable {
  /// The number under which it goes out.
  var sequenceNumber: Int64
  /// The timestamp under which it goes out.
  var timestamp: UInt32
  /// Its marker bit.
  var marker: Bool
  /// Whether it goes out empty, only to fill its number.
  var isEmpty = false
}
