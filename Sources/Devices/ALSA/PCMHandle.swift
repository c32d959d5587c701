import CALSA
import Glibc
import Realtime

/// Where a PCM device is.
public struct PCMAddress: Hashable, Sendable, CustomStringConvertible {
  /// The card's number, which changes when it is plugged in anew.
  public var card: Int
  /// The device on the card.
  public var device: Int
  /// One of several equal parts of the device; nil for any that is free.
  public var subdevice: Int?

  /// Device `device` of card number `card`.
  public init(card: Int, device: Int, subdevice: Int? = nil) {
    self.card = card
    self.device = device
    self.subdevice = subdevice
  }

  /// ALSA's name of the device itself, without conversions: "hw:1,0".
  public var description: String { "hw:\(card),\(device)" + (subdevice.map { ",\($0)" } ?? "") }
}

/// Which way sound goes.
public enum SoundDirection: String, Sendable, CaseIterable {
  /// From a microphone.
  case capture
  /// To a loudspeaker.
  case playback

  var alsa: snd_pcm_stream_t { self == .capture ? SND_PCM_STREAM_CAPTURE : SND_PCM_STREAM_PLAYBACK }
}

/// An open PCM device, set to run freely: the kernel never stops it for want of data or room, so that its clock goes on
/// and the one who uses it decides what becomes of a loss.
///
/// `@unchecked Sendable`: opened on one thread and then handed to the audio thread, which alone uses it; closed by the
/// last who lets go of it.
final class PCMHandle: @unchecked Sendable {
  /// What the device says of itself at one instant.
  struct Status {
    var state = SND_PCM_STATE_OPEN
    /// Frames that can be read or written. More than the buffer holds: some were lost, or silence was heard.
    var available = 0
    /// Frames between the application's and the converter.
    var delay = 0
    /// When it was so, on `MonotonicClock`.
    var time = Instant(nanoseconds: 0)
  }

  let address: PCMAddress
  let direction: SoundDirection
  let configuration: PCMConfiguration
  private let pcm: OpaquePointer
  private let status: OpaquePointer

  /// Opens the device and sets it for `request`.
  init(_ address: PCMAddress, _ direction: SoundDirection, _ request: PCMRequest) throws(ALSAError) {
    self.address = address
    self.direction = direction
    let pcm = try Self.open(address, direction)
    do throws(ALSAError) {
      configuration = try PCMConfiguration.set(pcm, request)
      try Self.setSoftware(pcm, wakeAt: direction == .capture ? configuration.framesPerBlock : configuration.bufferSize)
    } catch {
      snd_pcm_close(pcm)
      throw error
    }
    var status: OpaquePointer?
    guard snd_pcm_status_malloc(&status) >= 0, let status else {
      snd_pcm_close(pcm)
      throw .system(ENOMEM, "status")
    }
    self.pcm = pcm
    self.status = status
  }

  deinit {
    snd_pcm_drop(pcm)
    snd_pcm_close(pcm)
    snd_pcm_status_free(status)
  }

  /// Before the first device is opened: tells ALSA's library not to lock what only one thread ever uses.
  private static let withoutLocks: Void = {
    setenv("LIBASOUND_THREAD_SAFE", "0", 1)
    salle_alsa_be_quiet()
  }()

  /// Opens without waiting for one who holds the device.
  static func open(_ address: PCMAddress, _ direction: SoundDirection) throws(ALSAError) -> OpaquePointer {
    var pcm: OpaquePointer?
    _ = withoutLocks
    let mode = SND_PCM_NONBLOCK | SND_PCM_NO_AUTO_RESAMPLE | SND_PCM_NO_AUTO_CHANNELS | SND_PCM_NO_AUTO_FORMAT
    try ALSAError.check(snd_pcm_open(&pcm, address.description, direction.alsa, Int32(mode)), "open \(address)")
    guard let pcm else { throw .missing }
    return pcm
  }

  private static func setSoftware(_ pcm: OpaquePointer, wakeAt frames: Int) throws(ALSAError) {
    var parameters: OpaquePointer?
    guard snd_pcm_sw_params_malloc(&parameters) >= 0, let parameters else { throw .system(ENOMEM, "parameters") }
    defer { snd_pcm_sw_params_free(parameters) }
    try ALSAError.check(snd_pcm_sw_params_current(pcm, parameters), "software parameters")
    var boundary: snd_pcm_uframes_t = 0
    try ALSAError.check(snd_pcm_sw_params_get_boundary(parameters, &boundary), "boundary")
    // Started by hand, never stopped; what was played becomes silence, so that no sound is heard twice.
    try ALSAError.check(snd_pcm_sw_params_set_start_threshold(pcm, parameters, boundary), "start threshold")
    try ALSAError.check(snd_pcm_sw_params_set_stop_threshold(pcm, parameters, boundary), "stop threshold")
    try ALSAError.check(snd_pcm_sw_params_set_silence_threshold(pcm, parameters, 0), "silence threshold")
    try ALSAError.check(snd_pcm_sw_params_set_silence_size(pcm, parameters, boundary), "silence size")
    try ALSAError.check(snd_pcm_sw_params_set_avail_min(pcm, parameters, snd_pcm_uframes_t(frames)), "avail min")
    try ALSAError.check(snd_pcm_sw_params_set_tstamp_mode(pcm, parameters, SND_PCM_TSTAMP_ENABLE), "time stamps")
    try ALSAError.check(
      snd_pcm_sw_params_set_tstamp_type(pcm, parameters, SND_PCM_TSTAMP_TYPE_MONOTONIC), "monotonic time stamps")
    try ALSAError.check(snd_pcm_sw_params(pcm, parameters), "software parameters")
  }

