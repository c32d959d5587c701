import Audio

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How sound gets from one place to one microphone of a simulated room: the direct path, then sparse reflections.
struct ReflectionPattern {
  /// One path.
  struct Tap {
    /// Samples.
    var offset: Int
    /// A factor.
    var gain: Float
  }

  /// What all patterns of a room have in common.
  struct Room {
    /// Reflections within each tenth of a second.
    private static let density = 60.0
    private static let speedOfSound: Float = 343

    /// Seconds for 60 dB.
    var reverberationTime: Double
    /// Decibels.
    var directToReverberant: Double

    /// The patterns from `source` to all of `microphones`. The first one's direct path has the gain 1 and no delay.
    func patterns(
      from source: MicrophoneArray.Position, to microphones: [MicrophoneArray.Position], seed: UInt64
    ) -> [ReflectionPattern] {
      var random = SeededNoise(seed: seed)
      var reflections: [(time: Double, gain: Float, x: Float, y: Float, z: Float)] = []
      let count = Int(Self.density * 10 * reverberationTime)
      var power: Float = 0
      for index in 0..<count {
        // One in each equal part of the time, so that none is dense by chance.
        let part = (Double(index) + 0.5 + 0.5 * Double(random.uniform())) / Double(count)
        let time = 0.004 + part * reverberationTime
        let gain = (random.uniform() < 0 ? -1 : 1) * Float(pow(10, -3 * (time - 0.004) / reverberationTime))
        let (azimuth, height) = (Float.pi * random.uniform(), random.uniform())
        let across = (1 - height * height).squareRoot()
        reflections.append((time, gain, across * cosf(azimuth), across * sinf(azimuth), height))
        power += gain * gain
      }
      let scale = (AudioLevel.amplitude(decibels: Float(-directToReverberant)) / max(power, 1e-9).squareRoot())
      func distance(_ p: MicrophoneArray.Position) -> Float {
        let (x, y, z) = (p.x - source.x, p.y - source.y, p.z - source.z)
        return max((x * x + y * y + z * z).squareRoot(), 0.02)
      }
      guard let first = microphones.first else { return [] }
      // Room for microphones that are nearer than the first one.
      let nearest = microphones.map(distance).min() ?? 0
      return microphones.map { microphone in
        let own = distance(microphone)
        let lead = Float(AudioBlock.sampleRate) / Self.speedOfSound
        var taps = [Tap(offset: Int(((own - nearest) * lead).rounded()), gain: distance(first) / own)]
        for reflection in reflections {
          let (x, y, z) = (microphone.x - first.x, microphone.y - first.y, microphone.z - first.z)
          let way = x * reflection.x + y * reflection.y + z * reflection.z
          let offset = reflection.time * Double(AudioBlock.sampleRate) - Double(way * lead)
          taps.append(Tap(offset: max(0, Int(offset.rounded())), gain: scale * reflection.gain))
        }
        return ReflectionPattern(taps: taps)
      }
    }
  }

  let taps: [Tap]

  /// Adds what arrives of `history`, whose last samples are the newest, in the newest block.
  func add(_ history: [Float], gain: Float, delay: Int, to target: UnsafeMutableBufferPointer<Float>) {
    history.withUnsafeBufferPointer { history in
      for tap in taps {
        let first = history.count - target.count - tap.offset - delay
        guard first >= 0 else { continue }
        let factor = gain * tap.gain
        for index in target.indices { target[index] += factor * history[first + index] }
      }
    }
  }
}

/// Uniform numbers from a seed.
struct SeededNoise {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// Between -1 and 1.
  mutating func uniform() -> Float {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Float(state >> 40) / Float(1 << 23) - 1
  }
}
