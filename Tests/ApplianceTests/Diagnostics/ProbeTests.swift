import Foundation
import HTTPExchange
import Testing
import Visio

@testable import Appliance

/// What is read of the kernel's files and of the instance's answers.
@Suite("Probes")
struct ProbeTests {
  private let root: TemporaryDirectory

  init() throws { root = try TemporaryDirectory() }

  private func put(_ text: String, at path: String) throws {
    let url = URL(filePath: root.file(path))
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private var path: String { root.path }

  @Test("memory, temperature and supply are read from the kernel's files")
  func computer() throws {
    try put("MemTotal:        4000000 kB\nMemFree:  9 kB\nMemAvailable:    1000000 kB\n", at: "proc/meminfo")
    try put("45200\n", at: "sys/class/thermal/thermal_zone0/temp")
    try put("61000\n", at: "sys/class/thermal/thermal_zone1/temp")
    try put("-274000\n", at: "sys/class/thermal/thermal_zone2/temp")
    try put("0\n", at: "sys/class/hwmon/hwmon0/in0_lcrit_alarm")
    let probe = SystemProbe(directory: path, certificate: nil, root: path)
    var facts = probe.facts(at: RoomHarness.date)
    #expect(facts.availableMemory == 0.25 && facts.temperature == 61 && !facts.isUnderVoltage)
    #expect(try #require(facts.freeBytes) > 0 && !facts.isReadOnly && facts.certificateExpiry == nil)
    try put("1\n", at: "sys/class/hwmon/hwmon0/in0_lcrit_alarm")
    facts = probe.facts()
    #expect(facts.isUnderVoltage)
  }

  @Test("a computer that shows nothing has nothing wrong with it")
  func bare() {
    var facts = SystemProbe(directory: path + "/nowhere", certificate: "/nowhere", root: path).facts(
      at: RoomHarness.date)
    facts.isClockSynchronised = nil
    var bare = SystemFacts()
    bare.date = RoomHarness.date
    #expect(facts == bare)
  }

  @Test("garbage in the kernel's place is passed over")
  func garbage() throws {
    for text in ["", "MemTotal:\nMemAvailable: x kB", "MemTotal: 0 kB\nMemAvailable: 1 kB", "\0\u{FFFD}"] {
      try put(text, at: "proc/meminfo")
      try put(text, at: "sys/class/thermal/thermal_zone0/temp")
      let facts = SystemProbe(directory: path, certificate: path + "/proc/meminfo", root: path).facts()
      #expect(facts.availableMemory == nil && facts.temperature == nil && facts.certificateExpiry == nil)
    }
  }

  @Test("the end of the room's own certificate is read")
  func certificate() throws {
    let paths = try DeviceCertificate.find(in: path, names: [])
    let expiry = try #require(SystemProbe.expiry(of: paths.certificate))
    let years = expiry.timeIntervalSinceNow / (365 * 86_400)
    #expect((9.9...10.1).contains(years))
    #expect(SystemProbe.expiry(of: paths.key) == nil)
  }

  /// A transport that answers the same always.
  private struct Fixed: HTTPTransport {
    var answer: Result<HTTPResponse, HTTPTransportError>

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse { try answer.get() }
  }

  private func facts(_ answer: Result<HTTPResponse, HTTPTransportError>) async throws -> NetworkFacts {
    let instance = try #require(VisioInstance("https://visio.example.fr"))
    return await NetworkProbe(instance: instance, transport: Fixed(answer: answer), root: path).facts {
      RoomHarness.date
    }
  }

  @Test(
    "an instance that can't be asked is told by what went wrong",
    arguments: [
      (HTTPTransportError.nameNotResolved, NetworkFacts.Instance.unknown), (.unreachable, .unreachable),
      (.timedOut, .unreachable), (.untrustedCertificate, .untrusted), (.tlsFailed, .notEncrypted),
    ])
  func unreachable(error: HTTPTransportError, outcome: NetworkFacts.Instance) async throws {
    #expect(try await facts(.failure(error)).instance == outcome)
  }

  @Test("another site, an error and a clock that is off are told apart")
  func answers() async throws {
    let page = HTTPResponse(
      status: 200,
      headers: [HTTPField("Content-Type", "text/html"), HTTPField("Date", "Mon, 23 Nov 2026 13:00:00 GMT")],
      body: Array("<html>".utf8))
    var found = try await facts(.success(page))
    #expect(found.instance == .foreign)
    // 13:05 here.
    #expect(found.clockLead == 300)
    found = try await facts(.success(HTTPResponse(status: 503)))
    #expect(found.instance == .failing && found.clockLead == nil)
    found = try await facts(.success(HTTPResponse(status: 503, headers: [HTTPField("Date", "yesterday")])))
    #expect(found.clockLead == nil)
    found = await NetworkProbe(instance: nil, transport: Fixed(answer: .failure(.unreachable)), root: path).facts()
    #expect(found.instance == .unset)
  }

  @Test("cable, way out and name server are read from the kernel's files and the resolver's")
  func surroundings() async throws {
    func read() async -> NetworkFacts {
      await NetworkProbe(instance: nil, transport: Fixed(answer: .failure(.unreachable)), root: path).facts()
    }
    var found = await read()
    #expect(!found.hasLink && !found.hasRoute && !found.hasNameServer)
    try put("1\n", at: "sys/class/net/lo/carrier")
    #expect(await !read().hasLink)
    try put("1\n", at: "sys/class/net/eth0/carrier")
    let head = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
    try put(head + "eth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", at: "proc/net/route")
    try put("# nameserver 1.1.1.1\n", at: "etc/resolv.conf")
    found = await read()
    #expect(found.hasLink && !found.hasRoute && !found.hasNameServer)
    try put(head + "eth0\t00000000\t0100020A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n", at: "proc/net/route")
    try put("nameserver 192.0.2.53\n", at: "etc/resolv.conf")
    found = await read()
    #expect(found.hasRoute && found.hasNameServer)
    try put("", at: "proc/net/route")
    let zero = String(repeating: "0", count: 32)
    let gateway = "fe80" + String(repeating: "0", count: 27) + "1"
    try put("\(zero) 00 \(zero) 00 \(gateway) 00000400 00000001 00000000 00450003 eth0\n", at: "proc/net/ipv6_route")
    #expect(await read().hasRoute)
    // The kernel's own route to nowhere.
    try put("\(zero) 00 \(zero) 00 \(zero) ffffffff 00000001 00000000 00200200 lo\n", at: "proc/net/ipv6_route")
    #expect(await !read().hasRoute)
  }
}
