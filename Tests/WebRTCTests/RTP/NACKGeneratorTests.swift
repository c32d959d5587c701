import Realtime
import Testing

@testable import WebRTC

@Suite("NACK generation")
struct NACKGeneratorTests {
  @Test("a gap that closes within the reordering time isn't asked for")
  func reordering() {
    var generator = NACKGenerator(policy: .video)
    _ = generator.receive(1, at: Self.time(0))
    _ = generator.receive(3, at: Self.time(1))
    #expect(Self.poll(&generator, at: 5).requested == [])
    let late = generator.receive(2, at: Self.time(6))
    #expect(late.isMissing)
    #expect(!late.wasRequested)
    #expect(Self.poll(&generator, at: 50).requested == [])
  }

  @Test("a gap is asked for after 10 ms, or at once when three later packets have come")
  func firstRequest() {
    var generator = NACKGenerator(policy: .video)
    _ = generator.receive(1, at: Self.time(0))
    _ = generator.receive(3, at: Self.time(0))
    #expect(generator.nextDeadline == Self.time(10))
    #expect(Self.poll(&generator, at: 10).requested == [2])

    _ = generator.receive(5, at: Self.time(20))
    _ = generator.receive(6, at: Self.time(20))
    #expect(Self.poll(&generator, at: 20).requested == [])
    _ = generator.receive(7, at: Self.time(21))
    #expect(Self.poll(&generator, at: 21).requested == [4])
  }

  @Test("requests are repeated ever more seldom, and given up after a second")
  func backOff() {
    var generator = NACKGenerator(policy: .video)
    generator.roundTripTime = .milliseconds(40)
    _ = generator.receive(1, at: Self.time(0))
    _ = generator.receive(3, at: Self.time(0))
    var requests: [Int] = []
    var abandoned: [Int] = []
    for millisecond in 0...2_000 {
      let result = Self.poll(&generator, at: millisecond)
      if !result.requested.isEmpty { requests.append(millisecond) }
      if !result.abandoned.isEmpty { abandoned.append(millisecond) }
    }
    #expect(requests == [10, 50, 130, 250, 410, 570, 730, 890])
    #expect(abandoned == [1_000])
    #expect(generator.missingCount == 0)
    #expect(generator.nextDeadline == .distantFuture)
  }

  @Test("a packet is asked for no more often than the policy says")
  func attempts() {
    var generator = NACKGenerator(policy: .init(maximumAge: .seconds(60), maximumAttempts: 3))
    generator.roundTripTime = .milliseconds(20)
    _ = generator.receive(1, at: Self.time(0))
    _ = generator.receive(3, at: Self.time(0))
    var count = 0
    var abandoned: Int64?
    for millisecond in 0...1_000 {
      let result = Self.poll(&generator, at: millisecond)
      count += result.requested.count
      abandoned = abandoned ?? result.abandoned.first
    }
    #expect(count == 3)
    #expect(abandoned == 2)
  }

  @Test("beyond the limit everything missing is given up at once")
  func limit() {
    var generator = NACKGenerator(policy: .init(maximumAge: .seconds(1), maximumMissing: 100))
    _ = generator.receive(1, at: Self.time(0))
    _ = generator.receive(3, at: Self.time(0))
    let result = generator.receive(104, at: Self.time(1))
    #expect(result.abandoned == 2...103)
    #expect(generator.missingCount == 0)
    // And it goes on from there.
    _ = generator.receive(106, at: Self.time(2))
    #expect(Self.poll(&generator, at: 20).requested == [105])
  }

  @Test("what precedes a key frame is forgotten")
  func keyFrame() {
    var generator = NACKGenerator(policy: .video)
    _ = generator.receive(1, at: Self.time(0))
    _ = generator.receive(10, at: Self.time(0))
    generator.removeAll(before: 8)
    #expect(Self.poll(&generator, at: 20).requested == [8, 9])
  }

  @Test("what there was no room for stays due")
  func room() {
    var generator = NACKGenerator(policy: .video)
    _ = generator.receive(1, at: Self.time(0))
    _ = generator.receive(10, at: Self.time(0))
    var requested: [Int64] = []
    generator.poll(
      at: Self.time(20),
      request: {
        guard requested.count < 3 else { return false }
        requested.append($0)
        return true
      }, abandon: { _ in })
    #expect(requested == [2, 3, 4])
    #expect(generator.nextDeadline <= Self.time(20))
    #expect(Self.poll(&generator, at: 20).requested == [5, 6, 7, 8, 9])
  }

  static func time(_ milliseconds: Int) -> Instant { Instant(nanoseconds: Int64(milliseconds) * 1_000_000) }

  static func poll(
    _ generator: inout NACKGenerator, at milliseconds: Int
  ) -> (requested: [Int64], abandoned: [Int64]) {
    var requested: [Int64] = []
    var abandoned: [Int64] = []
    generator.poll(
      at: time(milliseconds),
      request: {
        requested.append($0)
        return true
      }, abandon: { abandoned.append($0) })
    return (requested, abandoned)
  }
}
