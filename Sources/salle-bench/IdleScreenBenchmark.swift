import Realtime
import Video

/// What a screen costs on which nothing changes: nine tiles, looked at sixty times a second.
struct IdleScreenBenchmark {
  /// Processor time of the composing thread, percent of one core. Meaningless where the kernel doesn't count it
  /// (user-mode Linux).
  let percent: Double

  /// Looks for `seconds`.
  init(seconds: Int) {
    let canvas = Canvas(width: 1_920, height: 1_080)
    let compositor = Compositor(width: 1_920, height: 1_080)
    let candidates = (1...9).map { LayoutCandidate(id: TileID($0)) }
    var layout = Layout()
    compositor.update(
      layout.arrange(candidates, speaker: nil, width: 1_920, height: 1_080),
      models: candidates.map { TileModel(id: $0.id, label: "Participant", hasVideo: false) })
    _ = compositor.compose(into: canvas)
    let began = MonotonicClock.now
    let before = ProcessCost.threadTime
    for blank in 1...(60 * seconds) {
      _ = compositor.compose(into: canvas)
      MonotonicClock.sleep(until: began + .nanoseconds(Int64(blank) * 1_000_000_000 / 60))
    }
    percent = 100 * (ProcessCost.threadTime - before) / (MonotonicClock.now - began).seconds
  }
}
