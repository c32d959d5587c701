import Control
import ControlServer
import Foundation
import Glibc
import Synchronization
import Testing

/// The other end of a serial line, made of a pseudo-terminal.
private final class Cable: Sendable {
  /// TIOCSPTLCK and TIOCGPTN, which Swift doesn't see.
  private static let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

  let folder: URL
  private let end = Mutex<CInt>(-1)
  private var descriptor: CInt { end.withLock { $0 } }

  /// Where the device finds its end.
  var path: String { folder.appending(path: "port").path }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "salle-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try plug()
  }

  deinit {
    unplug()
    try? FileManager.default.removeItem(at: folder)
  }

  func plug() throws {
    let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
    end.withLock { $0 = descriptor }
    var (lock, number): (CInt, CInt) = (0, 0)
    guard descriptor >= 0, ioctl(descriptor, Self.setLock, &lock) == 0, ioctl(descriptor, Self.getNumber, &number) == 0
    else { throw CocoaError(.fileReadUnknown) }
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/pts/\(number)")
  }

  func unplug() {
    end.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  func send(_ text: String) async throws {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else { try await Task.sleep(for: .milliseconds(1)) }
    }
  }

  /// What comes up to and with `ending`.
  func read(until ending: String) async throws -> String {
    var bytes: [UInt8] = []
    let deadline = ContinuousClock.now + .seconds(10)
    while bytes.firstRange(of: ending.utf8) == nil {
      var buffer = [UInt8](repeating: 0, count: 4_096)
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count > 0 {
        bytes += buffer[..<count]
      } else {
        guard ContinuousClock.now < deadline else {
          throw TLSClient.Missing(text: ending, received: String(decoding: bytes, as: UTF8.self))
        }
        try await Task.sleep(for: .milliseconds(1))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The line's settings, as the device has made them.
  func modes() throws -> termios {
    var modes = termios()
    guard tcgetattr(descriptor, &modes) == 0 else { throw CocoaError(.fileReadUnknown) }
    return modes
  }
}

@Suite("Terminals on serial ports")
struct SerialFaceTests {
  @Test("a driver's session, byte by byte: login, echo off, feedback, commands, with CR, LF and CRLF")
  func session() async throws {
    let cable = try Cable()
    try await ServerHarness.with(serial: [SerialPortSettings(path: cable.path)]) { server in
      #expect(try await cable.read(until: "login: ") == "login: ")
      var modes = try cable.modes()
      #expect(cfgetospeed(&modes) == speed_t(B115200))
      try await cable.send("panel\r")
      #expect(try await cable.read(until: "Password: ") == "panel\r\nPassword: ")
      try await cable.send("secret\r\n")
      let welcome = "\r\nWelcome to Rivoli\r\nSalle 1.2\r\n*r Login successful\r\n\r\nOK\r\n\r\n"
      #expect(try await cable.read(until: "OK\r\n\r\n") == welcome)
      try await cable.send("echo off\n")
      _ = try await cable.read(until: "OK\r\n")
      try await cable.send("xFeedback register /Status/Audio/Volume\r\n")
      #expect(try await cable.read(until: "OK\r\n") == "** end\r\nOK\r\n")
      try await cable.send("xCommand Audio Volume Set Level: 33\r")
      #expect(
        try await cable.read(until: "=OK):\r\n** end\r\n")
          == "*s Audio Volume: 33\r\n** end\r\nOK\r\n*r AudioVolumeSetResult (status=OK):\r\n** end\r\n")
      try await cable.send("xStatus Audio Volume\n")
      #expect(try await cable.read(until: "** end\r\n") == "*s Audio Volume: 33\r\n** end\r\n")
      // A break gives the line up that has begun.
      try await cable.send("xCommand Standby Act\0xStatus Audio Volume\r")
      #expect(try await cable.read(until: "** end\r\n") == "*s Audio Volume: 33\r\n** end\r\n")
      // The line stays when the session ends.
      try await cable.send("bye\r")
      _ = try await cable.read(until: "login: ")
    }
  }

  @Test("an adapter that is pulled out and put back works again, and asks for the login again")
  func unplugging() async throws {
    let cable = try Cable()
    try await ServerHarness.with(serial: [SerialPortSettings(path: cable.path)]) { server in
      for _ in 0..<3 {
        _ = try await cable.read(until: "login: ")
        try await cable.send("panel\rsecret\r")
        _ = try await cable.read(until: "OK\r\n\r\n")
        try await cable.send("xStatus Audio")
        cable.unplug()
        while await server.center.sessionCount > 0 { try await Task.sleep(for: .milliseconds(1)) }
        try cable.plug()
      }
      _ = try await cable.read(until: "login: ")
    }
  }

  @Test("rate and login follow the settings; a port that isn't there is waited for")
  func settings() async throws {
    let cable = try Cable()
    cable.unplug()
    try await ServerHarness.with(serial: [SerialPortSettings(path: cable.path)]) { server in
      let rate = try #require(ControlPath("SerialPort BaudRate"))
      let login = try #require(ControlPath("SerialPort LoginRequired"))
      try cable.plug()
      _ = try await cable.read(until: "login: ")
      _ = try await server.center.perform(.set(rate, "9600"), role: .admin)
      _ = try await cable.read(until: "login: ")
      var modes = try cable.modes()
      #expect(cfgetospeed(&modes) == speed_t(B9600))
      _ = try await server.center.perform(.set(login, "Off"), role: .admin)
      _ = try await cable.read(until: "*r Login successful\r\n\r\nOK\r\n\r\n")
      // Without a login, an integrator's rights and no more.
      try await cable.send("echo off\rxConfiguration SystemUnit Name: x\r")
      _ = try await cable.read(until: "Permission denied")
    }
  }

  @Test("garbage and a megabyte without an end harm nothing")
  func garbage() async throws {
    let cable = try Cable()
    let settings = SerialPortSettings(path: cable.path, requiresLogin: false)
    try await ServerHarness.with(serial: [settings]) { server in
      _ = try await cable.read(until: "OK\r\n\r\n")
      try await cable.send("echo off\r")
      _ = try await cable.read(until: "OK\r\n")
      let reader = Task { try await cable.read(until: "*s Audio Volume: 50\r\n** end\r\n") }
      try await cable.send(String(repeating: "\u{7f}é\u{1b}[A\u{3}", count: 5_000) + "\r")
      try await cable.send(String(repeating: "y", count: 1_000_000) + "\r\n")
      try await cable.send("xStatus Audio Volume\r\n")
      _ = try await reader.value
    }
  }
}
