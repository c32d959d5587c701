import NIOPosix
import Testing

/// What `aiortc_peer.py` received.
private struct Received: Decodable {
  struct Picture: Decodable {
    var frames: Int
    var size: String?
    var luma: Double?
    var corner: Double?
    var longest_gap_ms: Double?
  }

  struct Sound: Decodable {
    var frames: Int
    var tone_hz: Double?
    var rms: Double?
  }

  var picture: Picture
  var sound: Sound
  var messages: [String]
  var states: [String]
}

private struct Description: Codable {
  var type: String
  var sdp: String
}

extension PeerTests {
  /// aiortc, an implementation of WebRTC in Python, against the bare peer connection.
  @Suite("aiortc on a call", .serialized, .timeLimit(.minutes(2)))
  struct AiortcTests {
    @Test("picture, sound and data go both ways", arguments: ["offerer", "answerer"])
    func calls(role: String) async throws {
      let end = try await CallEnd.make(
        on: MultiThreadedEventLoopGroup.singleton.next(), opensChannel: role == "answerer")
      var report = CallEnd.Report()
      let theirs: Received = try await PeerTests.ending(with: { report = await end.close() }) {
        let peer = try PeerProcess("aiortc_peer.py", [role, "--seconds", "7", "--tone", "440"])
        if role == "offerer" {
          let offer: Description = try await peer.next()
          try peer.send(Description(type: "answer", sdp: try await end.answer(offer.sdp)))
        } else {
          try peer.send(Description(type: "offer", sdp: try await end.offer()))
          let answer: Description = try await peer.next()
          try await end.accept(answer.sdp)
        }
        let received: Received = try await peer.next()
        try peer.send("done")
        return received
      }
      let ours = report
      #expect(ours.states.contains("connected"))
      #expect(ours.pictures > 120)
      #expect(ours.pictureErrors == 0)
      #expect(ours.longestPictureGap < .milliseconds(200))
      #expect(abs(ours.leftLuma - 60) < 4 && abs(ours.rightLuma - 160) < 4)
      #expect(ours.packets > 250)
      #expect(abs(ours.tone - 440) < 1)
      #expect(theirs.picture.frames > 100)
      #expect(theirs.picture.size == "640x360")
      #expect(abs(try #require(theirs.picture.corner) - 72) < 6)
      #expect(abs(try #require(theirs.sound.tone_hz) - 600) < 2)
      #expect(try #require(theirs.sound.rms) > 0.1)
      if role == "offerer" {
        #expect(ours.messages == ["bonjour"])
      } else {
        #expect(theirs.messages == ["hello"])
        #expect(ours.messages == ["answer to hello"])
      }
    }
  }
}
