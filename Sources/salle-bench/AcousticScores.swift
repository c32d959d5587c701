import Devices
import FoundationEssentials

/// The acoustic benchmark's scores by scenario, as a table in Markdown.
struct AcousticScores {
  private struct Scores: Decodable {
    var cases: [Case]
  }

  private struct Case: Decodable {
    var group: String
    var scenario: String
    var values: [String: Double]

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      group = try container.decode(String.self, forKey: Key(stringValue: "group"))
      scenario = try container.decode(String.self, forKey: Key(stringValue: "scenario"))
      values = [:]
      // What has no figure in a case, or isn't one, is left out.
      for key in container.allKeys {
        if let value = try? container.decode(Double.self, forKey: key) { values[key.stringValue] = value }
      }
    }
  }

  /// The columns: heading, name in the file, digits behind the point.
  private static let columns: [(String, String, Int)] = [
    ("ERLE", "erle_conv_db", 1), ("p10", "erle_p10_db", 1), ("20 dB after s", "t20_s", 2),
    ("after change", "erle_after_event_db", 1), ("AECMOS echo", "aec_echo", 2), ("degradation", "aec_deg", 2),
    ("ESTOI", "estoi", 3), ("ESTOIe", "estoi_e", 3), ("cut %", "near_cut_pct", 1), ("NR dB", "noise_red_db", 1),
    ("DNSMOS", "dns_ovrl", 2),
  ]

  private let cases: [Case]

  /// Reads what `score.py --json` wrote.
  init(contentsOf path: String) throws {
    guard let data = FileManager.default.contents(atPath: path) else { throw BenchError("can't read \(path)") }
    cases = try JSONDecoder().decode(Scores.self, from: data).cases
  }

  /// A row for each scenario, then one for each group.
  var table: String {
    var lines = [
      "| scenario | cases | " + Self.columns.map(\.0).joined(separator: " | ") + " |",
      "| --- |" + String(repeating: " ---: |", count: Self.columns.count + 1),
    ]
    for group in ["far", "near", "double"] {
      let members = cases.filter { $0.group == group }
      for scenario in Set(members.map(\.scenario)).sorted() {
        lines.append(row(scenario, members.filter { $0.scenario == scenario }))
      }
      if !members.isEmpty { lines.append(row("**all of “\(group)”**", members)) }
    }
    return lines.joined(separator: "\n")
  }

  private func row(_ name: String, _ cases: [Case]) -> String {
    let figures = Self.columns.map { _, key, digits in
      let values = cases.compactMap { $0.values[key] }
      guard !values.isEmpty else { return "–" }
      return Self.text(values.reduce(0, +) / Double(values.count), digits)
    }
    return "| \(name) | \(cases.count) | " + figures.joined(separator: " | ") + " |"
  }

  private static func text(_ value: Double, _ digits: Int) -> String {
    let scale = digits == 1 ? 10 : digits == 2 ? 100 : 1_000
    let number = Int((abs(value) * Double(scale)).rounded())
    let rest = "\(number % scale)"
    return (value < 0 && number > 0 ? "-" : "") + "\(number / scale)."
      + String(repeating: "0", count: digits - rest.count) + rest
  }
}
