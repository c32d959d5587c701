import Devices
import Realtime
import Synchronization
import Video

/// A thread that presents small changes as fast as the screen lets it.
final class PresentingThread: Sendable {
  let screen: KMSScreen
  private let thread: RealtimeThread?
  private let result: Result
  private let done = ThreadSignal()

  private final class Result: Sendable {
    let state = Mutex<(times: [Instant], failure: ScreenError?)>(([], nil))
  }

  init(screen: KMSScreen, count: Int, seed: UInt64) {
    self.screen = screen
    let result = Result()
    self.result = result
    let done = done
    thread = try? RealtimeThread(name: "presents", priority: nil) { _ in
      let mode = screen.mode
      let canvas = ScreenPicture.noise(width: mode.width, height: mode.height, seed: seed)
      for index in 0..<count {
        let part = PixelRectangle(x: index, y: index, width: 8, height: 8)
        do throws(ScreenError) {
          let time = try screen.present(canvas, damage: ScreenPicture.damage(part))
          result.state.withLock { $0.times.append(time) }
        } catch {
          result.state.withLock { $0.failure = error }
          break
        }
      }
      done.raise()
    }
  }

  /// Waits until it has presented all.
  func join() {
    if thread != nil { done.wait() }
  }

  /// When the pictures were shown.
  var times: [Instant] { result.state.withLock { $0.times } }
  /// Why it ended early.
  var failure: ScreenError? { result.state.withLock { $0.failure } }
}
