import Control
import ControlServer
import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@Suite("Terminals by TLS")
struct TerminalServerTests {
  @Test("whoever signs in is greeted, and commands are answered")
  func session() async throws {
    try await ServerHarness.with { server in
      let client = try await server.connect(to: server.ports.terminal)
      #expect(try await client.read(until: "login: ") == "login: ")
      client.send("admin\r\n")
      #expect(try await client.read(until: "Password: ") == "admin\r\nPassword: ")
      client.send("secret\r\n")
      let welcome = "\r\nWelcome to Rivoli\r\nSalle 1.2\r\n*r Login successful\r\n\r\nOK\r\n\r\n"
      #expect(try await client.read(until: "OK\r\n\r\n") == welcome)
      client.send("echo off\r\nxCommand Audio Volume Set Level: 20\r\n")
      _ = try await client.read(until: "*r AudioVolumeSetResult (status=OK):\r\n** end\r\n")
      client.send("xStatus Audio Volume\r\n")
      #expect(try await client.read(until: "** end\r\n").contains("*s Audio Volume: 20\r\n"))
      client.send("bye\r\n")
      _ = try await client.readToEnd()
      #expect(await server.center.sessionCount == 0)
    }
  }

  @Test("wrong passwords end the connection, after pauses")
  func wrongPassword() async throws {
    try await ServerHarness.with { server in
      let client = try await server.connect(to: server.ports.terminal)
      for _ in 1...3 {
        _ = try await client.read(until: "login: ")
        client.send("admin\r\nwrong\r\n")
        _ = try await client.read(until: "Login incorrect\r\n")
      }
      _ = try await client.readToEnd()
    }
  }

  @Test("a thousand commands in one piece, with feedback, without loss and in order")
  func thousand() async throws {
    try await ServerHarness.with { server in
      let client = try await server.terminal()
      client.send("xFeedback register /Status/Audio/Volume\r")
      _ = try await client.read(until: "OK\r\n")
      let began = ContinuousClock.now
      client.send((1...1_000).map { "xCommand Audio Volume Set Level: \($0 % 2) | resultId=\"\($0)\"\r" }.joined())
      let answer = try await client.read(until: "** resultId: \"1000\"\r\n** end\r\n")
      print("1,000 commands: \(ContinuousClock.now - began)")
      let tags = answer.matches(of: /resultId: "(\d+)"/).compactMap { Int($0.1) }
      #expect(tags == Array(1...1_000))
      #expect(answer.matches(of: /\*s Audio Volume: [01]\r\n/).count == 1_000)
    }
  }

  @Test("answers larger than what a peer may be owed arrive whole, if the peer reads")
  func largeAnswers() async throws {
    try await ServerHarness.with { server in
      let client = try await server.terminal()
      client.send("xCommand ??\r\n")
      let length = try await client.read(until: "OK\r\n").utf8.count
      let count = 6_000_000 / length
      client.send(String(repeating: "xCommand ??\r\n", count: count))
      _ = try await client.read(count: count * length)
      client.send("bye\r\n")
      #expect(try await client.readToEnd().trimmingCharacters(in: .whitespacesAndNewlines).isEmpty)
    }
  }

  @Test("a peer that reads nothing is let go, and nobody else suffers")
  func slowClient() async throws {
    try await ServerHarness.with { server in
      let slow = try await server.terminal()
      slow.send("xFeedback register /Status\r\n")
      _ = try await slow.read(until: "OK\r\n")
      try await slow.channel.setOption(.autoRead, value: false).get()
      let fine = try await server.terminal()
      // More than the kernel's buffers of both ends and what a peer may be owed.
      var count = 0
      while await server.center.sessionCount > 1, count < 1_000 {
        count += 1
        let text = String(repeating: "x", count: 1_000) + String(count)
        try await server.center.update(
          (1...50).map { item in
            let path = [ControlPath.Component("Diagnostics"), .init("Message", item: item), .init("Description")]
            return (ControlPath(path), .string(text))
          })
      }
      #expect(await server.center.sessionCount == 1)
      fine.send("xStatus Audio Volume\r\n")
      _ = try await fine.read(until: "*s Audio Volume: 50\r\n** end\r\n")
    }
  }

