import LiveKitMessages
import Realtime
import SwiftProtobuf
import WebRTC

@testable import LiveKit

/// Plays everything around a session but its server: peer connections that do at once what is asked of them, and an
/// application whose requests must each be answered once.
private struct SessionOwner {
  var session = Session()
  private var now = Instant(nanoseconds: 1_000_000_000)
  private var descriptions = 0
  private var requests: Set<RequestID> = []
  private var requestCount: UInt32 = 0

  mutating func request() -> RequestID {
    requestCount += 1
    let request = RequestID(number: requestCount)
    requests.insert(request)
    return request
  }

  mutating func handle(_ event: SessionEvent) {
    var waiting = [event][...]
    while let event = waiting.popFirst() {
      for action in session.handle(event, at: now) {
        descriptions += 1
        switch action {
        case .createOffer(let role): waiting.append(.offerCreated(role, sdp: "a=ice-ufrag:o\(descriptions)"))
        case .createAnswer(let role, let id):
          waiting.append(.answerCreated(role, offerID: id, sdp: "a=ice-ufrag:a\(descriptions)"))
        case .send(let request):
          let bytes: [UInt8]? = try? request.serializedBytes()
          require(bytes != nil, "a request that can't be sent")
        case .finish(let request, _):
          require(requests.remove(request) != nil, "answered twice: \(request)")
        case .addCandidate(_, let candidate):
          require(candidate.utf8.count <= ICECandidateMessage.maximumLength, "a candidate without end")
        default: break
        }
      }
    }
    if case .closed = session.state { require(requests.isEmpty, "never answered: \(requests)") }
  }

  mutating func pass(_ duration: Duration) {
    let end = now + duration
    var count = 0
    while session.nextDeadline <= end {
      now = max(now, session.nextDeadline)
      handle(.timeout)
      require(session.nextDeadline > now, "a timeout that stays due")
      count += 1
      require(count < 1_000, "timeouts without end")
    }
    now = end
  }
}

extension FuzzTarget {
  /// The server's messages to a session: records, each a response, or something that happens between two of them.
  /// The first byte chooses the session's options.
  static let signalling = FuzzTarget(name: "signalling") { bytes in
    guard let flags = bytes.first else { return }
    var owner = SessionOwner()
    owner.handle(
      .connect(
        ConnectOptions(
          url: "wss://livekit.example", token: "token",
          topology: flags & 1 == 0 ? .twoPeerConnections : .onePeerConnection, allowsRemoteUnmute: flags & 2 != 0,
          client: ClientDescription(version: "1")), unixTime: 1_790_000_000_000))
    owner.handle(.signalOpened)
    var reader = RecordReader(UnsafeRawBufferPointer(rebasing: bytes[1...]))
    while let record = reader.next() {
      guard let choice = record.first else { continue }
      let rest = UnsafeRawBufferPointer(rebasing: record[1...])
      if choice < 0x80 { receive(Array(rest), by: &owner) } else { happen(choice, rest, to: &owner) }
    }
    owner.pass(.seconds(400))
    owner.handle(.leave)
  } seeds: {
    let join: [UInt8] = [0] + publishedJoin.hexadecimalBytes
    let responses = responseSeeds.compactMap { message -> [UInt8]? in
      var response = LKSignalResponse()
      response.message = message
      let bytes: [UInt8]? = try? response.serializedBytes()
      return bytes.map { [0] + $0 }
    }
    // Joined, both connections up, one track each published and received.
    let stay: [[UInt8]] = [join, [0x81], [0x91], [0x82, 0x63], [0x84, 0x30, 0x7C, 0x31]]
    return [[0] + RecordReader.join([join] + responses), [1] + RecordReader.join([join] + responses)]
      + responses.map { [0] + RecordReader.join(stay + [$0, [0xB0]]) }
      + responses.map { [3] + RecordReader.join([join, [0x81], [0x82, 0x63], $0, [0x87]]) }
  }

