import Audio
import Testing

@testable import Devices

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `salle audio process`, as far as files go.
@Suite("The front end over files")
struct FrontEndFilesTests {
  /// A folder that goes away with the test.
  private final class Folder {
    let path: String

    init() {
      var name = Array("/tmp/salle-front-end-XXXXXX".utf8CString)
      path = name.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp"
      }
    }

    deinit {
      for name in ["mic.wav", "ref.wav", "out.wav", "geometry.json"] { unlink(path + "/" + name) }
      rmdir(path)
    }

    /// Writes `samples`, all channels the same, as 32-bit floats; returns the path.
    func wav(_ name: String, _ samples: [Float], channels: Int = 1, rate: Int = 48_000) throws -> String {
      func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
      let data = samples.flatMap { sample in
        (0..<channels).flatMap { _ in little(Int(sample.bitPattern), 4) }
      }
      var bytes = Array("RIFF".utf8) + little(36 + data.count, 4) + Array("WAVEfmt ".utf8)
      bytes += little(16, 4) + little(3, 2) + little(channels, 2) + little(rate, 4)
      bytes += little(rate * channels * 4, 4) + little(channels * 4, 2) + little(32, 2)
      bytes += Array("data".utf8) + little(data.count, 4) + data
      return try file(name, bytes)
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
      let path = path + "/" + name
      try AtomicFile.write(bytes, to: path)
      return path
    }
  }

  private func array(_ count: Int) throws -> MicrophoneArray {
    try MicrophoneArray(microphones: (0..<count).map { .init(x: 0.03 * Float($0), y: 0, z: 0) })
  }

  /// Processes one second of `mic` against `ref`, and reads what comes out.
  private func process(_ mic: [Float], _ ref: [Float]) throws -> [Float] {
    let folder = Folder()
    let outcome = try FrontEndFiles.process(
      capture: try folder.wav("mic.wav", mic, channels: 2), reference: try folder.wav("ref.wav", ref),
      array: array(2), output: folder.path + "/out.wav")
    #expect(outcome.seconds == Double(mic.count) / 48_000)
    #expect(outcome.realTimeFactor.isFinite && outcome.delayMilliseconds <= 20)
    let reader = try WAVReader(path: folder.path + "/out.wav")
    #expect(reader.sampleCount == Int64(mic.count) && reader.channelCount == 1)
    var result = [Float](repeating: .nan, count: mic.count)
    try result.withUnsafeMutableBufferPointer { samples in
      try reader.readChannels(count: mic.count) { _ in samples }
    }
    return result
  }

  @Test(
    "whatever the samples are, what comes out is sound",
    arguments: [
      [Float.nan], [Float.infinity, -Float.infinity], [1, 1, 1, -1, -1, -1], [0.7], [0], [3e38, -3e38], [1e-42],
    ])
  func insaneSamples(pattern: [Float]) throws {
    let samples = (0..<24_000).map { pattern[$0 % pattern.count] }
    for reference in [samples, [Float](repeating: 0, count: 24_000)] {
      #expect(try process(samples, reference).allSatisfy { $0.isFinite && abs($0) <= 1 })
    }
  }

  @Test("files of different lengths, even a single sample, are taken", arguments: [(1, 1), (479, 9_000), (9_001, 1)])
  func lengths(mic: Int, ref: Int) throws {
    let tone = (0..<10_000).map { 0.1 * sinf(Float($0) * 0.1) }
    #expect(try process(Array(tone[..<mic]), Array(tone[..<ref])).count == mic)
  }

  @Test("what can't be processed is refused with words that name the file")
  func refusals() throws {
    let folder = Folder()
    let good = try folder.wav("mic.wav", [Float](repeating: 0.1, count: 960), channels: 2)
    func refuse(_ mic: String, _ ref: String, _ count: Int, naming name: String) throws {
      #expect {
        _ = try FrontEndFiles.process(
          capture: mic, reference: ref, array: try array(count), output: folder.path + "/out.wav")
      } throws: { error in
        "\(error)".contains(name)
      }
    }
    // Another number of microphones.
    try refuse(good, good, 3, naming: "mic.wav")
    // No sound, no WAV file, no file.
    try refuse(good, try folder.wav("ref.wav", []), 2, naming: "ref.wav")
    try refuse(good, try folder.file("ref.wav", Array("RIFFnonsense".utf8)), 2, naming: "ref.wav")
    try refuse(good, try folder.file("ref.wav", []), 2, naming: "ref.wav")
    try refuse(good, folder.path + "/none.wav", 2, naming: "none.wav")
    // Another rate, and more loudspeakers than there are ears.
    try refuse(good, try folder.wav("ref.wav", [0.1, 0.1], rate: 44_100), 2, naming: "ref.wav")
    try refuse(good, try folder.wav("ref.wav", [0.1, 0.1], channels: 3), 2, naming: "ref.wav")
  }

  @Test(
    "geometries that can't be are refused",
    arguments: [
      "", "{}", "nonsense", #"{"array": {"mics_m": []}}"#, #"{"array": {"mics_m": [[0, 0]]}}"#,
      #"{"array": {"mics_m": [[0, 0, 1e9]]}}"#, #"{"array": {"mics_m": [[0, 0, "x"]]}}"#,
      #"{"array": {"mics_m": [[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0],[0,0,0]]}}"#,
    ])
  func geometries(text: String) throws {
    let folder = Folder()
    let path = try folder.file("geometry.json", Array(text.utf8))
    #expect { _ = try MicrophoneArray(contentsOf: path) } throws: { "\($0)".contains("geometry.json") }
  }
}
