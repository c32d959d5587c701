/// Appends a header extension to a packet that so far consists of the fixed header.
///
/// Elements are written in the one-byte form; the first that doesn't fit it widens those before it, so that the caller
/// needn't know the lengths in advance.
struct RTPHeaderExtensionWriter {
  private let buffer: PacketBuffer
  private let map: RTPHeaderExtensionMap
  private let start: Int
  private var isTwoByte = false
  private var elementCount = 0

  init(_ buffer: PacketBuffer, map: RTPHeaderExtensionMap) {
    self.buffer = buffer
    self.map = map
    start = buffer.count
    buffer.count += 4
  }

  /// Appends an element of `count` bytes and returns where its value is to be stored; nil when `kind` isn't mapped, or
  /// when nothing can be said in that length.
  mutating func append(_ kind: RTPHeaderExtensionKind, count: Int) throws(RTPError) -> Int? {
    guard let id = map.id(of: kind), count > 0 else { return nil }
    guard count <= 255 else { throw .noRoom }
    if !isTwoByte, id > 14 || count > 16 { try widen() }
    let header = isTwoByte ? 2 : 1
    // Three bytes more, as the list is padded to a multiple of four at the end.
    guard PacketBuffer.capacity - buffer.count >= header + count + 3 else { throw .noRoom }
    let memory = buffer.memory
    if isTwoByte {
      memory[buffer.count] = id
      memory[buffer.count + 1] = UInt8(count)
    } else {
      memory[buffer.count] = id << 4 | UInt8(count - 1)
    }
    let offset = buffer.count + header
    buffer.count = offset + count
    elementCount += 1
    return offset
  }

  /// Appends an element with the value `bytes`.
  mutating func append(_ kind: RTPHeaderExtensionKind, bytes: UnsafeRawBufferPointer) throws(RTPError) {
    guard let offset = try append(kind, count: bytes.count) else { return }
    buffer.memory.store(bytes, at: offset)
  }

  /// Appends an element with the value `text`.
  mutating func append(_ kind: RTPHeaderExtensionKind, text: String) throws(RTPError) {
    guard let offset = try append(kind, count: text.utf8.count) else { return }
    var position = offset
    for byte in text.utf8 {
      buffer.memory[position] = byte
      position += 1
    }
  }

  /// Where values are stored.
  var memory: UnsafeMutableRawBufferPointer { buffer.memory }

  /// Writes the extension's own header and padding; false, with nothing left of it, when no element was appended.
  func finish() -> Bool {
    guard elementCount > 0 else {
      buffer.count = start
      return false
    }
    while (buffer.count - start) % 4 != 0 {
      memory[buffer.count] = 0
      buffer.count += 1
    }
    memory.storeNetwork(
      isTwoByte ? RTPHeaderExtensionElements.twoByteProfile : RTPHeaderExtensionElements.oneByteProfile, at: start)
    memory.storeNetwork(UInt16((buffer.count - start) / 4 - 1), at: start + 2)
    return true
  }

  // From the last element to the first each one moves by as many bytes as there are elements up to it.
  private mutating func widen() throws(RTPError) {
    isTwoByte = true
    guard PacketBuffer.capacity - buffer.count >= elementCount else { throw .noRoom }
    var remaining = elementCount
    while remaining > 0 {
      var offset = start + 4
      for _ in 1..<remaining { offset += 2 + Int(memory[offset] & 0x0F) }
      let header = memory[offset]
      let count = Int(header & 0x0F) + 1
      memory.baseAddress?.advanced(by: offset + remaining + 1).copyMemory(
        from: buffer.base.advanced(by: offset + 1), byteCount: count)
      memory[offset + remaining - 1] = header >> 4
      memory[offset + remaining] = UInt8(count)
      remaining -= 1
    }
    buffer.count += elementCount
  }
}
