import LiveKit
import LiveKitMessages
import SwiftProtobuf
import Testing
import WebRTC

@testable import PracticeRoom

@Suite("Clients in the practice room", .serialized, .timeLimit(.minutes(2)))
struct ClientTests {
  /// Runs `body` with an empty room.
  private func withRoom(_ body: (PracticeRoom) async throws -> Void) async throws {
    var options = PracticeRoomOptions()
    options.participants = []
    let room = try await PracticeRoom.start(options)
    do {
      try await body(room)
    } catch {
      await room.stop()
      throw error
    }
    await room.stop()
  }

  @Test(
    "picture, sound and chat go both ways, with two connections and with one",
    arguments: [ConnectionTopology.twoPeerConnections, .onePeerConnection])
  func bothWays(topology: ConnectionTopology) async throws {
    try await withRoom { room in
      let one = try await RoomGuest(room, "one", topology: topology)
      let other = try await RoomGuest(room, "other")
      _ = try await one.speak(1)
      _ = try await one.show()
      _ = try await other.speak(2)
      _ = try await other.show()
      for (guest, peer, mark) in [(one, "other", UInt8(2)), (other, "one", 1)] {
        try await guest.listen(to: try await guest.subscription(to: peer, .audio)).hears(mark)
        try await guest.watch(try await guest.subscription(to: peer, .video)).sees(10) { $0.layer == 2 }
        _ = try await guest.client.sendChat("hello from \(guest.identity)")
      }
      for (guest, peer) in [(one, "other"), (other, "one")] {
        try await guest.experiences("chat") {
          if case .chatMessage(let line) = $0 { line.text == "hello from \(peer)" } else { false }
        }
      }
      // It was joined as asked for, not after a refusal.
      #expect(
        try await one.subscription(to: "other", .audio).connection
          == (topology == .onePeerConnection ? .publisher : .subscriber))
      await one.leave()
      try await eventually("the leave") { await other.client.room?.remoteParticipants.isEmpty == true ? true : nil }
      #expect(await room.participants() == ["other"])
      await other.leave()
    }
  }

  @Test(
    "tracks that come and go use the sections of those before them",
    arguments: [ConnectionTopology.twoPeerConnections, .onePeerConnection])
  func comingsAndGoings(topology: ConnectionTopology) async throws {
    try await withRoom { room in
      let watcher = try await RoomGuest(room, "watcher", topology: topology)
      var speaker = try await RoomGuest(room, "speaker")
      var mids: Set<String> = []
      for turn in 1...15 {
        let track = try await speaker.speak(UInt8(turn))
        let subscription = try await watcher.subscription(to: "speaker", .audio)
        #expect(subscription.sid == track.sid)
        try await watcher.listen(to: subscription).hears(UInt8(turn))
        mids.insert(subscription.mid)
        // Sometimes only the track goes, sometimes its speaker does.
        if turn % 2 == 0 {
          await speaker.leave()
          speaker = try await RoomGuest(room, "speaker")
        } else {
          speaker.freeze(track)
          try await speaker.client.unpublish(cid: track.cid)
        }
        try await watcher.experiences("the end") {
          if case .trackUnsubscribed(subscription) = $0 { true } else { false }
        }
      }
      // One, and another where the former's end isn't agreed on yet.
      #expect(mids.count <= 3)
      await speaker.leave()
      await watcher.leave()
    }
  }

  @Test("more tracks than a client with one connection has sections for: it is asked for more")
  func manyTracks() async throws {
    try await withRoom { room in
      var speakers: [RoomGuest] = []
      for number in 1...6 {
        let speaker = try await RoomGuest(room, "speaker-\(number)")
        _ = try await speaker.speak(UInt8(number))
        speakers.append(speaker)
      }
      let watcher = try await RoomGuest(room, "watcher", topology: .onePeerConnection)
      for number in 1...6 {
        let subscription = try await watcher.subscription(to: "speaker-\(number)", .audio)
        try await watcher.listen(to: subscription).hears(UInt8(number))
      }
      await watcher.leave()
      for speaker in speakers { await speaker.leave() }
    }
  }

  @Test("a host mutes a microphone: its owner is told, and nobody hears it any more")
  func hostMutes() async throws {
    try await withRoom { room in
      let speaker = try await RoomGuest(room, "speaker")
      let listener = try await RoomGuest(room, "listener")
      let track = try await speaker.speak(1)
      let subscription = try await listener.subscription(to: "speaker", .audio)
      let ear = try await listener.listen(to: subscription)
      try await ear.hears(1)
      #expect(await room.mute("speaker"))
      try await speaker.experiences("the mute") {
        guard case .localTrackChanged(let changed, byServer: true) = $0 else { return false }
        return changed.isMuted && changed.cid == track.cid
      }
      try await eventually("the mark") { await listener.publication(subscription)?.isMuted == true ? true : nil }
      // The speaker, whom nothing stops here, goes on: what it sends isn't forwarded.
      let heard = ear.count
      try await Task.sleep(for: .milliseconds(300))
      #expect(ear.count == heard)
      #expect(await room.mute("nobody") == false)
      await speaker.leave()
      await listener.leave()
    }
  }

  @Test("who joins with an identity that is in use takes its place")
  func duplicateIdentity() async throws {
    try await withRoom { room in
      let first = try await RoomGuest(room, "twin")
      let second = try await RoomGuest(room, "twin")
      try await eventually("the end") {
        await first.client.state == .closed(.disconnected(.duplicateIdentity)) ? true : nil
      }
      try await eventually("the other") { await second.client.state == .connected ? true : nil }
      #expect(await room.participants() == ["twin"])
      await first.leave()
      await second.leave()
    }
  }

  @Test("track settings choose the layer and the pictures a second")
  func trackSettings() async throws {
    try await withRoom { room in
      let camera = try await RoomGuest(room, "camera")
      let watcher = try await RoomGuest(room, "watcher")
      _ = try await camera.show()
      let subscription = try await watcher.subscription(to: "camera", .video)
      let eye = try await watcher.watch(subscription)
      try await eye.sees(5) { $0.layer == 2 }
      for (height, layer) in [(180, 0), (360, 1), (720, 2), (90, 0)] {
        await watcher.client.updateTrackSettings(
          TrackSettings(width: height * 16 / 9, height: height), of: subscription.sid)
        try await eye.sees(10) { $0.layer == layer }
      }
      for (rate, temporalLayer) in [(6, 0), (12, 1)] {
        await watcher.client.updateTrackSettings(
          TrackSettings(width: 160, height: 90, framesPerSecond: rate), of: subscription.sid)
        try await eye.sees(20) { $0.temporalLayer <= temporalLayer }
      }
      // All of them come back, and none of those in between was missed: the assembly hands on nothing that is.
      await watcher.client.updateTrackSettings(TrackSettings(width: 160, height: 90), of: subscription.sid)
      try await eventually("all temporal layers") {
        let last = eye.seen.suffix(8).map(\.temporalLayer)
        return last.sorted() == [0, 0, 1, 1, 2, 2, 2, 2] ? true : nil
      }
      await watcher.client.updateTrackSettings(TrackSettings(isDisabled: true), of: subscription.sid)
      try await eventually("nothing more") {
        let count = eye.seen.count
        try await Task.sleep(for: .milliseconds(300))
        return eye.seen.count == count ? true : nil
      }
      await watcher.leave()
      await camera.leave()
    }
  }

  @Test("dependency descriptors pass, from a structure on, and tell which layers are left")
  func dependencyDescriptors() async throws {
    try await withRoom { room in
      let camera = try await RoomGuest(room, "camera")
      let early = try await RoomGuest(room, "early")
      _ = try await camera.showScalable()
      let first = try await early.inspect(try await early.subscription(to: "camera", .video))
      try await eventually("both layers") {
        first.packets.suffix(40).contains { $0.spatialLayer == 1 } && first.packets.count > 40 ? true : nil
      }
      // Who comes late gets what is needed to read the rest.
      let late = try await RoomGuest(room, "late")
      let subscription = try await late.subscription(to: "camera", .video)
      let second = try await late.inspect(subscription)
      try await eventually("both layers") {
        second.packets.suffix(40).contains { $0.spatialLayer == 1 } && second.packets.count > 40 ? true : nil
      }
      for inspector in [first, second] {
        let packets = inspector.packets
        let begin = try #require(packets.firstIndex { $0.dependencies?.structure != nil })
        for packet in packets[begin...] {
          let dependencies = try #require(packet.dependencies?.dependencies)
          #expect(dependencies.spatialLayer == packet.spatialLayer)
        }
      }
      await late.client.updateTrackSettings(TrackSettings(width: 160, height: 90), of: subscription.sid)
      try await eventually("one layer, and that said") {
        let last = second.packets.suffix(30)
        let starts = last.filter { $0.dependencies?.startsFrame == true }
        let count = starts.last?.dependencies?.dependencies.map { _ in starts.count } ?? 0
        return last.allSatisfy { $0.spatialLayer == 0 } && count > 5
          && starts.allSatisfy { $0.dependencies?.activeDecodeTargets != nil } && last.contains { $0.marker }
          ? true : nil
      }
      for guest in [early, late, camera] { await guest.leave() }
    }
  }

  @Test("the publisher hears which layers anybody wants")
  func dynacast() async throws {
    try await withRoom { room in
      let camera = try await RoomGuest(room, "camera")
      let watcher = try await RoomGuest(room, "watcher", adaptsStreams: true)
      let track = try await camera.show()
      let layers: @Sendable () async -> [Bool] = {
        await camera.client.publishedTracks.first { $0.cid == track.cid }?.variants[0].layers.map(\.isActive) ?? []
      }
      // Until it says how large it shows the picture it gets the smallest.
      let subscription = try await watcher.subscription(to: "camera", .video)
      try await eventually("the smallest layer") { await layers() == [true, false, false] ? true : nil }
      await watcher.client.updateTrackSettings(TrackSettings(width: 1_280, height: 720), of: subscription.sid)
      try await eventually("all layers") { await layers() == [true, true, true] ? true : nil }
      await watcher.client.updateTrackSettings(TrackSettings(width: 640, height: 360), of: subscription.sid)
      try await eventually("two layers") { await layers() == [true, true, false] ? true : nil }
      await watcher.leave()
      await camera.leave()
    }
  }

  @Test("receivers are told when a picture stops and when it goes on")
  func streamPauses() async throws {
    try await withRoom { room in
      let camera = try await RoomGuest(room, "camera")
      let watcher = try await RoomGuest(room, "watcher")
      let track = try await camera.show()
      let subscription = try await watcher.subscription(to: "camera", .video)
      let eye = try await watcher.watch(subscription)
      try await eye.sees(5) { _ in true }
      #expect(await watcher.publication(subscription)?.isPaused == false)
      camera.freeze(track)
      try await eventually("the pause") { await watcher.publication(subscription)?.isPaused == true ? true : nil }
      let count = eye.seen.count
      try await camera.film(track)
      try await eventually("the end of the pause") {
        await watcher.publication(subscription)?.isPaused == false && eye.seen.count > count ? true : nil
      }
      await watcher.leave()
      await camera.leave()
    }
  }

  @Test("a publisher says who may receive its tracks")
  func permissions() async throws {
    try await withRoom { room in
      let speaker = try await RoomGuest(room, "speaker")
      let one = try await RoomGuest(room, "one")
      let other = try await RoomGuest(room, "other", topology: .onePeerConnection)
      func permit(_ permission: LKSubscriptionPermission) async throws {
        try await room.server.perform { meeting in
          guard let member = meeting.member(identity: "speaker") else { throw Missing(description: "the speaker") }
          meeting.setPermission(permission, of: member)
        }
      }
      // For those who come later, and by a track that isn't there yet.
      try await permit(
        .with { $0.trackPermissions = [.with { ($0.participantIdentity, $0.allTracks) = ("one", true) }] })
      let track = try await speaker.speak(1)
      try await one.listen(to: try await one.subscription(to: "speaker", .audio)).hears(1)
      let isAllowed: @Sendable (RoomGuest) async -> Bool? = { guest in
        await guest.client.room?.remoteTrack(sid: track.sid)?.track.isAllowed
      }
      try await eventually("the refusal") { await isAllowed(other) == false ? true : nil }
      #expect(await other.client.room?.remoteTrack(sid: track.sid)?.track.isSubscribed == false)
      try await permit(.with { $0.allParticipants = true })
      try await other.listen(to: try await other.subscription(to: "speaker", .audio)).hears(1)
      #expect(await isAllowed(other) == true)
      try await permit(
        .with { $0.trackPermissions = [.with { ($0.participantIdentity, $0.trackSids) = ("other", [track.sid]) }] })
      try await eventually("the end") { await isAllowed(one) == false ? true : nil }
      #expect(await isAllowed(other) == true)
      for guest in [one, other, speaker] { await guest.leave() }
    }
  }
}
