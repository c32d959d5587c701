import Realtime
import Synchronization
import Video

/// What the screen's thread does. Confined to it.
final class ScreenWorker {
  /// How often a screen that is gone is looked for.
  static let retryInterval = Duration.milliseconds(100)

  private struct Feed {
    let id: TileID
    let source: any FrameSource
    var shown: VideoFrame?
  }

  private let screen: any ScreenSink
  /// The same screen, if it can lay pictures over the canvas.
  private let layering: (any LayeringScreen)?
  private let state: ScreenPresenter.State
  private let onModeChange: @Sendable (ScreenMode) -> Void
  private var mode: ScreenMode
  private var canvas: Canvas
  private var compositor: Compositor
  private var scene = Scene()
  private var feeds: [Feed] = []
  /// None or one; kept for its memory.
  private var layers: [VideoLayer] = []
  private var lastBlank: Instant?
  private var statistics: ScreenStatistics

  init(screen: any ScreenSink, state: ScreenPresenter.State, onModeChange: @escaping @Sendable (ScreenMode) -> Void) {
    self.screen = screen
    layering = screen as? any LayeringScreen
    self.state = state
    self.onModeChange = onModeChange
    mode = screen.mode
    canvas = Canvas(width: mode.width, height: mode.height)
    compositor = Compositor(width: mode.width, height: mode.height)
    statistics = state.statistics.withLock { $0 }
  }

  /// Composes and presents until told to stop.
  func run(_ run: MediaThread.Run) {
    while !run.shouldStop {
      takeScene()
      let (damage, hasNewLayer) = compose(at: MonotonicClock.now)
      do throws(ScreenError) {
        let blank = try present(damage)
        note(blank, hasChanged: hasNewLayer || !damage.isEmpty)
      } catch .modeChanged {
        changeMode()
      } catch {
        statistics.disconnections += 1
        state.statistics.withLock { $0 = statistics }
        awaitScreen(run)
      }
    }
  }

  private func present(_ damage: Damage) throws(ScreenError) -> Instant {
    guard let layering else { return try screen.present(canvas, damage: damage) }
    return try layering.present(canvas, damage: damage, video: layers)
  }

  private var refreshInterval: Duration {
    .nanoseconds(Int64(1e9 / (mode.refreshRate > 1 ? min(mode.refreshRate, 1_000) : 60)))
  }

  private func takeScene() {
    guard state.hasScene.exchange(false, ordering: .acquiringAndReleasing) else { return }
    // Whoever is just handing one over is waited for until the next picture rather than now.
    let taken = state.scene.withLockIfAvailable { waiting -> Scene? in
      defer { waiting = nil }
      return waiting
    }
    guard let taken else { return state.hasScene.store(true, ordering: .releasing) }
    guard let scene = taken else { return }
    adopt(scene)
  }

  private func adopt(_ newScene: Scene) {
    let old = feeds
    scene = newScene
    compositor.update(scene.arrangement, models: scene.tiles, banner: scene.banner, link: scene.link)
    feeds = scene.arrangement.tiles.compactMap { tile in
      guard let source = scene.sources[tile.id] else {
        compositor.setFrame(nil, for: tile.id)
        return nil
      }
      // Another source's last picture must not stand in for this one's first.
      let known = old.first { $0.id == tile.id && $0.source === source }
      if known == nil { compositor.setFrame(nil, for: tile.id) }
      return Feed(id: tile.id, source: source, shown: known?.shown)
    }
  }

  /// Brings canvas and layers up to date; tells what changed.
  private func compose(at now: Instant) -> (damage: Damage, hasNewLayer: Bool) {
    // What is composed now is seen at the next blank.
    let seen = lastBlank.map { max(now, $0 + refreshInterval) } ?? now
    for index in feeds.indices {
      let frame = feeds[index].source.frame(at: seen)
      if frame === feeds[index].shown { continue }
      feeds[index].shown = frame
      compositor.setFrame(frame, for: feeds[index].id)
    }
    compositor.leavesLayer = (layering?.layerCount ?? 0) > 0
    let damage = compositor.compose(into: canvas)
    let hasNewLayer = updateLayers()
    let spent = MonotonicClock.now - now
    statistics.composingTime += spent
    statistics.longestComposingTime = max(statistics.longestComposingTime, spent)
    return (damage, hasNewLayer)
  }

  /// - Returns: whether there is another picture in one than before.
  private func updateLayers() -> Bool {
    guard let layer = compositor.layer else {
      layers.removeAll(keepingCapacity: true)
      return false
    }
    guard let old = layers.first else {
      layers.append(layer)
      return true
    }
    layers[0] = layer
    return old.frame !== layer.frame || old.inset?.frame !== layer.inset?.frame || old.marks !== layer.marks
  }

  private func note(_ blank: Instant, hasChanged: Bool) {
    statistics.presented += 1
    if hasChanged { statistics.composed += 1 }
    if let lastBlank {
      let periods = (blank - lastBlank).seconds / refreshInterval.seconds
      if periods > 1.5, periods < 1e6 { statistics.missed += Int(periods.rounded()) - 1 }
    }
    lastBlank = blank
    state.statistics.withLock { $0 = statistics }
  }

  private func changeMode() {
    mode = screen.mode
    canvas = Canvas(width: mode.width, height: mode.height)
    compositor = Compositor(width: mode.width, height: mode.height)
    lastBlank = nil
    feeds = []
    adopt(scene)
    state.mode.withLock { $0 = mode }
    onModeChange(mode)
  }

  /// Tries to show the picture as it is, all of it, until the screen is back. Meanwhile no frames are taken, so that
  /// nothing is decoded for nobody.
  private func awaitScreen(_ run: MediaThread.Run) {
    var whole = Damage()
    whole.add(canvas.bounds)
    lastBlank = nil
    while !run.shouldStop {
      MonotonicClock.sleep(until: MonotonicClock.now + Self.retryInterval)
      do throws(ScreenError) {
        let blank = try present(whole)
        return note(blank, hasChanged: true)
      } catch .modeChanged {
        return changeMode()
      } catch {}
    }
  }
}
