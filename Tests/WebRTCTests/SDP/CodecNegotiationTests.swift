import Testing

@testable import WebRTC

@Suite("Codec negotiation")
struct CodecNegotiationTests {
  /// What a room supports, under payload types of its own.
  static let video: [RTPCodecParameters] = [
    RTPCodecParameters(
      payloadType: 40, name: "VP9", clockRate: 90_000, formatParameters: [FormatParameter("profile-id", "0")],
      feedback: ["nack", "nack pli", "transport-cc"]),
    RTPCodecParameters(
      payloadType: 41, name: "rtx", clockRate: 90_000, formatParameters: [FormatParameter("apt", "40")]),
    RTPCodecParameters(payloadType: 42, name: "vp8", clockRate: 90_000, feedback: ["nack", "goog-remb"]),
    RTPCodecParameters(
      payloadType: 43, name: "rtx", clockRate: 90_000, formatParameters: [FormatParameter("apt", "42")]),
  ]
  static let audio: [RTPCodecParameters] = [
    RTPCodecParameters(
      payloadType: 50, name: "opus", clockRate: 48_000, channels: 2,
      formatParameters: [FormatParameter("useinbandfec", "1"), FormatParameter("usedtx", "1")]),
    RTPCodecParameters(
      payloadType: 51, name: "red", clockRate: 48_000, channels: 2, formatParameters: [FormatParameter("50/50")]),
  ]

  @Test("Chromium's video is answered with VP8, VP9 profile 0 and their retransmission, under its numbers")
  func chromiumVideo() throws {
    let offer = try SDPSamples.description("chromium-156.0.8078.79-offer-simulcast-data").media[1]
    let answer = offer.answerCodecs(supporting: Self.video)
    #expect(answer.map(\.payloadType) == [96, 97, 98, 99])
    #expect(answer[0].feedback == ["goog-remb", "nack"])
    #expect(answer[2].feedback == ["transport-cc", "nack", "nack pli"])
    #expect(answer[3].associatedPayloadType == 98)
  }

  @Test("Chromium's audio is answered with Opus and its redundancy, with our parameters for Opus")
  func chromiumAudio() throws {
    let offer = try SDPSamples.description("chromium-156.0.8078.79-offer-simulcast-data").media[0]
    let answer = offer.answerCodecs(supporting: Self.audio)
    #expect(answer.map(\.payloadType) == [111, 63])
    #expect(answer[0].formatParameter("usedtx") == "1")
    #expect(answer[1].redundantPayloadTypes == [111, 111])
  }

  @Test("VP9 without a profile is profile 0; another profile is another codec")
  func vp9Profiles() throws {
    let firefox = try SDPSamples.description("firefox-153.7.0esr-offer-call").media[1]
    #expect(firefox.answerCodecs(supporting: Self.video).map(\.payloadType) == [120, 124, 121, 125])
    var second = Self.video[0]
    second.formatParameters = [FormatParameter("profile-id", "2")]
    #expect(!second.isSameCodec(as: Self.video[0]))
  }

  @Test("retransmission isn't answered without the codec it serves")
  func orphan() throws {
    let offer = try SDPSamples.description("by-hand-livekit").media[1]
    #expect(offer.answerCodecs(supporting: [Self.video[0], Self.video[1]]).map(\.payloadType) == [98, 99])
    #expect(offer.answerCodecs(supporting: [Self.video[1], Self.video[3]]).isEmpty)
  }

  @Test("a payload type that isn't explained matches nothing")
  func unexplained() {
    let codec = RTPCodecParameters(payloadType: 96, name: "", clockRate: 0)
    #expect(!codec.isSameCodec(as: codec))
  }

  @Test("header extensions are answered under the offer's numbers and seen from the other side")
  func extensions() throws {
    let offer = try SDPSamples.description("firefox-153.7.0esr-offer-simulcast-data").media[1]
    let answer = offer.answerHeaderExtensions(supporting: [
      "urn:ietf:params:rtp-hdrext:sdes:mid", "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "urn:unknown",
    ])
    #expect(answer.map(\.id) == [3, 9])
    #expect(answer[1].direction == .receiveOnly)
  }

  @Test("directions reverse and intersect")
  func directions() {
    #expect(MediaDirection.sendOnly.reversed == .receiveOnly)
    #expect(MediaDirection.sendReceive.reversed == .sendReceive)
    #expect(MediaDirection.sendReceive.intersection(.receiveOnly) == .receiveOnly)
    #expect(MediaDirection.sendOnly.intersection(.receiveOnly) == .inactive)
  }

  @Test("simulcast is answered with the same streams, seen from the other side")
  func simulcast() throws {
    let offer = try SDPSamples.description("firefox-153.7.0esr-offer-simulcast-data").media[1]
    #expect(offer.simulcast?.reversed.receive.map { $0.map(\.rid) } == [["q"], ["h"], ["f"]])
    #expect(offer.simulcast?.reversed.send == [])
    #expect(offer.restrictions.map(\.reversed.direction) == [.receive, .receive, .receive])
  }

  @Test("a description made here reads back as it was made")
  func ownDescription() throws {
    var description = SessionDescription(origin: .init(sessionID: 7, sessionVersion: 1))
    var video = MediaDescription(kind: .video, codecs: Self.video)
    video.mid = "0"
    video.connection = .unspecified
    video.direction = .sendOnly
    video.multiplexesRTCP = true
    video.transport.iceUsernameFragment = "abcd"
    video.transport.icePassword = "abcdefghijklmnopqrstuv"
    video.transport.fingerprints = [.init(digest: Array(0..<32))]
    video.transport.setup = .eitherActiveOrPassive
    video.mediaStreams = [.init(stream: "s", track: "t")]
    video.restrictions = ["q", "h", "f"].map { RTPStreamRestriction(rid: $0, direction: .send) }
    video.simulcast = SimulcastDescription(send: ["q", "h", "f"].map { [.init(rid: $0)] })
    video.headerExtensions = [RTPHeaderExtensionParameters(id: 1, uri: "urn:ietf:params:rtp-hdrext:sdes:mid")]
    var data = MediaDescription(sctpPort: 5_000, maximumMessageSize: 65_536)
    data.mid = "1"
    data.connection = .unspecified
    data.transport = video.transport
    description.media = [video, data]
    description.groups = [.init(mids: ["0", "1"])]
    #expect(try SessionDescription(parsing: description.description) == description)
  }
}
