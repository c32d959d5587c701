import CDRM
import Realtime
import Synchronization
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A display on a Linux display controller (KMS), driven by atomic commits and paced by their page-flip events.
///
/// It looks after its display alone: `present` throws `.disconnected` while there is none, `.modeChanged` once for each
/// new size or pace, and `.system(EBUSY)` while another program is DRM master; called again, it shows the picture as soon
/// as it can. Several screens share one card.
///
/// `present` is for the composing thread, everything else for any thread.
///
/// `@unchecked Sendable`: all state is under `lock`, but for what is atomic and `lastBlank`, which belongs to the
/// composing thread.
public final class KMSScreen: LayeringScreen, @unchecked Sendable {
  /// Which display a screen is on.
  public enum Selection: Hashable, Sendable {
    /// The first connected one that no other screen of this program has, and then that one while it stays.
    case first
    /// The one on this socket, and no other.
    case display(KMSDisplayID)
    /// Another one beside those of the screens above: it takes what they leave, and makes room for them when they have
    /// none.
    case additional
  }

  /// How a picture of what is scanned out is got.
  public enum CaptureMethod: Hashable, Sendable {
    /// By write-back where the controller has it, else by reading back.
    case automatic
    /// By the controller's write-back connector.
    case writeBack
    /// By reading the buffers that the kernel says are scanned out.
    case readBack
  }

  /// What a screen is doing.
  public struct Status: Sendable {
    /// The socket that it is on; nil when none.
    public var display: KMSDisplayID?
    /// The same socket as its CEC adapter calls it.
    public var cec: CECDevice.Connector?
    /// The display's mode.
    public var mode: KMSMode?
    /// Why nothing is shown.
    public var fault: KMSError?
    /// Whether the display is on or in standby.
    public var isOn: Bool
    /// Overlay planes that can show video.
    public var overlayCount: Int
    /// Whether screenshots come from the controller itself.
    public var hasWriteBack: Bool
  }

  /// How often a display that is missing is looked for without being told of a change: some controllers don't tell.
  static let probeInterval = Duration.seconds(2)
  /// How long a page flip may take before the controller counts as stuck.
  static let flipPatience = Duration.seconds(1)

  private let lock = KMSLock()
  private let wantsProbe = Atomic<Bool>(false)

  private var selection: Selection
  private var settings: KMSSettings
  private var hasNewSettings = false
  private var card: KMSCard?
  private var output: KMSOutput?
  private var announced: ScreenMode
  private var fault: KMSError?
  private var isOn = true
  private var isClosed = false
  private var nextProbe = Instant(nanoseconds: 0)
  /// As of the last search: when another screen has left its display since, it may be the one that is wanted.
  private var releaseCount = 0
  private var failureCount = 0
  private var lastBlank: Instant?

  /// A screen; looks for its display at once, and later if it isn't there yet.
  public init(_ selection: Selection = .first, settings: KMSSettings = KMSSettings()) {
    self.selection = selection
    self.settings = settings
    // What is composed for until the display is known.
    announced = ScreenMode(width: 1_920, height: 1_080, refreshRate: 60)
    lock.withLock {
      try? probe(at: MonotonicClock.now)
      if let output { announced = output.screenMode }
    }
  }

  deinit {
    close()
  }

  /// The size and pace that pictures are wanted in; the last one known while no display is there.
  public var mode: ScreenMode { lock.withLock { announced } }

  /// What the screen is doing.
  public var status: Status {
    lock.withLock {
      Status(
        display: output?.path.id, cec: output.flatMap(\.path.cec),
        mode: output?.path.mode, fault: fault, isOn: isOn, overlayCount: output?.layers.planeCount ?? 0,
        hasWriteBack: output?.path.writeBack != nil)
    }
  }

  /// How many video pictures the display's controller could lay over the canvas, at best.
  public var layerCount: Int { lock.withLock { output?.layers.planeCount ?? 0 } }

  // MARK: - Presenting

  /// Shows `canvas` at the next vertical blank; see `ScreenSink`. A canvas of another size is shown as far as it covers
  /// the screen.
  /// - Returns: the kernel's time of that vertical blank.
  @discardableResult
  public func present(_ canvas: Canvas, damage: Damage) throws(ScreenError) -> Instant {
    try present(canvas, damage: damage, video: [])
  }

