/// Collects where the spatial layers of a VP9 picture lie and writes the superframe index (VP9 bitstream specification,
/// annex B), with which a decoder needn't find their ends by decoding and can check all their headers before.
struct VP9SuperframeIndexWriter {
  /// Most frames of a superframe.
  static let maximumFrameCount = 8
  private static let maximumSize = 2 + 4 * maximumFrameCount

  private var starts = InlineArray<8, Int>(repeating: 0)
  private var count = 0
  /// Whether there are too many frames, or one has an index of its own: indices don't nest.
  private var isImpossible = false

  /// Notes that a frame begins at `offset`, behind `bytes`.
  mutating func beginFrame(at offset: Int, after bytes: UnsafeRawBufferPointer) {
    guard count < Self.maximumFrameCount else {
      isImpossible = true
      return
    }
    if count > 0 { note(bytes[starts[count - 1]...]) }
    starts[count] = offset
    count += 1
  }

  private mutating func note(_ frame: Slice<UnsafeRawBufferPointer>) {
    isImpossible = isImpossible || frame.isEmpty || Self.hasIndex(frame)
  }

  /// Appends the index to `picture`, which ends with the last frame, if there are several frames.
  mutating func append(to picture: FrameBuffer) {
    guard count > 1 else { return }
    let end = picture.count
    note(picture.bytes[starts[count - 1]...])
    guard !isImpossible, UInt32(exactly: end) != nil else { return }
    var largest = 0
    for frame in 0..<count { largest = max(largest, size(frame, end)) }
    let width = max((Int.bitWidth - largest.leadingZeroBitCount + 7) / 8, 1)
    let marker = 0b1100_0000 | UInt8(width - 1) << 3 | UInt8(count - 1)
    withUnsafeTemporaryAllocation(byteCount: Self.maximumSize, alignment: 1) { memory in
      var writer = PayloadWriter(memory)
      writer.byte(marker)
      for frame in 0..<count {
        // Little-endian, unlike all the rest.
        for byte in 0..<width { writer.byte(UInt8(truncatingIfNeeded: size(frame, end) >> (8 * byte))) }
      }
      writer.byte(marker)
      picture.append(UnsafeRawBufferPointer(rebasing: memory[..<writer.count]))
    }
  }

  private func size(_ frame: Int, _ end: Int) -> Int {
    (frame + 1 < count ? starts[frame + 1] : end) - starts[frame]
  }

  private static func hasIndex(_ frame: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard let marker = frame.last, marker & 0xE0 == 0xC0 else { return false }
    let length = 2 + (Int(marker & 7) + 1) * (Int(marker >> 3 & 3) + 1)
    return frame.count >= length && frame[frame.endIndex - length] == marker
  }
}
