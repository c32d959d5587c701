import Realtime
import Testing
import WebRTC

@Suite("Sections used again")
struct SectionReuseTests {
  private func parameters(_ name: String, _ direction: MediaDirection = .sendOnly) -> TransceiverParameters {
    TransceiverParameters(direction: direction, streamID: "s-\(name)", trackID: name, codecs: [.opus])
  }

  /// Sends a few packets, each of them `mark`, and gives the time to arrive.
  private func speak(_ mark: UInt8, _ pair: ModelledPair, from side: ModelledPair.Side, on transceiver: TransceiverID) {
    let connection = pair.connection(side)
    for index in 0..<5 {
      [UInt8](repeating: mark, count: 20).withUnsafeBytes { bytes in
        connection.sendAudio(
          bytes, timestamp: UInt32(index) * 960, capturedAt: pair.now, level: .init(voice: true, level: 20),
          startsTalkspurt: index == 0, on: transceiver, at: pair.now)
      }
      pair.run(for: .milliseconds(20))
    }
    pair.run(for: .milliseconds(100))
  }

  private func sectionCount(_ sdp: String) -> Int {
    sdp.split(separator: "\r\n").count { $0.hasPrefix("m=") }
  }

  @Test("the offerer's tracks that come and go leave no more sections than there are tracks at a time")
  func offererReuses() throws {
    let pair = try ModelledPair()
    var current = try pair.left.addTransceiver(.audio, parameters("0"))
    try pair.negotiate()
    pair.run(for: .seconds(5)) { pair.isConnected }
    var offer = ""
    for turn in 1...40 {
      // What is still sent, or whose end was only wished for, isn't taken.
      #expect(pair.left.reuseTransceiver(.audio, parameters("x")) == nil)
      pair.left.setDirection(.inactive, of: current)
      #expect(pair.left.reuseTransceiver(.audio, parameters("x")) == nil)
      try pair.negotiate()
      #expect(pair.left.reuseTransceiver(.video, parameters("x")) == nil)
      current = try #require(pair.left.reuseTransceiver(.audio, parameters("\(turn)")))
      offer = try pair.left.createOffer(at: pair.now)
      try pair.right.setRemoteOffer(offer, at: pair.now)
      try pair.left.setRemoteAnswer(try pair.right.createAnswer(at: pair.now), at: pair.now)
      pair.drain()
      let track = try #require(pair.tracks(at: .right).last)
      #expect(track.trackID == "\(turn)" && track.streamID == "s-\(turn)")
      let sink = PacketCollector()
      pair.right.setAudioSink(sink, of: track.transceiver)
      speak(UInt8(turn), pair, from: .left, on: current)
      #expect(sink.packets.count == 5)
      #expect(sink.packets.allSatisfy { $0.payload.first == UInt8(turn) })
    }
    #expect(sectionCount(offer) == 1)
    let ends = pair.events[.right, default: []].count { if case .trackRemoved = $0 { true } else { false } }
    #expect(ends == 40)
  }

  @Test("the answerer sends in sections that the offerer receives in, one track after the other")
  func answererSends() throws {
    let pair = try ModelledPair()
    for _ in 0..<2 { _ = try pair.left.addTransceiver(.audio, parameters("", .receiveOnly)) }
    let own = try pair.left.addTransceiver(.audio, parameters("own"))
    #expect(pair.right.reuseTransceiver(.audio, parameters("early")) == nil)
    var current: TransceiverID?
    for turn in 1...20 {
      if let former = current { pair.right.setDirection(.inactive, of: former) }
      try pair.right.setRemoteOffer(try pair.left.createOffer(at: pair.now), at: pair.now)
      // The former one's section is taken only when its end was described: the second one serves meanwhile.
      let reused = pair.right.reuseTransceiver(.audio, parameters("\(turn)"))
      current = try #require(reused)
      #expect(pair.right.reuseTransceiver(.video, parameters("x")) == nil)
      try pair.left.setRemoteAnswer(try pair.right.createAnswer(at: pair.now), at: pair.now)
      pair.drain()
      pair.run(for: .seconds(5)) { pair.isConnected }
      #expect(pair.right.vacantTransceiverCount(.audio) == 1)
      let track = try #require(pair.tracks(at: .left).last)
      #expect(track.trackID == "\(turn)")
      let sink = PacketCollector()
      pair.left.setAudioSink(sink, of: track.transceiver)
      speak(UInt8(turn), pair, from: .right, on: try #require(current))
      #expect(sink.packets.count == 5)
    }
    // What the offerer itself sends was left alone.
    let back = try #require(pair.tracks(at: .right).first)
    #expect(back.trackID == "own" && pair.tracks(at: .right).count == 1)
    let sink = PacketCollector()
    pair.right.setAudioSink(sink, of: back.transceiver)
    speak(99, pair, from: .left, on: own)
    #expect(sink.packets.count == 5)
  }

  @Test("without a section that the offerer receives in there is none to send in")
  func noneVacant() throws {
    let pair = try ModelledPair()
    _ = try pair.left.addTransceiver(.audio, parameters("own"))
    try pair.right.setRemoteOffer(try pair.left.createOffer(at: pair.now), at: pair.now)
    #expect(pair.right.reuseTransceiver(.audio, parameters("x")) == nil)
    #expect(pair.right.vacantTransceiverCount(.audio) == 0)
  }
}