  /// Shows `canvas` and, over it, video pictures: on the controller's own planes as far as it has them and takes them,
  /// painted by the processor otherwise.
  @discardableResult
  public func present(
    _ canvas: Canvas, damage: Damage, video: [VideoLayer]
  ) throws(ScreenError) -> Instant {
    let step = try lock.withLock { () throws(ScreenError) -> Step in try begin(canvas, damage, video) }
    switch step {
    case .pause(let interval):
      let now = MonotonicClock.now
      // A display in standby keeps the beat that it had.
      let blank = lastBlank.map { $0 + interval > now ? $0 + interval : now } ?? now + interval
      MonotonicClock.sleep(until: blank)
      lastBlank = blank
      return blank
    case .flip(let output, let token):
      let card = output.path.card
      let deadline = MonotonicClock.now + Self.flipPatience
      guard let time = card.flips.wait(for: token, crtc: output.path.crtc, until: deadline) else {
        devicesChanged()
        throw .system(ETIMEDOUT)
      }
      return pace(time, interval: output.screenMode.interval)
    }
  }

  private enum Step {
    case flip(KMSOutput, token: UInt64)
    case pause(Duration)
  }

  private func begin(_ canvas: Canvas, _ damage: Damage, _ video: [VideoLayer]) throws(ScreenError) -> Step {
    guard !isClosed else { throw .disconnected }
    let now = MonotonicClock.now
    if selection == .additional, let output, KMSWaiting.wants(output.path.id) { dropOutput() }
    let isTold = wantsProbe.exchange(false, ordering: .acquiring)
    if isTold || (output == nil && (now >= nextProbe || releaseCount != KMSCard.releaseCount)) { try probe(at: now) }
    guard let output else { throw fault?.screenError ?? .disconnected }
    if output.screenMode != announced {
      announced = output.screenMode
      throw .modeChanged
    }
    guard isOn else {
      output.note(damage)
      return .pause(output.screenMode.interval)
    }
    do throws(KMSError) {
      let token = try output.submit(canvas, damage, video)
      failureCount = 0
      return .flip(output, token: token)
    } catch {
      return try recover(from: error, output, at: now)
    }
  }

  /// What becomes of a commit that the kernel refused.
  private func recover(from error: KMSError, _ output: KMSOutput, at now: Instant) throws(ScreenError) -> Step {
    switch error {
    case .system(_, EBUSY):
      // The commit before isn't through yet: another screen's change of mode can hold this one up.
      return .pause(output.screenMode.interval)
    case .system(_, EACCES), .system(_, EPERM):
      fault = .busy(path: output.path.card.path)
      dropCard()
      throw .system(EBUSY)
    default:
      // The display may be another, or gone: everything anew, but not for ever in a hurry.
      failureCount += 1
      fault = error
      dropOutput()
      releaseCount = KMSCard.releaseCount
      nextProbe = failureCount > 1 ? now + Self.probeInterval : now
      throw error.screenError
    }
  }

  /// Makes of the flip's time what `present` returns. Some controllers (virtual ones) flip whenever they are asked: the
  /// caller is held to the display's pace all the same.
  private func pace(_ time: Instant, interval: Duration) -> Instant {
    let now = MonotonicClock.now
    var blank = time > now + interval || now - time > Self.flipPatience ? now : time
    if let lastBlank, blank < lastBlank + interval * 3 / 4, lastBlank <= now + interval {
      blank = lastBlank + interval
      MonotonicClock.sleep(until: blank)
    }
    lastBlank = blank
    return blank
  }

  // MARK: - Control

  /// Something was plugged in or out, or may have been: the display is looked at with the next `present`.
  public func devicesChanged() {
    wantsProbe.store(true, ordering: .releasing)
  }

  /// Moves the screen to another display; at once if it is there and free, else as soon as it is.
  public func select(_ newSelection: Selection) {
    lock.withLock {
      guard newSelection != selection else { return }
      selection = newSelection
      wantsProbe.store(true, ordering: .releasing)
    }
  }

  /// Changes mode, margins and range, with the next `present`.
  public func apply(_ newSettings: KMSSettings) {
    lock.withLock {
      guard newSettings != settings else { return }
      settings = newSettings
      hasNewSettings = true
      wantsProbe.store(true, ordering: .releasing)
    }
  }

