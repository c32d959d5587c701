import Audio
import Devices
import Glibc
import Realtime
import SoundMeasurement

/// What the suites of sound share: snd-aloop's cables, tones, and the loop that the audio thread does.
///
/// A cable's one end is device 0 of a card, the other is device 1: what is played into one end is heard at the other.
enum SoundLab {
  /// A device of card `card`: its end `end` of cable `cable`.
  static func address(card: Int = 0, end: Int, cable: Int = 0) -> PCMAddress {
    PCMAddress(card: card, device: end, subdevice: cable)
  }

  /// Makes a cable's clock run `partsPerMillion` fast, in steps of 10: the control counts the other way round.
  static func detune(card: Int, cable: Int = 0, partsPerMillion: Double) {
    let shift = Int((100_000 * (1 - partsPerMillion * 1e-6)).rounded())
    // A cable's clock is that of the end which captures, but the control of each end counts for the stream through it.
    for device in 0...1 {
      Lab.shell(
        "amixer -q -c \(card) cset iface=PCM,name='PCM Rate Shift 100000',device=\(device),subdevice=\(cable) \(shift)")
    }
  }

  /// Does what the audio thread does for `blocks` blocks. `fill` fills the block to be played, after block number
  /// `index` was captured; `hear` sees each captured block.
  static func loop(
    _ capture: any AudioCapture, _ playback: (any AudioPlayback)?, blocks: Int,
    fill: (_ index: Int, _ block: AudioBlock) -> Void = { _, _ in },
    hear: (_ index: Int, _ block: AudioBlock) -> Void = { _, _ in }
  ) throws(AudioDeviceError) {
    let heard = AudioBlock(channelCount: capture.channelCount)
    let played = AudioBlock(channelCount: playback?.channelCount ?? 1)
    for index in 0..<blocks {
      while true {
        do throws(AudioDeviceError) {
          try capture.read(into: heard)
          break
        } catch {
          if error == .vanished { throw error }
        }
      }
      hear(index, heard)
      guard let playback else { continue }
      fill(index, played)
      played.timestamp = heard.timestamp + AudioBlock.duration
      while true {
        do throws(AudioDeviceError) {
          _ = try playback.write(played)
          break
        } catch {
          if error == .vanished { throw error }
        }
      }
    }
  }

  /// Fills channel c of `block`, which is number `index`, with a tone of `frequencies[c]`.
  static func tones(_ index: Int, _ block: AudioBlock, _ frequencies: [Double], amplitude: Double = 0.5) {
    for channel in 0..<block.channelCount {
      let step = 2 * Double.pi * frequencies[channel % frequencies.count] / 48_000
      let turn = Phasor(angle: step)
      var tone = Phasor(angle: step * Double(index * 480))
      for sample in 0..<480 {
        block.channel(channel)[sample] = Float(amplitude * tone.imaginary)
        tone.rotate(by: turn)
      }
    }
  }
}

/// The fit of a tone to sound.
struct ToneFit {
  /// Hz, at 48 kHz.
  var frequency: Double
  var amplitude: Double
  /// Signal-to-noise ratio in dB.
  var toneToNoise: Double
  /// Largest difference between sound and tone.
  var largestError: Double

  /// Fits a tone near `frequency` by least squares; the frequency itself is fitted too, within `reach` ppm.
  init(_ samples: [Float], near frequency: Double, reach: Double = 800) {
    var best = Self.fit(samples, frequency)
    // In sections whose phases are compared: their slope is the frequency's error.
    let section = min(samples.count / 2, 4_800)
    var phases: [Double] = []
    var start = 0
    while start + section <= samples.count {
      phases.append(Self.phase(samples[start..<start + section], frequency, from: start))
      start += section
    }
    var (turn, unwrapped) = (0.0, [Double]())
    for (index, phase) in phases.enumerated() {
      if index > 0 {
        let step = phase - phases[index - 1]
        turn += step > .pi ? -2 * .pi : step < -.pi ? 2 * .pi : 0
      }
      unwrapped.append(phase + turn)
    }
    if unwrapped.count > 1 {
      let n = Double(unwrapped.count)
      let meanX = (n - 1) / 2
      let meanY = unwrapped.reduce(0, +) / n
      var (above, below) = (0.0, 0.0)
      for (index, phase) in unwrapped.enumerated() {
        above += (Double(index) - meanX) * (phase - meanY)
        below += (Double(index) - meanX) * (Double(index) - meanX)
      }
      let corrected = frequency + above / below / Double(section) * 48_000 / (2 * .pi)
      if abs(corrected / frequency - 1) < reach * 1e-6 { best = Self.fit(samples, corrected) }
    }
    self = best
  }

  private init(frequency: Double, amplitude: Double, toneToNoise: Double, largestError: Double) {
    self.frequency = frequency
    self.amplitude = amplitude
    self.toneToNoise = toneToNoise
    self.largestError = largestError
  }

  private static func project(_ samples: ArraySlice<Float>, _ frequency: Double, from: Int) -> ToneProjection {
    let step = 2 * Double.pi * frequency / 48_000
    var projection = ToneProjection()
    let turn = Phasor(angle: step)
    var tone = Phasor(angle: step * Double(from))
    for sample in samples {
      projection.add(sample, at: tone)
      tone.rotate(by: turn)
    }
    return projection
  }

  private static func phase(_ samples: ArraySlice<Float>, _ frequency: Double, from: Int) -> Double {
    let (a, b) = project(samples, frequency, from: from).coefficients
    return atan2(a, b)
  }

  private static func fit(_ samples: [Float], _ frequency: Double) -> ToneFit {
    let projection = project(samples[...], frequency, from: 0)
    let step = Phasor(angle: 2 * Double.pi * frequency / 48_000)
    var residual = ToneResidual(projection)
    var tone = Phasor(angle: 0)
    for sample in samples {
      residual.add(sample, at: tone)
      tone.rotate(by: step)
    }
    let (a, b) = projection.coefficients
    return ToneFit(
      frequency: frequency, amplitude: (a * a + b * b).squareRoot(), toneToNoise: residual.toneToNoise,
      largestError: residual.largest)
  }
}
