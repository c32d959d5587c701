import Audio
import CAllocationCounter
import Devices

/// What the microphones' front end costs by itself: processor time, memory and locks per block.
struct FrontEndBenchmark: CustomStringConvertible {
  /// Microphones.
  let microphoneCount: Int
  /// Processor seconds for a second of sound.
  let cost: Double
  /// The same over the last tenth of the time, and the first: what grows with time, or slows down in silence, shows here.
  let firstTenth: Double
  let lastTenth: Double
  /// Times memory was allocated, and locks were taken, while blocks were processed.
  let allocations: UInt64
  let locks: UInt64
  /// Resident memory in megabytes at the beginning and at the end.
  let memory: (before: Int, after: Int)

  /// Processes `seconds` of double talk, far end alone and silence, with a stereo loudspeaker.
  init(microphoneCount: Int, seconds: Int) throws {
    self.microphoneCount = microphoneCount
    let line = (0..<microphoneCount).map { MicrophoneArray.Position(x: 0.035 * Float($0), y: 0, z: 0) }
    let frontEnd = MicrophoneFrontEnd(array: try MicrophoneArray(microphones: line), referenceCount: 2)
    let material = FrontEndMaterial(microphoneCount: microphoneCount)
    let result = AudioBlock(channelCount: 1)
    // The first blocks wake memory up.
    for block in 0..<100 {
      frontEnd.process(capture: material.capture(block), reference: material.reference, into: result)
    }
    let before = ProcessCost.residentMemory.all
    let tenth = max(seconds * 10, 1)
    var times = [Double](repeating: 0, count: 10)
    var (allocations, locks): (UInt64, UInt64) = (0, 0)
    for part in 0..<10 {
      for block in 0..<tenth {
        let capture = material.capture(100 + part * tenth + block)
        let (time, allocated, locked) = (ProcessCost.threadTime, allocation_count(), lock_count())
        frontEnd.process(capture: capture, reference: material.reference, into: result)
        times[part] += ProcessCost.threadTime - time
        allocations += allocation_count() - allocated
        locks += lock_count() - locked
      }
    }
    (self.allocations, self.locks) = (allocations, locks)
    memory = (before >> 20, ProcessCost.residentMemory.all >> 20)
    let length = Double(tenth) / 100
    cost = times.reduce(0, +) / (10 * length)
    (firstTenth, lastTenth) = (times[0] / length, (times.last ?? 0) / length)
  }

  /// Whether memory and locks were left alone.
  var isClean: Bool { allocations + locks == 0 }

  /// A number to four digits behind the point.
  static func figure(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

  var description: String {
    """
    front end, \(microphoneCount) microphones, stereo reference: \(Self.figure(cost)) processor seconds a second \
    (first tenth \(Self.figure(firstTenth)), last tenth \(Self.figure(lastTenth))), \(allocations) allocations, \(locks) locks, \
    \(memory.before) MB before, \(memory.after) MB after
    """
  }
}

/// Sound for the front end: a voice by the loudspeakers, one in the room, and both silent by turns.
private final class FrontEndMaterial {
  let reference = AudioBlock(channelCount: 2)
  private let block: AudioBlock
  private let far: [Float]
  private let near: [Float]
  private var state: UInt32 = 1

  init(microphoneCount: Int) {
    block = AudioBlock(channelCount: microphoneCount)
    // Thirteen seconds each, which is as often as the voices begin anew.
    far = (0..<624_000).map { SyntheticSound.speech(voice: 4).sample($0) }
    near = (0..<624_000).map { SyntheticSound.speech(voice: 1).sample($0) }
  }

  /// The microphones' block number `index`; the reference is that of the same time.
  func capture(_ index: Int) -> AudioBlock {
    let second = index / 100 % 40
    let (isFar, isNear) = ((0..<20).contains(second), (10..<30).contains(second))
    let first = index * AudioBlock.sampleCount
    for sample in 0..<AudioBlock.sampleCount {
      let played = isFar ? far[(first + sample) % far.count] : 0
      reference.channel(0)[sample] = 0.5 * played
      reference.channel(1)[sample] = 0.4 * played
      // By 30 ms and a reflection later.
      let time = first + sample + far.count
      let echo = isFar ? 0.2 * far[(time - 1_440) % far.count] - 0.05 * far[(time - 4_000) % far.count] : 0
      let voice = isNear ? 0.1 * near[time % near.count] : 0
      for microphone in 0..<block.channelCount {
        state = state &* 1_664_525 &+ 1_013_904_223
        let noise = Float(Int32(bitPattern: state)) * 0x1p-31 * 2e-4
        // The last ten seconds of forty are digital silence, in which denormal numbers would show.
        block.channel(microphone)[sample] = second < 30 ? echo + voice + noise : 0
      }
    }
    return block
  }
}

/// What WebRTC's canceller (AEC3, as in LiveKit's published Python client) takes for one microphone, for comparison.
enum WebRTCReference {
  private static let script = """
    import sys, time
    import numpy
    from livekit import rtc
    from livekit.rtc.apm import AudioProcessingModule
    apm = AudioProcessingModule(echo_cancellation=True, noise_suppression=True, high_pass_filter=True,
                                auto_gain_control=False)
    random = numpy.random.default_rng(1)
    count = int(sys.argv[1]) * 100
    sound = (random.standard_normal(480 * 100) * 3000).astype(numpy.int16)
    total = 0.0
    for index in range(count):
        part = sound[index % 100 * 480:][:480]
        far = rtc.AudioFrame(part.tobytes(), 48000, 1, 480)
        near = rtc.AudioFrame((part // 4).tobytes(), 48000, 1, 480)
        begin = time.process_time()
        apm.process_reverse_stream(far)
        apm.set_stream_delay_ms(0)
        apm.process_stream(near)
        total += time.process_time() - begin
    print("cost", total / (count / 100))
    """

  /// Processor seconds for a second of sound.
  static func cost(python: String, seconds: Int) throws -> Double {
    let figures = try ChildProcess.figures(python, ["-c", script, "\(seconds)"])
    guard let cost = figures["cost"] else { throw BenchError("no figure from \(python)") }
    return cost
  }
}
