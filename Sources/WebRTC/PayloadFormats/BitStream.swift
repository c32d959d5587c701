/// Reads fields of any width, most significant bit first, never past the end.
struct BitReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The next `width` bits, at most 32.
  mutating func bits(_ width: Int) throws(PayloadFormatError) -> UInt32 {
    guard width <= bytes.count * 8 - position else { throw .truncated }
    var value: UInt32 = 0
    for _ in 0..<width {
      value = value << 1 | UInt32(bytes[position >> 3] >> UInt8(7 - position & 7) & 1)
      position += 1
    }
    return value
  }

  mutating func flag() throws(PayloadFormatError) -> Bool {
    try bits(1) != 0
  }

  /// A number below `limit` in as few bits as can be: AV1's ns(n).
  mutating func number(below limit: Int) throws(PayloadFormatError) -> Int {
    let width = Int.bitWidth - limit.leadingZeroBitCount
    let short = (1 << width) - limit
    let value = Int(try bits(width - 1))
    return value < short ? value : value << 1 - short + Int(try bits(1))
  }
}

/// Writes fields of any width, most significant bit first; what doesn't fit is dropped and `overflowed` tells.
struct BitWriter {
  private let memory: UnsafeMutableRawBufferPointer
  private var position = 0
  private(set) var overflowed = false

  init(_ memory: UnsafeMutableRawBufferPointer) {
    self.memory = memory
  }

  /// Bytes begun.
  var count: Int { (position + 7) / 8 }

  mutating func bits(_ value: some BinaryInteger, _ width: Int) {
    guard width <= memory.count * 8 - position else {
      overflowed = true
      return
    }
    for bit in (0..<width).reversed() {
      if position & 7 == 0 { memory[position >> 3] = 0 }
      memory[position >> 3] |= UInt8(truncatingIfNeeded: value >> bit & 1) << UInt8(7 - position & 7)
      position += 1
    }
  }

  mutating func flag(_ value: Bool) {
    bits(value ? 1 : 0, 1)
  }

  mutating func number(_ value: Int, below limit: Int) {
    let width = Int.bitWidth - limit.leadingZeroBitCount
    let short = (1 << width) - limit
    if value < short { bits(value, width - 1) } else { bits(value + short, width) }
  }
}
