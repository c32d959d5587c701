#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What impulse responses say; see `RoomMeasurement` for the meaning of the figures.
struct ResponseAnalysis {
  private static let rate = Double(AudioBlock.sampleRate)
  private let source: SweepDeconvolution
  /// For each microphone the sample at which the direct sound arrives.
  private let onsets: [Double]

  init(_ source: SweepDeconvolution) {
    self.source = source
    onsets = source.responses.indices.map { Self.onset(source.part($0, from: 0, count: 28_800)) }
  }

  /// The sample, or fraction of one, at which the direct sound reaches `microphone`.
  func direct(_ microphone: Int) -> Double { onsets[microphone] }

  private static func onset(_ response: [Float]) -> Double {
    let greatest = response.reduce(0) { max($0, abs($1)) }
    // A reflection may be a little louder than the direct sound, but the direct sound is first.
    guard greatest > 0, var peak = response.firstIndex(where: { abs($0) > 0.5 * greatest }) else { return 0 }
    while peak + 1 < response.count, abs(response[peak + 1]) > abs(response[peak]) { peak += 1 }
    guard peak > 0, peak + 1 < response.count else { return Double(peak) }
    let (before, at, after) = (abs(response[peak - 1]), abs(response[peak]), abs(response[peak + 1]))
    let bend = before - 2 * at + after
    return bend < 0 ? Double(peak) + Double(0.5 * (before - after) / bend) : Double(peak)
  }

  // MARK: Reverberation

  func reverberation() -> [RoomMeasurement.Band] {
    let count = 1 << 16
    let responses = source.responses.indices.prefix(Lanes.scalarCount).map { microphone in
      source.part(microphone, from: Int(onsets[microphone]), count: count)
    }
    return [250.0, 500, 1_000, 2_000, 4_000].compactMap { frequency in
      let decay = Self.energy(responses, octaveAround: frequency, count: count)
      return DecayCurve(energy: decay).reverberationTime.map { .init(frequency: frequency, value: $0) }
    }
  }

  /// The energy of all `responses` together in an octave, sample by sample.
  private static func energy(_ responses: [[Float]], octaveAround frequency: Double, count: Int) -> [Double] {
    // Twice the length, so that the filter's own response doesn't wrap around.
    let size = 2 * count
    let transform = FourierTransform(size: size)
    let time = Buffer(Lanes.zero, count: size)
    let spectrum = Buffer(ComplexLanes.zero, count: transform.binCount)
    for (lane, response) in responses.enumerated() {
      for index in response.indices { time[index][lane] = response[index] }
    }
    transform.forward(time.start, into: spectrum.start)
    for bin in 0..<transform.binCount {
      let octaves = log2(max(Double(bin) * rate / Double(size), 1) / frequency)
      // Half a cosine in the third of an octave around each edge.
      let position = (0.5 + 1 / 6.0 - abs(octaves)) * 3
      let gain = Float(0.5 - 0.5 * cos(.pi * min(1, max(0, position))))
      spectrum[bin].real *= gain
      spectrum[bin].imaginary *= gain
    }
    transform.inverse(spectrum.start, into: time.start)
    return (0..<count).map { index in
      let value = time[index]
      return Double((value * value).sum())
    }
  }

  // MARK: Loudspeaker

  func distortion() -> Double {
    let microphone = loudest
    let onset = Int(onsets[microphone])
    // Up to where the next lower harmonic begins, the same for all.
    let gap = source.sweep.lead(ofHarmonic: 5) - source.sweep.lead(ofHarmonic: 4)
    let count = min(4_800, max(240, Int(gap) - 300))
    // Lanes: the linear response, the harmonics 2 to 5, and what is there where no response is.
    let orders = [1, 2, 3, 4, 5]
    var parts = orders.map { order in
      source.part(microphone, from: onset - 96 - Int(source.sweep.lead(ofHarmonic: order)), count: count)
    }
    let beyond = source.sweep.lead(ofHarmonic: 7) + 0.5 * source.sweep.octaveScale
    parts.append(source.part(microphone, from: onset - Int(beyond), count: count))
    let spectra = SignalSpectra(parts, size: 8_192)
    let band = 800.0...8_000.0
    let linear = spectra.power(0, band)
    let noise = spectra.power(orders.count, band)
    guard linear > 0 else { return 0 }
    let harmonics = (1..<orders.count).reduce(0.0) { $0 + max(0, spectra.power($1, band) - noise) }
    return (harmonics / linear).squareRoot()
  }