  /// Turns the display on, or off into standby (DPMS). While off, `present` keeps the pace and what it is given; a
  /// display that is plugged in while off stays off.
  /// - Throws: what the kernel said; the wish is kept.
  public func setPower(_ isOn: Bool) throws(KMSError) {
    try lock.withLock { () throws(KMSError) in
      self.isOn = isOn
      if let output, output.isActive != isOn { try output.setActive(isOn) }
    }
  }

  /// What is really scanned out at this moment, with the display's whole size.
  /// - Throws: `.disconnected` when nothing is, `.notCapturable` when that method isn't possible.
  public func screenshot(_ method: CaptureMethod = .automatic) throws(KMSError) -> Canvas {
    try lock.withLock { () throws(KMSError) in
      guard let output, output.isActive else { throw .disconnected }
      if let writeBack = output.path.writeBack, method != .readBack {
        do throws(KMSError) {
          return try writeBack.capture(output.path)
        } catch {
          if method == .writeBack { throw error }
        }
      } else if method == .writeBack {
        throw .notCapturable
      }
      return try KMSReadBack.capture(output.path)
    }
  }

  /// How a video layer is shown at present; nil when it isn't.
  public func way(ofLayer id: Int) -> KMSLayerPath? {
    lock.withLock { output?.layers.way(of: id) }
  }

  /// Gives the display back: what it showed before any of this program's screens is shown again when the last one of
  /// its card closes. Afterwards `present` throws `.disconnected`. To be called before the program ends, by a signal too.
  public func close() {
    lock.withLock {
      isClosed = true
      KMSWaiting.end(self)
      dropOutput()
      card?.leave()
      card = nil
    }
  }

  // MARK: - Finding the display

  private func dropOutput() {
    output?.close()
    output = nil
  }

  private func dropCard() {
    dropOutput()
    // A new file may become master where this one can't.
    card = nil
  }

  private func probe(at now: Instant) throws(ScreenError) {
    nextProbe = now + Self.probeInterval
    releaseCount = KMSCard.releaseCount
    do throws(KMSError) {
      if let output, !isStill(output) { dropOutput() }
      hasNewSettings = false
      if output == nil { try connect() }
      fault = nil
      KMSWaiting.end(self)
    } catch {
      if selection != .additional { KMSWaiting.begin(self, selection) }
      fault = error
      throw error.screenError
    }
  }

  /// Whether the display is the same one as before, and the right one.
  private func isStill(_ output: KMSOutput) -> Bool {
    let path = output.path
    guard !hasNewSettings, matches(path.card.path, path.connector.name),
      let connector = KMSConnector(descriptor: path.card.descriptor, id: path.connector.id, probing: true)
    else { return false }
    // A link that failed to train has to be set up again (DisplayPort).
    return connector.isUsable && connector.edid == path.connector.edid && connector.modes == path.connector.modes
      && connector.properties.value("link-status") == 0
  }

  private func matches(_ card: String, _ connector: String) -> Bool {
    switch selection {
    case .first: true
    case .additional: !KMSWaiting.wants(KMSDisplayID(card: card, connector: connector))
    case .display(let id): id.card == card && id.connector == connector
    }
  }

  private func connect() throws(KMSError) {
    var failure = KMSError.disconnected
    for path in KMSCard.paths {
      if case .display(let id) = selection, id.card != path { continue }
      do throws(KMSError) {
        let card = try open(path)
        // First of all: who isn't master isn't told what is plugged in.
        try card.becomeMaster()
        for connector in card.connectors(probing: true)
        where connector.isUsable && matches(path, connector.name) && !card.isClaimed(connector.id) {
          do throws(KMSError) {
            let output = try KMSOutput.open(card, connector, settings)
            self.output = output
            self.card = card
            if !isOn { try? output.setActive(false) }
            return
          } catch .noUsableMode {
            // Another display of the card may have one.
            failure = .noUsableMode
          }
        }
      } catch {
        // What a card that could show something says counts for more than that others have no display.
        if case .unsupported = error { continue }
        failure = error
        if case .busy = error, card?.path == path { card = nil }
      }
    }
    throw failure
  }

  private func open(_ path: String) throws(KMSError) -> KMSCard {
    if let card, card.path == path { return card }
    return try KMSCard.open(path)
  }
}

extension ScreenMode {
  /// From one vertical blank to the next.
  fileprivate var interval: Duration {
    .nanoseconds(Int64(1e9 / (refreshRate.isFinite ? min(max(refreshRate, 1), 1_000) : 60)))
  }
}
