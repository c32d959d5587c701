import Realtime

/// The beat of a camera or display: instants at a constant rate, of which a late caller gets the newest and misses the
/// others, as with hardware. Reads no clock.
struct FramePacer: Sendable {
  /// One beat.
  struct Beat: Hashable, Sendable {
    /// How many beats came before it since the first.
    var index: Int64
    /// When it is.
    var time: Instant
    /// How many beats the caller has missed since the last one it got.
    var missed: Int64
  }

  let framesPerSecond: Double
  private var origin: Instant?
  private var nextIndex: Int64 = 0

  /// A beat of `framesPerSecond`, clamped to 1…1000; what is not a number counts as 30.
  init(framesPerSecond: Double) {
    self.framesPerSecond = framesPerSecond.isFinite ? min(max(framesPerSecond, 1), 1_000) : 30
  }

  /// The beat that a caller who asks at `now` gets: the newest one that it hasn't had, or the next to come. The first
  /// call starts the beat.
  func next(at now: Instant) -> Beat {
    guard let origin else { return Beat(index: 0, time: now, missed: 0) }
    let elapsed = max((now - origin).seconds, 0)
    let newest = Int64((elapsed * framesPerSecond).rounded(.down))
    let index = max(newest, nextIndex)
    return Beat(index: index, time: time(of: index, from: origin), missed: index - nextIndex)
  }

  /// Notes that the caller has got `beat`.
  mutating func take(_ beat: Beat) {
    if origin == nil { origin = beat.time }
    nextIndex = beat.index + 1
  }

  private func time(of index: Int64, from origin: Instant) -> Instant {
    let nanoseconds = (Double(index) * 1e9 / framesPerSecond).rounded(.up)
    return origin + .nanoseconds(Int64(nanoseconds))
  }
}
