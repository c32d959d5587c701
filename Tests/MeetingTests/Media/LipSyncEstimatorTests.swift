import Realtime
import Testing
import WebRTC

@testable import Meeting

/// A participant whose sound and pictures are captured together and come with different delays. All times are ours but
/// for the sender's reports.
private struct Sender {
  var estimator = LipSyncEstimator()
  /// What the network and the jitter buffer take, unless sound is held back longer.
  var audioDelay: Duration
  var videoDelay: Duration
  /// How much faster than its NTP clock the sender's sound card runs.
  var audioDrift = 0.0
  /// How much faster than ours the sender's NTP clock runs.
  var senderDrift = 0.0
  var isSilent = false
  var sendsReports = true
  private(set) var actualAudioDelay: Duration
  private(set) var elapsed = Duration.zero
  private var reported: Duration?
  private var audioBase: UInt32 = 0xFFFF_F000
  private var videoBase: UInt32 = 0xFFFF_FF00
  private var baseAt = Duration.zero

  static let start = Instant(nanoseconds: 5_000_000_000)
  static let ntp = NTPTime(rawValue: 0xE000_0000_0000_0000)

  init(audioDelay: Int, videoDelay: Int, audioDrift: Double = 0, senderDrift: Double = 0) {
    self.audioDelay = .milliseconds(audioDelay)
    self.videoDelay = .milliseconds(videoDelay)
    self.audioDrift = audioDrift
    self.senderDrift = senderDrift
    actualAudioDelay = self.audioDelay
  }

  private func senderTime(_ time: Duration) -> Double { time.seconds * (1 + senderDrift) }

  private func audioTimestamp(_ time: Duration) -> UInt32 {
    audioBase &+ UInt32(truncatingIfNeeded: Int64((senderTime(time - baseAt) * (1 + audioDrift) * 48_000).rounded()))
  }

  private func videoTimestamp(_ time: Duration) -> UInt32 {
    videoBase &+ UInt32(truncatingIfNeeded: Int64((senderTime(time - baseAt) * 90_000).rounded()))
  }

  /// Both streams begin anew with other timestamps.
  mutating func restart() {
    audioBase = 12_345
    videoBase = 0x7000_0000
    baseAt = elapsed
    reported = nil
  }

  /// Lets `duration` pass, 30 pictures a second; gives how much later than its sound each picture is shown, but those
  /// of the first `settling`.
  mutating func run(_ duration: Duration, settling: Duration = .zero) -> [Duration] {
    let end = elapsed + duration
    let settled = elapsed + settling
    var skews: [Duration] = []
    while elapsed < end {
      elapsed += .nanoseconds(33_333_333)
      report()
      // The jitter buffer stretches by at most a tenth.
      let wanted = max(audioDelay, estimator.minimumAudioDelay)
      let limit = Duration.milliseconds(3)
      actualAudioDelay += min(max(wanted - actualAudioDelay, .zero - limit), limit)
      let now = Self.start + elapsed
      if !isSilent {
        // The block that was pulled last is heard 20 ms from now.
        let heardAt = now + .milliseconds(20)
        estimator.noteAudioPlayout(
          timestamp: audioTimestamp(elapsed + .milliseconds(20) - actualAudioDelay), heardAt: heardAt,
          delay: actualAudioDelay)
      }
      let captured = elapsed - videoDelay
      let shown = estimator.renderTime(ofVideo: videoTimestamp(captured), readyAt: now)
      #expect(shown >= now)
      if elapsed > settled { skews.append(shown - (Self.start + captured + actualAudioDelay)) }
    }
    return skews
  }

  private mutating func report() {
    guard sendsReports, reported.map({ elapsed - $0 >= .seconds(5) }) ?? true else { return }
    reported = elapsed
    let captured = elapsed - .milliseconds(50)
    let ntp = Self.ntp.advanced(by: .nanoseconds(Int64(senderTime(captured) * 1e9)))
    estimator.noteAudioReport(timestamp: audioTimestamp(captured), ntp: ntp)
    estimator.noteVideoReport(timestamp: videoTimestamp(captured), ntp: ntp)
  }
}

private func worst(_ skews: [Duration]) -> Duration {
  skews.map { max($0, .zero - $0) }.max() ?? .seconds(1_000)
}

@Suite("Lip sync")
struct LipSyncEstimatorTests {
  static let tolerance = Duration.milliseconds(40)

  @Test(
    "pictures that are earlier than the sound wait for it",
    arguments: [(80, 20), (300, 10), (60, 60), (900, 5), (40, 60)])
  func earlyPictures(audioDelay: Int, videoDelay: Int) {
    var sender = Sender(audioDelay: audioDelay, videoDelay: videoDelay)
    #expect(worst(sender.run(.seconds(20))) <= Self.tolerance)
    #expect(sender.estimator.isSynchronized)
    #expect(sender.estimator.minimumAudioDelay == .zero)
  }

