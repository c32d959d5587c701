import Audio
import Realtime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A room with a loudspeaker, microphones and perhaps a talker, all of whose sound is known: what the loudspeaker plays
/// comes back to the microphones directly and by reflections that die away. For demonstrations and tests, in which nothing
/// needs to be plugged in.
///
/// `@unchecked Sendable`: its two devices belong to one audio thread, as any do.
public final class SimulatedRoom: @unchecked Sendable {
  /// What the room is like.
  public struct Setup: Sendable {
    /// Where the microphones are.
    public var array: MicrophoneArray
    /// Where the loudspeaker is, in metres in the array's frame.
    public var loudspeaker = MicrophoneArray.Position(x: 0.3, y: 0.3, z: 0)
    /// Where somebody sits who talks.
    public var talker = MicrophoneArray.Position(x: 0, y: 1.5, z: 0.3)
    /// When that person talks, in seconds from the beginning.
    public var talks: [ClosedRange<Double>] = []
    /// Which of the synthetic voices the talker has.
    public var voice = 2
    /// The talker's level at the first microphone, by the direct path, dBFS for a voice of full scale.
    public var talkerLevel = -20.0
    /// By how much the loudspeaker's sound is louder at the first microphone than it was sent, in decibels.
    public var echoGain = -10.0
    /// In how many seconds sound falls by 60 dB.
    public var reverberationTime = 0.3
    /// How much fainter all reflections together are than the direct sound, in decibels.
    public var directToReverberant = 3.0
    /// What the devices hold back, in samples: the echo is later by so much.
    public var delay = 1_920
    /// How much of the third power of what it is sent the loudspeaker takes away from it: full scale gets a third harmonic
    /// of a quarter of this.
    public var distortion: Float = 0
    /// Each microphone's gain in decibels; those beyond the list have none.
    public var gains: [Double] = []
    /// By how many samples each microphone's channel is late; those beyond the list are not.
    public var lags: [Int] = []
    /// Noise of each microphone by itself, dBFS.
    public var noise = -75.0
    /// Whether the devices keep the time of the machine's clock; else they take no time at all.
    public var isPaced = true

    /// A room around `array`.
    public init(array: MicrophoneArray) { self.array = array }
  }

  /// Samples of the past that are kept; delay and reverberation fit.
  private static let historyCount = 65_536

  /// What the room is like.
  public let setup: Setup
  /// The microphones.
  public var capture: any AudioCapture { Microphones(self) }
  /// The loudspeaker.
  public var playback: any AudioPlayback { Loudspeaker(self) }

  private let echoPaths: [ReflectionPattern]
  private let talkerPaths: [ReflectionPattern]
  private let voice: SyntheticSound
  private let gains: [Float]
  private let lags: [Int]
  private let echoGain: Float
  private let talkerGain: Float
  private let noise: Float
  private var played = [Float](repeating: 0, count: historyCount + AudioBlock.sampleCount)
  private var spoken = [Float](repeating: 0, count: historyCount + AudioBlock.sampleCount)
  private var pending = [Float](repeating: 0, count: AudioBlock.sampleCount)
  private var random = SeededNoise(seed: 7)
  private var pacer = CapturePacer()
  private var position: Int64 = 0
  private var origin: Instant?

  /// A room that has been quiet.
  public init(_ setup: Setup) {
    self.setup = setup
    let reflections = ReflectionPattern.Room(
      reverberationTime: min(max(setup.reverberationTime, 0.02), 1), directToReverberant: setup.directToReverberant)
    echoPaths = reflections.patterns(from: setup.loudspeaker, to: setup.array.microphones, seed: 11)
    talkerPaths = reflections.patterns(from: setup.talker, to: setup.array.microphones, seed: 23)
    voice = .speech(voice: setup.voice)
    let count = setup.array.microphones.count
    gains = (0..<count).map { index in
      index < setup.gains.count ? AudioLevel.amplitude(decibels: Float(setup.gains[index])) : 1
    }
    lags = (0..<count).map { $0 < setup.lags.count ? min(max(setup.lags[$0], 0), 1_000) : 0 }
    echoGain = AudioLevel.amplitude(decibels: Float(setup.echoGain))
    talkerGain = AudioLevel.amplitude(decibels: Float(setup.talkerLevel))
    // Uniform noise has a third of its peak's power.
    noise = AudioLevel.amplitude(decibels: Float(setup.noise)) * 1.732
  }

