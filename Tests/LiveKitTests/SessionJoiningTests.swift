import LiveKitMessages
import Realtime
import SwiftProtobuf
import Testing
import WebRTC

@testable import LiveKit

@Suite("Joining and leaving")
struct SessionJoiningTests {
  @Test("a join makes both peer connections, the data channels and an offer at once, then says who is there")
  func join() {
    var harness = SessionHarness()
    let connecting = harness.handle(.connect(SessionHarness.options, unixTime: SessionHarness.unixTime))
    #expect(connecting.first == .emit(.stateChanged(.connecting)))
    guard case .openSignal(let endpoint)? = connecting.last else {
      Issue.record("no signalling connection was opened")
      return
    }
    #expect(endpoint.token == "first-token")
    let actions = harness.receive(
      SessionHarness.join {
        $0.iceServers = [.with { $0.urls = ["stun:stun.example:3478"] }]
        $0.clientConfiguration.forceRelay = .enabled
      }, answersItself: false)
    guard case .openPeerConnections(let roles, let configuration) = actions[0] else {
      Issue.record("no peer connections were made")
      return
    }
    #expect(roles == [.publisher, .subscriber])
    #expect(configuration.isRelayOnly)
    #expect(configuration.servers.map(\.urls) == [["stun:stun.example:3478"]])
    #expect(actions[1...2] == [.createDataChannels(.publisher), .createOffer(.publisher)])
    guard case .joined(let room)? = actions.events.last else {
      Issue.record("joining wasn't told")
      return
    }
    #expect(room.sid == "RM_1")
    #expect(room.localParticipant.identity == "me")
    #expect(room.remoteParticipants["b"]?.tracks.count == 2)
    #expect(harness.session.state == .connecting)
  }

  @Test("the recorded first session: the messages go out in the order of the protocol's trace")
  func trace() {
    var harness = SessionHarness.joined()
    harness.actions = []
    harness.receive(.with { $0.refreshToken = "second-token" })
    harness.receive(SessionHarness.trickle("candidate:1 1 udp 1 192.0.2.1 1 typ host", to: .subscriber))
    let answered = harness.receive(SessionHarness.offer(id: 117))
    #expect(
      answered.prefix(3) == [
        .setRemoteOffer(.subscriber, sdp: "v=0\r\na=ice-ufrag:srv2\r\n"),
        .addCandidate(.subscriber, "candidate:1 1 udp 1 192.0.2.1 1 typ host"),
        .createAnswer(.subscriber, offerID: 117),
      ])
    #expect(answered.sent.last?.answer.id == 117)
    harness.receive(SessionHarness.answer(id: 1))
    harness.handle(.transportConnected(.subscriber))
    #expect(harness.session.state == .connected)
    #expect(harness.handle(.transportConnected(.publisher)).isEmpty)

    let microphone = LocalTrack(cid: "mic1", source: .microphone, media: .audio(LocalAudio()))
    let camera = LocalTrack(cid: "cam1", source: .camera, media: .video(LocalVideo()))
    #expect(harness.handle(.publish(microphone, RequestID(number: 1))).sentNames == ["add_track"])
    let second = harness.receive(SessionHarness.published("mic1", "TR_AMme"))
    #expect(second.sent.first?.offer.id == 2)
    let request = harness.handle(.publish(camera, RequestID(number: 2))).sent.first?.addTrack
    #expect(request?.layers.map(\.width) == [320, 640, 1_280])
    #expect(request?.layers.map(\.bitrate) == [160_000, 450_000, 1_700_000])
    #expect(request?.stream == "camera")
    // The first offer is still out: the camera waits for the next.
    #expect(harness.receive(SessionHarness.published("cam1", "TR_VCme")).sentNames == [])
    let answeredSecond = harness.receive(SessionHarness.answer(id: 2))
    #expect(answeredSecond.sent.map(\.offer.id) == [3])
    #expect(answeredSecond.outcomes.count == 1)
    #expect(harness.receive(SessionHarness.answer(id: 3)).outcomes.count == 1)
    #expect(harness.session.publishedTracks.map(\.sid) == ["TR_AMme", "TR_VCme"])

