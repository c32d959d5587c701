import Testing

@testable import PracticeRoom

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
    /// The program in `room`.
    private func client(_ room: PracticeRoom, _ task: String, _ more: String...) throws -> PeerProcess {
      try PeerProcess("livekit_client.py", [task, "--url", room.url, "--code", room.code] + more)
    }

    @Test(
      "it sees and hears the synthetic participants without a gap, pictures and sound together",
      arguments: [true, false])
    func subscribes(withOneConnection: Bool) async throws {
      let result: MemberResult = try await PeerTests.withRoom {
        $0.acceptsOneConnection = withOneConnection
        // Else libwebrtc doesn't try to play them together.
        $0.joinsStreams = true
      } _: { room in
        try await client(room, "subscribe", "--seconds", "18").next()
      }
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
        // Beep minus flash, as libwebrtc plays them: it leaves alone what is within 30 ms (its `kMinDeltaMs`), and its
        // sound's buffer moves by steps of 10 to 20 ms.
        let median = offsets[offsets.count / 2]
        #expect(abs(median) < 40, "\(offsets)")
        #expect(offsets.count { abs($0 - median) < 40 } * 10 >= offsets.count * 9, "\(offsets)")
      }
      // The sky of variant 0 and that of variant 4, at their upper left corners.
      let colours = ["Camille", "Dominique"].compactMap { result.pictures[$0]?.colour }
      #expect(abs(colours[0][0] - 72) < 6 && abs(colours[1][0] - 72) < 6)
      #expect(abs(colours[0][1] - 151) < 6 && abs(colours[1][1] - 103) < 6)
      #expect(result.chat.contains { $0.text.hasPrefix("Bonjour") })
      #expect(Set(result.speakers ?? []).isSuperset(of: ["practice-camille", "practice-dominique"]))
    }

    @Test(
      "what it publishes reaches another client: picture, tone, data and chat", arguments: ["vp8", "vp9"],
      [true, false])
    func publishes(codec: String, withOneConnection: Bool) async throws {
      let result: PublishResult = try await PeerTests.withRoom {
        $0.acceptsOneConnection = withOneConnection
        $0.participants = [.echo]
      } _: { room in
        try await client(room, "publish", "--seconds", "11", "--codec", codec, "--tone", "440").next()
      }
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

    private struct Changes: Decodable { var sounds: [MemberResult.Sound] }

    @Test("a track that comes and goes reaches it each time", arguments: [true, false])
    func comingsAndGoings(withOneConnection: Bool) async throws {
      let result: Changes = try await PeerTests.withRoom {
        $0.acceptsOneConnection = withOneConnection
        $0.participants = []
      } _: { room in
        try await client(room, "change").next()
      }
      #expect(result.sounds.count == 4)
      for (turn, sound) in result.sounds.enumerated() {
        #expect(abs((sound.tone_hz ?? 0) - Double(400 + 100 * turn)) < 1)
      }
    }

    private struct Joined: Decodable { var identity: String }
    private struct Events: Decodable { var events: [String] }

    @Test("it joins with one connection where it can, and is told that it was removed", arguments: [true, false])
    func isRemoved(withOneConnection: Bool) async throws {
      try await PeerTests.withRoom {
        $0.acceptsOneConnection = withOneConnection
        $0.participants = []
      } _: { room in
        let peer = try client(room, "wait", "--seconds", "20")
        let joined = try await peer.next(Joined.self)
        #expect(await room.participants() == [joined.identity])
        let usesOneConnection = try await room.server.perform { meeting in
          (meeting.member(identity: joined.identity)?.link as? ClientSession)?.usesOneConnection
        }
        #expect(usesOneConnection == withOneConnection)
        #expect(await room.remove(joined.identity))
        #expect(try await peer.next(Events.self).events == ["disconnected 4"])
        #expect(await room.participants().isEmpty)
      }
    }
  }
}
