// Reading and writing of big-endian integers. The callers have checked the bounds: reading outside of the buffer is
// an error of ours, which `UnsafeRawBufferPointer` traps on in debug builds.

extension UnsafeRawBufferPointer {
  /// The 16-bit big-endian integer at `offset`.
  @inline(__always)
  func networkUInt16(at offset: Int) -> UInt16 {
    UInt16(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The 24-bit big-endian integer at `offset`.
  @inline(__always)
  func networkUInt24(at offset: Int) -> UInt32 {
    UInt32(self[offset]) << 16 | UInt32(self[offset + 1]) << 8 | UInt32(self[offset + 2])
  }

  /// The 32-bit big-endian integer at `offset`.
  @inline(__always)
  func networkUInt32(at offset: Int) -> UInt32 {
    UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The 64-bit big-endian integer at `offset`.
  @inline(__always)
  func networkUInt64(at offset: Int) -> UInt64 {
    UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The `count` bytes from `offset` on.
  @inline(__always)
  func part(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[offset..<offset + count])
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Stores `value` at `offset`, big-endian.
  @inline(__always)
  func storeNetwork<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value, at offset: Int) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: Value.self)
  }

  /// Stores the low 24 bits of `value` at `offset`, big-endian.
  @inline(__always)
  func storeNetwork24(_ value: UInt32, at offset: Int) {
    self[offset] = UInt8(truncatingIfNeeded: value >> 16)
    self[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
    self[offset + 2] = UInt8(truncatingIfNeeded: value)
  }

  /// Copies `bytes` to `offset`.
  @inline(__always)
  func store(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    guard !bytes.isEmpty else { return }
    UnsafeMutableRawBufferPointer(rebasing: self[offset..<offset + bytes.count]).copyMemory(from: bytes)
  }
}
