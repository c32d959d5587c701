import WebRTC

/// A packet for the SRTP tests.
struct SRTPTestPacket {
  var bytes: [UInt8]

  init(hexadecimal: String) {
    let digits = Array(hexadecimal.utf8)
    bytes = stride(from: 0, to: digits.count - 1, by: 2).map { index in
      UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
    }
  }

  /// An RTP packet with a payload that is made of its sequence number.
  init(ssrc: UInt32, sequence: UInt16, payloadLength: Int = 100) {
    bytes = [0x80, 96, UInt8(sequence >> 8), UInt8(sequence & 0xFF), 0, 0, 0, 1]
    bytes += withUnsafeBytes(of: ssrc.bigEndian, Array.init)
    bytes += (0..<payloadLength).map { UInt8(truncatingIfNeeded: $0 &+ Int(sequence)) }
  }

  /// A receiver report without blocks.
  init(receiverReportFrom ssrc: UInt32) {
    bytes = [0x80, 201, 0, 1] + withUnsafeBytes(of: ssrc.bigEndian, Array.init)
  }

  /// A buffer with a copy of the packet.
  var buffer: PacketBuffer {
    let buffer = PacketBuffer()
    bytes.withUnsafeBytes { _ = buffer.assign($0) }
    return buffer
  }
}

extension PacketBuffer {
  /// The bytes in use, for unprotection in place.
  var inUse: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: base, count: count) }
}
