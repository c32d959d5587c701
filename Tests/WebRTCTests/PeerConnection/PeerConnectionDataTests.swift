import NetworkModel
import Realtime
import Testing
import WebRTC

@Suite("Peer connection: data channels", .serialized)
struct PeerConnectionDataTests {
  @Test("messages go both ways on a channel that one side opened, in order through loss")
  func messages() throws {
    let pair = try ModelledPair(link: .init(latency: .milliseconds(20), loss: 0.05))
    let ours = try pair.left.createDataChannel(label: "_reliable", at: pair.now)
    var theirs: DataChannelID?
    var received: [ModelledPair.Side: [[UInt8]]] = [:]
    var isOpen = false
    pair.onEvent = { side, event in
      switch event {
      case .dataChannelOpened(let id, let label):
        #expect(label == "_reliable")
        if side == .right { theirs = id } else { isOpen = true }
      case .dataChannelMessage(_, let bytes, let isBinary):
        #expect(isBinary)
        received[side, default: []].append(bytes)
      default: break
      }
    }
    try pair.negotiate()
    pair.run(for: .seconds(20)) { isOpen && theirs != nil }
    let remote = try #require(theirs)
    for index in 0..<200 {
      let message = [UInt8](repeating: UInt8(index), count: 1 + index * 100)
      try message.withUnsafeBytes { try pair.left.send($0, isBinary: true, on: ours, at: pair.now) }
      try message.withUnsafeBytes { try pair.right.send($0, isBinary: true, on: remote, at: pair.now) }
      pair.run(for: .milliseconds(20))
    }
    pair.run(for: .seconds(30)) { received[.left]?.count == 200 && received[.right]?.count == 200 }
    for side in [ModelledPair.Side.left, .right] {
      let messages = received[side, default: []]
      #expect(messages.count == 200)
      let isOrdered = messages.enumerated().allSatisfy { $1.count == 1 + $0 * 100 && $1.first == UInt8($0) }
      #expect(isOrdered)
    }
  }

  @Test("a channel that is added to a running call needs a new offer only for its m-line")
  func addedLater() throws {
    let pair = try ModelledPair()
    _ = try pair.left.addTransceiver(.audio, .init(direction: .sendOnly, trackID: "mic", codecs: [.opus]))
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    var opened = 0
    pair.onEvent = { _, event in if case .dataChannelOpened = event { opened += 1 } }
    _ = try pair.left.createDataChannel(label: "one", at: pair.now)
    try pair.negotiate()
    pair.run(for: .seconds(5)) { opened == 2 }
    _ = try pair.left.createDataChannel(label: "two", at: pair.now)
    pair.run(for: .seconds(5)) { opened == 4 }
    #expect(opened == 4)
  }
}
