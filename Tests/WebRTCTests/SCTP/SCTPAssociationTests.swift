import Realtime
import Testing
import WebRTC

/// Serialized because all associations of the process share the clock of one SCTP stack.
@Suite("SCTP and data channels", .serialized)
struct SCTPAssociationTests {
  @Test("both sides connect at once, within two round trips")
  func connects() throws {
    let pair = SCTPPair()
    let start = pair.now
    try pair.start()
    pair.run(for: .seconds(5)) { pair.areConnected }
    #expect(pair.areConnected)
    #expect(pair.now - start <= .milliseconds(100))
    #expect(pair.clientEvents == [.connected])
    #expect(pair.serverEvents == [.connected])
  }

  @Test("packets that come before the start aren't lost")
  func early() throws {
    let pair = SCTPPair()
    try pair.client.start(role: .client, at: pair.now)
    pair.run(for: .milliseconds(100))
    try pair.server.start(role: .server, at: pair.now)
    let start = pair.now
    pair.run(for: .seconds(5)) { pair.areConnected }
    #expect(pair.areConnected)
    #expect(pair.now - start <= .milliseconds(80))
  }

  @Test("the association comes up though half of the packets get lost", arguments: 0..<5)
  func connectsWithLoss(seed: UInt64) throws {
    let pair = SCTPPair(seed: seed)
    pair.loss = 0.5
    try pair.start()
    pair.run(for: .seconds(60)) { pair.areConnected }
    #expect(pair.areConnected)
  }

  @Test("a channel opened before the start is announced with label, protocol and reliability")
  func opening() throws {
    let pair = SCTPPair()
    let options = DataChannelOptions(isOrdered: false, reliability: .maximumRetransmits(0), subprotocol: "livekit")
    let reliable = try pair.client.open(label: "_reliable", at: pair.now)
    let lossy = try pair.client.open(label: "_lossy", options: options, at: pair.now)
    try pair.start()
    pair.run(for: .seconds(1))
    #expect(pair.clientEvents == [.connected, .opened(reliable), .opened(lossy)])
    let remote = pair.serverEvents.opened.compactMap { pair.server.channel($0) }
    #expect(remote.map(\.label) == ["_reliable", "_lossy"])
    #expect(remote.map(\.stream) == [0, 2])
    #expect(remote.map(\.options) == [DataChannelOptions(), options])
    let odd = try pair.server.open(label: "odd", at: pair.now)
    #expect(pair.server.channel(odd)?.stream == 1)
  }

