import Realtime
import Synchronization
import Testing

@testable import Control

/// Terminals in a centre, with handlers that take their time.
@Suite("Terminals in a control centre")
struct TerminalCenterTests {
  private let center = ControlCenter(
    authenticator: { name, password in name == "admin" && password == "secret" ? .admin : nil },
    clock: { Instant(nanoseconds: 0) })
  private let options = TerminalOptions(endsWithSession: true, name: "Salle", version: "1")

  /// A terminal in the centre, and what it sends.
  private func open(_ options: TerminalOptions) async throws -> (number: Int, sent: AsyncStream<[UInt8]>) {
    let (sent, sink) = AsyncStream<[UInt8]>.makeStream()
    let number = await center.open(TerminalSession(options: options)) { bytes in
      if let bytes { sink.yield(bytes) } else { sink.finish() }
      return true
    }
    return (try #require(number), sent)
  }

  /// What comes until it ends with `ending`.
  private func read(
    _ sent: inout AsyncStream<[UInt8]>.AsyncIterator, until ending: String
  ) async -> String {
    var bytes: [UInt8] = []
    while !bytes.suffix(ending.utf8.count).elementsEqual(ending.utf8), let part = await sent.next() { bytes += part }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("a thousand commands through handlers, with feedback, without loss")
  func thousand() async throws {
    let center = center
    try await center.handle("Audio Volume Set") { call throws(ControlError) in
      guard let level = call.integer("Level"), let path = ControlPath("Audio Volume") else { throw .notReady }
      await Task.yield()
      try await center.update([(path, .integer(level))])
      return []
    }
    let (number, sent) = try await open(options)
    var output = sent.makeAsyncIterator()
    await center.receive(Array("admin\rsecret\recho off\rxFeedback register /Status/Audio/Volume\r".utf8), from: number)
    _ = await read(&output, until: "** end\r\nOK\r\n")
    let commands = (1...1_000).map { "xCommand Audio Volume Set Level: \($0 % 2) | resultId=\"\($0)\"\r" }.joined()
    await center.receive(Array(commands.utf8), from: number)
    let answer = await read(&output, until: "** resultId: \"1000\"\r\n** end\r\n")
    let expected = (1...1_000).map {
      lines(
        "*s Audio Volume: \($0 % 2)", "** end", "OK", "*r AudioVolumeSetResult (status=OK):", "** resultId: \"\($0)\"",
        "** end")
    }
    #expect(answer == expected.joined())
  }

  @Test("a wrong password doesn't get in, and one terminal's end is not another's")
  func sessions() async throws {
    let (first, firstSent) = try await open(options)
    let (second, secondSent) = try await open(options)
    var (firstOutput, secondOutput) = (firstSent.makeAsyncIterator(), secondSent.makeAsyncIterator())
    await center.receive(Array("admin\rwrong\r".utf8), from: first)
    await center.receive(Array("admin\rsecret\r".utf8), from: second)
    #expect(await read(&firstOutput, until: "incorrect\r\n").hasSuffix("Login incorrect\r\n"))
    #expect(await read(&secondOutput, until: "OK\r\n\r\n").contains("*r Login successful\r\n"))
    await center.receive(Array("bye\r".utf8), from: second)
    while await secondOutput.next() != nil {}
    #expect(await center.sessionCount == 1)
    #expect(await center.isReadable(first))
    await center.close(first)
    #expect(await center.sessionCount == 0)
  }
}
