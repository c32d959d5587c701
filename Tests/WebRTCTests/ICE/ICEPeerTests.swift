import NetworkModel
import Realtime
import Testing
import WebRTC

/// Peers that behave otherwise than an `ICEAgent`, made of single messages.
@Suite("ICE agents stand other peers")
struct ICEPeerTests {
  private static let peer = socket("203.0.113.5:7882")
  private static let local = socket("192.0.2.1:1000")
  private static let credentials = ICECredentials(usernameFragment: "peer", password: "0123456789abcdefghijkl")

  /// Answers checks as an ice-lite peer: never asks itself.
  private static func lite(
    password: String = credentials.password, _ note: @escaping (STUNMessage) -> Void = { _ in }
  ) -> (_ request: [UInt8], _ source: SocketAddress) -> [UInt8]? {
    { request, source in
      request.withUnsafeBytes { bytes in
        guard let message = try? STUNMessage(parsing: bytes), message.messageClass == .request,
          message.isAuthentic(key: STUNKey(password: credentials.password))
        else { return nil }
        note(message)
        return stun(.successResponse, message.transactionID) {
          $0.appendXORMappedAddress(source)
          $0.appendIntegrity(key: STUNKey(password: password))
          $0.appendFingerprint()
        }
      }
    }
  }

  /// A check of the peer.
  private static func check(
    of agent: ICEAgent, password: String? = nil, username: String? = nil, id: UInt64 = 1, nominating: Bool = false,
    controlling: Bool = true, extra: STUNAttribute? = nil
  ) -> [UInt8] {
    stun(.request, STUNTransactionID(upper: 7, lower: id)) {
      $0.append(.username, username ?? agent.localCredentials.usernameFragment + ":peer")
      $0.append(.priority, UInt32(1_845_501_695))
      $0.append(controlling ? .iceControlling : .iceControlled, UInt64(5))
      if nominating { $0.append(.useCandidate) }
      if let extra { $0.append(extra) }
      $0.appendIntegrity(key: STUNKey(password: password ?? agent.localCredentials.password))
      $0.appendFingerprint()
    }
  }

  private func deliver(_ bytes: [UInt8], to agent: ICEAgent, from source: SocketAddress = peer, at now: Instant) -> Bool
  {
    bytes.withUnsafeBytes { agent.handle($0, on: TransportPath(local: Self.local, remote: source), at: now) }
  }

  private func sent(by agent: ICEAgent) -> [[UInt8]] {
    let pool = PacketPool()
    var packets: [[UInt8]] = []
    while let packet = agent.pollTransmit(into: pool) { packets.append(Array(packet.buffer.bytes)) }
    return packets
  }

  private func errorCode(_ bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBytes { (try? STUNMessage(parsing: $0))?.errorCode }
  }

  private func remoteCandidate(_ address: SocketAddress, priority: UInt32 = 2_130_706_431) -> ICECandidate {
    ICECandidate(foundation: "1", priority: priority, host: .address(address.ip), port: address.port, kind: .host)
  }

  @Test("a lite peer makes us controlling and is nominated")
  func litePeer() {
    let scenario = ICEScenario()
    var nominations = 0
    scenario.servers[Self.peer] = Self.lite { if $0.useCandidate, $0.iceControlling != nil { nominations += 1 } }
    let room = scenario.addPeer(.controlled, Self.local, seed: 1)
    room.agent.setRemote(credentials: Self.credentials, isLite: true, at: scenario.now)
    room.agent.addRemoteCandidate(remoteCandidate(Self.peer), at: scenario.now)
    scenario.run(for: .seconds(60))
    #expect(room.agent.role == .controlling)
    #expect(room.agent.state == .completed)
    #expect(room.agent.selectedPath == TransportPath(local: Self.local, remote: Self.peer))
    #expect(nominations == 1)
  }

  @Test("answers and checks with a wrong password are ignored and not answered")
  func wrongPassword() {
    let scenario = ICEScenario()
    scenario.servers[Self.peer] = Self.lite(password: "another password, quite")
    let room = scenario.addPeer(.controlling, Self.local, seed: 1)
    room.agent.setRemote(credentials: Self.credentials, isLite: true, at: scenario.now)
    room.agent.addRemoteCandidate(remoteCandidate(Self.peer), at: scenario.now)
    scenario.run(for: .seconds(10))
    #expect(room.agent.state == .checking)
    #expect(room.agent.selectedPath == nil)
    _ = sent(by: room.agent)
    let forged = [
      Self.check(of: room.agent, password: "wrong"), Self.check(of: room.agent, username: "wrong:peer"),
      Self.check(of: room.agent, username: room.agent.localCredentials.usernameFragment),
    ]
    for bytes in forged {
      #expect(!deliver(bytes, to: room.agent, at: scenario.now))
      #expect(sent(by: room.agent).isEmpty)
    }
    #expect(deliver(Self.check(of: room.agent, controlling: false), to: room.agent, at: scenario.now))
    #expect(!sent(by: room.agent).isEmpty)
  }

