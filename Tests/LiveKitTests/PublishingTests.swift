import LiveKitMessages
import Realtime
import SwiftProtobuf
import Testing
import WebRTC

@testable import LiveKit

@Suite("Publishing")
struct PublishingTests {
  private static let microphone = LocalTrack(cid: "mic", source: .microphone, media: .audio(LocalAudio()))
  private static func camera(_ video: LocalVideo = LocalVideo()) -> LocalTrack {
    LocalTrack(cid: "cam", source: .camera, media: .video(video))
  }

  /// A connected session that has published `tracks` with the SIDs `TR_<cid>`.
  private static func published(_ tracks: [LocalTrack]) -> SessionHarness {
    var harness = SessionHarness.joined(isConnected: true)
    for (index, track) in tracks.enumerated() {
      harness.handle(.publish(track, RequestID(number: UInt32(index) + 1)))
      harness.receive(SessionHarness.published(track.cid, "TR_\(track.cid)"))
      harness.receive(SessionHarness.answer(id: UInt32(index) + 2))
    }
    harness.actions = []
    return harness
  }

  @Test("add_track, then the m-line with the cid as its track token, then the offer, then it's published")
  func order() {
    var harness = SessionHarness.joined(isConnected: true)
    let request = harness.handle(.publish(Self.microphone, RequestID(number: 1)))
    #expect(request.count == 1)
    #expect(request.sent.first?.addTrack.source == .microphone)
    #expect(request.sent.first?.addTrack.audioFeatures.contains(.tfEchoCancellation) == true)
    let accepted = harness.receive(SessionHarness.published("mic", "TR_mic"), answersItself: false)
    #expect(
      accepted == [
        .addSender(
          SendingTransceiver(cid: "mic", streamID: "camera", kind: .audio, codecs: [.red, .opus], rids: [])),
        .createOffer(.publisher),
      ])
    harness.handle(.offerCreated(.publisher, sdp: "offer"))
    let answered = harness.receive(SessionHarness.answer(id: 2))
    guard case .published(let track)? = answered.outcomes.first else {
      Issue.record("not published")
      return
    }
    #expect(track.sid == "TR_mic")
    #expect(answered.events == [.localTrackPublished(track)])
  }

  @Test("a source that the token doesn't grant isn't even asked for; a refusal of the server is told")
  func notAllowed() {
    var harness = SessionHarness.joined { $0.participant.permission.canPublishSources = [.microphone] }
    #expect(harness.handle(.publish(Self.camera(), RequestID(number: 1))).outcomes == [.failed(.notAllowed)])
    harness.handle(.publish(Self.microphone, RequestID(number: 2)))
    let refused = harness.receive(
      .with {
        $0.requestResponse.reason = .notAllowed
        $0.requestResponse.addTrack.cid = "mic"
      })
    #expect(refused == [.finish(RequestID(number: 2), .failed(.notAllowed))])
  }

  @Test("a server that tells no permissions is asked, and refuses what it must")
  func permissionsUntold() {
    var harness = SessionHarness.joined { $0.participant.clearPermission() }
    #expect(harness.handle(.publish(Self.microphone, RequestID(number: 1))).sentNames == ["add_track"])
  }

  @Test("a track that the server doesn't accept in 10 s fails, a queued one gets more time")
  func acceptanceTimeout() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.handle(.publish(Self.microphone, RequestID(number: 1)))
    harness.pass(.seconds(9))
    harness.receive(
      .with {
        $0.requestResponse.reason = .queued
        $0.requestResponse.addTrack.cid = "mic"
      })
    #expect(harness.pass(.milliseconds(9_999)).outcomes.isEmpty)
    #expect(harness.pass(.milliseconds(1)).outcomes == [.failed(.timedOut)])
    #expect(harness.receive(SessionHarness.published("mic", "TR_mic")).sent.isEmpty)
  }

  @Test("unpublishing stops the sender in a new offer; a new track gets a new m-line, never the old one")
  func unpublish() {
    var harness = Self.published([Self.microphone])
    let actions = harness.handle(.unpublish(cid: "mic", RequestID(number: 2)))
    #expect(actions.contains(.stopSender(cid: "mic")))
    #expect(actions.sent.map(\.offer.id) == [3])
    #expect(actions.outcomes == [.done])
    #expect(harness.handle(.unpublish(cid: "mic", RequestID(number: 3))).outcomes == [.failed(.unknownTrack)])
  }

  @Test("a track that the server takes away is stopped and told")
  func unpublishedByServer() {
    var harness = Self.published([Self.microphone])
    let actions = harness.receive(.with { $0.trackUnpublished.trackSid = "TR_mic" })
    #expect(actions.contains(.stopSender(cid: "mic")))
    guard case .localTrackUnpublished(_, byServer: true)? = actions.events.first else {
      Issue.record("not told")
      return
    }
  }

  @Test("VP9 goes out as one encoding with three spatial layers, VP8 declared behind it")
  func scalable() {
    var harness = SessionHarness.joined(isConnected: true)
    let request = harness.handle(.publish(Self.camera(LocalVideo(codec: .vp9)), RequestID(number: 1))).sent[0].addTrack
    #expect(request.simulcastCodecs.map(\.codec) == ["vp9", "vp8"])
    #expect(request.simulcastCodecs.map(\.cid) == ["cam", ""])
    #expect(
      request.simulcastCodecs.map(\.videoLayerMode) == [.multipleSpatialLayersPerStream, .oneSpatialLayerPerStream])
    #expect(request.layers.map(\.spatialLayer) == [0, 1, 2])
    #expect(request.layers.map(\.height) == [180, 360, 720])
    #expect(request.layers.map(\.bitrate) == [160_555, 481_666, 1_445_000])
    let accepted = harness.receive(SessionHarness.published("cam", "TR_cam"), answersItself: false)
    guard case .addSender(let sender)? = accepted.first else {
      Issue.record("no sender")
      return
    }
    #expect(sender.rids.isEmpty)
    #expect(sender.codecs == [.video(.vp9)])
  }

  @Test("where the server doesn't take VP9, VP8 is published; where it takes neither, nothing")
  func codecFallback() {
    var harness = SessionHarness.joined { $0.enabledPublishCodecs = [.with { $0.mime = "video/vp8" }] }
    let vp9 = Self.camera(LocalVideo(codec: .vp9))
    #expect(
      harness.handle(.publish(vp9, RequestID(number: 1))).sent[0].addTrack.simulcastCodecs.map(\.codec) == ["vp8"])
    harness = .joined { $0.clientConfiguration.disabledCodecs.publish = [.with { $0.mime = "video/VP9" }] }
    #expect(
      harness.handle(.publish(vp9, RequestID(number: 1))).sent[0].addTrack.simulcastCodecs.map(\.codec) == ["vp8"])
    harness = .joined { $0.enabledPublishCodecs = [.with { $0.mime = "video/AV1" }] }
    #expect(harness.handle(.publish(vp9, RequestID(number: 1))).sent.isEmpty)
  }

  @Test("a subscriber that needs the backup codec gets it, once, on an m-line of its own")
  func backup() {
    var harness = Self.published([Self.camera(LocalVideo(codec: .vp9))])
    let update = LKSignalResponse.with {
      $0.subscribedQualityUpdate.trackSid = "TR_cam"
      $0.subscribedQualityUpdate.subscribedCodecs = [
        .with {
          $0.codec = "vp8"
          $0.qualities = [.with { $0.enabled = true }]
        }
      ]
    }
    let request = harness.receive(update).sent
    #expect(request.map(\.addTrack.sid) == ["TR_cam"])
    #expect(request.first?.addTrack.simulcastCodecs.map(\.codec) == ["vp8"])
    let cid = request.first?.addTrack.cid ?? ""
    #expect(request.first?.addTrack.simulcastCodecs.map(\.cid) == [cid])
    #expect(harness.receive(update).isEmpty)
    let accepted = harness.receive(SessionHarness.published(cid, "TR_cam"))
    guard case .addSender(let sender)? = accepted.first(where: { if case .addSender = $0 { true } else { false } })
    else {
      Issue.record("no sender")
      return
    }
    #expect(sender.cid == cid)
    #expect(sender.rids == ["q", "h", "f"])
    #expect(harness.session.publishedTracks.first?.variants.count == 2)
  }

  @Test("dynacast: layers follow what's subscribed, what isn't named stays, all off isn't unpublishing")
  func dynacast() {
    var harness = Self.published([Self.camera()])
    func update(_ qualities: [(LKVideoQuality, Bool)]) -> LKSignalResponse {
      .with {
        $0.subscribedQualityUpdate.trackSid = "TR_cam"
        $0.subscribedQualityUpdate.subscribedCodecs = [
          .with {
            $0.codec = "VP8"
            $0.qualities = qualities.map { quality, enabled in
              .with {
                $0.quality = quality
                $0.enabled = enabled
              }
            }
          }
        ]
      }
    }
    func active(_ session: Session) -> [Bool] {
      session.publishedTracks[0].variants[0].layers.map(\.isActive)
    }
    #expect(active(harness.session) == [true, true, true])
    #expect(harness.receive(update([(.high, false), (.medium, false)])).events.count == 1)
    #expect(active(harness.session) == [true, false, false])
    harness.receive(update([(.low, false), (.off, true)]))
    #expect(active(harness.session) == [false, false, false])
    harness.receive(update([(.medium, true)]))
    #expect(active(harness.session) == [false, true, false])
    #expect(harness.receive(update([(.medium, true)])).isEmpty)
  }

  @Test("with SVC the layers below an active one stay on; the legacy form counts for the first codec")
  func scalableDynacast() {
    var harness = Self.published([Self.camera(LocalVideo(codec: .vp9))])
    harness.receive(
      .with {
        $0.subscribedQualityUpdate.trackSid = "TR_cam"
        $0.subscribedQualityUpdate.subscribedQualities = [
          .with { $0.quality = .low },
          .with {
            $0.quality = .medium
            $0.enabled = true
          },
          .with { $0.quality = .high },
        ]
      })
    #expect(harness.session.publishedTracks[0].variants[0].layers.map(\.isActive) == [true, true, false])
  }

  @Test("muting tells the server once and leaves the description alone")
  func mute() {
    var harness = Self.published([Self.microphone])
    let actions = harness.handle(.setMuted(cid: "mic", true, RequestID(number: 9)))
    #expect(actions.sentNames == ["mute"])
    #expect(actions.sent.first?.mute.sid == "TR_mic")
    #expect(harness.handle(.setMuted(cid: "mic", true, RequestID(number: 10))).sent.isEmpty)
    #expect(harness.handle(.setMuted(cid: "mic", false, RequestID(number: 11))).sent.map(\.mute.muted) == [false])
    #expect(harness.handle(.setMuted(cid: "no", true, RequestID(number: 12))).outcomes == [.failed(.unknownTrack)])
  }

  @Test("muting before the server accepted the track is told once it has")
  func earlyMute() {
    var harness = SessionHarness.joined(isConnected: true)
    harness.handle(.publish(Self.microphone, RequestID(number: 1)))
    #expect(harness.handle(.setMuted(cid: "mic", true, RequestID(number: 2))).sent.isEmpty)
    #expect(harness.receive(SessionHarness.published("mic", "TR_mic")).sentNames == ["mute", "offer"])
  }

  @Test("a host may mute us, but only those in the room unmute")
  func muteByServer() {
    var harness = Self.published([Self.microphone])
    let muted = harness.receive(
      .with {
        $0.mute.sid = "TR_mic"
        $0.mute.muted = true
      })
    guard case .localTrackChanged(let track, byServer: true)? = muted.events.first else {
      Issue.record("not told")
      return
    }
    #expect(track.isMuted)
    let unmuted = harness.receive(.with { $0.mute.sid = "TR_mic" })
    #expect(unmuted.events.isEmpty)
    #expect(unmuted.sent.map(\.mute.muted) == [true])
    #expect(harness.session.publishedTracks[0].isMuted)
    #expect(harness.handle(.setMuted(cid: "mic", false, RequestID(number: 9))).sentNames == ["mute"])
  }

  @Test("no more than 20 tracks, and no cid twice")
  func limits() {
    var harness = SessionHarness.joined(isConnected: true)
    for number in 0..<25 {
      let track = LocalTrack(cid: "t\(number)", source: .camera, media: .video(LocalVideo()))
      let outcomes = harness.handle(.publish(track, RequestID(number: UInt32(number)))).outcomes
      #expect(outcomes == (number < 20 ? [] : [.failed(.limitExceeded)]))
    }
  }

  @Test(
    "layers have the sizes and rates of LiveKit's own clients",
    arguments: [
      (LocalVideo(), TrackSource.camera, [320, 640, 1_280], [160, 450, 1_700]),
      (LocalVideo(width: 1_920, height: 1_080), .camera, [320, 640, 1_920], [160, 450, 3_000]),
      (LocalVideo(width: 640, height: 360), .camera, [320, 640], [160, 450]),
      (LocalVideo(width: 320, height: 180), .camera, [320], [160]),
      (LocalVideo(width: 640, height: 480), .camera, [240, 640], [125, 500]),
      (LocalVideo(width: 1_280, height: 720, isLayered: false), .camera, [1_280], [1_700]),
      (LocalVideo(width: 1_920, height: 1_080, framesPerSecond: 15), .screenShare, [960, 1_920], [625, 2_500]),
    ])
  func layers(video: LocalVideo, source: TrackSource, widths: [Int], kilobits: [Int]) {
    let layers = VideoLayering.layers(of: video, source: source, codec: .vp8)
    #expect(layers.map(\.width) == widths)
    #expect(layers.map { $0.bitrate / 1_000 } == kilobits)
    #expect(layers.map(\.rid) == (widths.count == 1 ? [nil] : Array(["q", "h", "f"].prefix(widths.count))))
    #expect(layers.last?.quality == (widths.count == 2 ? .medium : .high))
  }
}