  private static func receive(_ bytes: [UInt8], by owner: inout SessionOwner) {
    do throws(MessageDecodingError) {
      let response = try SignalDecoder.decode(bytes)
      require(!SignalDecoder.name(of: response).isEmpty, "a response without a name")
      checkPrint(response)
      owner.handle(.signalReceived(response))
    } catch {
      owner.handle(.signalMalformed(error))
    }
  }

  private static func happen(_ choice: UInt8, _ rest: UnsafeRawBufferPointer, to owner: inout SessionOwner) {
    let text = String(decoding: rest, as: UTF8.self)
    let isOdd = choice & 0x10 != 0
    let role = isOdd ? PeerConnectionRole.publisher : .subscriber
    switch choice & 0x0F {
    case 0: owner.pass(.milliseconds(Int64(choice >> 4 & 7) * 1_700))
    case 1: owner.handle(.transportConnected(role))
    case 2:
      let media = isOdd ? LocalTrack.Media.audio(LocalAudio()) : .video(LocalVideo(codec: .vp9))
      let source = isOdd ? TrackSource.microphone : .camera
      owner.handle(.publish(LocalTrack(cid: text, source: source, media: media), owner.request()))
    case 3: owner.handle(.unpublish(cid: text, owner.request()))
    case 4:
      // mid|stream|track; its first track is one that `publishedJoin` names when nothing is said.
      let parts = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      let track = IncomingTrack(
        mid: parts[0], kind: isOdd ? .audio : .video, streamID: parts.count > 1 ? parts[1] : "PA_b|x",
        trackID: parts.count > 2 ? parts[2] : "TR_VC")
      owner.handle(.trackAdded(choice & 0x20 != 0 ? .publisher : .subscriber, track))
    case 5: owner.handle(.trackRemoved(role, mid: text))
    case 6: owner.handle(.setMuted(cid: text, isOdd, owner.request()))
    case 7: owner.handle(.updateMetadata(.with { $0.name = text }, owner.request()))
    case 8: owner.handle(.setTrackSettings(trackSID: text, TrackSettings(isDisabled: isOdd, width: 640, height: 360)))
    case 9: owner.handle(.setSubscribed(trackSIDs: [text], isOdd))
    case 10:
      owner.handle(.localCandidate(role, candidate: "candidate:\(text)", mid: "0", usernameFragment: "o1"))
    case 11: owner.handle(.transportFailed(role))
    case 12: owner.handle(.negotiationFailed(role, text))
    case 13: owner.handle(.signalClosed(.rejected(status: 404, body: text)))
    default: break
    }
  }

  /// A join response that LiveKit's published protocol package wrote.
  private static let publishedJoin =
    "0ab9010a180a04524d5f78120573616c6c6542077b2261223a317d500112150a0550415f6d6512026d6550035a0610014a02"
    + "01021a460a0450415f621201621802221c0a0554525f5643100128800a30d00548015a09766964656f2f5650394a0342c3a9"
    + "70037a140a0c68616e6452616973656441741204323032362a1b0a137475726e3a3139322e302e322e313a33343738120175"
    + "1a0163300142022802500f580562081206312e31332e35720b0a09766964656f2f5650387801"

