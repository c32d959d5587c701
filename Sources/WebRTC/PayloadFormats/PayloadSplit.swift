/// How a frame is cut into the fewest payloads of at most a given size, as equal in size as can be, so that no packet is
/// much smaller than the others (a small last one costs a header and gains nothing).
struct PayloadSplit {
  private var remainingBytes: Int
  private var remainingParts: Int
  private(set) var offset = 0

  /// Cuts `count` bytes into parts of at most `maximum`, the first part smaller by `firstReserve`.
  init(count: Int, maximum: Int, firstReserve: Int = 0) {
    remainingBytes = count
    let capacity = max(maximum, 1)
    // What is reserved counts as bytes of the first part.
    remainingParts = count == 0 ? 0 : (count + max(firstReserve, 0) + capacity - 1) / capacity
    reserve = max(firstReserve, 0)
  }

  private var reserve: Int

  var isFinished: Bool { remainingBytes == 0 }

  /// The next part's range in the frame.
  mutating func next() -> Range<Int> {
    let share = (remainingBytes + reserve + remainingParts - 1) / max(remainingParts, 1)
    let size = min(max(share - reserve, 1), remainingBytes)
    reserve = 0
    defer {
      offset += size
      remainingBytes -= size
      remainingParts = max(remainingParts - 1, 1)
    }
    return offset..<offset + size
  }
}
