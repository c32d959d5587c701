import Realtime
import Testing

@testable import WebRTC

@Suite("Session descriptions")
struct SessionDescriptionTests {
  @Test("samples of every program are there")
  func samplesExist() {
    for program in ["aiortc", "by-hand-livekit", "chromium", "firefox", "rfc-8866"] {
      #expect(SDPSamples.names.contains { $0.hasPrefix(program) }, "\(program)")
    }
  }

  @Test("each sample survives printing and reading again", arguments: SDPSamples.names)
  func roundTrip(name: String) throws {
    let first = try SessionDescription(parsing: SDPSamples.text(name))
    let printed = first.description
    let second = try SessionDescription(parsing: printed)
    #expect(first == second)
    #expect(printed == second.description)
  }

  /// What a sample may hold that has no property; anything else there means that the reader lost something.
  @Test("nothing of a sample is left over but what is obsolete", arguments: SDPSamples.names)
  func leftovers(name: String) throws {
    let description = try SessionDescription(parsing: SDPSamples.text(name))
    let known = ["a=rtcp:", "a=rtcp-xr:", "i=", "u=", "e=", "p="]
    for line in description.otherLines + description.media.flatMap(\.otherLines) {
      #expect(known.contains { line.hasPrefix($0) }, "\(line)")
    }
  }

  @Test("each attribute line of a sample comes back", arguments: SDPSamples.names)
  func nothingIsLost(name: String) throws {
    let text = try SDPSamples.text(name)
    let printed = try SessionDescription(parsing: text).description
    for line in text.split(whereSeparator: \.isNewline) {
      // Written otherwise, with the same meaning: one channel, and the direction of a data section.
      if line.hasSuffix("/8000/1") || line == "a=sendrecv" { continue }
      let wanted = SDPText.trimmed(line).replacing("msid-semantic: ", with: "msid-semantic:")
      #expect(printed.contains("\(wanted)\r\n"), "\(line)")
    }
  }

  @Test("the example of RFC 8866 is read")
  func example() throws {
    let description = try SDPSamples.description("rfc-8866")
    #expect(description.origin.username == "jdoe")
    #expect(description.origin.sessionID == 3_724_394_400)
    #expect(description.origin.sessionVersion == 3_724_394_405)
    #expect(description.name == "Call to John Smith")
    #expect(description.media.map(\.port) == [49_170, 49_180, 51_372])
    #expect(description.media[0].codecs[0].name == "PCMU")
    #expect(description.media[0].connection?.address == "198.51.100.1")
    #expect(description.media[2].connection?.address == "2001:db8::2")
    #expect(description.media[2].codecs[0].name == "h263-1998")
  }

  @Test("Chromium's simulcast offer is read")
  func chromium() throws {
    let description = try SDPSamples.description("chromium-156.0.8078.79-offer-simulcast-data")
    #expect(description.bundledMids == ["0", "1", "2"])
    #expect(description.allowsMixedExtensions)
    let audio = description.media[0]
    #expect(audio.kind == .audio)
    #expect(audio.direction == .sendOnly)
    #expect(audio.codecs.map(\.payloadType) == [111, 63, 9, 0, 8, 13, 110, 126])
    #expect(audio.redundancyCodec(for: 111)?.payloadType == 63)
    #expect(audio.codec(payloadType: 111)?.channels == 2)
    #expect(audio.codec(payloadType: 111)?.formatParameter("useinbandfec") == "1")
    #expect(audio.headerExtensionID(uri: "urn:ietf:params:rtp-hdrext:ssrc-audio-level") == 1)
    #expect(audio.mediaStreams.first?.track == "88281c05-68cb-4b5d-ad02-8a34f7d99bff")
    #expect(audio.sources.first?.canonicalName == "l5a/7QcAJSjmuBpN")
    #expect(audio.transport.setup == .eitherActiveOrPassive)
    #expect(audio.transport.iceOptions == ["trickle"])
    #expect(audio.transport.fingerprints.first?.digest.count == 32)
    #expect(audio.candidates.count == 2)
    #expect(audio.candidates[0].hasPrefix("candidate:1622996497 1 udp 2113937151 "))
    let video = description.media[1]
    #expect(video.simulcast?.send.map { $0.map(\.rid) } == [["q"], ["h"], ["f"]])
    #expect(video.restrictions.map(\.rid) == ["q", "h", "f"])
    #expect(video.retransmissionCodec(for: 98)?.payloadType == 99)
    #expect(
      video.codec(payloadType: 96)?.feedback == ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"])
    #expect(video.multiplexesRTCP && video.allowsReducedSizeRTCP)
    let data = description.media[2]
    #expect(data.kind == .application)
    #expect(data.effectiveSCTPPort == 5_000)
    #expect(data.maximumMessageSize == 262_144)
    #expect(data.otherFormats == ["webrtc-datachannel"])
  }

