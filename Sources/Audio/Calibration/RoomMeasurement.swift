#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a sweep through the room's loudspeaker, heard by its microphones, says of the room and of the devices. A function
/// of the recording alone.
public struct RoomMeasurement: Sendable, Equatable {
  /// Why a recording says nothing.
  public enum Failure: Error, Equatable {
    /// The recording is shorter than the sweep, has no microphones, or more than an array may have.
    case malformed
    /// The sweep is hardly louder than the room, by so many decibels: volume too low, or the wrong loudspeaker.
    case nothingHeard(signalToNoise: Double)
    /// The sweep overloads this microphone: turn the volume or the microphone's gain down.
    case overloaded(microphone: Int)
  }

  /// A part of the spectrum.
  public struct Band: Sendable, Equatable {
    /// Its middle, in Hz.
    public var frequency: Double
    /// In decibels, or in seconds.
    public var value: Double

    /// A band.
    public init(frequency: Double, value: Double) {
      self.frequency = frequency
      self.value = value
    }
  }

  /// One of the microphones, against the others.
  public struct Microphone: Sendable, Equatable {
    /// By how many decibels it is more sensitive than their median.
    public var gain: Double
    /// By how many samples its channel is later than their median, the sound's way apart.
    public var lag: Double
  }

  /// Samples before the sweep, in which the room's noise is measured: half a second.
  public static let silenceCount = AudioBlock.sampleRate / 2
  /// Samples after the sweep, in which it dies away: as much as the longest delay and reverberation take.
  public static let tailCount = AudioBlock.sampleRate * 3 / 2

  /// From when a sample is sent until it is heard by the first microphone, in milliseconds.
  public let delayMilliseconds: Double
  /// The sweep's level over that of the room's noise, in decibels.
  public let signalToNoise: Double
  /// In how many seconds sound falls by 60 dB (ISO 3382-2, T20 or T30), in octaves; those in which it can't be told are
  /// missing.
  public let reverberation: [Band]
  /// The power of the loudspeaker's harmonics against that of what it is sent, as a ratio of amplitudes: 0.01 is 1 %.
  public let distortion: Double
  /// The response from the loudspeaker to the microphones on average, in decibels, by thirds of an octave.
  public let response: [Band]
  /// The microphones in their order.
  public let microphones: [Microphone]
  /// The first microphone's impulse response, from the instant at which it is sent.
  public let impulseResponse: [Float]

  /// The mean reverberation time of the octaves around 500 Hz and 1 kHz, as ISO 3382-2 sums it up; nil if unknown.
  public var reverberationTime: Double? {
    let middle = reverberation.filter { (400...1_200).contains($0.frequency) }
    return middle.isEmpty ? nil : middle.reduce(0) { $0 + $1.value } / Double(middle.count)
  }

  /// Analyses `recording`, one list of samples per microphone: `silenceCount` samples of the quiet room, then the sweep,
  /// from its being sent on, and its dying away.
  /// - Parameter array: where the microphones are; without, their lags can't be told from the sound's ways and count as 0.
  public init(recording: [[Float]], sweep: ExponentialSweep, array: MicrophoneArray? = nil) throws(Failure) {
    let needed = Self.silenceCount + sweep.sampleCount + 4_800
    guard (1...MicrophoneArray.maximumCount).contains(recording.count),
      recording.allSatisfy({ $0.count >= needed })
    else { throw .malformed }
    for (microphone, samples) in recording.enumerated() {
      let full = samples.reduce(0) { abs($1) >= 0.998 ? $0 + 1 : $0 }
      if full > samples.count / 2_000 { throw .overloaded(microphone: microphone) }
    }
    signalToNoise = Self.signalToNoise(recording, sweep)
    guard signalToNoise >= 15 else { throw .nothingHeard(signalToNoise: signalToNoise) }
    let deconvolution = SweepDeconvolution(recording, sweep: sweep, start: Self.silenceCount)
    let analysis = ResponseAnalysis(deconvolution)
    delayMilliseconds = analysis.direct(0) / Double(AudioBlock.sampleRate) * 1_000
    reverberation = analysis.reverberation()
    distortion = analysis.distortion()
    response = analysis.response()
    let gains = analysis.gains()
    let known = array.flatMap { $0.microphones.count == recording.count ? $0 : nil }
    let lags = known.map(analysis.lags) ?? gains.map { _ in 0 }
    microphones = zip(gains, lags).map(Microphone.init)
    impulseResponse = deconvolution.part(0, from: 0, count: Self.tailCount)
  }

  private static func signalToNoise(_ recording: [[Float]], _ sweep: ExponentialSweep) -> Double {
    func power(_ samples: ArraySlice<Float>) -> Double {
      samples.reduce(0.0) { $0 + Double($1 * $1) } / Double(max(samples.count, 1))
    }
    // The first tenth of a second is the devices' waking up.
    let noise = recording.reduce(0.0) { $0 + power($1[4_800..<silenceCount]) }
    let sound = recording.reduce(0.0) { $0 + power($1[silenceCount..<silenceCount + sweep.sampleCount]) }
    guard sound.isFinite, noise.isFinite else { return -.infinity }
    return 10 * log10(max(sound - noise, 1e-15) / max(noise, 1e-15))
  }
}
