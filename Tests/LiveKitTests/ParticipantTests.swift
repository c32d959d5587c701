import LiveKitMessages
import Realtime
import SwiftProtobuf
import Testing
import WebRTC

@testable import LiveKit

@Suite("Participants and their tracks")
struct ParticipantTests {
  private static func update(_ participants: LKParticipantInfo...) -> LKSignalResponse {
    .with { $0.update.participants = participants }
  }

  private static func incoming(
    _ mid: String, _ sid: String, _ kind: MediaKind = .video, from participant: String = "PA_b"
  ) -> SessionEvent {
    .trackAdded(.subscriber, IncomingTrack(mid: mid, kind: kind, streamID: participant + "|" + sid, trackID: sid))
  }

  @Test("updates that are older than, or as old as, what is known are ignored")
  func versions() {
    var harness = SessionHarness.joined(isConnected: true)
    var newer = SessionHarness.participant("b", version: 5, tracks: [("TR_AMx", .audio), ("TR_VCy", .video)])
    newer.name = "Newer"
    #expect(harness.receive(Self.update(newer)).events.count == 1)
    for version: UInt32 in [5, 4] {
      var older = newer
      older.version = version
      older.name = "Older"
      #expect(harness.receive(Self.update(older)).isEmpty)
    }
    #expect(harness.session.room?.remoteParticipants["b"]?.displayName == "Newer")
  }

