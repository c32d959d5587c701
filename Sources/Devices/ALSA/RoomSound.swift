import Audio
import Realtime
import Synchronization

/// Keeps a room's microphone and loudspeaker running: opens the wished devices, hands them to the audio thread, and opens
/// them again when they were lost, plugged in anew or let go by another program.
///
/// It works on a thread of its own, since opening takes time, and sleeps while there's nothing to do. It is told of changes
/// (`devicesChanged`, from the one who watches the kernel's events) and hears from the pipeline when a device has vanished.
public final class RoomSound: Sendable {
  /// Picks a device out of those that are there; nil if none of them is wished.
  public typealias Choice = @Sendable ([SoundDevice]) -> SoundDevice?

  /// What is wished.
  public struct Wish: Sendable {
    /// The microphone; nil for none.
    public var capture: Choice?
    /// The loudspeaker; nil for none.
    public var playback: Choice?
    /// How the microphone is to be opened, if no array describes it.
    public var captureRequest = PCMRequest()
    /// Arrays that are known: one of these is opened with its own channels.
    public var arrays = ArrayLibrary()
    /// What has been measured in this room; it is used for the devices with which it was measured.
    public var profile: RoomProfile?
    /// How the loudspeaker is to be opened.
    public var playbackRequest = PCMRequest(channelCount: 2)
    /// Level of the microphone in dB, 0 being as the card has it without amplification; nil leaves the card as it is.
    public var captureLevel: Double?
    /// Level of the loudspeaker in dB, 0 being the loudest undistorted; nil leaves the card as it is.
    public var playbackLevel: Double?

    /// A wish for these devices.
    public init(capture: Choice? = nil, playback: Choice? = nil) {
      self.capture = capture
      self.playback = playback
    }
  }

  private struct Shared {
    var wish: Wish
    var hasChanged = true
    var report = RoomSoundReport()
  }

  /// The one that the thread sees, so that it keeps nobody alive.
  private final class State: Sendable {
    let pipeline: AudioPipeline
    let shared: Mutex<Shared>

    init(_ pipeline: AudioPipeline, _ wish: Wish) {
      self.pipeline = pipeline
      shared = Mutex(Shared(wish: wish))
    }
  }

  private let state: State
  private let thread: RealtimeThread

  /// Starts to look after `pipeline`'s devices.
  public init(_ pipeline: AudioPipeline, wish: Wish) throws(RealtimeThread.Failure) {
    let state = State(pipeline, wish)
    self.state = state
    thread = try RealtimeThread(name: "sound", priority: nil) { context in
      var capture = SoundSide<ALSACapture>()
      var playback = SoundSide<ALSAPlayback>()
      while !context.shouldStop { Self.attend(state, &capture, &playback) }
      capture.close()
      playback.close()
      pipeline.releaseRetired()
    }
  }

  deinit { stop() }

  /// Gives the devices up and ends the thread. The pipeline goes on with silence.
  public func stop() {
    // Raised after the request to stop, which the thread must see.
    thread.requestStop()
    state.pipeline.deviceSignal.raise()
    thread.stop()
  }

  /// Wishes other devices or levels. From any thread.
  public var wish: Wish {
    get { state.shared.withLock { $0.wish } }
    set {
      state.shared.withLock {
        $0.wish = newValue
        $0.hasChanged = true
      }
      state.pipeline.deviceSignal.raise()
    }
  }

  /// To be called when devices came or went. From any thread.
  public func devicesChanged() {
    state.shared.withLock { $0.hasChanged = true }
    state.pipeline.deviceSignal.raise()
  }

  /// What is known now, up to the last block. From any thread but the audio thread.
  public var report: RoomSoundReport { state.shared.withLock { $0.report } }

  private static func attend(
    _ state: State, _ capture: inout SoundSide<ALSACapture>, _ playback: inout SoundSide<ALSAPlayback>
  ) {
    let pipeline = state.pipeline
    let (wish, hasChanged) = state.shared.withLock { shared in
      defer { shared.hasChanged = false }
      return (shared.wish, shared.hasChanged)
    }
    let now = MonotonicClock.now
    capture.noteLoss(at: now)
    playback.noteLoss(at: now)
    // Lost devices are closed here, or the system would go on calling them busy.
    pipeline.releaseRetired()
    let isCaptureDue = capture.isDue(at: now, wish.capture)
    let isPlaybackDue = playback.isDue(at: now, wish.playback)
    if hasChanged || (isCaptureDue && !capture.isHeld) || (isPlaybackDue && !playback.isHeld) {
      let devices = SoundDevice.all()
      capture.attend(devices, wish.capture, level: wish.captureLevel, isNews: hasChanged) { device in
        wish.arrays.description(of: device)?.request ?? wish.captureRequest
      } use: {
        wish.use($0, $1, pipeline)
      }
      playback.attend(devices, wish.playback, level: wish.playbackLevel, isNews: hasChanged) { _ in
        wish.playbackRequest
      } use: {
        wish.use($0, $1, pipeline)
      }
    } else {
      if isCaptureDue { capture.openHeld(level: wish.captureLevel) { wish.use($0, $1, pipeline) } }
      if isPlaybackDue { playback.openHeld(level: wish.playbackLevel) { wish.use($0, $1, pipeline) } }
    }
    var captureReport = capture.report
    let playbackReport = playback.report
    if case .open(let device) = captureReport.state {
      captureReport.array = wish.arrays.description(of: device)
    }
    state.shared.withLock {
      $0.report.capture = captureReport
      $0.report.playback = playbackReport
    }
    // Reports are brought up to date now and then.
    let rest = MonotonicClock.now + .seconds(1)
    pipeline.deviceSignal.wait(until: min(rest, capture.nextTry ?? rest, playback.nextTry ?? rest))
  }
}

extension RoomSound.Wish {
  /// Hands `capture` to the pipeline with what is known of it.
  fileprivate func use(_ capture: ALSACapture, _ device: SoundDevice, _ pipeline: AudioPipeline) -> Bool {
    pipeline.replaceCapture(
      capture, array: arrays.description(of: device)?.array,
      calibration: profile.flatMap { Self.means($0.microphone, device) ? $0.array : nil })
  }

  /// Hands `playback` to the pipeline with what is known of it.
  fileprivate func use(_ playback: ALSAPlayback, _ device: SoundDevice, _ pipeline: AudioPipeline) -> Bool {
    pipeline.replacePlayback(
      playback, profile: profile.flatMap { Self.means($0.loudspeaker, device) ? $0.drive : nil } ?? LoudspeakerProfile()
    )
  }

  /// Whether a profile's device is `device`; one that names none means any.
  private static func means(_ rule: String?, _ device: SoundDevice) -> Bool {
    rule.map { SoundInventory.item(device).rule.description == $0 } ?? true
  }
}
