import COpenSSL
import CTimex
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Finds out how things stand with the computer, by what its kernel shows in files. Takes some milliseconds.
public struct SystemProbe: Sendable {
  /// Where the kernel's files are; a test has its own.
  private let root: String
  private let directory: String
  private let certificate: String?

  /// A probe.
  /// - Parameters:
  ///   - directory: where the room keeps what lasts.
  ///   - certificate: the file with the certificate that panels see, PEM; nil when there is none.
  ///   - root: what `/proc` and `/sys` are below.
  public init(directory: String, certificate: String?, root: String = "") {
    self.directory = directory
    self.certificate = certificate
    self.root = root
  }

  /// How things stand now.
  public func facts(at date: Date = Date()) -> SystemFacts {
    var facts = SystemFacts()
    facts.date = date
    var space = statvfs()
    if statvfs(directory, &space) == 0 {
      let (free, isTooMuch) = UInt64(space.f_bavail).multipliedReportingOverflow(by: UInt64(space.f_frsize))
      facts.freeBytes = isTooMuch ? .max : Int64(clamping: free)
      facts.isReadOnly = UInt64(space.f_flag) & UInt64(ST_RDONLY) != 0
    }
    facts.availableMemory = availableMemory
    facts.temperature = temperature
    facts.isUnderVoltage = isUnderVoltage
    facts.isClockSynchronised = Self.isClockSynchronised
    facts.certificateExpiry = certificate.flatMap { Self.expiry(of: $0) }
    return facts
  }

  /// `/proc/meminfo`.
  private var availableMemory: Double? {
    guard let text = text("/proc/meminfo") else { return nil }
    func value(_ name: String) -> Double? {
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name + ":") }) else { return nil }
      return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }
    }
    guard let total = value("MemTotal"), total > 0, let available = value("MemAvailable") else { return nil }
    return available / total
  }

  /// The kernel's thermal zones, in thousandths of a degree.
  private var temperature: Double? {
    entries("/sys/class/thermal").filter { $0.hasPrefix("thermal_zone") }
      .compactMap { text("/sys/class/thermal/\($0)/temp").flatMap { Double($0) } }
      // What isn't plausible is a sensor that isn't there.
      .map { $0 / 1_000 }.filter { (-40...150).contains($0) }.max()
  }

  /// The kernel's hardware monitors: the alarm of a supply's lower limit.
  private var isUnderVoltage: Bool {
    entries("/sys/class/hwmon").contains { monitor in
      entries("/sys/class/hwmon/\(monitor)").contains { name in
        name.hasPrefix("in") && name.hasSuffix("_lcrit_alarm") && text("/sys/class/hwmon/\(monitor)/\(name)") == "1"
      }
    }
  }

  /// What the kernel knows of whoever sets its clock (adjtimex(2)).
  private static var isClockSynchronised: Bool? {
    switch salle_clock_is_synchronised() {
    case 0: false
    case 1: true
    default: nil
    }
  }

  /// Until when the first certificate of a PEM file is valid.
  static func expiry(of path: String) -> Date? {
    guard let file = BIO_new_file(path, "r") else { return nil }
    defer { BIO_free(file) }
    guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else { return nil }
    defer { X509_free(certificate) }
    var time = tm()
    guard ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1 else { return nil }
    return Date(timeIntervalSince1970: Double(timegm(&time)))
  }

  private func text(_ path: String) -> String? {
    guard let data = FileManager.default.contents(atPath: root + path), data.count <= 65_536 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func entries(_ path: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: root + path)) ?? []
  }
}
