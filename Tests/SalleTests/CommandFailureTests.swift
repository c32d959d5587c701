import Catalogue
import Glibc
import Meeting
import Testing
import Visio

@testable import PracticeRoom
@testable import salle

extension SalleTests {
  /// What the program says, and with what status it exits, when it can't do what it is asked.
  @Suite("Failures of the command")
  struct CommandFailureTests {
    /// One run of the program, and what is expected of it.
    struct Case: Sendable {
      let name: String
      let arguments: [String]
      let status: ProgramStatus
      /// Standard error begins with this, and holds no more lines.
      let sentence: Sentence
    }

    /// Without devices, unless arguments that follow say otherwise.
    private static let bare = ["--camera", "none", "--microphone", "none", "--screen", "none"]

    private func joining(
      _ name: String, _ link: String, options: [String] = bare, _ status: ProgramStatus, _ sentence: Sentence
    ) -> Case {
      Case(name: name, arguments: ["join", link] + options, status: status, sentence: sentence)
    }

    private func failing(_ name: String, _ link: String, _ ending: MeetingEnding) -> Case {
      joining(name, link, ProgramStatus(ending), ending.sentence)
    }

    /// Runs all cases at once, each in French and in English.
    private func check(_ cases: [Case]) async {
      await withTaskGroup(of: Void.self) { group in
        for example in cases {
          for language in Language.allCases { group.addTask { await Self.check(example, in: language) } }
        }
      }
    }

    private static func check(_ example: Case, in language: Language) async {
      do {
        let program = try RunningProgram.salle(example.arguments + ["--language", language.rawValue])
        let outcome = try await program.outcome()
        let sentence = example.sentence[language]
        #expect(outcome.status == example.status.rawValue, "\(example.name): \(outcome.errors)")
        #expect(outcome.errors.hasPrefix(sentence), "\(example.name): \(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(example.name): \(outcome.errors)")
      } catch {
        Issue.record("\(example.name): \(error)")
      }
    }

    @Test("codes, links and devices that can't be used")
    func arguments() async throws {
      let folder = try TemporaryFolder()
      defer { folder.remove() }
      let text = try folder.write("neither picture nor sound", to: "text")
      let nowhere = folder.path("nowhere/file")
      let link = "http://127.0.0.1:9/abc-defg-hij"
      let server = try await StandInServer()
      let screen = "browser:\(server.port)"
      await check([
        joining("no link", "ftp://visio.example/abc-defg-hij", .invalidCode, CodeSentences.unreadable),
        joining("another page", "https://visio.example/a/b", .invalidCode, CodeSentences.notAMeeting),
        joining("no instance", "abc-defg-hij", .invalidCode, CodeSentences.noInstance),
        joining(
          "unreadable instance", "abc-defg-hij", options: ["--instance", "a b"], .invalidCode,
          CodeSentences.noAddress(name: "a b")),
        joining(
          "missing camera", link, options: ["--camera", nowhere], .deviceUnusable,
          DeviceSentences.cameraUnreadable(name: nowhere)),
        joining(
          "unreadable camera", link, options: ["--camera", text], .deviceUnusable,
          DeviceSentences.cameraUnreadable(name: text)),
        joining(
          "unreadable microphone", link, options: ["--microphone", text], .deviceUnusable,
          DeviceSentences.microphoneUnreadable(name: text)),
        joining(
          "unwritable loudspeaker", link, options: ["--speaker", nowhere], .deviceUnusable,
          DeviceSentences.speakerUnwritable(name: nowhere)),
        joining(
          "unknown screen", link, options: ["--screen", "wall"], .screenUnusable,
          DeviceSentences.screenUnusable(name: "wall")),
        joining(
          "taken port", link, options: ["--screen", screen], .screenUnusable,
          DeviceSentences.screenUnusable(name: screen)),
      ])
      await server.stop()
    }

    @Test("networks and instances that can't be used")
    func instances() async throws {
      let closed = try await StandInServer.closedPort()
      let encrypted = try await StandInServer(certificate: SelfSignedCertificate())
      let (here, secure) = ("127.0.0.1:\(closed)", "localhost:\(encrypted.port)")
      try await Self.withInstances([.healthy, .foreign, .failing, .throttled(retryAfter: 3)]) { practices in
        let hosts = practices.map { $0.url.replacing("http://", with: "") }
        await check([
          failing("closed port", "http://\(here)/abc-defg-hij", .visio(.instanceUnreachable(host: here))),
          failing(
            "no such name", "https://visio.invalid/abc-defg-hij", .visio(.instanceNotFound(host: "visio.invalid"))),
          failing("self-signed", "https://\(secure)/abc-defg-hij", .visio(.untrustedCertificate(host: secure))),
          failing("no TLS", "https://\(hosts[0])/abc-defg-hij", .visio(.tlsFailed(host: hosts[0]))),
          failing("wrong code", practices[0].link(code: "abc-defg-hij"), .visio(.noSuchMeeting)),
          failing("not Visio", practices[1].link, .visio(.notVisio(host: hosts[1]))),
          failing("500", practices[2].link, .visio(.serverFailed(host: hosts[2], status: 500))),
          failing("429", practices[3].link, .visio(.throttled(host: hosts[3], retryAfter: nil))),
        ])
      }
      await encrypted.stop()
    }

    @Test("a refusal at the door, a removal, another device of the same name, and the end of the meeting")
    func stays() async throws {
      try await PracticeRoom.with {
        $0.accessLevel = .restricted
        $0.lobbyPolicy = .deny(afterPolls: 1)
      } _: { practice in
        await check([failing("refused", practice.link, .refused)])
        practice.setAccessLevel(.public)
        let endings: [(MeetingEnding, () async throws -> Void)] = [
          (.removed, { _ = try await practice.remove(practice.onlyParticipant()) }),
          (.duplicateIdentity, { try await practice.withOther(identity: practice.onlyParticipant()) {} }),
          (.ended, { await practice.end() }),
        ]
        for (ending, act) in endings {
          let room = try RunningProgram.salle(["join", practice.link, "--language", "en"] + Self.bare)
          try await room.says("Ctrl-C to leave")
          try await act()
          let outcome = try await room.outcome()
          #expect(outcome.status == ProgramStatus(ending).rawValue)
          let said = ending == .ended ? outcome.output : outcome.errors
          #expect(said.hasSuffix(ending.sentence.english + "\n"), "\(said)")
          #expect(ending != .ended || outcome.errors.isEmpty, "\(outcome.errors)")
          #expect(await eventually { await practice.participants().isEmpty })
        }
      }
    }

    private static func withInstances(
      _ behaviours: [InstanceBehaviour], _ body: ([PracticeRoom]) async throws -> Void, started: [PracticeRoom] = []
    ) async throws {
      guard started.count < behaviours.count else { return try await body(started) }
      try await PracticeRoom.with {
        $0.behaviour = behaviours[started.count]
      } _: {
        try await withInstances(behaviours, body, started: started + [$0])
      }
    }
  }
}
