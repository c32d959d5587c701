import Catalogue
import Glibc
import LiveKit
import Meeting
import Testing
import Visio

@testable import PracticeRoom
@testable import salle

extension SalleTests {
  /// The program as a person or a script uses it.
  @Suite("The command")
  struct CommandTests {
    private static let bare = ["--camera", "none", "--microphone", "none", "--screen", "none", "--language", "en"]
    private static let limit = Duration.seconds(1)

    /// Sends `signal` and demands an end within the limit.
    private func interrupt(_ program: RunningProgram, with signal: Int32) async throws -> RunningProgram.Outcome {
      let start = ContinuousClock.now
      program.send(signal)
      let outcome = try await program.outcome()
      #expect(ContinuousClock.now - start < Self.limit)
      return outcome
    }

    @Test("an interrupt ends the attempt to join", arguments: [SIGINT, SIGTERM])
    func interruptedWhileJoining(signal: Int32) async throws {
      let server = try await StandInServer()
      let room = try RunningProgram.salle(["join", "http://127.0.0.1:\(server.port)/abc-defg-hij"] + Self.bare)
      try await room.says("Joining the meeting")
      #expect(try await eventually { try await server.connectionCount == 1 })
      let outcome = try await interrupt(room, with: signal)
      #expect(outcome.status == ProgramStatus.interrupted.rawValue)
      #expect(outcome.errors == JoiningSentences.cancelled.english + "\n")
      await server.stop()
    }

    @Test("an interrupt ends the wait at the door", arguments: [SIGINT, SIGTERM])
    func interruptedInLobby(signal: Int32) async throws {
      try await PracticeRoom.with {
        $0.accessLevel = .restricted
      } _: { practice in
        let room = try RunningProgram.salle(["join", practice.link] + Self.bare)
        try await room.says(LobbySentences.waiting.english)
        let outcome = try await interrupt(room, with: signal)
        #expect(outcome.status == ProgramStatus.interrupted.rawValue)
        #expect(outcome.errors == JoiningSentences.cancelled.english + "\n")
      }
    }

    @Test("an interrupt leaves the meeting, which the others see at once", arguments: [SIGINT, SIGTERM])
    func interruptedInMeeting(signal: Int32) async throws {
      try await PracticeRoom.with { practice in
        let room = try RunningProgram.salle(["join", practice.link, "--screen", "browser", "--language", "en"])
        try await room.says("Ctrl-C to leave")
        let outcome = try await interrupt(room, with: signal)
        #expect(outcome.status == ProgramStatus.success.rawValue)
        #expect(outcome.errors == "")
        #expect(outcome.output.hasSuffix(LeavingSentences.left.english + "\n"))
        #expect(await practice.participants().isEmpty)
      }
    }

    @Test("the demonstration joins its own meeting and ends without a word of complaint")
    func demo() async throws {
      let room = try RunningProgram.salle(["demo", "--language", "en"])
      try await room.says("Ctrl-C to leave")
      let outcome = try await interrupt(room, with: SIGINT)
      #expect(outcome.status == ProgramStatus.success.rawValue)
      #expect(outcome.errors == "")
    }

    @Test("the help lists each exit status once")
    func help() async throws {
      let outcome = try await RunningProgram.salle(["--help"]).outcome()
      #expect(outcome.status == 0)
      let lines = outcome.output.split(separator: "\n")
      for status in ProgramStatus.allCases {
        let listed = lines.filter { $0.split(separator: " ").first == "\(status.rawValue)" }
        #expect(listed.count == 1, "\(status) in \(outcome.output)")
      }
      #expect(lines.allSatisfy { $0.count <= 80 }, "\(outcome.output)")
      for command in ["join", "demo"] {
        let outcome = try await RunningProgram.salle([command, "--help"]).outcome()
        #expect(outcome.output.contains("salle --help"), "\(outcome.output)")
      }
    }

    @Test("a command line that isn't understood has the status that the help names")
    func usage() async throws {
      let outcome = try await RunningProgram.salle(["join"]).outcome()
      #expect(outcome.status == ProgramStatus.usage.rawValue)
    }

    @Test("each ending that a script would treat otherwise has a status of its own")
    func statuses() {
      let endings: [(MeetingEnding, ProgramStatus)] = [
        (.left, .success), (.ended, .success), (.cancelled, .interrupted), (.refused, .refused),
        (.unanswered, .unanswered), (.meetingDeleted, .noSuchMeeting), (.noServer, .serviceFailed),
        (.removed, .removed), (.duplicateIdentity, .duplicateIdentity), (.connectionLost, .connectionLost),
        (.mediaBlocked, .mediaBlocked), (.notJoined(.unreachable("")), .networkUnavailable),
        (.notJoined(.tls("", isUntrusted: true)), .tlsFailed), (.visio(.noSuchMeeting), .noSuchMeeting),
        (.visio(.instanceNotFound(host: "")), .networkUnavailable), (.visio(.notVisio(host: "")), .notVisio),
        (.visio(.throttled(host: "", retryAfter: nil)), .throttled),
        (.visio(.serverFailed(host: "", status: 500)), .serviceFailed),
      ]
      for (ending, status) in endings { #expect(ProgramStatus(ending) == status, "\(ending)") }
    }
  }
}
