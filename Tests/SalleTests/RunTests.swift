import Foundation
import Glibc
import Testing

@testable import salle

extension SalleTests {
  /// The room as a control system drives it.
  @Suite("The appliance")
  struct RunTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "salle-\(UUID().uuidString)").path

    private func start() async throws -> (program: RunningProgram, terminal: TerminalClient) {
      let program = try RunningProgram.salle([
        "run", "--state-directory", directory, "--practice", "--terminal", "127.0.0.1:0", "--screen", "none",
        "--language", "en",
      ])
      try await program.says("is ready")
      let port = try #require(program.output.firstMatch(of: /TLS on port (\d+)/).flatMap { Int($0.1) })
      return (program, try await TerminalClient(port: port, certificate: directory + "/certificate.pem"))
    }

    @Test("a meeting from the terminal: dialled, muted, hung up; what is set survives a kill")
    func session() async throws {
      defer { try? FileManager.default.removeItem(atPath: directory) }
      let salle = try RunningProgram.sallePath()
      let setting = try RunningProgram(
        "/bin/sh", ["-c", "echo 7319 | \(salle) run --set-pin --state-directory \(directory)"])
      #expect(try await setting.outcome().status == 0)

      let (program, terminal) = try await start()
      try await terminal.signIn("admin", "7319")
      for path in ["/Status/Call", "/Status/Audio/Microphones", "/Event/CallDisconnect"] {
        try await terminal.run("xFeedback register \(path)")
      }
      try await terminal.run("xConfiguration SystemUnit Name: \"Rivoli\"")
      let dialled = try await terminal.run(
        "xCommand Dial Number: pra-ctic-eze", until: "*r DialResult (status=OK):\r\n  CallId: 1\r\n** end\r\n")
      #expect(dialled.contains("*s Call 1 Status: Dialling\r\n"))
      try await terminal.read(until: "*s Call 1 Status: Connected\r\n")
      // Feedback comes before the answer, so that whoever has that knows how things stand.
      let muted = try await terminal.run(
        "xCommand Audio Microphones Mute", until: "*r AudioMicrophonesMuteResult (status=OK):\r\n** end\r\n")
      #expect(muted.contains("*s Audio Microphones Mute: On\r\n"))
      try await terminal.run("xCommand Conference Hand Raise", until: "*r ConferenceHandRaiseResult (status=OK):\r\n")
      try await terminal.run("xCommand Call Disconnect", until: "*r CallDisconnectResult (status=OK):\r\n")
      try await terminal.read(until: "*e CallDisconnect CallId: 1 CauseValue: 16")
      // A second one, with the same devices.
      try await terminal.run("xCommand Dial Number: pra-ctic-eze", until: "  CallId: 2\r\n** end\r\n")
      try await terminal.read(until: "*s Call 2 Status: Connected\r\n")
      program.send(SIGKILL)
      #expect(try await program.outcome().status == -SIGKILL)

      let (again, second) = try await start()
      try await second.signIn("admin", "7319")
      let name = try await second.run("xConfiguration SystemUnit Name")
      #expect(name.hasSuffix("*c xConfiguration SystemUnit Name: \"Rivoli\"\r\n** end\r\n"))
      let start = ContinuousClock.now
      again.send(SIGTERM)
      #expect(try await again.outcome().status == ProgramStatus.success.rawValue)
      #expect(ContinuousClock.now - start < .seconds(2))
    }

    @Test("one program has the state directory at a time")
    func oneAtATime() async throws {
      defer { try? FileManager.default.removeItem(atPath: directory) }
      let bare = ["run", "--state-directory", directory, "--practice", "--screen", "none", "--language", "en"]
      let first = try RunningProgram.salle(bare)
      try await first.says("is ready")
      let second = try await RunningProgram.salle(bare).outcome()
      #expect(second.status == ProgramStatus.stateUnusable.rawValue)
      first.send(SIGINT)
      #expect(try await first.outcome().status == ProgramStatus.success.rawValue)
    }
  }
}
