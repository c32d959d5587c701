import Testing

@testable import WebRTC

@Suite("RTP sequence numbers")
struct RTPSequenceTrackerTests {
  @Test("numbers continue across the wrap, forwards and backwards")
  func wrap() {
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    let (_, first) = tracker.receive(65_534, timestamp: 0)
    let (position, second) = tracker.receive(1, timestamp: 0)
    #expect(position == .newest)
    #expect(second == first + 3)
    let (late, third) = tracker.receive(65_535, timestamp: 0)
    #expect(late == .older)
    #expect(third == first + 1)
  }

  @Test("after a jump two packets in sequence begin anew, and numbers never go back")
  func restart() {
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    let (_, first) = tracker.receive(10_000, timestamp: 1_000_000)
    let (jump, _) = tracker.receive(5_000, timestamp: 3_000_000_000)
    #expect(jump == .implausible)
    let (restart, number) = tracker.receive(5_001, timestamp: 3_000_000_000)
    #expect(restart == .restart)
    #expect(number > first)
    #expect(UInt16(truncatingIfNeeded: number) == 5_001)
    let (next, _) = tracker.receive(5_002, timestamp: 3_000_000_000)
    #expect(next == .newest)
  }

  @Test("a single stray packet changes nothing")
  func stray() {
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    let (_, first) = tracker.receive(10_000, timestamp: 0)
    let (stray, _) = tracker.receive(40_000, timestamp: 7)
    #expect(stray == .implausible)
    let (next, number) = tracker.receive(10_001, timestamp: 0)
    #expect(next == .newest)
    #expect(number == first + 1)
  }

  @Test("repeats of old packets, in sequence, are no new beginning")
  func repeats() {
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    for index in 0..<1_000 { _ = tracker.receive(UInt16(index), timestamp: UInt32(index) * 3_000) }
    for index in 400..<410 {
      let (position, _) = tracker.receive(UInt16(index), timestamp: UInt32(index) * 3_000)
      #expect(position == .older)
    }
  }
}
