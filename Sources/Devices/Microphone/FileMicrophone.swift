import Audio
import Realtime
import Synchronization

/// A microphone that hears a WAV file over and over, in any sample format and usual rate, as one channel.
///
/// `@unchecked Sendable`: made on one thread, then confined to the audio thread; only `disconnect` is for all.
public final class FileMicrophone: AudioCapture, @unchecked Sendable {
  /// One channel.
  public let channelCount = 1

  private let stream: WAVStream
  private var pacer: CapturePacer
  private let isConnected = Atomic<Bool>(true)

  /// Opens the file at `path`. The device's clock runs `partsPerMillion` fast.
  public init(path: String, partsPerMillion: Double = 0) throws(MediaFileError) {
    stream = try WAVStream(path: path)
    pacer = CapturePacer(partsPerMillion: partsPerMillion)
  }

  /// Behaves from now on as a microphone that was pulled out. From any thread.
  public func disconnect() {
    isConnected.store(false, ordering: .relaxed)
  }

  /// Waits for the next 10 ms; see `AudioCapture`. A file that can't be read any more has vanished.
  public func read(into block: AudioBlock) throws(AudioDeviceError) {
    _ = try pacer.wait(for: block, while: isConnected)
    do throws(MediaFileError) {
      try stream.read(into: block.channel(0))
    } catch {
      throw .vanished
    }
  }
}

/// A microphone that hears a `SyntheticSound`.
///
/// `@unchecked Sendable`: made on one thread, then confined to the audio thread; only `disconnect` is for all.
public final class SyntheticMicrophone: AudioCapture, @unchecked Sendable {
  /// One channel.
  public let channelCount = 1

  private let sound: SyntheticSound
  private let epoch: Instant
  private var pacer: CapturePacer
  private let isConnected = Atomic<Bool>(true)
  private var origin: Int64?

  /// A microphone near `sound`, which began at `epoch`; give the camera the same, so that flash and beep agree. The
  /// device's clock runs `partsPerMillion` fast.
  public init(_ sound: SyntheticSound, epoch: Instant = MonotonicClock.now, partsPerMillion: Double = 0) {
    self.sound = sound
    self.epoch = epoch
    pacer = CapturePacer(partsPerMillion: partsPerMillion)
  }

  /// Behaves from now on as a microphone that was pulled out. From any thread.
  public func disconnect() {
    isConnected.store(false, ordering: .relaxed)
  }

  /// Waits for the next 10 ms; see `AudioCapture`.
  public func read(into block: AudioBlock) throws(AudioDeviceError) {
    let position = try pacer.wait(for: block, while: isConnected)
    // The sound's own sample number at the device's sample 0.
    let origin = self.origin ?? Int64((block.timestamp - epoch).seconds * Double(AudioBlock.sampleRate)) - position
    self.origin = origin
    let samples = block.channel(0)
    for index in samples.indices { samples[index] = sound.sample(origin + position + Int64(index)) }
  }
}

extension CapturePacer {
  /// Sleeps until the next block is there and stamps `block`; gives its first sample's number.
  mutating func wait(for block: AudioBlock, while isConnected: borrowing Atomic<Bool>) throws(AudioDeviceError) -> Int64
  {
    guard isConnected.load(ordering: .relaxed) else { throw .vanished }
    switch next(at: MonotonicClock.now) {
    case .overrun(let sampleCount): throw .xrun(sampleCount: sampleCount)
    case .block(let position, let start, let ready):
      MonotonicClock.sleep(until: ready)
      block.timestamp = start
      return position
    }
  }
}
