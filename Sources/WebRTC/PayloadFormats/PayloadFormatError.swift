/// Why an RTP payload, or the header extension that describes it, can't be read. The packet is useless: count it as lost.
public enum PayloadFormatError: Error, Hashable, Sendable {
  /// The bytes end inside of a field or leave no media after the headers.
  case truncated
  /// A field has a value that the payload format rules out.
  case malformed
  /// The format allows it, but beyond a bound that Salle sets (named where it is checked).
  case unsupported
}

/// Reads big-endian fields in turn, never past the end.
struct PayloadReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  var remaining: Int { bytes.count - offset }

  mutating func byte() throws(PayloadFormatError) -> UInt8 {
    guard offset < bytes.count else { throw .truncated }
    defer { offset += 1 }
    return bytes[offset]
  }

  mutating func twoBytes() throws(PayloadFormatError) -> UInt16 {
    let high = try byte()
    return UInt16(high) << 8 | UInt16(try byte())
  }

  mutating func skip(_ count: Int) throws(PayloadFormatError) {
    guard count <= remaining else { throw .truncated }
    offset += count
  }
}

/// Writes big-endian fields in turn; what doesn't fit is dropped and `overflowed` tells.
struct PayloadWriter {
  let memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0
  private(set) var overflowed = false

  init(_ memory: UnsafeMutableRawBufferPointer) {
    self.memory = memory
  }

  mutating func byte(_ value: UInt8) {
    guard count < memory.count else {
      overflowed = true
      return
    }
    memory[count] = value
    count += 1
  }

  mutating func twoBytes(_ value: UInt16) {
    byte(UInt8(truncatingIfNeeded: value >> 8))
    byte(UInt8(truncatingIfNeeded: value))
  }

  mutating func bytes(_ source: UnsafeRawBufferPointer) {
    guard source.count <= memory.count - count else {
      overflowed = true
      return
    }
    if let base = source.baseAddress, let target = memory.baseAddress {
      (target + count).copyMemory(from: base, byteCount: source.count)
    }
    count += source.count
  }
}
