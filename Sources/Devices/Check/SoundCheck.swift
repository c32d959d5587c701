import Audio
import Realtime

/// Looks whether microphones hear and loudspeakers are heard.
public enum SoundCheck {
  /// Below this, dBFS, a channel gives nothing: no converter is that quiet.
  private static let dead = -110.0
  private static let blocksPerSecond = 100

  /// Listens for `seconds`, and measures each channel.
  public static func listen(_ address: PCMAddress, seconds: Int) throws(ALSAError) -> DeviceFinding {
    let capture = try ALSACapture(address)
    var meters = [LevelMeter](repeating: LevelMeter(), count: capture.channelCount)
    // What comes first is the converters' waking up.
    let first = blocksPerSecond / 5
    try read(capture, blocks: first + blocksPerSecond * seconds) { block, index in
      guard index >= first else { return }
      for channel in meters.indices { meters[channel].add(UnsafeBufferPointer(block.channel(channel))) }
    }
    let report = capture.currentReport
    var figures: [DeviceFinding.Figure] = []
    for (channel, meter) in meters.enumerated() {
      let level = Double(AudioLevel.decibels(meter.rootMeanSquare))
      let peak = Double(AudioLevel.decibels(meter.peak))
      figures.append(.init(.level(channel: channel), level, isGood: level > dead))
      figures.append(.init(.peak(channel: channel), peak, isGood: peak < -0.1))
    }
    let delay = Double(report.delayNanoseconds) / 1e6
    figures.append(.init(.drift, report.partsPerMillion, isGood: abs(report.partsPerMillion) < 500))
    figures.append(.init(.delay, delay, isGood: delay < 60))
    return DeviceFinding(figures)
  }

  /// Plays a tone of 1 kHz, a second on each channel, and listens with `microphone`, if there is one, whether it is heard.
  public static func play(_ address: PCMAddress, microphone: PCMAddress?) throws(ALSAError) -> DeviceFinding {
    let playback = try ALSAPlayback(address)
    let capture: any AudioCapture = if let microphone { try ALSACapture(microphone) } else { SilentCapture() }
    let tone = AudioBlock(channelCount: playback.channelCount)
    var quiet = ToneMeter()
    var loud = ToneMeter()
    try read(capture, blocks: blocksPerSecond / 2) { block, _ in quiet.add(block) }
    // The tone is on its way for a while.
    let (delay, length) = (blocksPerSecond / 4, blocksPerSecond * playback.channelCount)
    var isLost = false
    try read(capture, blocks: length + delay) { block, index in
      if index >= delay { loud.add(block) }
      tone.silence()
      tone.timestamp = block.timestamp + AudioBlock.duration
      let channel = index / blocksPerSecond
      if channel < playback.channelCount { ToneMeter.sing(tone.channel(channel), block: index % blocksPerSecond) }
      do throws(AudioDeviceError) {
        _ = try playback.write(tone)
      } catch {
        isLost = isLost || error == .vanished
      }
    }
    if isLost { throw .missing }
    let report = playback.currentReport
    let latency = Double(report.delayNanoseconds) / 1e6
    var figures = [
      DeviceFinding.Figure(.drift, report.partsPerMillion, isGood: abs(report.partsPerMillion) < 500),
      .init(.delay, latency, isGood: latency < 100),
    ]
    if microphone != nil {
      let rise = loud.decibels - quiet.decibels
      figures.append(.init(.heard, rise, isGood: rise > 10))
    }
    return DeviceFinding(figures)
  }

  /// Reads `blocks` blocks, handing each with its number to `take`.
  private static func read(
    _ capture: any AudioCapture, blocks: Int, _ take: (AudioBlock, Int) -> Void
  ) throws(ALSAError) {
    let block = AudioBlock(channelCount: capture.channelCount)
    var (index, losses) = (0, 0)
    while index < blocks {
      do throws(AudioDeviceError) {
        try capture.read(into: block)
      } catch {
        losses += 1
        guard error != .vanished, losses < 20 else { throw .missing }
        continue
      }
      take(block, index)
      index += 1
    }
  }
}
