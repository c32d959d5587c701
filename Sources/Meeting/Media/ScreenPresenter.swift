import Realtime
import Synchronization
import Video

/// The screen's thread: composes what control wants to be shown, paced by the screen's vertical blanks.
final class ScreenPresenter: Sendable {
  /// What control and the screen thread share.
  final class State: Sendable {
    /// The scene to go over to; nil once it has been taken.
    let scene = Mutex<Scene?>(nil)
    let hasScene = Atomic<Bool>(false)
    let mode: Mutex<ScreenMode>
    let statistics = Mutex(ScreenStatistics())

    init(mode: ScreenMode) { self.mode = Mutex(mode) }
  }

  private let state: State
  private let name: String
  private let makeWorker: @Sendable () -> ScreenWorker
  private let thread = MediaThreadSlot()

  /// A presenter that shows nothing yet.
  /// - Parameters:
  ///   - screen: used by the thread alone once started.
  ///   - name: of the thread.
  ///   - onModeChange: told on the screen's thread when the display has another mode, for which the layout is to be
  ///     made anew.
  init(
    screen: any ScreenSink, name: String = "screen", onModeChange: @escaping @Sendable (ScreenMode) -> Void = { _ in }
  ) {
    let state = State(mode: screen.mode)
    self.state = state
    self.name = name
    makeWorker = { ScreenWorker(screen: screen, state: state, onModeChange: onModeChange) }
  }

  /// Starts the thread; nothing happens if it runs already.
  /// - Throws: when the system refuses a thread.
  func start() throws(RealtimeThread.Failure) {
    let (makeWorker, name) = (makeWorker, name)
    try thread.start { () throws(RealtimeThread.Failure) in
      try MediaThread(name: name) { run in makeWorker().run(run) }
    }
  }

  /// Ends the thread and waits until it is gone; the picture stays as it is.
  func stop() async {
    await thread.stop()
  }

  /// Shows `scene` from the next picture on; of several scenes before it, the last counts.
  func show(_ scene: Scene) {
    let replaced = state.scene.withLock { waiting -> Scene? in
      defer { waiting = scene }
      return waiting
    }
    state.hasScene.store(true, ordering: .releasing)
    _ = replaced
  }

  /// The screen's size and pace.
  var mode: ScreenMode { state.mode.withLock { $0 } }

  /// What has happened so far.
  var statistics: ScreenStatistics { state.statistics.withLock { $0 } }
}

/// What a screen has shown.
public struct ScreenStatistics: Hashable, Sendable {
  /// Pictures handed to the screen, changed or not.
  public var presented = 0
  /// Pictures in which something had changed.
  public var composed = 0
  /// Vertical blanks that passed without a call because composing took too long.
  public var missed = 0
  /// Times the screen was gone.
  public var disconnections = 0
  /// Time spent composing, all in all.
  public var composingTime = Duration.zero
  /// The longest that one picture took to compose.
  public var longestComposingTime = Duration.zero
}
