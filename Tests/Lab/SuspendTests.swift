import Audio
import Glibc
import Realtime
import Synchronization
import Testing
import Video

@testable import Devices

/// The machine is put to sleep (suspend to idle) while its devices run. The kernel's drivers of sound cards stop then;
/// those of the virtual camera and display know nothing of it, but everything that waits for them stands still.
@Suite(.lab("suspend"), .serialized) struct SuspendTests {
  /// Sleeps until it is woken from outside: for some hours, as virtual time runs while all but the kernel stands still.
  /// - Returns: when it awoke.
  private static func nap() throws -> Instant {
    // Tests/Lab/uml/run sees it, and wakes the machine as long as it is there.
    let wake = "/lab/wake"
    close(try #require([open(wake, O_CREAT | O_WRONLY, 0o644)].first { $0 >= 0 }))
    defer { unlink(wake) }
    try Lab.write("freeze", to: "/sys/power/state")
    return MonotonicClock.now
  }

  /// Naps `count` times, some work before and after each, on a thread of its own.
  private final class Sleeper: Sendable {
    private final class Box: Sendable {
      let value = Mutex<[Instant]>([])
    }

    private let found = Box()
    private let thread: RealtimeThread

    init(naps count: Int, every interval: Duration, longerBy step: Duration = .zero) throws {
      let found = found
      thread = try RealtimeThread(name: "sleeper", priority: nil) { context in
        for index in 0..<count {
          MonotonicClock.sleep(until: MonotonicClock.now + interval + step * index)
          guard !context.shouldStop, let instant = try? SuspendTests.nap() else { return }
          found.value.withLock { $0.append(instant) }
        }
      }
    }

    /// When the machine awoke.
    var awakenings: [Instant] { found.value.withLock { $0 } }
    func stop() { thread.stop() }
  }

  private func request() -> PCMRequest {
    var request = PCMRequest(channelCount: 1)
    request.sampleRates = [48_000]
    return request
  }

  @Test func soundIsBackAtOnceWithoutClicks() throws {
    let capture = try ALSACapture(SoundLab.address(end: 0, cable: 0), request())
    let playback = try ALSAPlayback(SoundLab.address(card: 1, end: 1, cable: 0), request())
    let source = try ToneSource(SoundLab.address(end: 1, cable: 0), request(), frequency: 630)
    let witness = try Recorder(SoundLab.address(card: 1, end: 0, cable: 0), request())
    // So that what was still to be played lies once in each part of the loudspeaker's memory, which holds 200 ms.
    let naps = 12
    let sleeper = try Sleeper(naps: naps, every: .milliseconds(700), longerBy: .milliseconds(17))
    var heard: [Float] = []
    var (captured, played): ([Instant], [Instant]) = ([], [])
    try SoundLab.loop(capture, playback, blocks: 1_500) { index, block in
      SoundLab.tones(index, block, [997])
      // The block before was taken by the loudspeaker.
      played.append(MonotonicClock.now)
    } hear: { _, block in
      heard += block.channel(0)
      captured.append(MonotonicClock.now)
    }
    let sound = witness.stop()
    source.stop()
    sleeper.stop()
    let awakenings = sleeper.awakenings
    #expect(awakenings.count == naps)
    #expect(!capture.isLost && !playback.isLost)
    for awakening in awakenings {
      let heardAgain = try #require(captured.first { $0 > awakening }) - awakening
      // The second block after, when one has been taken.
      let playedAgain = try #require(played.filter { $0 > awakening }.dropFirst().first) - awakening
      print("suspend: captured after \(heardAgain.milliseconds) ms, played after \(playedAgain.milliseconds) ms")
      fflush(nil)
      #expect(heardAgain < .milliseconds(500) && playedAgain < .milliseconds(500))
    }
    for (name, sound) in [("played", sound), ("heard", heard)] {
      let rest = Array(sound.dropFirst(48_000))
      let loudest = Click.loudest(rest)
      print("suspend, \(name): loudest click \(loudest) dBFS, level \(Click.level(rest)) dBFS, \(rest.count) samples")
      fflush(nil)
      #expect(loudest < -50, "\(name)")
      #expect(rest.count > 12 * 48_000 && Click.level(rest) > -10, "\(name)")
    }
    let (heardReport, playedReport) = (capture.currentReport, playback.currentReport)
    #expect(heardReport.suspensions == naps && playedReport.suspensions == naps, "\(heardReport), \(playedReport)")
  }

  @Test func cameraAndScreenGoOn() throws {
    let screen = KMSScreen()
    defer { screen.close() }
    let camera = try V4L2Camera(
      node: "/dev/video0", wish: CameraFormat(width: 640, height: 480, framesPerSecond: 30))
    let pool = VideoFramePool(capacity: 3)
    let loop = try ScreenLoop(screen: screen, seed: 60)
    defer { loop.stop() }
    let sleeper = try Sleeper(naps: 1, every: .seconds(3))
    defer { sleeper.stop() }
    var pictures: [Instant] = []
    func take(until condition: () -> Bool) throws {
      while !condition() {
        if try camera.nextFrame(from: pool, timeout: .milliseconds(100)) != nil { pictures.append(MonotonicClock.now) }
      }
    }
    try take { !sleeper.awakenings.isEmpty }
    let awakening = try #require(sleeper.awakenings.first)
    let shown = loop.count
    let taken = pictures.count
    try take { MonotonicClock.now > awakening + .seconds(2) }
    let first = try #require(pictures.first { $0 > awakening }) - awakening
    print(
      "suspend: a picture \(first.milliseconds) ms after; \(pictures.count - taken) in 2 s,",
      "\(loop.count - shown) on the screen")
    #expect(first < .milliseconds(500))
    #expect(pictures.count - taken >= 55 && loop.count - shown >= 115)
    #expect(screen.status.fault == nil)
  }
}