  @Test("clocks that drift by 200 ppm stay together for ten minutes", arguments: [200e-6, -200e-6])
  func drift(drift: Double) {
    var sender = Sender(audioDelay: 120, videoDelay: 30, audioDrift: drift)
    #expect(worst(sender.run(.seconds(600))) <= .milliseconds(5))
    var other = Sender(audioDelay: 120, videoDelay: 30, senderDrift: drift)
    #expect(worst(other.run(.seconds(600))) <= .milliseconds(5))
  }

  @Test(
    "sound is held back for late pictures, within ten seconds and not more than needed", arguments: [120, 250, 400])
  func latePictures(videoDelay: Int) {
    var sender = Sender(audioDelay: 40, videoDelay: videoDelay)
    #expect(worst(sender.run(.seconds(30), settling: .seconds(10))) <= Self.tolerance)
    #expect(sender.estimator.minimumAudioDelay <= .milliseconds(videoDelay + 10))
    #expect(sender.estimator.minimumAudioDelay > .milliseconds(40))
  }

  @Test("sound is held back gradually")
  func gradual() {
    var sender = Sender(audioDelay: 40, videoDelay: 400)
    var last = Duration.zero
    for _ in 0..<100 {
      _ = sender.run(.milliseconds(100))
      let rise = sender.estimator.minimumAudioDelay - last
      // The first step begins from the delay there is.
      #expect(rise <= .milliseconds(last == .zero ? 90 : 50))
      last = sender.estimator.minimumAudioDelay
    }
  }

  @Test("sound is never held back longer than half a second")
  func bound() {
    var sender = Sender(audioDelay: 40, videoDelay: 900)
    _ = sender.run(.seconds(60))
    #expect(sender.estimator.minimumAudioDelay == LipSyncEstimator.maximumAudioDelay)
  }

  @Test("sound is quick again when the pictures are")
  func recovery() {
    var sender = Sender(audioDelay: 40, videoDelay: 300)
    _ = sender.run(.seconds(15))
    #expect(sender.estimator.minimumAudioDelay > .milliseconds(200))
    sender.videoDelay = .milliseconds(30)
    #expect(worst(sender.run(.seconds(60), settling: .seconds(2))) <= Self.tolerance)
    #expect(sender.estimator.minimumAudioDelay < .milliseconds(80))
  }

  @Test("without reports pictures are shown at once")
  func noReports() {
    var sender = Sender(audioDelay: 200, videoDelay: 30)
    sender.sendsReports = false
    let skews = sender.run(.seconds(5))
    #expect(skews.allSatisfy { $0 == .milliseconds(-170) })
    #expect(!sender.estimator.isSynchronized)
  }

  @Test("without sound pictures are shown at once")
  func noSound() {
    var sender = Sender(audioDelay: 200, videoDelay: 30)
    sender.isSilent = true
    #expect(sender.run(.seconds(5)).allSatisfy { $0 == .milliseconds(-170) })
  }

  @Test("a silence doesn't make pictures jump")
  func silence() {
    var sender = Sender(audioDelay: 200, videoDelay: 30, senderDrift: 200e-6)
    _ = sender.run(.seconds(10))
    sender.isSilent = true
    #expect(worst(sender.run(.seconds(30))) <= .milliseconds(15))
  }

  @Test("sender reports that begin anew are followed at once")
  func restart() {
    var sender = Sender(audioDelay: 200, videoDelay: 30)
    _ = sender.run(.seconds(10))
    sender.restart()
    // The jitter buffer may still play old sound when the first new picture comes.
    #expect(worst(sender.run(.seconds(10), settling: .seconds(1))) <= Self.tolerance)
  }

  @Test("a report that would make pictures wait for seconds isn't believed")
  func nonsense() {
    var estimator = LipSyncEstimator()
    let now = Instant(nanoseconds: 1_000_000_000)
    estimator.noteAudioReport(timestamp: 0, ntp: NTPTime(rawValue: 0))
    estimator.noteVideoReport(timestamp: 0, ntp: NTPTime(rawValue: 100 << 32))
    estimator.noteAudioPlayout(timestamp: 0, heardAt: now, delay: .zero)
    #expect(estimator.renderTime(ofVideo: 0, readyAt: now) == now)
    for timestamp in [UInt32.max, 1 << 31, 12_345] {
      estimator.noteVideoReport(timestamp: timestamp, ntp: NTPTime(rawValue: .max))
      #expect(estimator.renderTime(ofVideo: timestamp &+ 1 << 31, readyAt: now) == now)
    }
    #expect(estimator.minimumAudioDelay == .zero)
  }

  @Test("the sound's delay changes by stretching, and the pictures' by a tenth of the time at most")
  func slew() {
    var sender = Sender(audioDelay: 100, videoDelay: 20)
    _ = sender.run(.seconds(5))
    sender.audioDelay = .milliseconds(180)
    #expect(worst(sender.run(.seconds(5))) <= Self.tolerance)
  }
}
