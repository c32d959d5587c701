/// FINGERPRINT's checksum (RFC 8489 section 14.7): CRC-32 of ISO/IEC 3309, masked.
enum STUNFingerprint {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { bits, _ in bits & 1 == 1 ? bits >> 1 ^ 0xEDB8_8320 : bits >> 1 }
  }

  /// The checksum of `bytes`.
  static func compute(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var register: UInt32 = ~0
    for byte in bytes { register = register >> 8 ^ table[Int(UInt8(truncatingIfNeeded: register) ^ byte)] }
    return ~register ^ 0x5354_554E
  }
}
