import Realtime
import Synchronization
import Video

/// A screen without a display: it keeps a display's time and holds the picture that a display would show, for snapshots
/// and for a browser.
///
/// `present` is for the composing thread; everything else is for any thread.
public final class HeadlessScreen: ScreenSink, @unchecked Sendable {
  /// The present mode; constant.
  public let mode: ScreenMode
  /// Vertical blanks that the composing thread missed.
  public private(set) var missedCount: Int64 = 0

  private var pacer: FramePacer
  private let isConnected = Atomic<Bool>(true)
  /// `@unchecked Sendable` for its sake: touched under the lock of `changeCount` alone.
  private let shown: Canvas
  private let changeCount = Mutex<UInt64>(0)

  /// A black screen of `mode`; its size is clamped to what a canvas can be.
  public init(mode: ScreenMode = ScreenMode(width: 1_920, height: 1_080, refreshRate: 60)) {
    shown = Canvas(width: mode.width, height: mode.height)
    pacer = FramePacer(framesPerSecond: mode.refreshRate)
    self.mode = ScreenMode(width: shown.width, height: shown.height, refreshRate: pacer.framesPerSecond)
  }

  /// Behaves from now on as a display that was unplugged.
  public func disconnect() {
    isConnected.store(false, ordering: .relaxed)
  }

  /// Shows `canvas` at the next vertical blank; see `ScreenSink`. A canvas of another size is shown as far as it covers
  /// the screen.
  @discardableResult
  public func present(_ canvas: Canvas, damage: Damage) throws(ScreenError) -> Instant {
    guard isConnected.load(ordering: .relaxed) else { throw .disconnected }
    let blank = pacer.next(at: MonotonicClock.now)
    MonotonicClock.sleep(until: blank.time)
    guard isConnected.load(ordering: .relaxed) else { throw .disconnected }
    pacer.take(blank)
    missedCount += blank.missed
    guard !damage.isEmpty else { return blank.time }
    changeCount.withLock { count in
      for rectangle in damage.rectangles { shown.copy(rectangle, from: canvas) }
      count += 1
    }
    return blank.time
  }

  /// How often the picture has changed.
  public var sequence: UInt64 { changeCount.withLock { $0 } }

  /// Copies the picture shown to `canvas`, which should have the screen's size; gives its sequence number.
  @discardableResult
  public func copyPicture(to canvas: Canvas) -> UInt64 {
    changeCount.withLock { count in
      canvas.copy(shown.bounds, from: shown)
      return count
    }
  }

  /// Writes the picture shown to a PNG file, which appears when it is whole. Slow (tenths of a second): not for the
  /// composing thread.
  public func writeSnapshot(to path: String) throws(MediaFileError) {
    let copy = Canvas(width: mode.width, height: mode.height)
    copyPicture(to: copy)
    try copy.writePNG(to: path)
  }
}

extension Canvas {
  /// Copies the pixels of `rectangle`, cut to both canvases, from the same place of `source`.
  fileprivate func copy(_ rectangle: PixelRectangle, from source: Canvas) {
    let (left, right) = (max(rectangle.x, 0), min(rectangle.x + rectangle.width, width, source.width))
    let (top, bottom) = (max(rectangle.y, 0), min(rectangle.y + rectangle.height, height, source.height))
    guard left < right, top < bottom else { return }
    for row in top..<bottom {
      (pixels + row * stride + 4 * left).update(
        from: source.pixels + row * source.stride + 4 * left, count: 4 * (right - left))
    }
  }
}