    #expect(
      harness.receive(
        .with {
          $0.update.participants = [SessionHarness.participant("c", tracks: [])]
        }
      ).events.count == 1)
    let end = harness.handle(.leave)
    #expect(end.sent.map(\.leave.reason) == [.clientInitiated])
    #expect(end.sent.map(\.leave.action) == [.disconnect])
    #expect(end.suffix(3) == [.closeSignal, .closePeerConnections, .emit(.stateChanged(.closed(.left)))])
    #expect(harness.session.token == "second-token")
  }

  @Test("without subscriber_primary the publisher's transport decides on being connected")
  func publisherPrimary() {
    var harness = SessionHarness.joined { $0.subscriberPrimary = false }
    harness.handle(.transportConnected(.subscriber))
    #expect(harness.session.state == .connecting)
    harness.handle(.transportConnected(.publisher))
    #expect(harness.session.state == .connected)
  }

  @Test("media that doesn't come up within a minute ends the session as unreachable")
  func mediaTimeout() {
    var harness = SessionHarness.joined()
    harness.receive(SessionHarness.answer(id: 1))
    for _ in 0..<12 {
      harness.pass(.seconds(5))
      harness.receive(.with { $0.pong = 1 })
    }
    #expect(harness.session.state == .closed(.mediaUnreachable))
  }

  @Test("the server asks for an offer with no more m-lines when there are enough: then its tracks come in")
  func noMoreSections() {
    var options = SessionHarness.options
    options.topology = .onePeerConnection
    var harness = SessionHarness.joined(options: options) { $0.subscriberPrimary = false }
    harness.receive(SessionHarness.answer(id: 1))
    harness.handle(.transportConnected(.publisher))
    let actions = harness.receive(.with { $0.mediaSectionsRequirement = LKMediaSectionsRequirement() })
    #expect(actions.first == .createOffer(.publisher))
    #expect(actions.sent.map(\.offer.id) == [2])
  }

  @Test("with one peer connection only the publisher is made, and received tracks have m-lines of ours")
  func onePeerConnection() {
    var options = SessionHarness.options
    options.topology = .onePeerConnection
    var harness = SessionHarness.joined(options: options) { $0.subscriberPrimary = false }
    #expect(
      harness.actions.contains {
        if case .openPeerConnections([.publisher], _) = $0 { true } else { false }
      })
    #expect(harness.actions.contains(.addReceivers(.publisher, .audio, count: 3)))
    harness.receive(SessionHarness.answer(id: 1))
    harness.handle(.transportConnected(.publisher))
    let more = harness.receive(.with { $0.mediaSectionsRequirement.numVideos = 2 })
    #expect(more.prefix(2) == [.addReceivers(.publisher, .video, count: 2), .createOffer(.publisher)])
    // Its tracks are named by the server's map, not by the m-line.
    harness.receive(
      .with {
        $0.answer.id = 2
        $0.answer.sdp = "v=0"
        $0.answer.midToTrackID = ["4": "TR_VCy"]
      })
    let track = IncomingTrack(mid: "4", kind: .video, streamID: "-", trackID: "other")
    let events = harness.handle(.trackAdded(.publisher, track)).events
    guard case .trackSubscribed(let subscribed)? = events.first else {
      Issue.record("the track wasn't subscribed")
      return
    }
    #expect(subscribed.sid == "TR_VCy")
  }

  @Test("an old server without one peer connection is joined with two; a room that doesn't exist isn't")
  func fallback() {
    var options = SessionHarness.options
    options.topology = .onePeerConnection
    var harness = SessionHarness()
    harness.handle(.connect(options, unixTime: 0))
    let again = harness.handle(.signalClosed(.rejected(status: 404, body: "404 page not found")))
    guard case .openSignal(let endpoint)? = again.last else {
      Issue.record("no second attempt")
      return
    }
    #expect(endpoint.target.hasPrefix("/livekit/rtc?"))
    harness = SessionHarness()
    harness.handle(.connect(options, unixTime: 0))
    let error = SignalConnectionError.rejected(status: 404, body: "requested room does not exist")
    harness.handle(.signalClosed(error))
    #expect(harness.session.state == .closed(.notJoined(error)))
  }

  @Test(
    "each way to be refused before joining is its own reason",
    arguments: [
      SignalConnectionError.rejected(status: 401, body: "invalid token"), .rejected(status: 503, body: ""), .timedOut,
      .tls("", isUntrusted: true), .notWebSocket, .unreachable(""),
    ])
  func refused(error: SignalConnectionError) {
    var harness = SessionHarness()
    harness.handle(.connect(SessionHarness.options, unixTime: 0))
    let actions = harness.handle(.signalClosed(error))
    #expect(harness.session.state == .closed(.notJoined(error)))
    #expect(actions.sent.isEmpty)
  }

  @Test(
    "a leave of the server ends the session with its reason, and nothing is said in return",
    arguments: [
      (LKDisconnectReason.duplicateIdentity, DisconnectReason.duplicateIdentity),
      (.participantRemoved, .participantRemoved), (.roomDeleted, .roomDeleted), (.roomClosed, .roomClosed),
      (.serverShutdown, .serverShutdown), (.UNRECOGNIZED(99), .unknown(code: 99)),
    ])
  func serverLeave(message: LKDisconnectReason, reason: DisconnectReason) {
    var harness = SessionHarness.joined(isConnected: true)
    let actions = harness.receive(
      .with {
        $0.leave.action = .disconnect
        $0.leave.reason = message
      })
    #expect(harness.session.state == .closed(.disconnected(reason)))
    #expect(actions.sent.isEmpty)
    #expect(actions.contains(.closeSignal) && actions.contains(.closePeerConnections))
  }

  @Test("a leave as the first message is a refusal")
  func leaveFirst() {
    var harness = SessionHarness()
    harness.handle(.connect(SessionHarness.options, unixTime: 0))
    harness.receive(.with { $0.leave.reason = .duplicateIdentity })
    #expect(harness.session.state == .closed(.disconnected(.duplicateIdentity)))
  }

  @Test("a leave that asks to connect again, and a lost transport, end the session as connection lost for now")
  func lost() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.receive(
      .with {
        $0.leave.action = .reconnect
        $0.leave.reason = .stateMismatch
      })
    #expect(
      harness.session.state == .closed(.connectionLost(.serverRequest(.stateMismatch, newSession: true))))
    harness = .joined(isConnected: true)
    #expect(harness.handle(.transportFailed(.subscriber)).isEmpty)
    let actions = harness.pass(Session.explanationTime)
    #expect(harness.session.state == .closed(.connectionLost(.media(.subscriber))))
    #expect(actions.sentNames == ["leave"])
    harness = .joined(isConnected: true)
    harness.handle(.signalClosed(.closed(code: 1_006)))
    #expect(harness.session.state == .closed(.connectionLost(.signal(.closed(code: 1_006)))))
  }

  @Test("a media connection that the server closes before it says why ends the session with the server's reason")
  func explained() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.handle(.transportFailed(.subscriber))
    harness.receive(.with { $0.leave.reason = .participantRemoved })
    #expect(harness.session.state == .closed(.disconnected(.participantRemoved)))
    #expect(harness.session.nextDeadline == .distantFuture)
  }

  @Test("media that fails before it was ever up ends the session as unreachable, within the time allowed for it")
  func mediaBlocked() {
    var harness = SessionHarness.joined()
    harness.handle(.transportFailed(.publisher))
    harness.pass(Session.explanationTime)
    #expect(harness.session.state == .closed(.mediaUnreachable))
  }

  @Test("a closed session does nothing any more, and answers every request")
  func closed() {
    var harness = SessionHarness.joined(isConnected: true)
    let track = LocalTrack(cid: "m", source: .microphone, media: .audio(LocalAudio()))
    harness.handle(.publish(track, RequestID(number: 1)))
    #expect(harness.handle(.leave).outcomes == [.failed(.closed(.left))])
    #expect(harness.handle(.publish(track, RequestID(number: 2))).outcomes == [.failed(.closed(.left))])
    #expect(harness.receive(SessionHarness.join()).isEmpty)
    #expect(harness.session.nextDeadline == .distantFuture)
  }

  @Test("nothing can be asked for before joining")
  func early() {
    var harness = SessionHarness()
    let track = LocalTrack(cid: "m", source: .microphone, media: .audio(LocalAudio()))
    #expect(harness.handle(.publish(track, RequestID(number: 1))).outcomes == [.failed(.notConnected)])
    #expect(harness.handle(.setTrackSettings(trackSID: "TR_1", TrackSettings())).isEmpty)
  }

  @Test("unknown responses are logged by name and change nothing")
  func unknown() throws {
    var harness = SessionHarness.joined(isConnected: true)
    // Field 29, length-delimited, empty: data_track_subscriber_handles.
    let response = try SignalDecoder.decode([0xEA, 0x01, 0x00])
    #expect(harness.receive(response) == [.log("ignored data_track_subscriber_handles")])
    #expect(
      harness.receive(.with { $0.subscribedAudioCodecUpdate.trackSid = "TR" })
        == [.log("ignored subscribed_audio_codec_update")])
  }
}

