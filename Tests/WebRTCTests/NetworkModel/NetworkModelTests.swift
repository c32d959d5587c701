import NetworkModel
import Realtime
import Testing

@Suite("The model of the network")
struct NetworkModelTests {
  private let start = Instant(nanoseconds: 0)

  /// The arrivals of `count` packets sent each millisecond.
  private func arrivals(_ link: inout Link, count: Int, byteCount: Int = 100) -> [[Instant]] {
    (0..<count).map { link.send(byteCount: byteCount, at: start + .milliseconds($0)) }
  }

  @Test("random loss has the rate asked for")
  func randomLoss() {
    var link = Link(.init(latency: .milliseconds(10), loss: 0.2), seed: 1)
    let lost = arrivals(&link, count: 20_000).count { $0.isEmpty }
    // Four standard deviations are 1.1 %.
    #expect((0.188...0.212).contains(Double(lost) / 20_000))
    #expect(link.lostCount == lost)
  }

  @Test("Gilbert–Elliott loss comes in bursts of the mean length asked for")
  func burstLoss() {
    var configuration = LinkConfiguration()
    configuration.loss = .gilbertElliott(goodToBad: 0.01, badToGood: 0.2, lossInGood: 0, lossInBad: 1)
    var link = Link(configuration, seed: 2)
    let lost = arrivals(&link, count: 100_000).map(\.isEmpty)
    let rate = Double(lost.count { $0 }) / 100_000
    let bursts = zip(lost.dropFirst(), lost).count { $0 && !$1 }
    // In the bad state for 0.01 / (0.01 + 0.2) of the time; a burst lasts 1 / 0.2 packets.
    #expect((0.042...0.054).contains(rate))
    #expect((4.5...5.5).contains(rate * 100_000 / Double(bursts)))
  }

  @Test("latency and jitter stay within their bounds and keep the order")
  func jitter() {
    var link = Link(.init(latency: .milliseconds(50), jitter: .milliseconds(30)), seed: 3)
    // Far apart, each packet has its own delay; close together, none passes another.
    for (spacing, leastSpread) in [(40, 29.0), (1, 10.0)] {
      let times = (0..<2_000).flatMap {
        link.send(byteCount: 9, at: start + .seconds(100) + .milliseconds(spacing * $0))
      }
      let delays = times.enumerated().map {
        (start + .seconds(100) + .milliseconds(spacing * $0.offset)).duration(to: $0.element).milliseconds
      }
      #expect(delays.allSatisfy { (50...80).contains($0) })
      #expect((delays.max() ?? 0) - (delays.min() ?? 0) > leastSpread)
      #expect(times == times.sorted())
      link = Link(link.configuration, seed: 4)
    }
  }

  @Test("duplicates and reordered packets come as often as asked for")
  func duplicationAndReordering() {
    var configuration = LinkConfiguration(latency: .milliseconds(10))
    configuration.duplication = 0.1
    configuration.reordering = 0.05
    var link = Link(configuration, seed: 4)
    let packets = arrivals(&link, count: 10_000)
    #expect((900...1_100).contains(packets.count { $0.count == 2 }))
    let first = packets.compactMap(\.first)
    #expect((400...600).contains(zip(first.dropFirst(), first).count { $0 < $1 }))
  }

  @Test("a limited rate delays, then drops what the queue can't hold")
  func rate() {
    var configuration = LinkConfiguration()
    configuration.rate = 1_000_000
    configuration.queueLimit = 25_000
    var link = Link(configuration, seed: 5)
    // 2 Mbit/s for a second, into half of that.
    let arrived = (0..<250).flatMap { link.send(byteCount: 972, at: start + .milliseconds(4 * $0)) }
    let inFirstSecond = arrived.count { $0 <= start + .seconds(1) }
    #expect((124...126).contains(inFirstSecond))
    #expect(link.overflowCount == 250 - arrived.count)
    #expect((90...105).contains(link.overflowCount))
    // The queue's 25 kB take 200 ms.
    #expect((arrived.last.map { start.duration(to: $0) } ?? .zero) <= .milliseconds(1_200))
  }

  @Test("nothing gets through during an outage, everything before and after")
  func outage() {
    var configuration = LinkConfiguration()
    configuration.outages = [start + .milliseconds(10)..<start + .milliseconds(20)]
    var link = Link(configuration, seed: 6)
    #expect(arrivals(&link, count: 30).map(\.isEmpty) == (0..<30).map { (10..<20).contains($0) })
  }

  @Test("the same seed gives the same network, another one another")
  func determinism() {
    func run(seed: UInt64) -> [Instant] {
      var network = Network<String>(
        link: .init(latency: .milliseconds(9), jitter: .milliseconds(9), loss: 0.3), seed: seed)
      for turn in 0..<200 {
        network.send([1], from: .init("a", 1), to: .init("b", 1), at: start + .milliseconds(turn))
        network.send([2], from: .init("b", 1), to: .init("a", 1), at: start + .milliseconds(turn))
      }
      var times: [Instant] = []
      while let next = network.nextArrival, let packet = network.popArrival(at: next) { times.append(packet.arrival) }
      return times
    }
    let times = run(seed: 7)
    #expect(times == run(seed: 7))
    #expect(times != run(seed: 8))
    #expect(times == times.sorted())
    #expect((200...360).contains(times.count))
  }

  @Test("NATs translate, and let in what their kind lets in")
  func nat() {
    for (behaviour, admitsStranger, keepsPort): (Network<String>.NATBehaviour, Bool, Bool) in [
      (.fullCone, true, true), (.portRestricted, false, true), (.symmetric, false, false),
    ] {
      var network = Network<String>(seed: 9)
      network.addNAT(behaviour, outside: "nat", insides: ["inside"])
      network.send([1], from: .init("inside", 5), to: .init("a", 1), at: start)
      network.send([2], from: .init("inside", 5), to: .init("b", 1), at: start)
      let first = network.popArrival(at: start)
      let second = network.popArrival(at: start)
      #expect(first?.source.host == "nat")
      #expect((first?.source == second?.source) == keepsPort)
      guard let outside = first?.source else { continue }
      network.send([3], from: .init("a", 1), to: outside, at: start)
      #expect(network.popArrival(at: start)?.destination == .init("inside", 5))
      network.send([4], from: .init("a", 2), to: outside, at: start)
      #expect((network.popArrival(at: start) != nil) == admitsStranger)
      network.send([5], from: .init("a", 1), to: .init("inside", 5), at: start)
      #expect(network.popArrival(at: start) == nil)
      #expect(network.unroutableCount == (admitsStranger ? 1 : 2))
    }
  }
}
