import Testing

@testable import PracticeRoom

@Suite("Numbering of forwarded packets")
struct SequenceRewriterTests {
  @Test("packets that are left out leave no gap")
  func leavesNoGap() {
    var rewriter = SequenceRewriter()
    #expect(rewriter.forward(500) == .number(0))
    #expect(rewriter.leaveOut(501) == .nothing)
    #expect(rewriter.leaveOut(502) == .nothing)
    #expect(rewriter.forward(503) == .number(1))
  }

  @Test("a packet that is late gets the place that was kept for it")
  func keepsPlaces() {
    var rewriter = SequenceRewriter()
    #expect(rewriter.forward(10) == .number(0))
    #expect(rewriter.forward(13) == .number(3))
    #expect(rewriter.forward(12) == .number(2))
    #expect(rewriter.forward(11) == .number(1))
    #expect(rewriter.forward(14) == .number(4))
  }

  @Test("a late packet that isn't wanted has its place filled, once")
  func fillsPlaces() {
    var rewriter = SequenceRewriter()
    #expect(rewriter.forward(10) == .number(0))
    #expect(rewriter.forward(12) == .number(2))
    #expect(rewriter.leaveOut(11) == .fill(1))
    #expect(rewriter.leaveOut(11) == .nothing)
    #expect(rewriter.forward(11) == .nothing)
  }

  @Test("another source follows what was forwarded before")
  func continuesWithAnotherSource() {
    var rewriter = SequenceRewriter()
    #expect(rewriter.forward(70_000) == .number(0))
    #expect(rewriter.forward(70_001) == .number(1))
    rewriter.beginSource()
    #expect(rewriter.forward(12) == .number(2))
    // What the former source or the new one sent before isn't placed.
    #expect(rewriter.forward(11) == .nothing)
    #expect(rewriter.forward(13) == .number(3))
  }

  @Test("a jump is taken for a restart, without a gap that nobody could fill")
  func survivesJumps() {
    var rewriter = SequenceRewriter()
    #expect(rewriter.forward(0) == .number(0))
    #expect(rewriter.forward(1_000_000) == .number(1))
    #expect(rewriter.forward(Int64.max / 2) == .number(2))
    #expect(rewriter.forward(Int64.min / 2) == .number(3))
    #expect(rewriter.forward(5) == .number(4))
  }

  @Test("every packet gets a number of its own, whatever the order", arguments: 0..<8)
  func isInjective(seed: UInt64) {
    var random = SeededSequence(seed: seed)
    var rewriter = SequenceRewriter()
    var seen: Set<Int64> = []
    var inputs = Array(Int64(0)..<2_000)
    // Local disorder, as a network makes it.
    for index in inputs.indices.dropLast(8) where random.next(below: 4) == 0 {
      inputs.swapAt(index, index + 1 + random.next(below: 7))
    }
    for input in inputs where input != 0 {
      let isWanted = random.next(below: 3) != 0
      switch isWanted ? rewriter.forward(input) : rewriter.leaveOut(input) {
      case .number(let number), .fill(let number): #expect(seen.insert(number).inserted)
      case .nothing: break
      }
    }
    // In the end nothing is missing: each place was used or filled, but for those that wait at the end.
    let highest = seen.max() ?? 0
    #expect(Int64(seen.count) >= highest - 8)
  }
}

/// Seeded numbers.
struct SeededSequence {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  }

  mutating func next(below limit: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(limit))
  }
}
