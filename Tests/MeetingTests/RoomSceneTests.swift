import Catalogue
import FoundationEssentials
import LiveKitMessages
import Realtime
import SwiftProtobuf
import Testing
import Video

@testable import LiveKit
@testable import Meeting

@Suite("Room scene")
struct RoomSceneTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  private func track(_ sid: String, _ source: LKTrackSource, isMuted: Bool = false) -> LKTrackInfo {
    .with {
      $0.sid = sid
      $0.type = source == .microphone ? .audio : .video
      $0.source = source
      $0.muted = isMuted
    }
  }

  private func participant(
    _ identity: String, joinedAt: Int64 = 1, tracks: [LKTrackInfo] = [], attributes: [String: String] = [:]
  ) -> RoomParticipant {
    RoomParticipant(
      .with {
        $0.sid = "PA_\(identity)"
        $0.identity = identity
        $0.name = identity.capitalized
        $0.state = .active
        $0.joinedAtMs = joinedAt
        $0.tracks = tracks
        $0.attributes = attributes
      })
  }

  private func room(_ others: [RoomParticipant]) -> Room {
    var room = Room(localParticipant: participant("salle"))
    for other in others { room.remoteParticipants[other.identity] = other }
    return room
  }

  private func arrange(_ scene: inout RoomScene, _ room: Room, notice: String? = nil) -> RoomScene.Result {
    scene.arrange(room, ownName: "Salle", showsCamera: true, isMicrophoneMuted: false, notice: notice, at: start)
  }

  @Test("alone, the room sees itself and is told so")
  func alone() {
    var scene = RoomScene(language: .french, size: .init(width: 1_920, height: 1_080))
    let result = arrange(&scene, room([]))
    #expect(result.arrangement.tiles.count == 1)
    #expect(result.banner == ScreenSentences.alone[.french])
    #expect(result.models.first?.label == "Salle (vous)")
  }

  @Test("each camera is asked for in the size of its tile, and a hidden one not at all")
  func trackSettings() throws {
    var scene = RoomScene(language: .french, size: .init(width: 1_920, height: 1_080))
    let others = (0..<20).map { index in
      participant("person\(index)", joinedAt: Int64(index), tracks: [track("TR_\(index)", .camera)])
    }
    let result = arrange(&scene, room(others))
    #expect(result.settings.count == 20)
    let shown = result.settings.values.filter { !$0.isDisabled }
    #expect(shown.count < 20 && !shown.isEmpty)
    for tile in result.arrangement.tiles {
      guard case .camera(let identity) = try #require(result.contents[tile.id]) else { continue }
      let settings = try #require(result.settings["TR_\(identity.dropFirst(6))"])
      #expect(settings.width == tile.rectangle.width && settings.height == tile.rectangle.height)
    }
  }

  @Test("a shared screen becomes the large tile with its owner's name")
  func screenShare() throws {
    var scene = RoomScene(language: .english, size: .init(width: 1_920, height: 1_080))
    let result = arrange(
      &scene,
      room([participant("zoe", tracks: [track("TR_c", .camera), track("TR_s", .screenShare)]), participant("max")]))
    let main = try #require(result.arrangement.tiles.first { $0.role == .main })
    #expect(result.contents[main.id] == .screen("zoe", sid: "TR_s"))
    #expect(result.models.first { $0.id == main.id }?.label == "Zoe's shared screen")
  }

  @Test("marks tell of muted, raised hand and paused or muted camera")
  func marks() throws {
    var scene = RoomScene(language: .french, size: .init(width: 1_920, height: 1_080))
    var ada = participant("ada", tracks: [track("TR_p", .camera)])
    ada.tracks["TR_p"]?.isPaused = true
    let result = arrange(
      &scene,
      room([
        ada,
        participant(
          "zoe", tracks: [track("TR_c", .camera, isMuted: true), track("TR_m", .microphone)],
          attributes: ["handRaisedAt": "2026-11-21T10:00:00.000001+00:00"]),
        participant("max", tracks: [track("TR_d", .camera), track("TR_n", .microphone, isMuted: true)]),
        participant("eve", attributes: ["handRaisedAt": ""]),
      ]))
    let paused = try #require(result.models.first { $0.label == "Ada" })
    #expect(!paused.hasVideo && paused.connection == .weak)
    let zoe = try #require(result.models.first { $0.label == "Zoe" })
    #expect(!zoe.hasVideo && !zoe.isMuted && zoe.isHandRaised)
    let max = try #require(result.models.first { $0.label == "Max" })
    #expect(max.hasVideo && max.isMuted && !max.isHandRaised)
    let eve = try #require(result.models.first { $0.label == "Eve" })
    #expect(eve.isMuted && !eve.isHandRaised, "no microphone is as silent as a muted one")
  }

  @Test("tiles keep their identity while people come and go, and a notice stands before everything else")
  func stability() throws {
    var scene = RoomScene(language: .french, size: .init(width: 1_920, height: 1_080))
    let zoe = participant("zoe", joinedAt: 1)
    let first = arrange(&scene, room([zoe]))
    let id = try #require(first.contents.first { $0.value == .camera("zoe") }?.key)
    let second = arrange(&scene, room([zoe, participant("max", joinedAt: 2)]), notice: "Max : bonjour")
    #expect(second.contents[id] == .camera("zoe"))
    #expect(second.banner == "Max : bonjour")
    #expect(arrange(&scene, room([zoe])).contents[id] == .camera("zoe"))
  }

  @Test("recording is told of")
  func recording() {
    var scene = RoomScene(language: .english, size: .init(width: 1_920, height: 1_080))
    var recorded = room([participant("zoe")])
    recorded.isRecording = true
    #expect(arrange(&scene, recorded).banner == ScreenSentences.recording[.english])
  }

  // MARK: Two screens

  private func twoScreens() -> RoomScene {
    RoomScene(
      language: .french, size: .init(width: 1_920, height: 1_080), contentSize: .init(width: 3_840, height: 2_160))
  }

  private func contents(_ arrangement: Arrangement?, _ result: RoomScene.Result) -> [RoomScene.Content] {
    (arrangement?.tiles ?? []).compactMap { result.contents[$0.id] }
  }

  @Test("what is shared fills the second screen, and everybody is on the first")
  func contentOnSecondScreen() {
    var scene = twoScreens()
    let result = arrange(
      &scene,
      room([participant("zoe", tracks: [track("TR_c", .camera), track("TR_s", .screenShare)]), participant("max")]))
    #expect(contents(result.contentArrangement, result) == [.screen("zoe", sid: "TR_s")])
    #expect(Set(contents(result.arrangement, result)) == [.ownCamera, .camera("zoe"), .camera("max")])
    #expect((result.settings["TR_s"]?.width ?? 0) > 3_000)
    #expect(result.settings["TR_c"]?.isDisabled == false)
  }

  @Test("while nobody shares, the second screen shows the room itself")
  func ownPictureOnSecondScreen() {
    var scene = twoScreens()
    let result = arrange(&scene, room([participant("zoe"), participant("max")]))
    #expect(contents(result.contentArrangement, result) == [.ownCamera])
    #expect(Set(contents(result.arrangement, result)) == [.camera("zoe"), .camera("max")])
  }

  @Test("who doesn't fit on the first screen is on the second")
  func overflow() {
    var scene = twoScreens()
    let others = (0..<20).map { participant("p\($0)", joinedAt: Int64($0), tracks: [track("TR_\($0)", .camera)]) }
    let result = arrange(&scene, room(others))
    let (first, second) = (contents(result.arrangement, result), contents(result.contentArrangement, result))
    #expect(Set(first).isDisjoint(with: second))
    #expect(first.count + second.count == 21)
    #expect(result.settings.values.allSatisfy { !$0.isDisabled })
  }

  @Test("alone with two screens, the room sees itself once")
  func aloneWithTwoScreens() {
    var scene = twoScreens()
    let result = arrange(&scene, room([]))
    #expect(contents(result.arrangement, result) == [.ownCamera])
    #expect(contents(result.contentArrangement, result).isEmpty)
  }

  @Test("what the room presents is shown to the room as well")
  func ownPresentation() throws {
    var scene = RoomScene(language: .french, size: .init(width: 1_920, height: 1_080))
    let result = scene.arrange(
      room([participant("zoe")]), ownName: "Salle", showsCamera: true, isPresenting: true, isMicrophoneMuted: false,
      notice: nil, at: start)
    let main = try #require(result.arrangement.tiles.first { $0.role == .main })
    #expect(result.contents[main.id] == .ownPresentation)
    #expect(result.models.first { $0.id == main.id }?.label == "Votre présentation")
  }

  @Test("a display of another size gets another arrangement")
  func anotherSize() {
    var scene = RoomScene(language: .french, size: .init(width: 1_920, height: 1_080))
    _ = arrange(&scene, room([participant("zoe")]))
    scene.size = .init(width: 1_280, height: 720)
    let result = arrange(&scene, room([participant("zoe")]))
    #expect(result.arrangement.tiles.allSatisfy { $0.rectangle.maxX <= 1_280 && $0.rectangle.maxY <= 720 })
  }
}
