import Realtime

/// What is done with the captured sound before it is sent.
public enum SoundProcessing: String, Sendable, Hashable, CaseIterable {
  /// The channels are added up and sent as they are, as music or a measurement wants it.
  case off
  /// Echo, noise and reverberation are removed, and the talker's level evened out (`MicrophoneFrontEnd`).
  case on
}

/// A microphone with the block that it fills and what processes it. Constants of an object that is held unmanaged, so that
/// the audio thread may use them without counting references; made on another thread, since making takes time.
final class CaptureSlot {
  /// Channels beyond these aren't listened to where the array isn't known: one is heard, the other stands by.
  private static let unknownCount = 2

  let device: any AudioCapture
  let block: AudioBlock
  /// Nil where the channels are added up.
  let frontEnd: MicrophoneFrontEnd?
  /// Nil where the microphones are alike, as far as is known.
  private let aligner: MicrophoneAligner?
  let processed = AudioBlock(channelCount: 1)

  /// A slot for `device`.
  /// - Parameters:
  ///   - array: where its microphones are; nil, or of another number of microphones, if that isn't known.
  ///   - calibration: how they differ, if that is known.
  init(
    _ device: any AudioCapture, processing: SoundProcessing, array: MicrophoneArray?,
    calibration: ArrayCalibration? = nil
  ) {
    self.device = device
    block = AudioBlock(channelCount: device.channelCount)
    guard processing == .on else {
      frontEnd = nil
      aligner = nil
      return
    }
    let known = array.flatMap { $0.microphones.count == device.channelCount ? $0 : nil }
    aligner = calibration.flatMap { MicrophoneAligner($0, channelCount: device.channelCount) }
    // The mix is mono, whatever the loudspeaker's channels.
    frontEnd = MicrophoneFrontEnd(
      array: known ?? MicrophoneArray(unknownCount: min(device.channelCount, Self.unknownCount)), referenceCount: 1)
  }

  /// When the first sample of what `process` gives was in the air.
  var start: Instant {
    guard frontEnd != nil else { return block.timestamp }
    let latency = MicrophoneFrontEnd.latency + (aligner?.latency ?? 0)
    return block.timestamp + .nanoseconds(-Int64(latency) * 1_000_000 / 48)
  }

  /// Brings the block into one channel. `reference`: what the loudspeaker was sent last.
  func process(reference: AudioBlock, into output: UnsafeMutableBufferPointer<Float>) {
    // No binding (`if let`): it would retain what it binds.
    guard frontEnd != nil else { return mixDown(into: output) }
    aligner?.process(block)
    frontEnd?.process(capture: block, reference: reference, into: processed)
    _ = output.update(fromContentsOf: processed.channel(0))
  }

  private func mixDown(into output: UnsafeMutableBufferPointer<Float>) {
    let scale = 1 / Float(block.channelCount)
    output.update(repeating: 0)
    for index in 0..<block.channelCount {
      let channel = block.channel(index)
      for sample in 0..<AudioBlock.sampleCount { output[sample] += channel[sample] * scale }
    }
    for sample in 0..<AudioBlock.sampleCount where !output[sample].isFinite { output[sample] = 0 }
  }
}
