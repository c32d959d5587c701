import Foundation

@testable import WebRTC

/// The captured descriptions, each named after the program that wrote it, its version and the occasion.
enum SDPSamples {
  static let names: [String] = {
    let folder = Bundle.module.bundleURL.appendingPathComponent("Samples/SDP")
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".sdp") }.sorted()
  }()

  static func text(_ name: String) throws -> String {
    try String(contentsOf: Bundle.module.bundleURL.appendingPathComponent("Samples/SDP/\(name)"), encoding: .utf8)
  }

  static func description(_ prefix: String) throws -> SessionDescription {
    let name = names.first { $0.hasPrefix(prefix) } ?? prefix
    return try SessionDescription(parsing: text(name))
  }
}
