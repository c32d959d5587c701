import Realtime
import Testing
import WebRTC

@Suite("DTLS")
struct DTLSTransportTests {
  private func keys(_ events: [DTLSTransport.Event]) -> SRTPKeyingMaterial? {
    for case .connected(let material) in events { return material }
    return nil
  }

  @Test("both sides get the same keys, each the other way round, in two round trips")
  func handshake() throws {
    let pair = try DTLSPair.started()
    let start = pair.now
    pair.run(for: .seconds(5)) { pair.areConnected }
    #expect(pair.areConnected)
    #expect(pair.now - start == .milliseconds(80))
    let client = try #require(keys(pair.clientEvents))
    let server = try #require(keys(pair.serverEvents))
    #expect(client.profile == .aeadAES128GCM)
    #expect(client.local == server.remote)
    #expect(client.remote == server.local)
    #expect(client.local != client.remote)
    #expect(pair.largestDatagram <= DTLSTransport.maximumDatagramSize)
    #expect(pair.client.nextDeadline == .distantFuture)
  }

  @Test("the server's order of profiles decides", arguments: SRTPProfile.allCases)
  func profiles(preferred: SRTPProfile) throws {
    let pair = try DTLSPair.started(
      clientProfiles: SRTPProfile.allCases,
      serverProfiles: [preferred] + SRTPProfile.allCases.filter { $0 != preferred })
    pair.run(for: .seconds(5)) { pair.areConnected }
    #expect(keys(pair.clientEvents)?.profile == preferred)
    #expect(keys(pair.serverEvents)?.profile == preferred)
  }

  @Test("without a common profile there is no association")
  func noCommonProfile() throws {
    let pair = try DTLSPair.started(clientProfiles: [.aeadAES128GCM], serverProfiles: [.aes128CMHMACSHA1_80])
    pair.run(for: .seconds(5))
    #expect(pair.clientEvents == [.failed(.noCommonSRTPProfile)])
    #expect(pair.serverEvents == [.failed(.noCommonSRTPProfile)])
  }

  @Test("a ClientHello that is due again and the one with the server's cookie go in datagrams of their own")
  func cookieWhenRepetitionIsDue() throws {
    let client = DTLSTransport(certificate: try Certificate())
    let pool = PacketPool()
    let start = Instant(nanoseconds: 5_000_000_000)
    try client.start(role: .client, fingerprints: [try Certificate().fingerprint], at: start)
    while let datagram = client.pollTransmit(into: pool) { pool.recycle(datagram) }
    // RFC 6347 §4.2.1: HelloVerifyRequest of DTLS 1.2 with a cookie of four bytes.
    let verify: [UInt8] = [
      22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 19, 3, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 7, 254, 253, 4, 1, 2, 3, 4,
    ]
    verify.withUnsafeBytes { client.handle($0, at: start + .milliseconds(200)) { _ in } }
    var sequences: [UInt8] = []
    while let datagram = client.pollTransmit(into: pool) {
      let record = datagram.bytes
      #expect(record.count == 13 + Int(record[11]) << 8 + Int(record[12]))
      sequences.append(record[18])
      pool.recycle(datagram)
    }
    #expect(sequences == [0, 1])
  }

  @Test("application data goes both ways, whole and in datagrams of its own")
  func applicationData() throws {
    let pair = try DTLSPair.started()
    pair.run(for: .seconds(5)) { pair.areConnected }
    let messages = (1...20).map { [UInt8](repeating: UInt8($0), count: $0 * 56) }
    for message in messages {
      try message.withUnsafeBytes { try pair.client.send($0, at: pair.now) }
      try message.withUnsafeBytes { try pair.server.send($0, at: pair.now) }
    }
    pair.run(for: .seconds(1))
    #expect(pair.serverReceived == messages)
    #expect(pair.clientReceived == messages)
    #expect(pair.largestDatagram <= DTLSTransport.maximumDatagramSize)
  }