  @Test("garbage, a megabyte without an end, and the end of a connection in the middle harm nothing")
  func garbage() async throws {
    try await ServerHarness.with { server in
      // Not TLS at all.
      let plain = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(host: "127.0.0.1", port: server.ports.terminal ?? 0).get()
      try await plain.writeAndFlush(ByteBuffer(string: "xStatus\r\n\r\n")).get()
      try await plain.closeFuture.get()
      let client = try await server.terminal()
      client.send((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 167) })
      client.send(String(repeating: "y", count: 1_000_000) + "\r\n")
      client.send("xStatus Audio Volume\r\n")
      _ = try await client.read(until: "*s Audio Volume: 50\r\n** end\r\n")
      let other = try await server.terminal()
      other.send("xStatus Aud")
      other.close()
      try await other.channel.closeFuture.get()
      client.send("xStatus Audio Volume\r\n")
      _ = try await client.read(until: "*s Audio Volume: 50\r\n** end\r\n")
    }
  }

  @Test("there are only so many connections, and room again when one ends")
  func limit() async throws {
    try await ServerHarness.with { server in
      var clients: [TLSClient] = []
      for _ in 0..<64 {
        let client = try await server.connect(to: server.ports.terminal)
        _ = try await client.read(until: "login: ")
        clients.append(client)
      }
      let tooMany = try? await server.connect(to: server.ports.terminal)
      #expect(try await tooMany?.readToEnd() ?? "" == "")
      clients[0].send("admin\r\nsecret\r\nbye\r\n")
      _ = try await clients[0].readToEnd()
      // The place is free when the server has seen the end, which is a moment later.
      var greeted = false
      while !greeted {
        guard let client = try? await server.connect(to: server.ports.terminal) else { continue }
        greeted = (try? await client.read(until: "login: ")) != nil
      }
    }
  }

  @Test("TLS 1.1 is refused, 1.2 is taken")
  func versions() async throws {
    try await ServerHarness.with { server in
      let old = try? await TLSClient(port: server.ports.terminal ?? 0, version: .tlsv11)
      #expect(try await old?.readToEnd() ?? "" == "")
      let fine = try await TLSClient(port: server.ports.terminal ?? 0, version: .tlsv12)
      _ = try await fine.read(until: "login: ")
    }
  }

  @Test("without a certificate, with a wrong one, or on a taken port it doesn't begin")
  func refusals() async throws {
    let center = ControlCenter(authenticator: { _, _ in nil })
    var configuration = ControlServerConfiguration(terminal: ListenAddress("127.0.0.1:0"))
    func run() async throws {
      try await ControlServer(center: center, configuration: configuration, logger: Logger(label: "test")).run()
    }
    await #expect(throws: ControlServerError.missingCertificate) { try await run() }
    configuration.certificatePath = "/nowhere"
    configuration.privateKeyPath = "/nowhere"
    await #expect(throws: ControlServerError.self) { try await run() }
    try await ServerHarness.with { server in
      let files = try TestCertificate.shared.get()
      let configuration = ControlServerConfiguration(
        terminal: server.ports.terminal.map { ListenAddress(host: "127.0.0.1", port: $0) },
        certificatePath: files.certificate, privateKeyPath: files.key)
      let server = ControlServer(center: center, configuration: configuration, logger: Logger(label: "test"))
      await #expect(throws: ControlServerError.self) { try await server.run() }
      await #expect(throws: ControlServerError.self) { try await server.ports }
    }
  }

  @Test("addresses as they are written")
  func addresses() {
    #expect(ListenAddress("127.0.0.1:23") == ListenAddress(host: "127.0.0.1", port: 23))
    #expect(ListenAddress("[::1]:443") == ListenAddress(host: "::1", port: 443))
    #expect(ListenAddress(":443") == ListenAddress(host: "::", port: 443))
    #expect(ListenAddress("::1:443") == nil && ListenAddress("a:70000") == nil && ListenAddress("a") == nil)
    #expect(ListenAddress(host: "::1", port: 1).description == "[::1]:1")
  }
}
