/// Which of a stream's last `windowSize` extended sequence numbers have come.
struct ReceivedSequenceSet {
  /// More than what `RTPSequenceTracker` lets through as late or as a gap.
  static let windowSize: Int64 = 4_096

  private var words = [UInt64](repeating: 0, count: Int(windowSize) / 64)
  private var highest: Int64?

  /// Notes `number`; false when it was known already or is too old to tell.
  mutating func insert(_ number: Int64) -> Bool {
    if let highest {
      guard number > highest - Self.windowSize else { return false }
      if number > highest {
        // Clear what the window moves over.
        if number - highest >= Self.windowSize {
          removeAll()
        } else {
          for skipped in highest + 1...number { words[Self.word(skipped)] &= ~Self.bit(skipped) }
        }
        self.highest = number
      }
    } else {
      highest = number
    }
    guard words[Self.word(number)] & Self.bit(number) == 0 else { return false }
    words[Self.word(number)] |= Self.bit(number)
    return true
  }

  /// Forgets all.
  mutating func removeAll() {
    for index in words.indices { words[index] = 0 }
    highest = nil
  }

  private static func word(_ number: Int64) -> Int { Int(number & (windowSize - 1)) >> 6 }
  private static func bit(_ number: Int64) -> UInt64 { 1 << UInt64(number & 63) }
}