  @Test("data that is empty, too long or early is a typed error")
  func misuse() throws {
    let pair = try DTLSPair.started()
    let byte: [UInt8] = [1]
    #expect(throws: DTLSError.notConnected) { try byte.withUnsafeBytes { try pair.client.send($0, at: pair.now) } }
    pair.run(for: .seconds(5)) { pair.areConnected }
    let long = [UInt8](repeating: 0, count: DTLSTransport.maximumApplicationDataSize + 1)
    #expect(throws: DTLSError.invalidLength(long.count)) {
      try long.withUnsafeBytes { try pair.client.send($0, at: pair.now) }
    }
    #expect(throws: DTLSError.invalidState) {
      try pair.client.start(role: .client, fingerprints: [], at: pair.now)
    }
  }

  @Test("a certificate that signalling didn't announce ends the handshake before anything is keyed")
  func fingerprintMismatch() throws {
    let (one, other, stranger) = (try Certificate(), try Certificate(), try Certificate())
    for clientIsDeceived in [true, false] {
      let pair = DTLSPair(client: DTLSTransport(certificate: one), server: DTLSTransport(certificate: other))
      let expectedOfServer = clientIsDeceived ? stranger.fingerprint : other.fingerprint
      let expectedOfClient = clientIsDeceived ? one.fingerprint : stranger.fingerprint
      try pair.server.start(role: .server, fingerprints: [expectedOfClient], at: pair.now)
      try pair.client.start(role: .client, fingerprints: [expectedOfServer], at: pair.now)
      pair.run(for: .seconds(5))
      let deceived = clientIsDeceived ? pair.clientEvents : pair.serverEvents
      let honest = clientIsDeceived ? pair.serverEvents : pair.clientEvents
      #expect(deceived == [.failed(.fingerprintMismatch)])
      #expect(keys(honest) == nil)
      #expect(throws: DTLSError.notConnected) {
        try [UInt8(1)].withUnsafeBytes { try pair.client.send($0, at: pair.now) }
      }
    }
  }

  @Test("one matching fingerprint among several is enough")
  func severalFingerprints() throws {
    let (one, other, stranger) = (try Certificate(), try Certificate(), try Certificate())
    let pair = DTLSPair(client: DTLSTransport(certificate: one), server: DTLSTransport(certificate: other))
    try pair.server.start(role: .server, fingerprints: [stranger.fingerprint, one.fingerprint], at: pair.now)
    try pair.client.start(role: .client, fingerprints: [other.fingerprint], at: pair.now)
    pair.run(for: .seconds(5)) { pair.areConnected }
    #expect(pair.areConnected)
  }

  @Test("a datagram that is lost is sent again, whichever of the first twelve it is", arguments: 0..<12)
  func singleLoss(lost: Int) throws {
    let pair = try DTLSPair.started()
    pair.fate = { number, _ in number == lost ? .lose : .deliver }
    let start = pair.now
    pair.run(for: .seconds(5)) { pair.areConnected }
    #expect(pair.areConnected)
    #expect(pair.now - start < .milliseconds(700))
    let byte: [UInt8] = [42]
    try byte.withUnsafeBytes { try pair.client.send($0, at: pair.now) }
    try byte.withUnsafeBytes { try pair.server.send($0, at: pair.now) }
    pair.run(for: .seconds(1))
    if lost >= pair.datagramCount - 2 { return }
    #expect(pair.serverReceived == [byte])
    #expect(pair.clientReceived == [byte])
  }

  @Test("the handshake gets through 30 % loss with duplicates", arguments: 0..<20)
  func heavyLoss(seed: UInt64) throws {
    let pair = try DTLSPair.started()
    var random = SeededRandom(seed: seed)
    pair.fate = { _, _ in
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<3: .lose
      case 3: .duplicate
      default: .deliver
      }
    }
    pair.run(for: .seconds(30)) { pair.areConnected }
    #expect(pair.areConnected)
  }

  @Test("retransmission starts at 200 ms and doubles up to 3 s; after 30 s the handshake is given up")
  func timeout() throws {
    let pair = try DTLSPair.started()
    let start = pair.now
    pair.fate = { _, _ in .lose }
    pair.run(for: .seconds(40))
    let times = pair.clientSendTimes.map { ($0 - start).nanoseconds / 1_000_000 }
    #expect(times.prefix(7) == [0, 200, 600, 1_400, 3_000, 6_000, 9_000])
    #expect(pair.clientEvents == [.failed(.handshakeTimeout)])
    #expect(pair.serverEvents == [.failed(.handshakeTimeout)])
  }

  @Test("datagrams that come before the role is known aren't lost")
  func early() throws {
    let (one, other) = (try Certificate(), try Certificate())
    let pair = DTLSPair(client: DTLSTransport(certificate: one), server: DTLSTransport(certificate: other))
    try pair.client.start(role: .client, fingerprints: [other.fingerprint], at: pair.now)
    pair.run(for: .milliseconds(100))
    try pair.server.start(role: .server, fingerprints: [one.fingerprint], at: pair.now)
    let start = pair.now
    pair.run(for: .seconds(5)) { pair.areConnected }
    #expect(pair.areConnected)
    #expect(pair.now - start == .milliseconds(60), "no retransmission was waited for")
  }

  @Test("close_notify reaches the peer")
  func closing() throws {
    let pair = try DTLSPair.started()
    pair.run(for: .seconds(5)) { pair.areConnected }
    pair.client.close(at: pair.now)
    pair.run(for: .seconds(1))
    #expect(pair.serverEvents.last == .closed)
    #expect(pair.server.state == .closed)
    #expect(throws: DTLSError.notConnected) {
      try [UInt8(1)].withUnsafeBytes { try pair.server.send($0, at: pair.now) }
    }
  }

  @Test("noise and damaged datagrams neither trap nor end an association")
  func noise() throws {
    let pair = try DTLSPair.started()
    pair.run(for: .seconds(5)) { pair.areConnected }
    var random = SeededRandom(seed: 3)
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if bytes.count > 13, Bool.random(using: &random) {
        // A plausible header: any type, DTLS 1.2, an epoch of 0 or 1, a length that is almost right.
        bytes.replaceSubrange(0..<5, with: [UInt8.random(in: 20...26, using: &random), 254, 253, 0, bytes[4] & 1])
        bytes.replaceSubrange(11..<13, with: [0, UInt8(clamping: bytes.count - 13)])
      }
      bytes.withUnsafeBytes { noise in
        pair.client.handle(noise, at: pair.now) { _ in Issue.record("noise was delivered") }
        pair.server.handle(noise, at: pair.now) { _ in Issue.record("noise was delivered") }
      }
    }
    let byte: [UInt8] = [42]
    try byte.withUnsafeBytes { try pair.client.send($0, at: pair.now) }
    pair.run(for: .seconds(1))
    #expect(pair.serverReceived == [byte])
  }

  @Test("a handshake survives truncated and damaged copies of its own datagrams or fails in a typed way")
  func damagedHandshake() throws {
    for seed in 0..<40 as Range<UInt64> {
      let (one, other) = (try Certificate(), try Certificate())
      let (client, server) = (DTLSTransport(certificate: one), DTLSTransport(certificate: other))
      let now = Instant(nanoseconds: 0)
      try server.start(role: .server, fingerprints: [one.fingerprint], at: now)
      try client.start(role: .client, fingerprints: [other.fingerprint], at: now)
      var random = SeededRandom(seed: seed)
      let pool = PacketPool()
      for _ in 0..<20 {
        for (sender, receiver) in [(client, server), (server, client)] {
          while let buffer = sender.pollTransmit(into: pool) {
            var copy = Array(buffer.bytes)
            if Bool.random(using: &random) { copy.removeLast(Int.random(in: 0..<copy.count, using: &random)) }
            copy[Int.random(in: 0..<copy.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            copy.withUnsafeBytes { receiver.handle($0, at: now) { _ in } }
            receiver.handle(buffer.bytes, at: now) { _ in }
            pool.recycle(buffer)
          }
        }
      }
      #expect([.connected, .failed, .connecting].contains(client.state))
    }
  }
}
