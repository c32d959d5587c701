import LiveKit
import Meeting
import Testing
import Visio

@testable import PracticeRoom

extension SalleTests {
  /// Every way in which joining fails or a stay ends, each with its own ending, and nothing left running.
  @Suite("Endings of a meeting")
  struct MeetingEndingTests {
    private func practice(
      _ change: (inout PracticeRoomOptions) -> Void = { _ in }, _ body: (PracticeRoom) async throws -> Void
    ) async throws {
      try await ProcessResources.requireNothingLeft { try await PracticeRoom.with(change, body) }
    }

    // MARK: The instance

    @Test("a code that no meeting has")
    func noSuchMeeting() async throws {
      try await practice { practice in
        let room = try RoomUnderTest(joining: practice.link(code: "abc-defg-hij"))
        #expect(await room.ending() == .visio(.noSuchMeeting))
      }
    }

    @Test("nothing listens at the instance's address")
    func nothingListens() async throws {
      try await ProcessResources.requireNothingLeft {
        let port = try await StandInServer.closedPort()
        let room = try RoomUnderTest(joining: "http://127.0.0.1:\(port)/abc-defg-hij")
        #expect(await room.ending() == .visio(.instanceUnreachable(host: "127.0.0.1:\(port)")))
      }
    }

    @Test("the instance's name can't be resolved")
    func unknownName() async throws {
      try await ProcessResources.requireNothingLeft {
        // RFC 6761 §6.4: no such name ever exists.
        let room = try RoomUnderTest(joining: "https://visio.invalid/abc-defg-hij")
        #expect(await room.ending() == .visio(.instanceNotFound(host: "visio.invalid")))
      }
    }

    @Test("the instance's certificate isn't trusted")
    func untrustedCertificate() async throws {
      try await ProcessResources.requireNothingLeft {
        let server = try await StandInServer(certificate: SelfSignedCertificate())
        let room = try RoomUnderTest(joining: "https://localhost:\(server.port)/abc-defg-hij")
        #expect(await room.ending() == .visio(.untrustedCertificate(host: "localhost:\(server.port)")))
        await server.stop()
      }
    }

    @Test("the instance doesn't speak TLS")
    func noTLS() async throws {
      try await practice { practice in
        let link = practice.link.replacing("http://", with: "https://")
        let room = try RoomUnderTest(joining: link)
        #expect(await room.ending() == .visio(.tlsFailed(host: practice.url.replacing("http://", with: ""))))
      }
    }

    @Test("the host isn't a Visio instance, has failed, or is too busy")
    func unhealthyInstance() async throws {
      try await practice { practice in
        let host = practice.url.replacing("http://", with: "")
        let behaviours: [(InstanceBehaviour, VisioError)] = [
          (.foreign, .notVisio(host: host)), (.failing, .serverFailed(host: host, status: 500)),
          (.throttled(retryAfter: 7), .throttled(host: host, retryAfter: .seconds(7))),
        ]
        for (behaviour, error) in behaviours {
          practice.setBehaviour(behaviour)
          let room = try RoomUnderTest(joining: practice.link)
          #expect(await room.ending() == .visio(error))
        }
      }
    }

    // MARK: The door

    @Test("an organiser refuses the room")
    func refused() async throws {
      try await practice {
        $0.accessLevel = .restricted
        $0.lobbyPolicy = .deny(afterPolls: 1)
      } _: { practice in
        let room = try RoomUnderTest(joining: practice.link)
        #expect(await room.ending() == .refused)
      }
    }

    @Test("nobody answers for ten minutes")
    func unanswered() async throws {
      try await practice {
        $0.accessLevel = .restricted
      } _: { practice in
        let clock = LeapingClock()
        let room = try RoomUnderTest(joining: practice.link, lobbyClock: clock)
        #expect(await room.ending() == .unanswered)
        #expect(clock.now.offset == Visio.Lobby.limit)
      }
    }