  @Test("a request with an attribute that must be understood and isn't gets error 420")
  func unknownAttribute() throws {
    let now = Instant(nanoseconds: 0)
    let agent = ICEAgent(configuration: .init(role: .controlled), random: SeededRandom(seed: 1))
    agent.addLocalSocket(Self.local, at: now)
    let optional = Self.check(of: agent, extra: STUNAttribute(rawValue: 0xC057))
    #expect(deliver(optional, to: agent, at: now))
    #expect(sent(by: agent).map(errorCode) == [nil])
    let required = Self.check(of: agent, extra: STUNAttribute(rawValue: 0x4001))
    #expect(deliver(required, to: agent, at: now))
    let answer = try #require(sent(by: agent).first)
    #expect(errorCode(answer) == 420)
    // UNKNOWN-ATTRIBUTES with the one type, padded.
    #expect(answer.indices.dropLast(7).contains { Array(answer[$0..<$0 + 8]) == [0, 0x0A, 0, 2, 0x40, 1, 0, 0] })
  }

  @Test("checks that come before the peer's credentials are answered at once and followed up later")
  func earlyChecks() {
    let scenario = ICEScenario()
    scenario.servers[Self.peer] = Self.lite()
    let room = scenario.addPeer(.controlled, Self.local, seed: 1)
    #expect(deliver(Self.check(of: room.agent, nominating: true), to: room.agent, at: scenario.now))
    #expect(room.agent.state == .new)
    let answers = sent(by: room.agent)
    #expect(answers.count == 1 && answers.first?.first == 1)
    room.agent.setRemote(credentials: Self.credentials, isLite: false, at: scenario.now)
    scenario.run(for: .seconds(1))
    #expect(room.agent.state == .completed)
  }

  @Test("of several nominations the best pair's counts, until it falls silent")
  func aggressiveNomination() {
    let scenario = ICEScenario()
    let (good, bad) = (Self.peer, socket("203.0.113.6:7882"))
    scenario.servers[good] = Self.lite()
    scenario.servers[bad] = Self.lite()
    let room = scenario.addPeer(.controlled, Self.local, seed: 1)
    room.agent.setRemote(credentials: Self.credentials, isLite: false, at: scenario.now)
    room.agent.addRemoteCandidate(remoteCandidate(bad, priority: 1_000), at: scenario.now)
    room.agent.addRemoteCandidate(remoteCandidate(good, priority: 2_000), at: scenario.now)
    #expect(deliver(Self.check(of: room.agent, nominating: true), to: room.agent, from: bad, at: scenario.now))
    scenario.run(for: .seconds(1))
    #expect(room.agent.selectedPath?.remote == bad)
    #expect(deliver(Self.check(of: room.agent, nominating: true), to: room.agent, from: good, at: scenario.now))
    scenario.run(for: .seconds(1))
    #expect(room.agent.selectedPath?.remote == good)
    #expect(deliver(Self.check(of: room.agent, nominating: true), to: room.agent, from: bad, at: scenario.now))
    scenario.run(for: .seconds(1))
    #expect(room.agent.selectedPath?.remote == good)
    scenario.servers[good] = nil
    scenario.run(for: .seconds(7))
    #expect(deliver(Self.check(of: room.agent, nominating: true), to: room.agent, from: bad, at: scenario.now))
    #expect(room.agent.selectedPath?.remote == bad)
    #expect(room.agent.state == .completed)
  }

  @Test("floods of candidates and checks fill no more than the tables")
  func floods() {
    let now = Instant(nanoseconds: 0)
    let agent = ICEAgent(configuration: .init(role: .controlled), random: SeededRandom(seed: 1))
    for port in 1...100 { agent.addLocalSocket(SocketAddress(ip: Self.local.ip, port: UInt16(port)), at: now) }
    agent.addLocalSocket(Self.local, at: now)
    agent.setRemote(credentials: Self.credentials, isLite: false, at: now)
    for port in 1...5_000 {
      agent.addRemoteCandidate(remoteCandidate(.init(ip: Self.peer.ip, port: UInt16(port))), at: now)
      let check = Self.check(of: agent, id: UInt64(port))
      check.withUnsafeBytes {
        let path = TransportPath(
          local: .init(ip: Self.local.ip, port: 1), remote: .init(ip: Self.peer.ip, port: 6_000 + UInt16(port)))
        #expect(agent.handle($0, on: path, at: now))
      }
    }
    #expect(sent(by: agent).count <= 128)
    var later = now
    var checks = 0
    while later < now + .seconds(5) {
      agent.handleTimeout(at: later)
      checks += sent(by: agent).count
      later = later + .milliseconds(5)
    }
    // One transaction each 50 ms at most, plus their retransmissions.
    #expect((1...200).contains(checks))
  }

