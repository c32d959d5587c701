import Audio
import Devices
import Glibc
import Realtime
import Synchronization

/// What is left of a sound of tones below 1 kHz above 6 kHz: clicks, and nothing else.
enum Click {
  /// The largest value after a steep high-pass filter, in dB below full scale.
  static func loudest(_ samples: [Float]) -> Double {
    // A windowed sinc, low-pass at 6 kHz, taken from the sound itself.
    let half = 96
    var filter = (-half...half).map { index -> Double in
      let x = Double(index) * 2 * 6_000 / 48_000
      let window =
        0.42 + 0.5 * cos(.pi * Double(index) / Double(half)) + 0.08 * cos(2 * .pi * Double(index) / Double(half))
      return (index == 0 ? 1 : sin(.pi * x) / (.pi * x)) * window
    }
    let sum = filter.reduce(0, +)
    filter = filter.map { -$0 / sum }
    filter[half] += 1
    let taps = filter.map(Float.init)
    var most: Float = 0
    samples.withUnsafeBufferPointer { samples in
      for start in 0..<max(0, samples.count - taps.count) {
        var value: Float = 0
        for tap in taps.indices { value += taps[tap] * samples[start + tap] }
        most = max(most, abs(value))
      }
    }
    return 20 * log10(Double(max(most, 1e-9)))
  }

  /// Root mean square, in dB below full scale.
  static func level(_ samples: [Float]) -> Double {
    10 * log10(samples.reduce(0) { $0 + Double($1 * $1) } / Double(max(1, samples.count)) + 1e-20)
  }
}

/// Plays a tone at a cable's other end, on a thread and by a clock of its own.
final class ToneSource: Sendable {
  private let thread: RealtimeThread

  init(_ address: PCMAddress, _ request: PCMRequest, frequency: Double) throws {
    let playback = try ALSAPlayback(address, request)
    thread = try RealtimeThread(name: "tone", priority: nil) { context in
      let block = AudioBlock(channelCount: 1)
      var index = 0
      var due = MonotonicClock.now
      while !context.shouldStop {
        SoundLab.tones(index, block, [frequency])
        block.timestamp = due
        // A device that stopped doesn't take a block at first; one that is gone takes none.
        while !context.shouldStop {
          do throws(AudioDeviceError) {
            _ = try playback.write(block)
            break
          } catch {
            if error == .vanished { return }
          }
        }
        index += 1
        // Not behind time: after a sleep of the machine there is nothing to make up for.
        due = max(due + AudioBlock.duration, MonotonicClock.now)
        MonotonicClock.sleep(until: due)
      }
    }
  }

  func stop() { thread.stop() }
}

/// Records what comes out at a cable's other end, on a thread of its own.
final class Recorder: Sendable {
  private let thread: RealtimeThread
  private let sound = Box()

  init(_ address: PCMAddress, _ request: PCMRequest) throws {
    let capture = try ALSACapture(address, request)
    let sound = sound
    thread = try RealtimeThread(name: "recorder", priority: nil) { context in
      let block = AudioBlock(channelCount: 1)
      while !context.shouldStop {
        do throws(AudioDeviceError) {
          try capture.read(into: block)
          sound.value.withLock { $0 += block.channel(0) }
        } catch {
          if error == .vanished { break }
        }
      }
    }
  }

  /// Ends it, and gives what was recorded.
  func stop() -> [Float] {
    thread.stop()
    return sound.value.withLock { $0 }
  }

  private final class Box: Sendable {
    let value = Mutex([Float]())
  }
}
