import NetworkModel
import Realtime
import Testing
import WebRTC

@Suite("ICE agents keep the way they found")
struct ICEConsentTests {
  private func connected(seed: UInt64 = 1) -> (ICEScenario, ICEScenario.Peer, ICEScenario.Peer) {
    let scenario = ICEScenario(seed: seed)
    let left = scenario.addPeer(.controlling, socket("192.0.2.1:1000"), seed: 1)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    scenario.connect(left, right)
    scenario.run(for: .seconds(2))
    return (scenario, left, right)
  }

  private var dead: LinkConfiguration {
    var link = LinkConfiguration()
    link.loss = .random(1)
    return link
  }

  @Test("an idle pair stays completed on few checks and no new memory")
  func idle() {
    let (scenario, left, right) = connected()
    let (sent, buffers) = (left.sentCount, left.pool.allocatedCount)
    scenario.run(for: .seconds(600))
    #expect(left.agent.state == .completed)
    #expect(right.states == [.checking, .connected, .completed] || right.states == [.checking, .completed])
    // A check and an answer each 5 s, and some extra checks in silences.
    #expect((240...600).contains(left.sentCount - sent))
    #expect(left.pool.allocatedCount == buffers)
  }

  @Test("silence means disconnected after 5 s; the peer's return mends it")
  func outage() throws {
    let (scenario, left, right) = connected()
    let start = scenario.now
    scenario.network.setDefaultLink(dead)
    scenario.run(for: .seconds(12))
    #expect(left.agent.state == .disconnected)
    #expect(left.agent.selectedPath != nil)
    let disconnected = try #require(left.time(of: .disconnected))
    #expect((.seconds(1)...(.seconds(5.1))).contains(start.duration(to: disconnected)))
    scenario.network.setDefaultLink(.init(latency: .milliseconds(20)))
    scenario.run(for: .seconds(1))
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
  }

  @Test("consent that isn't renewed for 30 s ends all sending")
  func consentLost() throws {
    let (scenario, left, right) = connected()
    let start = scenario.now
    scenario.network.setDefaultLink(dead)
    scenario.run(for: .seconds(40))
    for peer in [left, right] {
      #expect(peer.agent.state == .failed)
      #expect(peer.agent.selectedPath == nil)
      let failed = try #require(peer.time(of: .failed))
      #expect((.seconds(23)...(.seconds(30.1))).contains(start.duration(to: failed)))
    }
    let sent = left.sentCount
    scenario.run(for: .seconds(100))
    #expect(left.sentCount == sent)
  }

  @Test("data that keeps coming doesn't renew consent when our own checks get lost")
  func oneWay() {
    let (scenario, left, right) = connected()
    scenario.network.setLink(from: .v4(0xC000_0201), to: .v4(0xC000_0202), dead)
    for _ in 0..<2_900 {
      scenario.sendData(right)
      scenario.run(for: .milliseconds(10))
    }
    // The right side still has consent for some time, as it hears no answer itself.
    #expect(left.received.count > 2_000)
    scenario.run(for: .seconds(10))
    #expect(left.agent.state == .failed)
  }

  @Test("data alone keeps the state, without checks beyond those of consent")
  func dataCounts() {
    let (scenario, left, right) = connected()
    let sent = left.sentCount
    for _ in 0..<6_000 {
      scenario.sendData(left)
      scenario.sendData(right)
      scenario.run(for: .milliseconds(10))
    }
    #expect(left.agent.state == .completed)
    #expect(!left.states.contains(.disconnected))
    // 60 s: 10 to 15 checks and as many answers.
    #expect((20...31).contains(left.sentCount - sent))
  }

  @Test("a restart changes the pair without a gap in the data")
  func restart() throws {
    let (scenario, left, right) = connected()
    let old = left.agent.localCredentials
    for turn in 0..<300 {
      if turn == 50 {
        scenario.addSocket(socket("10.5.0.1:3000"), to: left)
        left.agent.restart(at: scenario.now)
        #expect(left.agent.localCredentials != old)
        #expect(left.agent.selectedPath?.local == socket("192.0.2.1:1000"))
      }
      if turn == 70 {
        right.agent.restart(at: scenario.now)
        right.agent.setRemote(credentials: left.agent.localCredentials, isLite: false, at: scenario.now)
      }
      if turn == 90 {
        left.agent.setRemote(credentials: right.agent.localCredentials, isLite: false, at: scenario.now)
        scenario.run(for: .zero)
        for candidate in right.candidates { left.agent.addRemoteCandidate(candidate, at: scenario.now) }
      }
      #expect(scenario.sendData(left) && scenario.sendData(right))
      scenario.run(for: .milliseconds(10))
    }
    scenario.run(for: .milliseconds(100))
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
    #expect(left.states == [.checking, .connected, .completed, .connected, .completed])
    #expect(left.received.count == 300)
    #expect(right.received.count == 300)
    #expect(left.agent.remoteCredentials == right.agent.localCredentials)
  }

  @Test("a restart that the peer never answers leaves the old pair in use")
  func unansweredRestart() {
    let (scenario, left, _) = connected()
    left.agent.restart(at: scenario.now)
    scenario.run(for: .seconds(120))
    #expect(left.agent.state == .connected)
    #expect(left.agent.selectedPath != nil)
  }

  @Test("a restart finds the new way after the old one broke down and its consent expired")
  func restartAfterBreakdown() {
    let (scenario, left, right) = connected()
    scenario.network.setDefaultLink(dead)
    scenario.run(for: .seconds(10))
    for peer in [left, right] { peer.agent.restart(at: scenario.now) }
    scenario.connect(left, right)
    scenario.run(for: .seconds(35))
    #expect(left.agent.state == .checking)
    #expect(left.agent.selectedPath == nil)
    scenario.network.setDefaultLink(.init(latency: .milliseconds(20)))
    scenario.run(for: .seconds(5))
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
    #expect(!left.states.contains(.failed))
  }

  @Test("when an interface goes, the next best takes over, and after a restart the peer follows")
  func removedInterface() {
    let scenario = ICEScenario()
    let left = scenario.addPeer(.controlling, socket("10.1.0.1:1000"), socket("10.2.0.1:1000"), seed: 1)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    scenario.connect(left, right)
    scenario.run(for: .seconds(2))
    #expect(left.agent.selectedPath?.local == socket("10.1.0.1:1000"))
    left.sockets.remove(socket("10.1.0.1:1000"))
    left.agent.removeLocalSocket(socket("10.1.0.1:1000"), at: scenario.now)
    scenario.run(for: .seconds(1))
    #expect(left.agent.selectedPath?.local == socket("10.2.0.1:1000"))
    for peer in [left, right] { peer.agent.restart(at: scenario.now) }
    scenario.connect(left, right)
    scenario.run(for: .seconds(1))
    #expect(left.agent.state == .completed)
    #expect(left.agent.selectedPath?.local == socket("10.2.0.1:1000"))
    #expect(right.agent.selectedPath?.remote == socket("10.2.0.1:1000"))
  }

  @Test("after closing nothing is sent, told or answered")
  func closed() {
    let (scenario, left, _) = connected()
    left.agent.close()
    let sent = left.sentCount
    scenario.run(for: .seconds(60))
    #expect(left.sentCount == sent)
    #expect(left.agent.state == .closed)
    #expect(left.agent.selectedPath == nil)
    #expect(left.agent.nextDeadline == .distantFuture)
  }
}