    @Test("the meeting is deleted while the room waits")
    func deletedMeanwhile() async throws {
      try await practice {
        $0.accessLevel = .trusted
      } _: { practice in
        let room = try RoomUnderTest(joining: practice.link)
        try await room.reaches(.lobby(.waiting))
        practice.settings.change { $0.code = "abc-defg-hij" }
        #expect(await room.ending() == .meetingDeleted)
      }
    }

    @Test("the room gets in when the meeting becomes public meanwhile, or an organiser lets it in")
    func admittedMeanwhile() async throws {
      try await practice {
        $0.accessLevel = .restricted
      } _: { practice in
        for opens in [true, false] {
          practice.setAccessLevel(.restricted)
          let room = try RoomUnderTest(joining: practice.link)
          try await room.reaches(.lobby(.waiting))
          if opens {
            practice.setAccessLevel(.public)
          } else {
            let waiting = await practice.waiting()
            #expect(waiting.map(\.name) == ["Salle Rivoli"])
            let id = try #require(waiting.first).id
            #expect(await practice.decide(id, allow: true))
          }
          try await room.reaches(.inMeeting)
          await room.meeting.leave()
          #expect(await room.ending() == .left)
        }
      }
    }

    // MARK: The media server

    @Test("the media server can't be reached, or its certificate isn't trusted")
    func unusableMediaServer() async throws {
      try await practice { practice in
        let port = try await StandInServer.closedPort()
        let unreachable = try RoomUnderTest(
          joining: practice.link,
          transport: RedirectedMedia(from: practice.mediaURL, to: "http://127.0.0.1:\(port)/"))
        guard case .notJoined(.unreachable) = await unreachable.ending() else {
          Issue.record("another ending")
          return
        }
        let server = try await StandInServer(certificate: SelfSignedCertificate())
        let untrusted = try RoomUnderTest(
          joining: practice.link,
          transport: RedirectedMedia(from: practice.mediaURL, to: "https://localhost:\(server.port)/"))
        guard case .notJoined(.tls(_, isUntrusted: true)) = await untrusted.ending() else {
          Issue.record("another ending")
          return
        }
        await server.stop()
      }
    }

    @Test("the network lets signalling pass, and no media")
    func mediaBlocked() async throws {
      try await practice {
        $0.behaviour = .blockingMedia
      } _: { practice in
        let room = try RoomUnderTest(joining: practice.link, mediaTimeout: .milliseconds(300))
        #expect(await room.ending() == .mediaBlocked)
        #expect(await eventually { await practice.participants().isEmpty })
      }
    }

    // MARK: In the meeting

    @Test("an organiser removes the room")
    func removed() async throws {
      try await practice { practice in
        let room = try RoomUnderTest(joining: practice.link)
        try await room.reaches(.inMeeting)
        #expect(try await practice.remove(practice.onlyParticipant()))
        #expect(await room.ending() == .removed)
      }
    }

    @Test("the room's identity joins from elsewhere")
    func duplicateIdentity() async throws {
      try await practice { practice in
        let room = try RoomUnderTest(joining: practice.link)
        try await room.reaches(.inMeeting)
        try await practice.withOther(identity: practice.onlyParticipant()) {
          #expect(await room.ending() == .duplicateIdentity)
        }
      }
    }

    @Test("the meeting ends")
    func ended() async throws {
      try await practice { practice in
        let room = try RoomUnderTest(joining: practice.link)
        try await room.reaches(.inMeeting)
        await practice.end()
        #expect(await room.ending() == .ended)
      }
    }

    @Test("the media server stops")
    func serverStops() async throws {
      try await ProcessResources.requireNothingLeft {
        var room: RoomUnderTest?
        try await PracticeRoom.with { practice in
          room = try RoomUnderTest(joining: practice.link)
          try await room?.reaches(.inMeeting)
        }
        #expect(await room?.ending() == .connectionLost)
      }
    }
  }
}