  private var loudest: Int {
    let levels = source.responses.indices.map { microphone in
      source.part(microphone, from: Int(onsets[microphone]), count: 480).reduce(0) { $0 + $1 * $1 }
    }
    return levels.indices.max { levels[$0] < levels[$1] } ?? 0
  }

  func response() -> [RoomMeasurement.Band] {
    let parts = source.responses.indices.prefix(Lanes.scalarCount).map { microphone in
      source.part(microphone, from: Int(onsets[microphone]) - 48, count: 16_384)
    }
    let spectra = SignalSpectra(parts, size: 16_384)
    // From 100 Hz to 16 kHz, as ISO 266 rounds them.
    return (0...22).map { index in
      let frequency = 1_000 * pow(10, Double(index - 10) / 10)
      let range = frequency / pow(10, 0.05)...frequency * pow(10, 0.05)
      let power = parts.indices.reduce(0.0) { $0 + spectra.power($1, range) } / Double(parts.count)
      return .init(frequency: frequency, value: 10 * log10(max(power, 1e-15)))
    }
  }

  // MARK: Microphones

  /// By how many decibels each microphone is more sensitive than the median, by the reverberation, which is equally loud
  /// at all of them.
  func gains() -> [Double] {
    let levels = source.responses.indices.map { microphone -> Double in
      let start = Int(onsets[microphone])
      let late = source.part(microphone, from: start + 384, count: 7_680)
      let quiet = source.part(microphone, from: start - 9_600, count: 7_680)
      let spectra = SignalSpectra([late, quiet, source.part(microphone, from: start - 48, count: 7_680)], size: 8_192)
      let band = 300.0...6_000.0
      // In a room without reverberation there is only the direct sound.
      let isLive = spectra.power(0, band) > 10 * spectra.power(1, band)
      return 10 * log10(max(spectra.power(isLive ? 0 : 2, band), 1e-15))
    }
    let middle = Self.median(levels)
    return levels.map { $0 - middle }
  }

  /// By how many samples each channel is later than the median. In reverberation, which comes from everywhere, the
  /// coherence of two microphones is real: a phase that rises with the frequency is a delay of the channel.
  func lags(_ array: MicrophoneArray) -> [Double] {
    let count = 16_384
    let parts = source.responses.indices.map { microphone in
      source.part(microphone, from: Int(onsets[0]) + 240, count: 9_600)
    }
    func distance(_ first: Int, _ second: Int) -> Double {
      let (p, q) = (array.microphones[first], array.microphones[second])
      let (x, y, z) = (Double(p.x - q.x), Double(p.y - q.y), Double(p.z - q.z))
      return max((x * x + y * y + z * z).squareRoot(), 0.01)
    }
    // Each against the nearest one that is known: near microphones hear most alike.
    var lags = [Double](repeating: 0, count: parts.count)
    var known = [0]
    while known.count < parts.count {
      let rest = parts.indices.filter { !known.contains($0) }
      let pairs = rest.flatMap { one in known.map { (one, $0, distance(one, $0)) } }
      guard let (microphone, neighbour, distance) = pairs.min(by: { $0.2 < $1.2 }) else { break }
      let spectra = SignalSpectra([parts[neighbour], parts[microphone]], size: count)
      // As far as the coherence of a diffuse field is positive.
      let lag = Self.lag(spectra, spectra.bins(200...min(4_000, 0.45 * 343 / distance)))
      lags[microphone] = lags[neighbour] + lag
      known.append(microphone)
    }
    let middle = Self.median(lags)
    return lags.map { $0 - middle }
  }

  /// The lag at which two signals agree best, up to 32 samples.
  private static func lag(_ spectra: SignalSpectra, _ bins: Range<Int>) -> Double {
    func agreement(_ lag: Double) -> Double {
      bins.reduce(0.0) { sum, bin in
        let (a, b) = (spectra[bin, 0], spectra[bin, 1])
        let weight = 1 / (Double(a.power) * Double(b.power) + 1e-30).squareRoot().squareRoot()
        let cross = b * a.conjugate
        let phase = 2 * Double.pi * Double(bin) * spectra.binWidth / rate * lag
        return sum + weight * (Double(cross.real) * cos(phase) - Double(cross.imaginary) * sin(phase))
      }
    }
    var best = stride(from: -32.0, through: 32, by: 1).max { agreement($0) < agreement($1) } ?? 0
    for step in [0.25, 0.05] {
      best = (-4...4).map { best + Double($0) * step }.max { agreement($0) < agreement($1) } ?? best
    }
    return best
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted.count % 2 == 1
      ? sorted[sorted.count / 2] : 0.5 * (sorted[sorted.count / 2 - 1] + sorted[sorted.count / 2])
  }
}
