import Audio
import Testing

@Suite("Board of counters")
struct StatisticsBoardTests {
  /// As many words as the reports of sound devices have, of both kinds.
  private struct Counters: Equatable, BitwiseCopyable {
    var first = (1, 2, 3, 4)
    var rate = 0.5
    var second = (5, 6, 7)
    var last = (8, -9)

    static func == (a: Counters, b: Counters) -> Bool {
      a.first == b.first && a.rate == b.rate && a.second == b.second && a.last == b.last
    }
  }

  @Test("what is read is what was shown, whichever words are zero")
  func words() {
    let board = StatisticsBoard(Counters())
    #expect(board.value == Counters())
    for index in 0..<10 {
      var words = [Int](repeating: 0, count: 10)
      words[index] = index + 1
      let one = words.withUnsafeBytes { $0.loadUnaligned(as: Counters.self) }
      board.publish(one)
      #expect(board.value == one)
    }
  }
}
