import Audio
import Realtime

/// Measures a room: plays a sweep through its loudspeaker, records it with its microphones, and looks what that says.
public enum RoomCalibration {
  /// Why there is no measurement.
  public enum Failure: Error, Equatable {
    /// A device vanished, or lost sound again and again.
    case lost
    /// The recording says nothing.
    case unusable(RoomMeasurement.Failure)
  }

  /// How often a recording into which sound was lost is begun anew.
  private static let attempts = 3
  /// Before the recording begins, both devices get time to settle: a second and a half.
  private static let settlingBlocks = 150

  /// Measures with `capture` and `playback`, which aren't used by anybody else meanwhile. Takes some seconds more than the
  /// sweep, on the calling thread.
  public static func measure(
    capture: any AudioCapture, playback: any AudioPlayback, sweep: ExponentialSweep, array: MicrophoneArray?
  ) throws(Failure) -> RoomMeasurement {
    for _ in 0..<attempts {
      guard let recording = try record(capture, playback, sweep) else { continue }
      do throws(RoomMeasurement.Failure) {
        return try RoomMeasurement(recording: recording, sweep: sweep, array: array)
      } catch {
        throw .unusable(error)
      }
    }
    throw .lost
  }

  /// Records the sweep; nil if sound was lost meanwhile.
  private static func record(
    _ capture: any AudioCapture, _ playback: any AudioPlayback, _ sweep: ExponentialSweep
  ) throws(Failure) -> [[Float]]? {
    let input = AudioBlock(channelCount: min(capture.channelCount, 64))
    let output = AudioBlock(channelCount: playback.channelCount)
    let channels = min(capture.channelCount, MicrophoneArray.maximumCount)
    let total = RoomMeasurement.silenceCount + sweep.sampleCount + RoomMeasurement.tailCount
    var recording = [[Float]](repeating: [], count: channels)
    for channel in 0..<channels { recording[channel].reserveCapacity(total) }
    var losses = 0
    var block = -settlingBlocks
    while recording[0].count < total {
      do throws(AudioDeviceError) {
        try capture.read(into: input)
        if block >= 0 { for channel in 0..<channels { recording[channel] += input.channel(channel) } }
        output.timestamp = input.timestamp + AudioBlock.duration
        // What is written now can be recorded with the next block at the soonest.
        let first = (block + 1) * AudioBlock.sampleCount - RoomMeasurement.silenceCount
        for channel in 0..<output.channelCount {
          let samples = output.channel(channel)
          for index in samples.indices { samples[index] = sweep.sample(first + index) }
        }
        _ = try playback.write(output)
      } catch {
        losses += 1
        guard error != .vanished, losses < 50 else { throw .lost }
        // While nothing is recorded yet, devices may stumble as they start.
        if block >= 0 { return nil }
        continue
      }
      block += 1
    }
    return recording
  }
}
