/// The checksum of SCTP packets (RFC 9260 appendix A), for tests that make packets.
enum CRC32C {
  /// Puts the right checksum into a packet of at least 12 bytes.
  static func seal(_ packet: inout [UInt8]) {
    guard packet.count >= 12 else { return }
    packet.replaceSubrange(8..<12, with: [0, 0, 0, 0])
    var register = UInt32.max
    for byte in packet {
      register ^= UInt32(byte)
      for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0x82F6_3B78 : register >> 1 }
    }
    let checksum = ~register
    packet.replaceSubrange(8..<12, with: withUnsafeBytes(of: checksum.littleEndian, Array.init))
  }
}
