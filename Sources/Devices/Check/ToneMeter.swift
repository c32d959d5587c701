import Audio

/// How loud a tone of 1 kHz is in what all microphones hear (Goertzel's sum over whole periods), and the tone itself.
struct ToneMeter {
  /// Samples of a period at 48 kHz; a block has whole ones.
  private static let period = 48
  private static let sine = wave(advance: 0)
  private static let cosine = wave(advance: period / 4)
  /// Of the tone, as a factor: −20 dBFS.
  private static let amplitude: Float = 0.1

  private var power = 0.0
  private var count = 0

  /// Adds a block.
  mutating func add(_ block: AudioBlock) {
    for channel in 0..<block.channelCount {
      let samples = block.channel(channel)
      var (real, imaginary) = (Float(0), Float(0))
      for index in samples.indices {
        real += samples[index] * Self.cosine[index % Self.period]
        imaginary += samples[index] * Self.sine[index % Self.period]
      }
      // A sine of amplitude a gives a · 480 / 2.
      let half = Float(AudioBlock.sampleCount) / 2
      power += Double((real * real + imaginary * imaginary) / (half * half))
      count += 1
    }
  }

  /// The tone's amplitude in the mean of all channels, dBFS.
  var decibels: Double { Double(AudioLevel.decibels(Float((power / Double(max(count, 1))).squareRoot()))) }

  /// Ten milliseconds of the tone, faded in and out with the second that they belong to.
  static func sing(_ samples: UnsafeMutableBufferPointer<Float>, block: Int) {
    let (fade, length) = (Float(960), Float(AudioBlock.sampleRate))
    for index in samples.indices {
      let position = Float(block * AudioBlock.sampleCount + index)
      samples[index] = amplitude * min(1, position / fade, (length - position) / fade) * sine[index % period]
    }
  }

  /// A period of a sine that is `advance` samples ahead.
  private static func wave(advance: Int) -> [Float] {
    // The cosine and sine of 2π/48: a rotation from sample to sample.
    let (cosine, sine) = (0.991_444_861_373_810_4, 0.130_526_192_220_051_6)
    var (x, y) = (1.0, 0.0)
    var values: [Float] = []
    for _ in 0..<period {
      values.append(Float(y))
      (x, y) = (x * cosine - y * sine, x * sine + y * cosine)
    }
    return (0..<period).map { values[($0 + advance) % period] }
  }
}