  /// The response from what is sent to the loudspeaker to `microphone`, `delay` and all, as far as it is linear.
  public func response(microphone: Int) -> [Float] {
    var result = [Float](repeating: 0, count: Self.historyCount / 2)
    for tap in echoPaths[microphone].taps {
      let index = tap.offset + setup.delay + lags[microphone]
      if index < result.count { result[index] += tap.gain * echoGain * gains[microphone] }
    }
    return result
  }

  // MARK: The devices' work

  fileprivate func read(into block: AudioBlock) throws(AudioDeviceError) {
    if setup.isPaced {
      switch pacer.next(at: MonotonicClock.now) {
      case .overrun(let sampleCount): throw .xrun(sampleCount: sampleCount)
      case .block(_, let start, let ready):
        MonotonicClock.sleep(until: ready)
        block.timestamp = start
      }
    } else {
      let origin = self.origin ?? Instant(nanoseconds: 0)
      self.origin = origin
      block.timestamp = origin + .nanoseconds(position * 1_000_000 / 48)
    }
    advance()
    for microphone in 0..<block.channelCount { hear(microphone, into: block.channel(microphone)) }
    position += Int64(AudioBlock.sampleCount)
  }

  fileprivate func write(_ block: AudioBlock) -> Instant {
    for index in pending.indices {
      let value = block.channel(0)[index]
      let sample = value.isFinite ? min(max(value, -1), 1) : 0
      pending[index] = sample - setup.distortion * sample * sample * sample
    }
    return block.timestamp + .nanoseconds(Int64(setup.delay) * 1_000_000 / 48)
  }

  /// Moves time on by a block.
  private func advance() {
    let second = Double(position) / Double(AudioBlock.sampleRate)
    let talks = setup.talks.contains { $0.contains(second) }
    let voice = voice
    let position = position
    Self.shift(&played) { index in pending[index] }
    Self.shift(&spoken) { index in talks ? voice.sample(position + Int64(index)) : 0 }
    for index in pending.indices { pending[index] = 0 }
  }

  private static func shift(_ history: inout [Float], _ sample: (Int) -> Float) {
    history.withUnsafeMutableBufferPointer { history in
      guard let start = history.baseAddress else { return }
      start.update(from: start + AudioBlock.sampleCount, count: historyCount)
      for index in 0..<AudioBlock.sampleCount { start[historyCount + index] = sample(index) }
    }
  }

  private func hear(_ microphone: Int, into target: UnsafeMutableBufferPointer<Float>) {
    for index in target.indices { target[index] = noise * random.uniform() }
    let gain = gains[microphone]
    let lag = lags[microphone]
    echoPaths[microphone].add(played, gain: echoGain * gain, delay: setup.delay + lag, to: target)
    talkerPaths[microphone].add(spoken, gain: talkerGain * gain, delay: lag, to: target)
  }
}

/// A simulated room's microphones. `@unchecked Sendable`: as the room.
private final class Microphones: AudioCapture, @unchecked Sendable {
  let channelCount: Int
  private let room: SimulatedRoom

  init(_ room: SimulatedRoom) {
    self.room = room
    channelCount = room.setup.array.microphones.count
  }

  func read(into block: AudioBlock) throws(AudioDeviceError) { try room.read(into: block) }
}

/// A simulated room's loudspeaker. `@unchecked Sendable`: as the room.
private final class Loudspeaker: AudioPlayback, @unchecked Sendable {
  let channelCount = 2
  private let room: SimulatedRoom

  init(_ room: SimulatedRoom) { self.room = room }

  func write(_ block: AudioBlock) throws(AudioDeviceError) -> Instant { room.write(block) }
}
