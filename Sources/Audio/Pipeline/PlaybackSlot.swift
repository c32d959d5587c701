/// A loudspeaker with the block that it is given and what protects it; as `CaptureSlot`.
final class PlaybackSlot {
  let device: any AudioPlayback
  let block: AudioBlock
  let processor: LoudspeakerProcessor

  init(_ device: any AudioPlayback, profile: LoudspeakerProfile) {
    self.device = device
    block = AudioBlock(channelCount: device.channelCount)
    processor = LoudspeakerProcessor(profile)
  }
}