  @Test("a section that was stopped is rejected", arguments: ["chromium-156.0.8078.79", "firefox-153.7.0esr"])
  func rejection(program: String) throws {
    let first = try SDPSamples.description("\(program)-answer-call-one-inactive")
    #expect(first.media.map(\.direction) == [.sendReceive, .receiveOnly, .inactive, .sendReceive])
    #expect(first.media.allSatisfy { !$0.isRejected })
    let second = try SDPSamples.description("\(program)-offer-one-rejected")
    #expect(second.media.map(\.isRejected) == [false, false, true, false])
  }

  @Test("an ICE restart shows in the credentials")
  func restart() throws {
    for program in ["chromium-156.0.8078.79", "firefox-153.7.0esr"] {
      let first = try SDPSamples.description("\(program)-offer-call")
      let second = try SDPSamples.description("\(program)-reoffer-ice-restart")
      #expect(first.media[0].transport.iceUsernameFragment != second.media[0].transport.iceUsernameFragment)
      #expect(first.media[0].transport.fingerprints == second.media[0].transport.fingerprints)
      #expect(first.origin.sessionID == second.origin.sessionID)
      #expect(first.origin.sessionVersion < second.origin.sessionVersion)
    }
  }

  @Test("what Firefox says for the whole session holds in each section")
  func firefox() throws {
    let description = try SDPSamples.description("firefox-153.7.0esr-offer-simulcast-data")
    for media in description.media {
      #expect(media.transport.fingerprints == description.transport.fingerprints)
      #expect(media.transport.fingerprints.count == 1)
      #expect(media.transport.iceOptions == ["trickle"])
      #expect(media.transport.iceUsernameFragment == "6e56c5c0")
    }
    // Firefox writes fmtp before rtpmap.
    #expect(description.media[0].codec(payloadType: 109)?.formatParameter("maxplaybackrate") == "48000")
    let video = description.media[1]
    #expect(video.retransmissionSource(for: 3_865_824_583) == 854_425_516)
    #expect(video.mediaSources == [3_865_824_583, 2_533_138_680, 3_595_208_491])
    #expect(video.headerExtensions.first { $0.id == 9 }?.direction == .sendOnly)
    #expect(video.hasEndOfCandidates)
  }

  @Test("aiortc's three fingerprints are read")
  func aiortc() throws {
    let description = try SDPSamples.description("aiortc-1.16.0-answer-call-data")
    let fingerprints = description.media[0].transport.fingerprints
    #expect(fingerprints.map(\.hashFunction) == ["sha-256", "sha-384", "sha-512"])
    #expect(fingerprints.map(\.digest.count) == [32, 48, 64])
    #expect(description.media[0].port == 37_839)
    #expect(description.media[1].direction == .receiveOnly)
  }

  @Test("LiveKit's offer to a subscriber is read")
  func liveKit() throws {
    let description = try SDPSamples.description("by-hand-livekit")
    #expect(description.bundledMids == ["0", "1", "2", "3"])
    #expect(description.transport.fingerprints.count == 1)
    let audio = description.media[0]
    #expect(audio.transport.fingerprints == description.transport.fingerprints)
    #expect(audio.mediaStreams == [.init(stream: "PA_hVt5oGZ3zXbQ|TR_AMb7Hc9Jt2Lk4P", track: "TR_AMb7Hc9Jt2Lk4P")])
    #expect(audio.codec(payloadType: 111)?.feedback == ["nack"])
    #expect(audio.codec(payloadType: 63)?.redundantPayloadTypes == [111, 111])
    #expect(audio.candidates.count == 4)
    let video = description.media[1]
    #expect(video.mediaSources == [1_098_765_432])
    #expect(video.retransmissionSource(for: 1_098_765_432) == 3_456_789_012)
    #expect(video.source(1_098_765_432)?.value(of: "label") == "TR_VCe4Rt6Yu8Io0")
    #expect(description.media[2].direction == .inactive)
    #expect(description.mediaIndex(mid: "3") == 3)
    #expect(description.media[3].maximumMessageSize == 65_535)
  }
}