  private static let responseSeeds: [LKSignalResponse.OneOf_Message] = [
    .answer(
      .with {
        ($0.type, $0.sdp, $0.id) = ("answer", "v=0\r\na=ice-ufrag:srv1\r\n", 1)
        $0.midToTrackID = ["0": "TR_VC"]
      }),
    .offer(.with { ($0.type, $0.sdp, $0.id) = ("offer", "v=0\r\na=ice-ufrag:srv2\r\n", 117) }),
    .trickle(
      .with {
        $0.candidateInit =
          #"{"candidate":"candidate:1 1 udp 2130706431 10.0.0.1 7882 typ host ufrag srv1","sdpMid":"0","#
          + #""sdpMLineIndex":0,"usernameFragment":null}"#
        $0.target = .subscriber
      }),
    .update(
      .with {
        $0.participants = [participant("b", .active, version: 4), participant("c", .disconnected, version: 1)]
      }),
    .trackPublished(
      .with {
        $0.cid = "c"
        $0.track = track("TR_me")
      }),
    .leave(.with { ($0.canReconnect, $0.reason, $0.action) = (true, .duplicateIdentity, .disconnect) }),
    .mute(.with { ($0.sid, $0.muted) = ("TR_me", true) }),
    .speakersChanged(.with { $0.speakers = [.with { ($0.sid, $0.level, $0.active) = ("PA_b", 0.5, true) }] }),
    .roomUpdate(.with { $0.room = .with { ($0.sid, $0.metadata, $0.activeRecording) = ("RM_x", "{}", true) } }),
    .connectionQuality(.with { $0.updates = [.with { ($0.participantSid, $0.quality) = ("PA_me", .lost) }] }),
    .streamStateUpdate(
      .with {
        $0.streamStates = [.with { ($0.participantSid, $0.trackSid, $0.state) = ("PA_b", "TR_VC", .paused) }]
      }),
    .subscribedQualityUpdate(
      .with {
        $0.trackSid = "TR_me"
        $0.subscribedQualities = [.with { ($0.quality, $0.enabled) = (.high, false) }]
        $0.subscribedCodecs = ["vp8", "vp9"].map { codec in
          .with {
            $0.codec = codec
            $0.qualities = [.with { ($0.quality, $0.enabled) = (.medium, true) }]
          }
        }
      }),
    .subscriptionPermissionUpdate(.with { ($0.participantSid, $0.trackSid, $0.allowed) = ("PA_b", "TR_VC", false) }),
    .refreshToken("a.b.c"), .trackUnpublished(.with { $0.trackSid = "TR_me" }), .pong(1_790_000_000_000),
    .reconnect(.with { $0.lastMessageSeq = 7 }),
    .pongResp(.with { ($0.lastPingTimestamp, $0.timestamp) = (1_790_000_000_000, 1_790_000_000_020) }),
    .subscriptionResponse(.with { ($0.trackSid, $0.err) = ("TR_VC", .seTrackNotfound) }),
    .requestResponse(
      .with {
        ($0.requestID, $0.reason, $0.message) = (1, .notAllowed, "no")
        $0.addTrack = .with { $0.cid = "c" }
      }),
    .trackSubscribed(.with { $0.trackSid = "TR_me" }),
    .roomMoved(
      .with {
        $0.token = "d.e.f"
        $0.participant = participant("me", .active, version: 9)
        $0.otherParticipants = [participant("d", .active, version: 1)]
      }),
    .mediaSectionsRequirement(.with { ($0.numAudios, $0.numVideos) = (3, 2) }),
    .subscribedAudioCodecUpdate(
      .with {
        $0.trackSid = "TR_me"
        $0.subscribedAudioCodecs = [.with { ($0.codec, $0.enabled) = ("audio/red", true) }]
      }),
  ]

  private static func track(_ sid: String) -> LKTrackInfo {
    .with {
      ($0.sid, $0.type, $0.source, $0.width, $0.height, $0.mimeType) = (sid, .video, .camera, 1_280, 720, "video/VP9")
      $0.layers = [.with { ($0.quality, $0.width, $0.height, $0.rid) = (.low, 320, 180, "q") }]
      $0.codecs = [.with { ($0.mimeType, $0.mid, $0.cid) = ("video/VP9", "0", "c") }]
    }
  }

  private static func participant(
    _ identity: String, _ state: LKParticipantInfo.State, version: UInt32
  ) -> LKParticipantInfo {
    .with {
      ($0.sid, $0.identity, $0.state, $0.version) = ("PA_" + identity, identity, state, version)
      $0.attributes = ["handRaisedAt": "2026", "color": "hsl(1, 50%, 40%)"]
      $0.tracks = [track("TR_" + identity)]
      $0.permission.canPublishSources = [.camera]
    }
  }
}