  // MARK: Audio thread

  /// Asks the device; nil when it is gone.
  func currentStatus() -> Status? {
    guard snd_pcm_status(pcm, status) >= 0 else { return nil }
    // Where the kernel doesn't map its pointers, the library's copies of them are brought up to date.
    _ = snd_pcm_avail_update(pcm)
    var time = timespec()
    snd_pcm_status_get_htstamp(status, &time)
    return Status(
      state: snd_pcm_status_get_state(status), available: Int(bitPattern: snd_pcm_status_get_avail(status)),
      delay: Int(snd_pcm_status_get_delay(status)),
      time: Instant(time))
  }

  /// Waits until a block can be read, at most for `milliseconds`.
  /// - Returns: whether it came; nil when the device is gone or stopped.
  func wait(milliseconds: Int32) -> Bool? {
    let result = snd_pcm_wait(pcm, milliseconds)
    return result < 0 ? nil : result > 0
  }

  /// Makes the device ready to start, whatever it was stopped by; false when that can't be.
  ///
  /// One that the system had put to sleep isn't resumed: that would play what is left in its memory from before, and
  /// a device that runs can't be prepared.
  func prepare() -> Bool { snd_pcm_prepare(pcm) >= 0 }

  /// Starts the device; false when it refuses.
  func start() -> Bool { snd_pcm_start(pcm) >= 0 }

  /// Moves the application's place by `frames`, leaving out what is there; gives how far it moved.
  func skip(_ frames: Int) -> Int {
    var done = 0
    // The kernel moves by what is in the buffer at most.
    while done < frames {
      let step = snd_pcm_forward(pcm, snd_pcm_uframes_t(frames - done))
      if step <= 0 { break }
      done += step
    }
    return done
  }

  /// Goes through the next `count` frames of the device's memory in one or two pieces and passes them on.
  ///
  /// `body` gets a channel, the place of its first sample, the distance of two in bytes, the piece's offset among the
  /// `count` frames, and its length.
  /// - Returns: whether all were passed on.
  func transfer(
    _ count: Int, _ body: (Int, UnsafeMutableRawPointer, Int, Int, Int) -> Void
  ) -> Bool {
    var done = 0
    while done < count {
      var areas: UnsafePointer<snd_pcm_channel_area_t>?
      var offset: snd_pcm_uframes_t = 0
      var frames = snd_pcm_uframes_t(count - done)
      guard snd_pcm_mmap_begin(pcm, &areas, &offset, &frames) >= 0, let areas, frames > 0 else { return false }
      visit(areas, offset: Int(offset), frames: Int(frames), done: done, body)
      guard snd_pcm_mmap_commit(pcm, offset, frames) == snd_pcm_sframes_t(frames) else { return false }
      done += Int(frames)
    }
    return true
  }

  /// As `transfer` to the memory behind the application's place, without passing it on.
  func peek(_ count: Int, _ body: (Int, UnsafeMutableRawPointer, Int, Int, Int) -> Void) {
    var areas: UnsafePointer<snd_pcm_channel_area_t>?
    var offset: snd_pcm_uframes_t = 0
    var frames = snd_pcm_uframes_t(count)
    guard snd_pcm_mmap_begin(pcm, &areas, &offset, &frames) >= 0, let areas else { return }
    let first = min(count, configuration.bufferSize - Int(offset))
    visit(areas, offset: Int(offset), frames: first, done: 0, body)
    if first < count { visit(areas, offset: 0, frames: count - first, done: first, body) }
  }

  private func visit(
    _ areas: UnsafePointer<snd_pcm_channel_area_t>, offset: Int, frames: Int, done: Int,
    _ body: (Int, UnsafeMutableRawPointer, Int, Int, Int) -> Void
  ) {
    for channel in 0..<configuration.channelCount {
      guard let base = areas[channel].addr else { continue }
      let stride = Int(areas[channel].step) / 8
      body(channel, base + Int(areas[channel].first) / 8 + offset * stride, stride, done, frames)
    }
  }
}
