import Audio
import Realtime
import Testing

@testable import Devices

private func instant(_ milliseconds: Int) -> Instant { Instant(nanoseconds: Int64(milliseconds) * 1_000_000) }

@Suite("Pacing")
struct PacingTests {
  @Test(
    "a camera's pictures come at its rate without drifting, whatever rate that is", arguments: [25.0, 29.97, 30, 60])
  func steadyFrames(rate: Double) {
    var pacer = FramePacer(framesPerSecond: rate)
    var now = instant(5)
    for index in 0..<10_000 as Range<Int64> {
      let beat = pacer.next(at: now)
      #expect(beat.index == index && beat.missed == 0)
      pacer.take(beat)
      now = beat.time + .microseconds(300)
    }
    let expected = instant(5) + .seconds(9_999 / rate) + .microseconds(300)
    #expect(abs((now - expected).milliseconds) < 0.001)
  }

  @Test("a caller that comes late gets the newest picture and knows what it missed")
  func lateFrames() {
    var pacer = FramePacer(framesPerSecond: 50)
    pacer.take(pacer.next(at: instant(0)))
    let late = pacer.next(at: instant(110))
    #expect(late == .init(index: 5, time: instant(100), missed: 4))
    pacer.take(late)
    #expect(pacer.next(at: instant(111)) == .init(index: 6, time: instant(120), missed: 0))
  }

  @Test("senseless rates are bounded")
  func senselessRates() {
    #expect(FramePacer(framesPerSecond: .nan).framesPerSecond == 30)
    #expect(FramePacer(framesPerSecond: 0).framesPerSecond == 1)
    #expect(FramePacer(framesPerSecond: 1e9).framesPerSecond == 1_000)
  }

  @Test("a microphone's blocks are there when their last sample is, and follow its own clock")
  func capture() {
    for skew in [0.0, 100, -100] {
      var pacer = CapturePacer(partsPerMillion: skew)
      var now = instant(0)
      for block in 0..<6_000 as Range<Int64> {
        guard case .block(let position, let start, let ready) = pacer.next(at: now) else {
          Issue.record("no block")
          return
        }
        #expect(position == block * 480 && (ready - start).milliseconds > 9.9)
        now = ready
      }
      // A minute, and 6 ms less or more.
      #expect(abs((now - instant(60_000)).milliseconds + skew * 0.06) < 0.01)
    }
  }

  @Test("a microphone that isn't read for long loses sound and says how much")
  func overrun() {
    var pacer = CapturePacer()
    _ = pacer.next(at: instant(0))
    guard case .block = pacer.next(at: instant(205)) else {
      Issue.record("200 ms fit into the buffer")
      return
    }
    #expect(pacer.next(at: instant(235)) == .overrun(sampleCount: 10_080))
    guard case .block(let position, _, let ready) = pacer.next(at: instant(235)) else {
      Issue.record("no block after an overrun")
      return
    }
    #expect(position == 11_040 && ready == instant(240))
  }

  @Test("a loudspeaker plays what is queued, after its latency, without gaps")
  func playback() {
    var pacer = PlaybackPacer()
    for block in 0..<1_000 {
      #expect(pacer.queue(at: instant(block * 10)) == .queued(time: instant(20 + block * 10)))
    }
  }

  @Test("a loudspeaker whose queue runs dry says how long the silence was, and starts anew")
  func underrun() {
    var pacer = PlaybackPacer()
    _ = pacer.queue(at: instant(0))
    // Played until 30 ms.
    #expect(pacer.queue(at: instant(50)) == .underrun(sampleCount: 960))
    #expect(pacer.queue(at: instant(50)) == .queued(time: instant(70)))
  }

  @Test("a loudspeaker that is given too much loses blocks instead of growing late")
  func overfull() {
    var pacer = PlaybackPacer()
    var queued = 0
    while pacer.queue(at: instant(0)) != .full { queued += 1 }
    #expect(queued == 19)
    #expect(pacer.queue(at: instant(10)) != .full)
  }
}
