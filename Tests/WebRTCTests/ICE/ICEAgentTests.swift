import NetworkModel
import Realtime
import Testing
import WebRTC

@Suite("ICE agents find a way to each other")
struct ICEAgentTests {
  @Test("two hosts on one network use their host candidates within a few round trips")
  func hostToHost() {
    let scenario = ICEScenario()
    let left = scenario.addPeer(.controlling, socket("192.0.2.1:1000"), seed: 1)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    scenario.connect(left, right)
    let start = scenario.now
    scenario.run(for: .seconds(2))
    #expect(left.states == [.checking, .connected, .completed])
    #expect(right.agent.state == .completed)
    #expect(left.agent.selectedPath == TransportPath(local: socket("192.0.2.1:1000"), remote: socket("192.0.2.2:2000")))
    #expect(
      right.agent.selectedPath == TransportPath(local: socket("192.0.2.2:2000"), remote: socket("192.0.2.1:1000")))
    // Signalling 30 ms, one round trip 40 ms; nominated after another.
    #expect(left.time(of: .connected).map { start.duration(to: $0) <= .milliseconds(75) } ?? false)
    #expect(left.time(of: .completed).map { start.duration(to: $0) <= .milliseconds(120) } ?? false)
    #expect(left.agent.selectedPair?.roundTripTime == .milliseconds(40))
    #expect(left.events.contains { $0.event == .gatheringComplete })
  }

  @Test("a fifth of all packets lost delays but doesn't prevent completion", arguments: 1...20)
  func lossyNetwork(seed: UInt64) {
    let scenario = ICEScenario(
      link: .init(latency: .milliseconds(50), jitter: .milliseconds(30), loss: 0.2), seed: seed)
    let left = scenario.addPeer(.controlling, socket("192.0.2.1:1000"), seed: seed)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: seed + 100)
    scenario.connect(left, right)
    scenario.run(for: .seconds(10)) { left.agent.state == .completed && right.agent.state == .completed }
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
    // And it stays up: no false alarm in ten minutes.
    scenario.run(for: .seconds(600))
    #expect(!left.states.contains(.failed))
    #expect(!right.states.contains(.failed))
  }

  @Test("when both control, the greater tie-breaker wins", arguments: [true, false])
  func roleConflictBothControlling(leftWins: Bool) {
    let scenario = ICEScenario()
    let left = scenario.addPeer(.controlling, socket("192.0.2.1:1000"), seed: 1) { $0.tieBreaker = leftWins ? 9 : 3 }
    let right = scenario.addPeer(.controlling, socket("192.0.2.2:2000"), seed: 2) { $0.tieBreaker = 5 }
    scenario.connect(left, right)
    scenario.run(for: .seconds(3))
    #expect(left.agent.role == (leftWins ? .controlling : .controlled))
    #expect(right.agent.role == (leftWins ? .controlled : .controlling))
    #expect((leftWins ? right : left).roleChanges == [.controlled])
    #expect((leftWins ? left : right).roleChanges.isEmpty)
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
  }

  @Test("when neither controls, the greater tie-breaker takes over", arguments: [true, false])
  func roleConflictBothControlled(leftWins: Bool) {
    let scenario = ICEScenario()
    let left = scenario.addPeer(.controlled, socket("192.0.2.1:1000"), seed: 1) { $0.tieBreaker = leftWins ? 9 : 3 }
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2) { $0.tieBreaker = 5 }
    scenario.connect(left, right)
    scenario.run(for: .seconds(3))
    #expect(left.agent.role == (leftWins ? .controlling : .controlled))
    #expect(right.agent.role == (leftWins ? .controlled : .controlling))
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
  }

  @Test("IPv6 hosts with global and link-local addresses pair like with like")
  func ipv6() {
    let scenario = ICEScenario()
    let left = scenario.addPeer(
      .controlling, socket("[fe80::1]:1000"), socket("[2001:db8::1]:1000"), socket("192.0.2.1:1000"), seed: 1)
    let right = scenario.addPeer(.controlled, socket("[2001:db8::2]:2000"), seed: 2)
    scenario.connect(left, right)
    scenario.run(for: .seconds(3))
    #expect(left.agent.state == .completed)
    #expect(
      left.agent.selectedPath
        == TransportPath(local: socket("[2001:db8::1]:1000"), remote: socket("[2001:db8::2]:2000")))
  }

  @Test("with several interfaces the preferred one that works is used")
  func severalInterfaces() {
    let scenario = ICEScenario()
    var dead = LinkConfiguration()
    dead.loss = .random(1)
    for (source, destination): (SocketAddress, SocketAddress) in [
      (socket("10.1.0.1:1"), socket("192.0.2.2:1")), (socket("192.0.2.2:1"), socket("10.1.0.1:1")),
    ] { scenario.network.setLink(from: source.ip, to: destination.ip, dead) }
    let left = scenario.addPeer(
      .controlling, socket("10.1.0.1:1000"), socket("10.2.0.1:1000"), socket("10.3.0.1:1000"), seed: 1)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    scenario.connect(left, right)
    scenario.run(for: .seconds(5))
    #expect(left.agent.state == .completed)
    #expect(left.agent.selectedPath?.local == socket("10.2.0.1:1000"))
    #expect(right.agent.selectedPath?.remote == socket("10.2.0.1:1000"))
  }

  @Test("an interface that comes after checks began is used when no other works")
  func lateInterface() {
    let scenario = ICEScenario()
    let left = scenario.addPeer(.controlling, seed: 1)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    scenario.connect(left, right)
    scenario.run(for: .seconds(20))
    #expect(left.agent.state == .checking)
    scenario.addSocket(socket("192.0.2.1:1000"), to: left)
    scenario.run(for: .seconds(2))
    #expect(left.agent.state == .completed)
  }

  @Test("candidates that come late, even long after the first checks, are still used")
  func lateTrickle() {
    let scenario = ICEScenario()
    scenario.signallingDelay = .seconds(25)
    let left = scenario.addPeer(.controlling, socket("192.0.2.1:1000"), seed: 1)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    scenario.connect(left, right)
    left.agent.addRemoteCandidate(
      ICECandidate(foundation: "1", priority: 1_000, host: .address(.v4(0xC633_6401)), port: 9, kind: .host),
      at: scenario.now)
    scenario.run(for: .seconds(30))
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
  }

  @Test("one side's candidates suffice: the other learns a peer-reflexive one")
  func peerReflexive() {
    let scenario = ICEScenario()
    let left = scenario.addPeer(.controlling, socket("192.0.2.1:1000"), seed: 1)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    scenario.connect(left, right)
    left.other = nil
    scenario.run(for: .seconds(3))
    #expect(right.agent.state == .completed)
    #expect(right.agent.selectedPair?.remoteKind == .peerReflexive)
  }

  @Test(
    "through NATs a way is found whenever one exists",
    arguments: [Network<IPAddress>.NATBehaviour.fullCone, .portRestricted, .symmetric])
  func behindNAT(behaviour: Network<IPAddress>.NATBehaviour) throws {
    let scenario = ICEScenario()
    let (leftHost, rightHost): (SocketAddress, SocketAddress) = (socket("10.0.0.1:1000"), socket("10.9.0.1:2000"))
    let (leftNAT, rightNAT): (SocketAddress, SocketAddress) = (socket("198.51.100.1:1"), socket("198.51.100.2:1"))
    scenario.network.addNAT(behaviour, outside: leftNAT.ip, insides: [leftHost.ip])
    scenario.network.addNAT(.fullCone, outside: rightNAT.ip, insides: [rightHost.ip])
    let server: SocketAddress = socket("203.0.113.1:3478")
    scenario.servers[server] = stunServer
    let left = scenario.addPeer(.controlling, leftHost, seed: 1) { $0.stunServers = [server] }
    let right = scenario.addPeer(.controlled, rightHost, seed: 2) { $0.stunServers = [server] }
    scenario.connect(left, right)
    scenario.run(for: .seconds(5))
    let reflexive = try #require(left.candidates.first { $0.kind == .serverReflexive })
    #expect(reflexive.address?.ip == leftNAT.ip)
    #expect(reflexive.relatedAddress == leftHost)
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
    #expect(left.agent.selectedPath?.remote.ip == rightNAT.ip)
    #expect(left.agent.selectedPair?.localKind == (behaviour == .symmetric ? .peerReflexive : .serverReflexive))
    #expect(right.agent.selectedPair?.remoteKind == (behaviour == .symmetric ? .peerReflexive : .serverReflexive))
  }

  @Test("a STUN server that doesn't answer ends gathering after a while and holds up nothing")
  func deadServer() throws {
    let scenario = ICEScenario()
    let left = scenario.addPeer(.controlling, socket("192.0.2.1:1000"), seed: 1) {
      $0.stunServers = [socket("203.0.113.9:3478")]
    }
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    scenario.connect(left, right)
    let start = scenario.now
    scenario.run(for: .seconds(1))
    #expect(left.agent.state == .completed)
    #expect(!left.events.contains { $0.event == .gatheringComplete })
    scenario.run(for: .seconds(20))
    let end = try #require(left.events.first { $0.event == .gatheringComplete }?.at)
    #expect(start.duration(to: end) < .seconds(12))
  }

  @Test("nobody to be found is a failure after a minute, and a restart gives another chance")
  func failure() throws {
    let scenario = ICEScenario()
    let left = scenario.addPeer(.controlling, socket("192.0.2.1:1000"), seed: 1)
    let right = scenario.addPeer(.controlled, socket("192.0.2.2:2000"), seed: 2)
    var dead = LinkConfiguration()
    dead.loss = .random(1)
    scenario.network.setDefaultLink(dead)
    scenario.connect(left, right)
    let start = scenario.now
    scenario.run(for: .seconds(90))
    let failed = try #require(left.time(of: .failed))
    #expect(start.duration(to: failed) == .seconds(60))
    #expect(left.agent.nextDeadline == .distantFuture)
    scenario.network.setDefaultLink(.init(latency: .milliseconds(20)))
    for peer in [left, right] { peer.agent.restart(at: scenario.now) }
    scenario.connect(left, right)
    scenario.run(for: .seconds(3))
    #expect(left.agent.state == .completed)
    #expect(right.agent.state == .completed)
  }
}
