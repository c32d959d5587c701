import Audio
import FoundationEssentials

/// What has been measured in a room, and how its loudspeaker and microphones are to be used therefore: a JSON file that
/// `salle audio calibrate` writes and `salle join` reads.
public struct RoomProfile: Sendable, Hashable {
  /// Where an installed room has its profile.
  public static let path = "/var/lib/salle/room.json"
  private static let maximumFileSize: Int64 = 1_000_000

  /// The microphone or array that was measured, as a device rule; nil for any.
  public var microphone: String?
  /// The loudspeaker that was measured, as a device rule; nil for any.
  public var loudspeaker: String?
  /// How the loudspeaker is to be driven.
  public var drive: LoudspeakerProfile
  /// How the microphones differ.
  public var array: ArrayCalibration
  /// What was measured, for people.
  public var figures: Figures

  /// The measurement's figures.
  public struct Figures: Sendable, Hashable {
    /// From when a sample is sent until the first microphone hears it, in milliseconds.
    public var delayMilliseconds: Double
    /// Reverberation time at mid frequencies in seconds; nil if it couldn't be told.
    public var reverberationTime: Double?
    /// Harmonics' share of the amplitude.
    public var distortion: Double
    /// The sweep's level over the room's noise, in decibels.
    public var signalToNoise: Double

    /// Figures of a measurement.
    public init(
      delayMilliseconds: Double, reverberationTime: Double?, distortion: Double, signalToNoise: Double
    ) {
      self.delayMilliseconds = delayMilliseconds
      self.reverberationTime = reverberationTime
      self.distortion = distortion
      self.signalToNoise = signalToNoise
    }
  }

  /// The profile that follows from `measurement`.
  public init(_ measurement: RoomMeasurement, sweep: ExponentialSweep, microphone: String?, loudspeaker: String?) {
    self.microphone = microphone
    self.loudspeaker = loudspeaker
    // A loudspeaker that distorts audibly at the sweep's level gets little more than that.
    let ceiling = measurement.distortion > 0.1 ? min(-1, sweep.level + 6) : -1
    drive = LoudspeakerProfile(bands: EqualiserDesign.bands(for: measurement.response), ceiling: ceiling)
    array = ArrayCalibration(
      microphones: measurement.microphones.map { microphone in
        // Converters are late by several samples or not at all; less is the measurement's own uncertainty.
        ArrayCalibration.Microphone(gain: microphone.gain, lag: abs(microphone.lag) < 2.5 ? 0 : microphone.lag)
      })
    figures = Figures(
      delayMilliseconds: measurement.delayMilliseconds, reverberationTime: measurement.reverberationTime,
      distortion: measurement.distortion, signalToNoise: measurement.signalToNoise)
  }

  /// Reads the file at `path`.
  public init(contentsOf path: String) throws(MediaFileError) {
    let file = try InputFile(path: path)
    guard (1...Self.maximumFileSize).contains(file.size) else { throw file.malformed("it is empty or very long") }
    try self.init(json: try file.bytes(Int(file.size), at: 0), path: path)
  }

  /// Reads a profile. `path` is only for the error.
  public init(json bytes: [UInt8], path: String = "") throws(MediaFileError) {
    func malformed(_ detail: String) -> MediaFileError { MediaFileError(path: path, reason: .malformed(detail)) }
    let file: File
    do {
      file = try JSONDecoder().decode(File.self, from: Data(bytes))
    } catch {
      throw malformed("it isn't a room's profile")
    }
    guard file.version == 1 else { throw malformed("version \(file.version) isn't known") }
    guard file.equaliser.count <= Equaliser.maximumBandCount else {
      throw malformed("there are more than \(Equaliser.maximumBandCount) bands")
    }
    guard file.microphones.count <= MicrophoneArray.maximumCount else {
      throw malformed("there are more than \(MicrophoneArray.maximumCount) microphones")
    }
    var bands: [EqualiserBand] = []
    for band in file.equaliser {
      guard let kind = EqualiserBand.Kind(rawValue: band.kind),
        let made = EqualiserBand(kind, frequency: band.frequency_hz, gain: band.gain_db, quality: band.q)
      else { throw malformed("a band of the equaliser is none, or has values that it can't have") }
      bands.append(made)
    }
    microphone = file.microphone
    loudspeaker = file.loudspeaker
    drive = LoudspeakerProfile(bands: bands, ceiling: file.ceiling_dbfs)
    array = ArrayCalibration(
      microphones: file.microphones.map { ArrayCalibration.Microphone(gain: $0.gain_db, lag: $0.lag_samples) })
    figures = Figures(
      delayMilliseconds: file.delay_ms, reverberationTime: file.rt60_s, distortion: file.distortion,
      signalToNoise: file.signal_to_noise_db)
  }

  /// The file's text; nothing if it holds a figure that isn't a number, which no file can hold.
  public func json() -> [UInt8] {
    let file = File(
      version: 1, microphone: microphone, loudspeaker: loudspeaker, delay_ms: figures.delayMilliseconds,
      rt60_s: figures.reverberationTime, distortion: figures.distortion, signal_to_noise_db: figures.signalToNoise,
      ceiling_dbfs: drive.ceiling,
      equaliser: drive.bands.map {
        File.Band(kind: $0.kind.rawValue, frequency_hz: $0.frequency, gain_db: $0.gain, q: $0.quality)
      },
      microphones: array.microphones.map { File.Microphone(gain_db: $0.gain, lag_samples: $0.lag) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(file)).map { [UInt8]($0) + [UInt8(ascii: "\n")] } ?? []
  }

  /// Writes the file at `path`, which is there as a whole or stays as it was.
  public func write(to path: String) throws(MediaFileError) {
    let text = json()
    guard !text.isEmpty else { throw MediaFileError(path: path, reason: .malformed("a figure isn't a number")) }
    try AtomicFile.write(text, to: path)
  }

  // The fields' names in the file.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct File: Codable {
    struct Band: Codable {
      var kind: String
      var frequency_hz: Double
      var gain_db: Double
      var q: Double
    }

    struct Microphone: Codable {
      var gain_db: Double
      var lag_samples: Double
    }

    var version: Int
    var microphone: String?
    var loudspeaker: String?
    var delay_ms: Double
    var rt60_s: Double?
    var distortion: Double
    var signal_to_noise_db: Double
    var ceiling_dbfs: Double
    var equaliser: [Band]
    var microphones: [Microphone]
  }
}