  @Test("damaged checks and answers do no harm")
  func damaged() {
    var random = SeededRandom(seed: 9)
    let agent = ICEAgent(configuration: .init(role: .controlled), random: SeededRandom(seed: 1))
    var now = Instant(nanoseconds: 0)
    agent.addLocalSocket(Self.local, at: now)
    agent.setRemote(credentials: Self.credentials, isLite: false, at: now)
    agent.addRemoteCandidate(remoteCandidate(Self.peer), at: now)
    let check = Self.check(of: agent, nominating: true)
    for length in 0..<check.count { #expect(!deliver(Array(check[..<length]), to: agent, at: now)) }
    for _ in 0..<20_000 {
      var bytes = check
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count - 8, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard bytes != check else { continue }
      #expect(!deliver(bytes, to: agent, at: now) || bytes[1] == 0x11)
      now = now + .microseconds(100)
    }
    #expect(agent.selectedPath == nil)
  }

  @Test("authentic messages of any content do no harm")
  func authenticNonsense() {
    var random = SeededRandom(seed: 10)
    let agent = ICEAgent(configuration: .init(role: .controlling), random: SeededRandom(seed: 1))
    var now = Instant(nanoseconds: 0)
    agent.addLocalSocket(Self.local, at: now)
    agent.setRemote(credentials: Self.credentials, isLite: false, at: now)
    agent.addRemoteCandidate(remoteCandidate(Self.peer), at: now)
    let types: [UInt16] = [1, 6, 9, 0x0A, 0x20, 0x24, 0x25, 0x7777, 0x8022, 0x8029, 0x802A, 0xC001]
    for _ in 0..<20_000 {
      // Answers to what the agent really asked, too.
      let asked = sent(by: agent).last.flatMap { bytes in
        bytes.withUnsafeBytes { (try? STUNMessage(parsing: $0))?.transactionID }
      }
      let isRequest = Bool.random(using: &random)
      let bytes = stun(isRequest ? .request : .successResponse, asked ?? .init(using: &random)) { writer in
        if isRequest { writer.append(.username, agent.localCredentials.usernameFragment + ":peer") }
        for _ in 0..<Int.random(in: 0...5, using: &random) {
          let type = STUNAttribute(rawValue: types[Int.random(in: 0..<types.count, using: &random)])
          let value = (0..<[0, 2, 4, 8, 20, 33][Int.random(in: 0..<6, using: &random)]).map { _ in
            UInt8.random(in: 0...255, using: &random)
          }
          value.withUnsafeBytes { writer.append(type, $0) }
        }
        writer.appendIntegrity(
          key: STUNKey(password: isRequest ? agent.localCredentials.password : Self.credentials.password))
      }
      let source = SocketAddress(
        ip: .v4(.random(in: 0 ... .max, using: &random)), port: .random(in: 0...9, using: &random))
      _ = deliver(bytes, to: agent, from: Bool.random(using: &random) ? Self.peer : source, at: now)
      now = now + .milliseconds(3)
      if agent.nextDeadline <= now { agent.handleTimeout(at: now) }
      #expect(agent.nextDeadline > now)
      while agent.pollEvent() != nil {}
    }
    #expect(agent.state != .new)
  }

  @Test("candidates for multicast, broadcast, TCP, other components and names aren't checked")
  func unusableCandidates() throws {
    let scenario = ICEScenario()
    let room = scenario.addPeer(.controlling, Self.local, seed: 1)
    room.agent.setRemote(credentials: Self.credentials, isLite: false, at: scenario.now)
    for line in [
      "candidate:1 1 udp 2130706431 224.0.0.1 5000 typ host",
      "candidate:1 1 udp 2130706431 255.255.255.255 5000 typ host",
      "candidate:1 1 udp 2130706431 0.0.0.0 5000 typ host", "candidate:1 2 udp 2130706431 192.0.2.9 5000 typ host",
      "candidate:1 1 tcp 2130706431 192.0.2.9 5000 typ host tcptype passive",
      "candidate:1 1 udp 2130706431 a3b9c9d2.local 5000 typ host", "candidate:1 1 udp 2130706431 192.0.2.9 0 typ host",
      "candidate:1 1 udp 2130706431 192.0.2.9 5000 typ host ufrag other",
    ] {
      let candidate = try #require(ICECandidate(line))
      room.agent.addRemoteCandidate(candidate, at: scenario.now)
    }
    scenario.run(for: .seconds(5))
    #expect(room.sentCount == 0)
  }
}
