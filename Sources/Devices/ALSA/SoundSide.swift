import Audio
import Glibc
import Realtime

/// What `RoomSound` needs of a device that runs.
protocol RoomSoundDevice: AnyObject {
  associatedtype Report: Equatable & Sendable

  static var direction: SoundDirection { get }
  var isLost: Bool { get }
  var currentReport: Report { get }
  var digitalGain: Float { get set }

  init(_ address: PCMAddress, _ request: PCMRequest) throws(ALSAError)
  func giveUp()
}

extension ALSACapture: RoomSoundDevice {
  static var direction: SoundDirection { .capture }
}

extension ALSAPlayback: RoomSoundDevice {
  static var direction: SoundDirection { .playback }
}

/// A room's microphone or its loudspeaker, as `RoomSound` looks after it: which one is wished, which one runs, and when to
/// try again.
struct SoundSide<Device: RoomSoundDevice> {
  /// Who doesn't get a device tries again at these distances, at first soon: another program may let it go.
  private static var retryDelays: [Duration] {
    [.milliseconds(100), .milliseconds(100), .milliseconds(200), .milliseconds(200), .milliseconds(300)]
  }
  /// Where nothing is there that is wished, the next change of devices is waited for, and this is for safety alone.
  private static var longestRetryDelay: Duration { .seconds(2) }

  private(set) var nextTry: Instant?
  private var device: Device?
  private var entry: SoundDevice?
  private var lostAt: Instant?
  private var tries = 0
  private var level: Double?
  private var request: PCMRequest?
  /// What is wished and there, but held by another program.
  private var held: (device: SoundDevice, request: PCMRequest)?
  /// What devices can do that can't be asked while they are in use.
  private var capabilities: [PCMAddress: (path: String, SoundCapabilities)] = [:]
  private var kept = RoomSoundReport.Side<Device.Report>()

  /// What is known, with the newest figures of the device.
  var report: RoomSoundReport.Side<Device.Report> {
    var report = kept
    if let device { report.device = device.currentReport }
    return report
  }

  /// Looks whether the device has been lost meanwhile.
  mutating func noteLoss(at now: Instant) {
    guard let lost = device, lost.isLost else { return }
    kept.device = lost.currentReport
    kept.losses += 1
    kept.state = .absent
    device = nil
    entry = nil
    lostAt = now
    tries = 0
    nextTry = now
  }

  /// Whether it is time to look for a device.
  func isDue(at now: Instant, _ choice: RoomSound.Choice?) -> Bool {
    choice != nil && device == nil && (nextTry.map { $0 <= now } ?? true)
  }

  /// Whether only another program stands in the way, so that nothing needs looking up.
  var isHeld: Bool { held != nil }

  /// Tries again to open what another program held.
  mutating func openHeld(level: Double?, use: (Device, SoundDevice) -> Bool) {
    guard let held else { return }
    open(held.device, held.request, level, use)
  }

  /// Opens the wished one of `devices` unless it runs, and hands it to `use`
  /// with what is known of it.
  mutating func attend(
    _ devices: [SoundDevice], _ choice: RoomSound.Choice?, level: Double?, isNews: Bool,
    request: (SoundDevice) -> PCMRequest, use: (Device, SoundDevice) -> Bool
  ) {
    held = nil
    guard let choice else {
      close()
      kept.state = .unwanted
      return
    }
    if isNews { tries = 0 }
    guard let wished = choice(remembering(devices)) else {
      close()
      kept.state = .absent
      retry()
      return
    }
    let request = request(wished)
    if device != nil, entry?.address == wished.address, entry?.sysfsPath == wished.sysfsPath, self.request == request {
      if self.level != level { setLevel(level) }
      return
    }
    // One device can't be opened twice: it must be let go before it can be set otherwise.
    if entry?.address == wished.address, device != nil {
      close()
      nextTry = MonotonicClock.now + .milliseconds(50)
      return
    }
    open(wished, request, level, use)
  }

  private mutating func open(
    _ wished: SoundDevice, _ request: PCMRequest, _ level: Double?, _ use: (Device, SoundDevice) -> Bool
  ) {
    let opened: Device
    do throws(ALSAError) {
      opened = try Device(wished.address, request)
    } catch {
      kept.state = .failed(wished, error)
      held = error == .busy ? (wished, request) : nil
      return retry()
    }
    held = nil
    device?.giveUp()
    device = opened
    entry = wished
    self.request = request
    setLevel(level)
    guard use(opened, wished) else {
      device = nil
      return retry()
    }
    kept.state = .open(wished)
    kept.openings += 1
    if let lostAt { kept.lastOutage = MonotonicClock.now - lostAt }
    lostAt = nil
    tries = 0
    nextTry = nil
  }

  /// Lets the device go; the audio thread notices at its next block.
  mutating func close() {
    device?.giveUp()
    kept.device = device?.currentReport ?? kept.device
    device = nil
    entry = nil
    nextTry = nil
  }

  private mutating func retry() {
    let last = isHeld ? Self.retryDelays.last : Self.longestRetryDelay
    let delay = tries < Self.retryDelays.count ? Self.retryDelays[tries] : last ?? Self.longestRetryDelay
    tries += 1
    nextTry = MonotonicClock.now + delay
  }

  /// Sets the level by the hardware as far as it goes, the rest digitally.
  private mutating func setLevel(_ level: Double?) {
    self.level = level
    guard let device, let entry, let level else { return }
    let element = MixerElement(card: entry.address.card, Device.direction)
    let actual = element?.set(level)
    kept.mixerElement = element?.name
    device.digitalGain = Float(pow(10, (level - (actual ?? 0)) / 20))
  }

  /// The devices with what was known of those in use.
  private mutating func remembering(_ devices: [SoundDevice]) -> [SoundDevice] {
    var known: [PCMAddress: (path: String, SoundCapabilities)] = [:]
    let result = devices.filter { $0.direction == Device.direction }.map { device in
      var device = device
      if device.capabilities == nil, let old = capabilities[device.address], old.path == device.sysfsPath {
        device.capabilities = old.1
      }
      if let found = device.capabilities { known[device.address] = (device.sysfsPath, found) }
      return device
    }
    capabilities = known
    return result
  }
}
