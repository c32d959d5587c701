/// Reads bits, most significant first, from bytes that came from outside.
struct BitReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The next `count` bits (at most 32), or nil when there are fewer.
  mutating func read(_ count: Int) -> UInt32? {
    guard count <= bytes.count * 8 - position else { return nil }
    var value: UInt32 = 0
    for _ in 0..<count {
      value = value << 1 | UInt32(bytes[position >> 3] >> (7 - UInt8(position & 7)) & 1)
      position += 1
    }
    return value
  }

  /// The next bit as a truth value, or nil at the end.
  mutating func readFlag() -> Bool? {
    read(1).map { $0 == 1 }
  }
}
