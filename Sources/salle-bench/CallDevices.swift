import Audio
import Realtime
import Synchronization
import Video

/// A camera that hands out pictures which exist already, as one that shares its memory does: it costs nothing.
///
/// `@unchecked Sendable`: used by the camera thread alone. A picture comes round again after at least two others, when
/// all have let go of it but the screen, to which it is the same picture.
final class PremadeCamera: CameraSource, @unchecked Sendable {
  let format = CameraFormat(
    width: CallMaterial.width, height: CallMaterial.height, framesPerSecond: CallMaterial.framesPerSecond)
  private let frames: [VideoFrame]
  private var beat = Beat(perSecond: CallMaterial.framesPerSecond)

  init(_ frames: [VideoFrame]) { self.frames = frames }

  func nextFrame(from pool: VideoFramePool, timeout: Duration) throws(CameraError) -> VideoFrame? {
    let time = beat.wait()
    let frame = frames[CallMaterial.index(ofBeat: beat.count)]
    frame.captureTime = time
    return frame
  }
}

/// A microphone that hears sound made beforehand, over and over.
///
/// `@unchecked Sendable`: used by the audio thread alone.
final class PremadeMicrophone: AudioCapture, @unchecked Sendable {
  let channelCount = 1
  private let samples: [Float]
  private var position = 0
  private var beat = Beat(perSecond: 100)

  init(_ samples: [Float]) { self.samples = samples }

  func read(into block: AudioBlock) throws(AudioDeviceError) {
    block.timestamp = beat.wait() - AudioBlock.duration
    let channel = block.channel(0)
    for index in channel.indices { channel[index] = samples[position + index] }
    position = (position + channel.count) % samples.count
  }
}

/// A loudspeaker that plays at once and silently.
final class SilentLoudspeaker: AudioPlayback {
  let channelCount = 1

  func write(_ block: AudioBlock) throws(AudioDeviceError) -> Instant { MonotonicClock.now + .milliseconds(20) }
}

/// A screen of 1080p at 30 pictures a second that takes the composed picture from the canvas without a copy, as a display
/// controller does. What composing costs is counted, what showing costs isn't.
///
/// `@unchecked Sendable`: used by the screen thread alone.
final class SilentScreen: ScreenSink, @unchecked Sendable {
  let mode = ScreenMode(width: 1_920, height: 1_080, refreshRate: 30)
  private var beat = Beat(perSecond: 30)

  func present(_ canvas: Canvas, damage: Damage) throws(ScreenError) -> Instant { beat.wait() }
}

/// A steady beat for one thread. After a stall of more than 100 ms what was missed is left out.
struct Beat {
  private let period: Duration
  private var next: Instant?
  /// How many there were.
  private(set) var count = 0

  init(perSecond: Double) { period = .nanoseconds(Int64(1e9 / perSecond)) }

  /// Sleeps until the next one.
  mutating func wait() -> Instant {
    let now = MonotonicClock.now
    var time = next ?? now
    if now - time > .milliseconds(100) { time = now }
    MonotonicClock.sleep(until: time)
    next = time + period
    count += 1
    return time
  }
}