@Suite("Session description grammar")
struct SDPGrammarTests {
  static let head = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

  private func media(_ lines: String...) throws -> MediaDescription {
    let text = Self.head + lines.joined(separator: "\r\n") + "\r\n"
    return try #require(try SessionDescription(parsing: text).media.first)
  }

  @Test("the simulcast examples of RFC 8853 are read")
  func simulcast() throws {
    let first = try media("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=simulcast:send 1,2,3;~4,~5 recv 6;~7,~8").simulcast
    #expect(first?.send.map { $0.map(\.rid) } == [["1", "2", "3"], ["4", "5"]])
    #expect(first?.send[1].allSatisfy(\.isPaused) == true)
    #expect(first?.receive.map { $0.map(\.isPaused) } == [[false], [true, true]])
    let second = try media("m=video 9 UDP/TLS/RTP/SAVPF 96", "a=simulcast:recv 1;4,5 send 6;7").simulcast
    #expect(second?.send.map { $0.map(\.rid) } == [["6"], ["7"]])
    #expect(second?.receive.map { $0.map(\.rid) } == [["1"], ["4", "5"]])
  }

  @Test("the header extension examples of RFC 8285 are read")
  func extensions() throws {
    let items = try media(
      "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=extmap:1 http://example.com/082005/ext.htm#ttime",
      "a=extmap:2/sendrecv http://example.com/082005/ext.htm#xmeta short",
      "a=extmap:4096/sendonly URI-toffset"
    ).headerExtensions
    #expect(items.map(\.id) == [1, 2, 4_096])
    #expect(items[1].direction == .sendReceive)
    #expect(items[1].attributes == "short")
    #expect(items[2].uri == "URI-toffset")
  }

  @Test("restrictions of a stream are read")
  func restrictions() throws {
    let restriction = try media(
      "m=video 9 UDP/TLS/RTP/SAVPF 97 98", "a=rid:1 send pt=97,98;max-width=1280;max-height=720"
    ).restrictions.first
    #expect(restriction?.payloadTypes == [97, 98])
    #expect(restriction?.parameters.last == FormatParameter("max-height", "720"))
  }

  @Test("the old form of the SCTP association is read")
  func sctpMap() throws {
    let section = try media("m=application 9 DTLS/SCTP 5000", "a=sctpmap:5000 webrtc-datachannel 1024")
    #expect(section.effectiveSCTPPort == 5_000)
    #expect(section.sctpMap?.streamCount == 1_024)
  }

  @Test("feedback for all payload types holds for each")
  func wildcard() throws {
    let section = try media(
      "m=video 9 UDP/TLS/RTP/SAVPF 96 98", "a=rtpmap:96 VP8/90000", "a=rtpmap:98 VP9/90000", "a=rtcp-fb:* nack",
      "a=rtcp-fb:96 nack pli")
    #expect(section.codec(payloadType: 96)?.feedback == ["nack pli", "nack"])
    #expect(section.codec(payloadType: 98)?.feedback == ["nack"])
  }

  @Test("lines may end with LF alone, and unknown ones are kept in order")
  func unknown() throws {
    let text =
      Self.head.replacing("\r\n", with: "\n") + "a=tool:x\nb=AS:1\nz=0 0\na=x:1\nm=text 9 TCP 1\nk=clear:1\na=y\n"
    let description = try SessionDescription(parsing: text)
    #expect(description.otherLines == ["b=AS:1", "z=0 0", "a=tool:x", "a=x:1"])
    #expect(description.media[0].otherLines == ["k=clear:1", "a=y"])
    #expect(description.media[0].kind == .other("text"))
    #expect(try SessionDescription(parsing: description.description) == description)
  }

