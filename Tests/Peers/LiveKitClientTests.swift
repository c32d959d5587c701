import PracticeRoom
import Testing

/// What `livekit_client.py` says of one client.
private struct MemberResult: Decodable {
  struct Sound: Decodable {
    var frames: Int
    var longest_gap_ms: Double?
    var rms: Double?
    var tone_hz: Double?
    var silence_longest_ms: Double?
  }

  struct Picture: Decodable {
    var frames: Int
    var seconds: Double?
    var rate: Double?
    var longest_gap_ms: Double?
    var last_size: String?
    var flashes: Int?
    var flash_period_ms: Double?
    var colour: [Double]?
  }

  struct Message: Decodable {
    var topic: String?
    var text: String
    var from: String?
  }

  var participants: [String]
  var sounds: [String: Sound]
  var pictures: [String: Picture]
  var data: [Message]
  var chat: [Message]
  var lip_sync_ms: [String: [Double]]?
  var speakers: [String]?
}

private struct PublishResult: Decodable {
  var sender: MemberResult
  var receiver: MemberResult
  var sender_identity: String
}

extension PeerTests {
  /// LiveKit's published Python client, which has libwebrtc inside, in the practice room.
  @Suite("libwebrtc in the practice room", .serialized, .timeLimit(.minutes(3)))
  struct LiveKitClientTests {
    private func arguments(_ room: PracticeRoom, _ task: String, _ more: String...) -> [String] {
      [task, "--url", room.url, "--code", room.code] + more
    }

    @Test("it sees and hears the synthetic participants without a gap, pictures and sound together")
    func subscribes() async throws {
      let room = try await PracticeRoom.start()
      let result: MemberResult
      do {
        let peer = try PeerProcess("livekit_client.py", arguments(room, "subscribe", "--seconds", "12"))
        result = try await peer.next()
      } catch {
        await room.stop()
        throw error
      }
      await room.stop()
      #expect(Set(result.participants) == ["Camille", "Dominique", "Sacha", "Écho"])
      for name in ["Camille", "Dominique"] {
        let picture = try #require(result.pictures[name])
        #expect(picture.last_size == "640x360")
        // Of 25; a machine that is busy with other things drops some.
        #expect(try #require(picture.rate) > 15)
        #expect(try #require(picture.seconds) > 9)
        #expect(try #require(picture.longest_gap_ms) < 200)
        #expect(abs(try #require(picture.flash_period_ms) - 1_000) < 30)
        let sound = try #require(result.sounds[name])
        #expect(try #require(sound.longest_gap_ms) < 200)
        #expect(try #require(sound.rms) > 0.05)
        let offsets = try #require(result.lip_sync_ms?[name]).sorted()
        #expect(offsets.count >= 8)
        // Beep minus flash where the program gets them, behind buffers of its own that grow on a busy machine.
        #expect(abs(offsets[offsets.count / 2]) < 120)
      }
      // The sky of variant 0 and that of variant 4, at their upper left corners.
      let colours = ["Camille", "Dominique"].compactMap { result.pictures[$0]?.colour }
      #expect(abs(colours[0][0] - 72) < 6 && abs(colours[1][0] - 72) < 6)
      #expect(abs(colours[0][1] - 151) < 6 && abs(colours[1][1] - 103) < 6)
      #expect(result.chat.contains { $0.text.hasPrefix("Bonjour") })
      #expect(Set(result.speakers ?? []).isSuperset(of: ["practice-camille", "practice-dominique"]))
    }

    @Test("what it publishes reaches another client: picture, tone, data and chat", arguments: ["vp8", "vp9"])
    func publishes(codec: String) async throws {
      var options = PracticeRoomOptions()
      options.participants = [.echo]
      let room = try await PracticeRoom.start(options)
      let result: PublishResult
      do {
        let peer = try PeerProcess(
          "livekit_client.py", arguments(room, "publish", "--seconds", "11", "--codec", codec, "--tone", "440"))
        result = try await peer.next()
      } catch {
        await room.stop()
        throw error
      }
      await room.stop()
      let picture = try #require(result.receiver.pictures["Sender"])
      #expect(try #require(picture.rate) > 15)
      #expect(try #require(picture.seconds) > 9)
      #expect(try #require(picture.longest_gap_ms) < 200)
      #expect(picture.last_size == "640x360")
      #expect(abs(try #require(picture.flash_period_ms) - 1_000) < 30)
      let colour = try #require(picture.colour)
      #expect(abs(colour[0] - 60) < 3 && abs(colour[1] - 90) < 3 && abs(colour[2] - 170) < 3)
      let sound = try #require(result.receiver.sounds["Sender"])
      #expect(abs(try #require(sound.tone_hz) - 440) < 1)
      #expect(try #require(sound.longest_gap_ms) < 200)
      #expect(sound.silence_longest_ms == 0)
      // The echo returns the same tone, to the sender as well.
      for member in [result.sender, result.receiver] {
        #expect(abs(try #require(member.sounds["Écho"]?.tone_hz) - 440) < 1)
      }
      #expect(result.receiver.data.contains { $0.topic == "practice" && $0.from == "Sender" })
      #expect(result.sender.data.contains { $0.text == #"{"type":"lossy"}"# })
      #expect(result.receiver.chat.contains { $0.text == "Bonjour à tous" })
      #expect(result.sender.chat.contains { $0.text.unicodeScalars.count == 20_009 })
      #expect(result.receiver.speakers?.contains(result.sender_identity) == true)
    }

    @Test("it is told that it was removed")
    func isRemoved() async throws {
      struct Joined: Decodable { var identity: String }
      struct Events: Decodable { var events: [String] }
      var options = PracticeRoomOptions()
      options.participants = []
      let room = try await PracticeRoom.start(options)
      do {
        let peer = try PeerProcess("livekit_client.py", arguments(room, "wait", "--seconds", "20"))
        let joined = try await peer.next(Joined.self)
        #expect(await room.participants() == [joined.identity])
        #expect(await room.remove(joined.identity))
        #expect(try await peer.next(Events.self).events == ["disconnected 4"])
        #expect(await room.participants().isEmpty)
      } catch {
        await room.stop()
        throw error
      }
      await room.stop()
    }
  }
}