  @Test("text, bytes and empty messages keep their kind and order")
  func kinds() throws {
    let pair = try SCTPPair.connected()
    let id = try pair.client.open(label: "kinds", at: pair.now)
    try pair.client.send(Array("été".utf8), isBinary: false, on: id, at: pair.now)
    try pair.client.send([1, 2, 3], on: id, at: pair.now)
    try pair.client.send([], isBinary: false, on: id, at: pair.now)
    try pair.client.send([], on: id, at: pair.now)
    pair.run(for: .seconds(1))
    let remote = try #require(pair.serverEvents.opened.first)
    #expect(
      pair.serverEvents.suffix(4) == [
        .message(remote, bytes: Array("été".utf8), isBinary: false),
        .message(remote, bytes: [1, 2, 3], isBinary: true),
        .message(remote, bytes: [], isBinary: false), .message(remote, bytes: [], isBinary: true),
      ])
  }

  @Test("channels that were agreed upon need no opening")
  func negotiated() throws {
    let pair = SCTPPair()
    let options = DataChannelOptions(negotiatedStream: 7)
    let one = try pair.client.open(label: "a", options: options, at: pair.now)
    let other = try pair.server.open(label: "a", options: options, at: pair.now)
    #expect(throws: SCTPError.noFreeStream) { try pair.client.open(label: "b", options: options, at: pair.now) }
    try pair.start()
    pair.run(for: .seconds(1))
    try pair.server.send([9], on: other, at: pair.now)
    pair.run(for: .seconds(1))
    #expect(pair.clientEvents == [.connected, .opened(one), .message(one, bytes: [9], isBinary: true)])
    #expect(pair.serverEvents == [.connected, .opened(other), .bufferedAmountLow(other)])
  }

  @Test("15 MB get through 5 % loss whole and in order")
  func bulk() throws {
    let pair = try SCTPPair.connected(seed: 5)
    pair.loss = 0.05
    let id = try pair.client.open(label: "bulk", at: pair.now)
    pair.client.setBufferedAmountLowThreshold(500_000, of: id)
    let messageSize = 60_000
    let count = 250
    var random = SeededRandom(seed: 6)
    let contents = (0..<messageSize).map { _ in UInt8.random(in: 0...255, using: &random) }
    var sent = 0
    var received = 0
    let end = pair.now + .seconds(3_600)
    while received < count, pair.now < end {
      while sent < count, (pair.client.channel(id)?.bufferedAmount ?? .max) < 1_000_000 {
        var message = contents
        message[0] = UInt8(sent)
        try pair.client.send(message, on: id, at: pair.now)
        sent += 1
      }
      pair.run(for: .seconds(1)) { pair.clientEvents.last == .bufferedAmountLow(id) }
      pair.clientEvents.removeAll()
      for message in pair.serverEvents.messages {
        #expect(message.first == UInt8(received))
        #expect(message.dropFirst() == contents.dropFirst())
        received += 1
      }
      pair.serverEvents.removeAll()
    }
    #expect(received == count)
    #expect(pair.largestPacket <= DTLSTransport.maximumApplicationDataSize)
  }

  @Test("a message that is sent once may get lost, one that is reliable doesn't")
  func partialReliability() throws {
    let pair = try SCTPPair.connected(seed: 9)
    let options = DataChannelOptions(isOrdered: false, reliability: .maximumRetransmits(0))
    let lossy = try pair.client.open(label: "lossy", options: options, at: pair.now)
    let reliable = try pair.client.open(label: "reliable", at: pair.now)
    pair.run(for: .seconds(1))
    pair.loss = 0.2
    for index in 0..<200 {
      try pair.client.send([0, UInt8(index)], on: lossy, at: pair.now)
      try pair.client.send([1, UInt8(index)], on: reliable, at: pair.now)
      pair.run(for: .milliseconds(20))
    }
    pair.loss = 0
    pair.run(for: .seconds(20))
    let messages = pair.serverEvents.messages
    #expect(messages.filter { $0[0] == 1 }.map { $0[1] } == (0..<200).map { UInt8($0) })
    let arrived = messages.count { $0[0] == 0 }
    #expect(arrived > 120 && arrived < 190)
  }

  @Test("a message isn't sent any more when its lifetime is over, counted in the time that is passed in")
  func lifetime() throws {
    let pair = try SCTPPair.connected()
    let options = DataChannelOptions(reliability: .maximumLifetime(200))
    let id = try pair.client.open(label: "short", options: options, at: pair.now)
    pair.run(for: .seconds(1))
    pair.loss = 1
    try pair.client.send([1], on: id, at: pair.now)
    pair.run(for: .seconds(3))
    pair.loss = 0
    try pair.client.send([2], on: id, at: pair.now)
    pair.run(for: .seconds(20))
    #expect(pair.serverEvents.messages == [[2]])
  }

  @Test("closing a channel closes it on both sides after what was sent, and frees the stream")
  func closing() throws {
    let pair = try SCTPPair.connected()
    let id = try pair.client.open(label: "a", at: pair.now)
    let other = try pair.client.open(label: "b", at: pair.now)
    pair.run(for: .seconds(1))
    let remote = try #require(pair.serverEvents.opened.first)
    try pair.client.send([UInt8](repeating: 3, count: 50_000), on: id, at: pair.now)
    pair.client.close(id, at: pair.now)
    #expect(throws: SCTPError.noSuchChannel) { try pair.client.send([1], on: id, at: pair.now) }
    pair.run(for: .seconds(5))
    #expect(pair.serverEvents.messages.map(\.count) == [50_000])
    #expect(pair.serverEvents.last == .closed(remote, nil))
    #expect(pair.clientEvents.last == .closed(id, nil))
    let again = try pair.client.open(label: "c", at: pair.now)
    #expect(pair.client.channel(again)?.stream == 0)
    try pair.client.send([4], on: again, at: pair.now)
    try pair.client.send([5], on: other, at: pair.now)
    pair.run(for: .seconds(5))
    #expect(Set(pair.serverEvents.messages.suffix(2)) == [[4], [5]])
    #expect(pair.server.channel(try #require(pair.serverEvents.opened.last))?.label == "c")
  }

  @Test("many channels are closed at once, through loss")
  func closingMany() throws {
    let pair = try SCTPPair.connected(seed: 4)
    pair.loss = 0.1
    let ids = try (0..<50).map { try pair.client.open(label: "\($0)", at: pair.now) }
    pair.run(for: .seconds(20))
    #expect(pair.serverEvents.opened.count == 50)
    for id in ids { pair.client.close(id, at: pair.now) }
    pair.run(for: .seconds(120))
    #expect(Set(pair.clientEvents.closed) == Set(ids))
    #expect(pair.serverEvents.closed.count == 50)
  }

  @Test("a message longer than we take closes its channel and costs no memory")
  func oversized() throws {
    let pair = try SCTPPair.connected(maximumReceiveSize: 100_000)
    let id = try pair.client.open(label: "long", at: pair.now)
    let other = try pair.client.open(label: "other", at: pair.now)
    try pair.client.send([UInt8](repeating: 0, count: 200_000), on: id, at: pair.now)
    try pair.client.send([UInt8](repeating: 1, count: 100_000), on: other, at: pair.now)
    pair.run(for: .seconds(10))
    let remote = try #require(pair.serverEvents.opened.first)
    #expect(pair.serverEvents.contains(.closed(remote, .messageTooLong(100_000))))
    #expect(pair.serverEvents.messages.map(\.count) == [100_000])
    #expect(pair.clientEvents.closed == [id])
  }

  @Test("what can't be sent is a typed error")
  func misuse() throws {
    let pair = SCTPPair()
    let id = try pair.client.open(label: "a", at: pair.now)
    #expect(throws: SCTPError.notOpen) { try pair.client.send([1], on: id, at: pair.now) }
    try pair.start(remoteMaximumMessageSize: 65_535)
    pair.run(for: .seconds(1))
    #expect(throws: SCTPError.messageTooLong(65_536)) {
      try pair.client.send([UInt8](repeating: 0, count: 65_536), on: id, at: pair.now)
    }
    #expect(throws: SCTPError.invalidOptions) {
      try pair.client.open(label: String(repeating: "a", count: 1_025), at: pair.now)
    }
    #expect(throws: SCTPError.bufferFull) {
      for _ in 0..<300 { try pair.client.send([UInt8](repeating: 0, count: 65_535), on: id, at: pair.now) }
    }
    #expect(throws: SCTPError.invalidState) { try pair.client.start(role: .client, at: pair.now) }
  }

  @Test("a small message doesn't wait for all that is queued on another channel")
  func turns() throws {
    let pair = try SCTPPair.connected()
    let bulk = try pair.client.open(label: "bulk", at: pair.now)
    let chat = try pair.client.open(label: "chat", at: pair.now)
    for _ in 0..<50 { try pair.client.send([UInt8](repeating: 0, count: 60_000), on: bulk, at: pair.now) }
    try pair.client.send([1], on: chat, at: pair.now)
    pair.run(for: .seconds(60)) { pair.serverEvents.messages.contains([1]) }
    #expect(pair.serverEvents.messages.count < 10)
  }

  @Test("after an outage of a minute data flows again within three seconds")
  func outage() throws {
    let pair = try SCTPPair.connected()
    let id = try pair.client.open(label: "a", at: pair.now)
    pair.run(for: .seconds(1))
    pair.loss = 1
    try pair.client.send([1], on: id, at: pair.now)
    pair.run(for: .seconds(60))
    pair.loss = 0
    pair.run(for: .seconds(3))
    #expect(pair.serverEvents.messages == [[1]])
  }

  @Test("closing the association tells the peer")
  func aborting() throws {
    let pair = try SCTPPair.connected()
    let id = try pair.server.open(label: "a", at: pair.now)
    pair.run(for: .seconds(1))
    pair.client.close(at: pair.now)
    pair.run(for: .seconds(1))
    #expect(pair.serverEvents.suffix(2) == [.closed(id, .associationLost), .failed(.associationLost)])
    #expect(throws: SCTPError.notConnected) { try pair.server.open(label: "b", at: pair.now) }
  }

  @Test("two pairs in different times don't stall each other")
  func twoTimes() throws {
    let early = SCTPPair()
    let late = SCTPPair()
    late.now = Instant(nanoseconds: 1_000_000_000_000_000)
    try late.start()
    late.run(for: .seconds(1))
    try early.start()
    early.run(for: .seconds(1))
    #expect(early.areConnected && late.areConnected)
    let id = try early.client.open(label: "a", at: early.now)
    let other = try late.client.open(label: "b", at: late.now)
    (early.loss, late.loss) = (0.2, 0.2)
    for index in 0..<50 as Range<UInt8> {
      try early.client.send([index], on: id, at: early.now)
      try late.client.send([index], on: other, at: late.now)
      early.run(for: .milliseconds(50))
      late.run(for: .milliseconds(50))
    }
    early.run(for: .seconds(30))
    late.run(for: .seconds(30))
    #expect(early.serverEvents.messages == (0..<50).map { [$0] })
    #expect(late.serverEvents.messages == (0..<50).map { [$0] })
  }

  @Test("associations on several threads take turns")
  func threads() async throws {
    let results = try await withThrowingTaskGroup(of: Bool.self) { group in
      for seed in 0..<8 as Range<UInt64> {
        group.addTask {
          let pair = try SCTPPair.connected(seed: seed)
          pair.loss = 0.05
          let id = try pair.client.open(label: "a", at: pair.now)
          let message = [UInt8](repeating: UInt8(seed), count: 50_000)
          for _ in 0..<20 { try pair.client.send(message, on: id, at: pair.now) }
          pair.run(for: .seconds(600)) { pair.serverEvents.count >= 22 }
          return pair.serverEvents.messages == Array(repeating: message, count: 20)
        }
      }
      return try await group.reduce(into: [Bool]()) { $0.append($1) }
    }
    #expect(results == Array(repeating: true, count: 8))
  }

  @Test("noise and damaged packets neither trap nor deliver anything")
  func noise() throws {
    let pair = try SCTPPair.connected()
    let id = try pair.client.open(label: "a", at: pair.now)
    var random = SeededRandom(seed: 8)
    // usrsctp drops what has a wrong checksum, so the damage is given a right one to get past that.
    pair.filter = { packet, fromClient in
      for _ in 0..<20 {
        var copy = Array(packet)
        if Bool.random(using: &random) { copy.removeLast(Int.random(in: 0...copy.count - 12, using: &random)) }
        for _ in 0...Int.random(in: 0..<3, using: &random) where copy.count > 12 {
          copy[Int.random(in: 12..<copy.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        CRC32C.seal(&copy)
        copy.withUnsafeBytes { (fromClient ? pair.server : pair.client).handle($0, at: pair.now) }
      }
      return true
    }
    for index in 0..<100 as Range<UInt8> {
      try? pair.client.send([UInt8](repeating: index, count: 3_000), on: id, at: pair.now)
      pair.run(for: .milliseconds(50))
    }
    for _ in 0..<5_000 {
      let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      bytes.withUnsafeBytes { pair.client.handle($0, at: pair.now) }
    }
    #expect(Bool(true), "nothing trapped")
  }
}