  @Test("the same identity with a new SID is a new stay: old tracks go, and the end of the old stay is no end")
  func newStay() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.handle(Self.incoming("1", "TR_VCy"))
    let events = harness.receive(
      Self.update(SessionHarness.participant("b", sid: "PA_b2", version: 1, tracks: [("TR_VCz", .video)]))
    ).events
    let names = events.map { event in
      switch event {
      case .trackUnsubscribed: "unsubscribed"
      case .trackUnpublished: "unpublished"
      case .participantChanged: "changed"
      case .trackPublished: "published"
      default: "other"
      }
    }
    #expect(names == ["unsubscribed", "unpublished", "unpublished", "changed", "published"])
    var end = SessionHarness.participant("b", sid: "PA_b", version: 9)
    end.state = .disconnected
    #expect(harness.receive(Self.update(end)).isEmpty)
    #expect(harness.session.room?.remoteParticipants["b"]?.sid == "PA_b2")
  }

  @Test("leaving takes the tracks away first and says why")
  func leaving() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.handle(Self.incoming("1", "TR_VCy"))
    var end = SessionHarness.participant("b", version: 1)
    end.state = .disconnected
    end.disconnectReason = .participantRemoved
    let events = harness.receive(Self.update(end)).events
    #expect(events.count == 4)
    guard case .participantLeft(let participant, reason: .participantRemoved)? = events.last else {
      Issue.record("not told")
      return
    }
    #expect(participant.identity == "b")
    #expect(harness.session.room?.remoteParticipants.isEmpty == true)
  }

  @Test("updates about ourselves are ours, not a new participant")
  func ourselves() {
    var harness = SessionHarness.joined(isConnected: true)
    var me = SessionHarness.participant("me", version: 2)
    me.permission.canPublish = true
    me.permission.canPublishSources = [.camera]
    let events = harness.receive(Self.update(me)).events
    guard case .localParticipantChanged(let changed)? = events.first else {
      Issue.record("not told")
      return
    }
    #expect(changed.permissions.allowsPublishing(.camera))
    #expect(!changed.permissions.allowsPublishing(.microphone))
    #expect(harness.session.room?.remoteParticipants.count == 1)
  }

  @Test("a track that arrives before its publisher is announced waits for the announcement")
  func trackBeforeParticipant() {
    var harness = SessionHarness.joined(isConnected: true)
    #expect(harness.handle(Self.incoming("3", "TR_VCc", from: "PA_c")).isEmpty)
    let events = harness.receive(Self.update(SessionHarness.participant("c", tracks: [("TR_VCc", .video)]))).events
    guard case .trackSubscribed(let track)? = events.last else {
      Issue.record("not subscribed")
      return
    }
    #expect(track.participantIdentity == "c")
    #expect(track.participantSID == "PA_c")
    #expect(track.source == .camera)
    #expect(track.mid == "3")
    #expect(harness.session.room?.remoteTrack(sid: "TR_VCc")?.track.isSubscribed == true)
  }

  @Test("an m-line that's used again for another track ends the one and begins the other")
  func reusedSection() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.receive(
      Self.update(SessionHarness.participant("b", version: 2, tracks: [("TR_VCy", .video), ("TR_VSz", .video)])))
    harness.handle(Self.incoming("1", "TR_VCy"))
    let events = harness.handle(Self.incoming("1", "TR_VSz")).events
    guard events.count == 2, case .trackUnsubscribed(let old) = events[0], case .trackSubscribed(let new) = events[1]
    else {
      Issue.record("\(events)")
      return
    }
    #expect(old.sid == "TR_VCy")
    #expect(new.sid == "TR_VSz")
    #expect(harness.handle(.trackRemoved(.subscriber, mid: "1")).events == [.trackUnsubscribed(new)])
  }

  @Test("speakers come as deltas, loudest first; whoever isn't named goes on")
  func speakers() {
    var harness = SessionHarness.joined(isConnected: true)
    func speakers(_ list: [(String, Float)]) -> LKSignalResponse {
      .with {
        $0.speakersChanged.speakers = list.map { sid, level in
          .with {
            $0.sid = sid
            $0.level = level
            $0.active = level != 0
          }
        }
      }
    }
    harness.receive(speakers([("PA_b", 0.25)]))
    let both = harness.receive(speakers([("PA_me", 0.5), ("PA_unknown", 1)])).events
    #expect(
      both == [
        .speakersChanged([ActiveSpeaker(identity: "me", level: 0.5), ActiveSpeaker(identity: "b", level: 0.25)])
      ])
    let one = harness.receive(speakers([("PA_me", 0)])).events
    #expect(one == [.speakersChanged([ActiveSpeaker(identity: "b", level: 0.25)])])
    harness.receive(speakers([("PA_b", .nan)]))
    #expect(harness.session.room?.remoteParticipants["b"]?.isSpeaking == true)
    #expect(harness.session.room?.remoteParticipants["b"]?.audioLevel == 0)
  }

  @Test("connection quality, pauses, permissions and failures are kept with what they are about")
  func marks() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.receive(
      .with {
        $0.connectionQuality.updates = [
          .with {
            $0.participantSid = "PA_b"
            $0.quality = .lost
          }
        ]
      })
    harness.receive(
      .with {
        $0.streamStateUpdate.streamStates = [
          .with {
            $0.trackSid = "TR_VCy"
            $0.state = .paused
          }
        ]
      })
    harness.receive(
      .with {
        $0.subscriptionPermissionUpdate.trackSid = "TR_AMx"
        $0.subscriptionPermissionUpdate.allowed = false
      })
    harness.receive(
      .with {
        $0.subscriptionResponse.trackSid = "TR_VCy"
        $0.subscriptionResponse.err = .seCodecUnsupported
      })
    let b = harness.session.room?.remoteParticipants["b"]
    #expect(b?.connectionQuality == .lost)
    #expect(b?.tracks["TR_VCy"]?.isPaused == true)
    #expect(b?.tracks["TR_VCy"]?.failure == .codecUnsupported)
    #expect(b?.tracks["TR_AMx"]?.isAllowed == false)
    // An update of the description doesn't wipe them.
    harness.receive(
      Self.update(
        SessionHarness.participant("b", version: 2, tracks: [("TR_AMx", .audio), ("TR_VCy", .video)])))
    #expect(harness.session.room?.remoteParticipants["b"]?.connectionQuality == .lost)
    #expect(harness.session.room?.remoteParticipants["b"]?.tracks["TR_VCy"]?.isPaused == true)
  }

  @Test("room metadata and the recording mark are told when they change")
  func room() {
    var harness = SessionHarness.joined(isConnected: true)
    let update = LKSignalResponse.with {
      $0.roomUpdate.room.name = "salle"
      $0.roomUpdate.room.metadata = #"{"recording_status":"started"}"#
      $0.roomUpdate.room.activeRecording = true
    }
    #expect(harness.receive(update).events.count == 1)
    #expect(harness.receive(update).isEmpty)
    #expect(harness.session.room?.isRecording == true)
    #expect(harness.session.room?.sid == "RM_1")
  }

  @Test("after a move everything is of the new room, and so is the token")
  func moved() {
    var harness = SessionHarness.joined(isConnected: true)
    let events = harness.receive(
      .with {
        $0.roomMoved.token = "moved"
        $0.roomMoved.room.sid = "RM_2"
        $0.roomMoved.room.name = "other"
        $0.roomMoved.participant = SessionHarness.participant("me", sid: "PA_me2")
        $0.roomMoved.otherParticipants = [SessionHarness.participant("d")]
      }
    ).events
    #expect(harness.session.token == "moved")
    #expect(harness.session.room?.sid == "RM_2")
    #expect(harness.session.room?.localParticipant.sid == "PA_me2")
    #expect(harness.session.room?.remoteParticipants.keys.sorted() == ["d"])
    guard case .participantJoined? = events.last else {
      Issue.record("\(events)")
      return
    }
  }

  @Test("a table never grows beyond its limit")
  func limit() {
    var harness = SessionHarness.joined(isConnected: true)
    for number in 0..<3_000 { harness.receive(Self.update(SessionHarness.participant("p\(number)"))) }
    #expect(harness.session.room?.remoteParticipants.count == ParticipantTable.maximumParticipants)
  }

  @Test("track settings: the first at once, then what has rested for 100 ms, showing again at once, nothing twice")
  func settings() {
    var harness = SessionHarness.joined(isConnected: true)
    func set(_ settings: TrackSettings) -> [LKSignalRequest] {
      harness.handle(.setTrackSettings(trackSID: "TR_VCy", settings)).sent
    }
    #expect(set(TrackSettings(width: 640, height: 360)).map(\.trackSetting.width) == [640])
    #expect(set(TrackSettings(width: 700, height: 400)).isEmpty)
    _ = harness.pass(.milliseconds(99))
    #expect(set(TrackSettings(width: 1_280, height: 720)).isEmpty)
    #expect(harness.pass(.milliseconds(99)).isEmpty)
    #expect(harness.pass(.milliseconds(1)).sent.map(\.trackSetting.width) == [1_280])
    #expect(set(TrackSettings(width: 1_280, height: 720)).isEmpty)
    #expect(harness.pass(.seconds(1)).isEmpty)
    _ = set(TrackSettings(isDisabled: true))
    #expect(harness.pass(.milliseconds(100)).sent.map(\.trackSetting.disabled) == [true])
    let shown = set(TrackSettings(width: 320, height: 180))
    #expect(shown.map(\.trackSetting.disabled) == [false])
    #expect(harness.handle(.setTrackSettings(trackSID: "TR_gone", TrackSettings())).isEmpty)
  }

  @Test("subscribing and unsubscribing go out as they are")
  func subscription() {
    var harness = SessionHarness.joined(isConnected: true)
    let sent = harness.handle(.setSubscribed(trackSIDs: ["TR_VCy"], false)).sent
    #expect(sent.map(\.subscription.trackSids) == [["TR_VCy"]])
    #expect(sent.map(\.subscription.subscribe) == [false])
  }

  @Test("a change of our metadata is answered by its number, or times out")
  func metadata() {
    var harness = SessionHarness.joined(isConnected: true)
    for number: UInt32 in 1...3 {
      let sent = harness.handle(.updateMetadata(.with { $0.name = "Salle" }, RequestID(number: number))).sent
      #expect(sent.map(\.updateMetadata.requestID) == [number])
    }
    #expect(harness.receive(.with { $0.requestResponse.requestID = 2 }).outcomes == [.done])
    let refused = LKSignalResponse.with {
      $0.requestResponse.requestID = 1
      $0.requestResponse.reason = .notAllowed
    }
    #expect(harness.receive(refused).outcomes == [.failed(.notAllowed)])
    #expect(harness.pass(.seconds(5)).outcomes == [.failed(.timedOut)])
  }
}
