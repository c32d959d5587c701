import Meeting
import Testing
import Visio

@testable import PracticeRoom

extension SalleTests {
  /// Whoever sits in the room may give up at any time.
  @Suite("Leaving")
  struct LeavingTests {
    /// What a person is promised.
    private static let limit = Duration.seconds(1)

    /// Leaves, and demands that the room is gone within the limit.
    private func leave(_ room: RoomUnderTest) async -> MeetingEnding {
      let start = ContinuousClock.now
      await room.meeting.leave()
      let ending = await room.ending()
      #expect(ContinuousClock.now - start < Self.limit)
      return ending
    }

    @Test("before the meeting has begun to be joined")
    func atOnce() async throws {
      try await ProcessResources.requireNothingLeft {
        try await PracticeRoom.with { practice in
          let room = try RoomUnderTest(joining: practice.link)
          #expect(await leave(room) == .cancelled)
        }
      }
    }

    @Test("while the instance is silent")
    func whileFinding() async throws {
      try await ProcessResources.requireNothingLeft {
        let server = try await StandInServer()
        let room = try RoomUnderTest(joining: "http://127.0.0.1:\(server.port)/abc-defg-hij")
        #expect(try await eventually { try await server.connectionCount == 1 })
        #expect(await leave(room) == .cancelled)
        await server.stop()
      }
    }

    @Test("while waiting at the door")
    func inLobby() async throws {
      try await ProcessResources.requireNothingLeft {
        try await PracticeRoom.with {
          $0.accessLevel = .restricted
        } _: { practice in
          let room = try RoomUnderTest(joining: practice.link)
          try await room.reaches(.lobby(.waiting))
          #expect(await leave(room) == .cancelled)
        }
      }
    }

    @Test("while the media server is silent")
    func whileConnecting() async throws {
      try await ProcessResources.requireNothingLeft {
        let server = try await StandInServer()
        try await PracticeRoom.with { practice in
          let room = try RoomUnderTest(
            joining: practice.link,
            transport: RedirectedMedia(from: practice.mediaURL, to: "http://127.0.0.1:\(server.port)/"))
          #expect(try await eventually { try await server.connectionCount == 1 })
          #expect(await leave(room) == .cancelled)
        }
        await server.stop()
      }
    }

    @Test("while no media passes")
    func whileMediaIsBlocked() async throws {
      try await ProcessResources.requireNothingLeft {
        try await PracticeRoom.with {
          $0.behaviour = .blockingMedia
        } _: { practice in
          let room = try RoomUnderTest(joining: practice.link)
          _ = try await practice.onlyParticipant()
          #expect([.cancelled, .left].contains(await leave(room)))
          #expect(await eventually(within: Self.limit) { await practice.participants().isEmpty })
        }
      }
    }

    @Test("in the meeting, with all devices and another participant; the others see it go at once")
    func inMeeting() async throws {
      try await ProcessResources.requireNothingLeft {
        try await PracticeRoom.with {
          $0.participants = [.camille]
        } _: { practice in
          let room = try RoomUnderTest(joining: practice.link, devices: .synthetic)
          try await room.reaches(.inMeeting)
          #expect(await practice.participants().count == 2)
          let threads = ProcessResources.current.threads
          #expect(Set(["audio", "audio-send", "camera", "screen", "video-decode"]).isSubset(of: threads), "\(threads)")
          #expect(await leave(room) == .left)
          #expect(await practice.participants().count == 1)
        }
      }
    }

    @Test("nothing holds a meeting that is over")
    func nothingHeld() async throws {
      try await PracticeRoom.with { practice in
        weak var meeting: Meeting?
        do {
          let room = try RoomUnderTest(joining: practice.link, devices: .synthetic)
          meeting = room.meeting
          try await room.reaches(.inMeeting)
          #expect(await leave(room) == .left)
        }
        #expect(await eventually { meeting == nil })
      }
    }
  }
}