@Suite("Staying alive")
struct LivenessTests {
  @Test("both pings go out every interval, in milliseconds, with the measured round trip")
  func pings() {
    var harness = SessionHarness.joined(isConnected: true)
    #expect(harness.pass(.milliseconds(4_999)).isEmpty)
    let first = harness.pass(.milliseconds(1)).sent
    #expect(first.map(\.ping).first == SessionHarness.unixTime + 5_000)
    #expect(first.last?.pingReq.timestamp == SessionHarness.unixTime + 5_000)
    harness.pass(.milliseconds(80))
    harness.receive(.with { $0.pongResp.lastPingTimestamp = SessionHarness.unixTime + 5_000 })
    #expect(harness.session.roundTripTime == .milliseconds(80))
    #expect(harness.pass(.milliseconds(4_920)).sent.last?.pingReq.rtt == 80)
  }

  @Test("any message counts as alive; silence for the timeout is a lost connection")
  func silence() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.pass(.seconds(14))
    harness.receive(.with { $0.speakersChanged = LKSpeakersChanged() })
    harness.pass(.milliseconds(14_999))
    #expect(harness.session.state == .connected)
    harness.pass(.milliseconds(1))
    #expect(harness.session.state == .closed(.connectionLost(.silence)))
  }

  @Test("a server that names no interval gets pings every 5 s")
  func defaults() {
    var harness = SessionHarness.joined(isConnected: true) {
      $0.pingInterval = 0
      $0.pingTimeout = 0
    }
    #expect(harness.pass(.seconds(5)).sentNames == ["ping", "ping_req"])
    harness.pass(.seconds(10))
    #expect(harness.session.state == .closed(.connectionLost(.silence)))
  }
}
