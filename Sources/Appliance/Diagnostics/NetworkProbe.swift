import Foundation
import HTTPExchange
import NIOCore
import Synchronization
import Visio

/// Finds out how things stand with the network: what the kernel shows of it, and whether the Visio instance answers.
public struct NetworkProbe: Sendable {
  /// What the instance has time for.
  private static let timeout = Duration.seconds(8)

  private let instance: VisioInstance?
  private let transport: any HTTPTransport
  private let root: String

  /// A probe.
  /// - Parameters:
  ///   - instance: the one to ask; nil when none is configured.
  ///   - root: what `/proc`, `/sys` and `/etc` are below; a test has its own.
  public init(instance: VisioInstance?, transport: any HTTPTransport, root: String = "") {
    self.instance = instance
    self.transport = transport
    self.root = root
  }

  /// How things stand now; waits for the instance's answer.
  public func facts(at date: @Sendable () -> Date = { Date() }) async -> NetworkFacts {
    var facts = NetworkFacts()
    facts.hasLink = hasLink
    facts.hasAddress = hasAddress
    facts.hasRoute = hasRoute
    facts.hasNameServer = hasNameServer
    guard let instance else {
      facts.instance = .unset
      return facts
    }
    let watch = DateWatch(transport)
    do throws(VisioError) {
      _ = try await VisioClient(instance: instance, transport: watch, timeout: Self.timeout).configuration()
      facts.instance = .reached
    } catch {
      facts.instance = Self.outcome(error)
    }
    // A machine that has only itself needs neither cable nor address.
    if instance.isLoopback { (facts.hasLink, facts.hasAddress) = (true, true) }
    facts.clockLead = watch.serverDate.map { date().timeIntervalSince($0) }
    return facts
  }

  private static func outcome(_ error: VisioError) -> NetworkFacts.Instance? {
    switch error {
    case .instanceNotFound: .unknown
    case .instanceUnreachable, .timedOut: .unreachable
    case .untrustedCertificate: .untrusted
    case .tlsFailed: .notEncrypted
    case .notVisio, .redirectRefused: .foreign
    case .cancelled: nil
    default: .failing
    }
  }

  private var hasLink: Bool {
    interfaces.contains { text("/sys/class/net/\($0)/carrier") == "1" }
  }

  private var interfaces: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root + "/sys/class/net")) ?? []).filter { $0 != "lo" }
  }

  private var hasAddress: Bool {
    ((try? System.enumerateDevices()) ?? []).contains { device in
      guard let text = device.address?.ipAddress?.lowercased() else { return false }
      return !["127.", "169.254.", "fe80:"].contains(where: text.hasPrefix) && text != "::1"
    }
  }

  /// A route to everywhere, of IPv4 or IPv6.
  private var hasRoute: Bool {
    let four = (text("/proc/net/route") ?? "").split(separator: "\n").dropFirst().contains { line in
      let fields = line.split(whereSeparator: \.isWhitespace)
      return fields.count > 7 && fields[1] == "00000000" && fields[7] == "00000000"
    }
    let six = (text("/proc/net/ipv6_route") ?? "").split(separator: "\n").contains { line in
      let fields = line.split(whereSeparator: \.isWhitespace)
      return fields.count > 9 && fields[0].allSatisfy { $0 == "0" } && fields[1] == "00" && fields[9] != "lo"
        && fields[4].contains { $0 != "0" }
    }
    return four || six
  }

  private var hasNameServer: Bool {
    (text("/etc/resolv.conf") ?? "").split(separator: "\n").contains { $0.hasPrefix("nameserver ") }
  }

  private func text(_ path: String) -> String? {
    // The kernel's files have no length, and some can't be read while an interface is down.
    guard let data = FileManager.default.contents(atPath: root + path), data.count <= 1_048_576 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// A transport that notes what date a server says it has (RFC 9110, section 6.6.1).
private final class DateWatch: HTTPTransport {
  private let transport: any HTTPTransport
  private let date = Mutex<Date?>(nil)

  init(_ transport: any HTTPTransport) { self.transport = transport }

  var serverDate: Date? { date.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    let response = try await transport.send(request)
    if let found = response.header("Date").flatMap(Self.date) { date.withLock { $0 = found } }
    return response
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// A date as servers write it: "Mon, 23 Nov 2026 13:00:00 GMT"; nil for others.
  private static func date(_ text: String) -> Date? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int(words[1]),
      let month = months.firstIndex(of: String(words[2])),
      let year = Int(words[3])
    else { return nil }
    let time = words[4].split(separator: ":").compactMap { Int($0) }
    guard time.count == 3 else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar.date(
      from: DateComponents(
        year: year, month: month + 1, day: day, hour: time[0], minute: time[1], second: time[2]))
  }
}
