import Realtime
import WebRTC

/// When a participant's pictures are to be shown so that they fit the sound, and how much longer the sound is to be
/// held back when the pictures come later than it.
///
/// Both streams' sender reports relate their RTP timestamps to one clock of the sender's (RFC 3550 section 6.4.1), and
/// the sound that is heard relates that clock to ours. Pictures wait for the sound. When they are late the sound waits
/// for them, which changes slowly enough for the jitter buffer to stretch it unheard.
struct LipSyncEstimator {
  /// How far sound and picture may be apart (ITU-R BT.1359 finds 45 ms of early sound just noticeable).
  static let tolerance = Duration.milliseconds(40)
  /// A picture doesn't wait longer than this: a report that says so can't be right.
  static let maximumVideoWait = Duration.seconds(1)
  /// A picture that seems later than this tells of a report that can't be right.
  static let maximumLateness = Duration.seconds(2)
  /// Sound is never held back longer than this for the sake of the picture: conversation would suffer more.
  static let maximumAudioDelay = Duration.milliseconds(500)
  /// A report, or the sound last heard, serves this long; clocks 200 ppm apart then differ by 12 ms.
  static let validity = Duration.seconds(60)

  /// Sound is to be held back at least this long, on the scale of `AudioReceiveStream.minimumDelay`.
  private(set) var minimumAudioDelay = Duration.zero
  /// Whether the last picture was timed by the sound.
  private(set) var isSynchronized = false
  /// How much later than its sound the last picture was there; negative when it could wait.
  private(set) var lateness = Duration.zero

  private struct SenderClock {
    let timestamp: UInt32
    let ntp: NTPTime
    /// Hz.
    let rate: Int64

    /// The sender's time at an RTP timestamp; nil when that is too far from the report.
    func time(of other: UInt32) -> NTPTime? {
      let ticks = Int64(Int32(bitPattern: other &- timestamp))
      guard abs(ticks) <= rate * LipSyncEstimator.validity.components.seconds else { return nil }
      return ntp.advanced(by: .nanoseconds(ticks * 1_000_000_000 / rate))
    }
  }

  private static let adjustmentInterval = Duration.milliseconds(500)
  /// What sound and picture may be apart before the sound's delay is changed: below `tolerance`.
  private static let deadBand = Duration.milliseconds(25)
  private static let raise = Duration.milliseconds(50)
  private static let lower = Duration.milliseconds(10)
  /// A change of the sound's delay up to this is followed gradually, a larger one at once.
  private static let maximumSlew = Duration.milliseconds(100)

  private var audio: SenderClock?
  private var video: SenderClock?
  private var heard: (timestamp: UInt32, at: Instant)?
  private var audioDelay = Duration.zero
  /// What the sound's delay would have to be for the pictures to be just in time, averaged; doesn't depend on what that
  /// delay is now.
  private var requiredAudioDelay: Duration?
  private var adjustedAt: Instant?

  private var lastTimestamp: UInt32?
  private var ticks: Int64 = 0
  /// Our time less the video's own, as now applied, in nanoseconds.
  private var shift: Int64?

  init() {}

  /// The sound's RTP timestamp `timestamp`, 48 kHz, was taken at `ntp`.
  mutating func noteAudioReport(timestamp: UInt32, ntp: NTPTime) {
    audio = SenderClock(timestamp: timestamp, ntp: ntp, rate: 48_000)
  }

  /// The pictures' RTP timestamp `timestamp`, 90 kHz, was taken at `ntp`.
  mutating func noteVideoReport(timestamp: UInt32, ntp: NTPTime) {
    video = SenderClock(timestamp: timestamp, ntp: ntp, rate: 90_000)
  }

  /// The sound of `timestamp` is heard at `heardAt`, when sound is held back by `delay`.
  mutating func noteAudioPlayout(timestamp: UInt32, heardAt: Instant, delay: Duration) {
    heard = (timestamp, heardAt)
    audioDelay = delay
  }

  /// Forgets the sound, as when its track ends.
  mutating func removeAudio() {
    audio = nil
    heard = nil
    audioDelay = .zero
    requiredAudioDelay = nil
    minimumAudioDelay = .zero
  }

  /// Forgets the pictures, as when their track ends: nothing waits for them any more.
  mutating func removeVideo() {
    video = nil
    lastTimestamp = nil
    shift = nil
    requiredAudioDelay = nil
    minimumAudioDelay = .zero
    isSynchronized = false
  }

  /// When the sound that belongs to the picture of `timestamp` is heard; nil when that isn't known.
  func dueTime(ofVideo timestamp: UInt32, at now: Instant) -> Instant? {
    guard let audio, let video, let heard, now - heard.at < Self.validity,
      let soundTime = audio.time(of: heard.timestamp), let pictureTime = video.time(of: timestamp)
    else { return nil }
    let due = heard.at + soundTime.duration(to: pictureTime)
    guard due - now <= Self.maximumVideoWait, now - due <= Self.maximumLateness else { return nil }
    return due
  }

  /// When to show the picture of `timestamp`, which is ready at `now`; not before `now`.
  mutating func renderTime(ofVideo timestamp: UInt32, readyAt now: Instant) -> Instant {
    let elapsed = advance(to: timestamp)
    guard let due = dueTime(ofVideo: timestamp, at: now) else {
      isSynchronized = false
      shift = nil
      return now
    }
    isSynchronized = true
    lateness = now - due
    adjustAudioDelay(at: now)
    let target = due.nanoseconds - mediaTime
    let applied = slewed(toward: target, elapsed: elapsed)
    shift = applied
    return max(now, Instant(nanoseconds: mediaTime + applied))
  }

  // MARK: Inner works

  /// The video's own time since its first picture, nanoseconds.
  private var mediaTime: Int64 { ticks * 100_000 / 9 }

  /// Goes on to a picture; gives the time since the one before, in nanoseconds.
  private mutating func advance(to timestamp: UInt32) -> Int64 {
    let step = lastTimestamp.map { Int64(Int32(bitPattern: timestamp &- $0)) } ?? 0
    lastTimestamp = timestamp
    // The sender began anew, or paused for long.
    if abs(step) > 5 * 90_000 {
      ticks = 0
      shift = nil
      return 0
    }
    ticks += step
    return max(step, 0) * 100_000 / 9
  }

  /// Follows the sound's delay by at most a tenth of the passing time: motion stays smooth.
  private func slewed(toward target: Int64, elapsed: Int64) -> Int64 {
    guard let shift, abs(target - shift) <= Self.maximumSlew.nanoseconds else { return target }
    let limit = elapsed / 10
    return shift + min(max(target - shift, -limit), limit)
  }

  private mutating func adjustAudioDelay(at now: Instant) {
    let required = audioDelay + lateness
    let average = requiredAudioDelay.map { $0 + (required - $0) / 16 } ?? required
    requiredAudioDelay = average
    guard let last = adjustedAt else {
      adjustedAt = now
      return
    }
    guard now - last >= Self.adjustmentInterval else { return }
    adjustedAt = now
    let held = max(minimumAudioDelay, audioDelay)
    if average > held + Self.deadBand {
      minimumAudioDelay = min(average, held + Self.raise, Self.maximumAudioDelay)
    } else if average < minimumAudioDelay - Self.deadBand {
      minimumAudioDelay = max(average, minimumAudioDelay - Self.lower, .zero)
    }
  }
}
