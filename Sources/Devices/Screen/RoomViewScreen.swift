import Realtime
import Synchronization
import Video

/// Shows the room's view on a screen, from a thread of its own for which nobody waits: displays that are plugged in
/// meanwhile get it too.
public final class RoomViewScreen: Sendable {
  /// What the thread shares with everybody.
  private final class State: Sendable {
    let view = Mutex<RoomView?>(nil)
    /// Held while a picture is handed to the screen.
    let presenting = Mutex(())
  }

  /// How long a change waits for its picture at most.
  private static let pause = Duration.milliseconds(100)

  private let state = State()
  private let thread: RealtimeThread

  /// Shows nothing yet.
  /// - Parameter screen: used by nobody else while a view is shown.
  public init(_ screen: any ScreenSink) throws(RealtimeThread.Failure) {
    let state = state
    thread = try RealtimeThread(name: "room-view", priority: nil) { context in
      var worker = Worker(screen: screen)
      while !context.shouldStop {
        state.presenting.withLock { _ in
          let view = state.view.withLock { $0 }
          worker.step(view)
        }
        MonotonicClock.sleep(until: MonotonicClock.now + Self.pause)
      }
    }
  }

  /// Shows `view` until another takes its place.
  public func show(_ view: RoomView) { state.view.withLock { $0 = view } }

  /// Shows nothing any more. When this returns the screen is free for others; its picture stays.
  public func hide() {
    state.view.withLock { $0 = nil }
    state.presenting.withLock { _ in }
  }

  /// Ends the thread.
  public func stop() { thread.stop() }

  /// What the thread alone has.
  struct Worker {
    let screen: any ScreenSink
    private let painter = RoomViewPainter()
    private var canvas = Canvas(width: 1, height: 1)
    /// What the screen has; nil when that isn't known.
    private var shown: RoomView?

    init(screen: any ScreenSink) { self.screen = screen }

    mutating func step(_ view: RoomView?) {
      guard let view else {
        shown = nil
        return
      }
      let mode = screen.mode
      if canvas.width != mode.width || canvas.height != mode.height {
        canvas = Canvas(width: mode.width, height: mode.height)
        shown = nil
      }
      var damage = Damage()
      if shown != view {
        painter.paint(view, into: canvas)
        damage.add(canvas.bounds)
      }
      do throws(ScreenError) {
        try screen.present(canvas, damage: damage)
        shown = view
      } catch {
        // Another mode, or no display: all of it, once there is one.
        shown = nil
        MonotonicClock.sleep(until: MonotonicClock.now + RoomViewScreen.pause)
      }
    }
  }
}
