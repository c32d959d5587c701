import Devices
import Realtime
import Synchronization
import Video

/// A thread that presents as the meeting's does, whatever happens to the screen, until it is stopped.
final class ScreenLoop: Sendable {
  let screen: KMSScreen
  private let shown = Atomic<Int>(0)
  private let thread: Mutex<RealtimeThread?>

  init(screen: KMSScreen, seed: UInt64) throws {
    self.screen = screen
    thread = Mutex(nil)
    let running = try RealtimeThread(name: "presents", priority: nil) { [unowned self] context in
      run(context, seed)
    }
    thread.withLock { $0 = running }
  }

  /// How many pictures have been shown.
  var count: Int { shown.load(ordering: .relaxed) }

  func stop() {
    thread.withLock { thread in
      thread?.stop()
      thread = nil
    }
  }

  private func run(_ context: RealtimeThread.Context, _ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var canvas = Canvas(width: 16, height: 16)
    while !context.shouldStop {
      let mode = screen.mode
      var damage = Damage()
      if canvas.width != mode.width || canvas.height != mode.height {
        canvas = Canvas(width: mode.width, height: mode.height)
        damage.add(canvas.bounds)
      }
      let x = Int.random(in: 0..<max(canvas.width - 16, 1), using: &random)
      let y = Int.random(in: 0..<max(canvas.height - 16, 1), using: &random)
      let area = PixelRectangle(x: x, y: y, width: 16, height: 16).intersection(canvas.bounds)
      ScreenPicture.fill(canvas, area, &random)
      damage.add(area)
      do throws(ScreenError) {
        try screen.present(canvas, damage: damage)
        shown.add(1, ordering: .relaxed)
      } catch .modeChanged {
      } catch {
        MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(100))
      }
    }
  }
}