  @Test(
    "what can't be negotiated is refused with its line",
    arguments: [
      ("m=audio 70000 UDP/TLS/RTP/SAVPF 0", 5), ("m=audio 9", 5), ("m=audio 9 RTP/AVP 128", 5),
      ("a=fingerprint:sha-256 AB", 5), ("a=setup:later", 5), ("a=ice-pwd:short", 5), ("a=group:", 5),
      ("m=audio 9 RTP/AVP 96\r\na=rtpmap:96 opus", 6), ("m=audio 9 RTP/AVP 96\r\na=rtpmap:96 opus/0", 6),
      ("m=audio 9 RTP/AVP 96\r\na=mid:", 6), ("m=application 9 UDP/DTLS/SCTP x\r\na=sctp-port:65536", 6),
    ])
  func refused(lines: String, number: Int) {
    #expect(throws: SDPError.malformedValue(line: number)) {
      try SessionDescription(parsing: Self.head + lines + "\r\n")
    }
  }

  @Test("two sections of the same identification are refused")
  func duplicateMid() {
    #expect(throws: SDPError.self) {
      try SessionDescription(
        parsing: Self.head + "m=audio 9 RTP/AVP 0\r\na=mid:0\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n")
    }
  }

  @Test("text that is no description is refused")
  func noDescription() {
    for text in ["", "\r\n", "v=1\r\n", "o=- 1 2 IN IP4 0.0.0.0\r\n", "v=0\r\n", "<!doctype html>", "v=0\r\ns=-\r\n"] {
      #expect(throws: SDPError.self) { try SessionDescription(parsing: text) }
    }
    #expect(throws: SDPError.malformedLine(line: 5)) { try SessionDescription(parsing: Self.head + "nonsense") }
    #expect(throws: SDPError.malformedLine(line: 5)) { try SessionDescription(parsing: Self.head + "a=x\0y") }
  }

  @Test("each limit holds")
  func limits() {
    let long = Self.head + "a=" + String(repeating: "x", count: SessionDescription.maximumLength)
    #expect(throws: SDPError.tooLong) { try SessionDescription(parsing: long) }
    let sections = Self.head + String(repeating: "m=audio 9 RTP/AVP 0\r\n", count: SessionDescription.maximumMediaCount)
    #expect(throws: Never.self) { try SessionDescription(parsing: sections) }
    #expect(throws: SDPError.self) { try SessionDescription(parsing: sections + "m=audio 9 RTP/AVP 0\r\n") }
    let lines = "m=audio 9 RTP/AVP 0\r\n" + String(repeating: "a=x\r\n", count: SessionDescription.maximumSectionLines)
    #expect(throws: Never.self) { try SessionDescription(parsing: Self.head + lines) }
    #expect(throws: SDPError.self) { try SessionDescription(parsing: Self.head + lines + "a=x\r\n") }
  }
}

@Suite("Session descriptions under damage")
struct SDPDamageTests {
  /// Reads `text` and, if that succeeds, checks that printing keeps the meaning.
  private func check(_ text: String) {
    guard let first = try? SessionDescription(parsing: text) else { return }
    let printed = first.description
    #expect((try? SessionDescription(parsing: printed)) == first, "\(text) was printed as \(printed)")
  }

  @Test("cut anywhere, a sample is read or refused", arguments: SDPSamples.names)
  func truncation(name: String) throws {
    let bytes = Array(try SDPSamples.text(name).utf8)
    for end in stride(from: 0, to: bytes.count, by: 127) {
      check(String(decoding: bytes[..<end], as: UTF8.self))
    }
  }

  @Test("with bytes changed, doubled or removed, a sample is read or refused", arguments: SDPSamples.names)
  func noise(name: String) throws {
    let original = Array(try SDPSamples.text(name).utf8)
    var random = SeededRandom(seed: 8_866)
    for _ in 0..<40 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.remove(at: index)
        default: bytes.insert(contentsOf: bytes[index..<min(index + 40, bytes.count)], at: index)
        }
      }
      check(String(decoding: bytes, as: UTF8.self))
    }
  }
}
