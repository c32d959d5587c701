import CYUV
import Catalogue
import Realtime
import Synchronization
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The camera of the room, whichever device that is at the moment, or none.
///
/// It never ends: while there is no picture it shows a sign that says why, and opens the wished device anew as soon as it
/// is there. So a call goes on, without negotiating again, when a camera is pulled out, put back or exchanged for
/// another. It likewise stands for a capture device whose signal comes and goes.
///
/// `@unchecked Sendable`: `use`, `devicesChanged`, `status` and all settings are for any thread and keep what they share
/// in `shared`; everything else belongs to the capturing thread.
public final class RoomCamera: CameraSource, @unchecked Sendable {
  /// How it stands with the camera.
  public enum Condition: Hashable, Sendable {
    /// Pictures come.
    case showing
    /// No device is wished, or the wished one isn't plugged in.
    case disconnected
    /// The shutter in front of the lens is closed.
    case shutterClosed
    /// Nothing that sends a picture is plugged into the input.
    case noSignal
    /// Another program has the device.
    case busy
    /// The device is there but gives no pictures; the error says why, if it said something.
    case failing(CameraError?)
  }

  /// What is to be known of the camera.
  public struct Status: Hashable, Sendable {
    /// How it stands.
    public var condition = Condition.disconnected
    /// The node that is open; nil while none is.
    public var node: String?
    /// What the device delivers; nil while none is open.
    public var format: CameraFormat?
    /// What became of the pictures of the device that is open, or was last.
    public var pictures = V4L2Camera.Statistics()
    /// How often a device was opened.
    public var openings = 0
  }

  /// What others see and wish.
  struct Shared {
    var wish: CameraPlace?
    var generation = 0
    var status = Status()
    var controls: CameraControls?
    var motors: MotorView?
    var view = DigitalView()
    /// Settings that were made, to be made again after the device was plugged in again.
    var settings: [CameraControl.Kind: Int32] = [.powerLineFrequency: RoomCamera.fiftyHertz]
  }

  /// The lamps' flicker in Europe.
  static let fiftyHertz: Int32 = 1

  /// How often a sign is given, so that whoever joins then sees it soon, and how often a device that can't be opened is
  /// tried again, should its event have been missed.
  private static let signInterval = Duration.milliseconds(200)
  private static let retryInterval = Duration.milliseconds(250)
  /// Without a good picture for so long the last one is shown again and again; for longer, the device is opened anew.
  private static let repeatAfter = Duration.milliseconds(500)
  private static let failAfter = Duration.seconds(2)

  /// What is wished of any device, and the size of signs.
  public let format: CameraFormat
  let shared = Mutex(Shared())
  private let signs: CameraSigns
  private let hasNews = Atomic<Bool>(true)

  private var camera: V4L2Camera?
  private var condition = Condition.disconnected
  private var generation = 0
  private var openings = 0
  private var statistics = V4L2Camera.Statistics()
  private var nextAttempt = Instant(nanoseconds: 0)
  private var nextSign = Instant(nanoseconds: 0)
  private var openedAt = Instant(nanoseconds: 0)
  private var lastGood = Instant(nanoseconds: 0)
  private var lastFrame: VideoFrame?
  /// For whole pictures of which a part is shown.
  private let wholePool = VideoFramePool(capacity: 2)

  /// A camera without device: `use` gives it one.
  /// - Parameters:
  ///   - format: the size and rate to ask devices for.
  ///   - language: the room's; signs say it in the other one too, for those who look on.
  public init(format: CameraFormat, language: Language) {
    self.format = format
    signs = CameraSigns(width: format.width, height: format.height, language: language)
  }

  // MARK: For any thread

  /// Wishes the device at `place` from now on, whether it is plugged in or not; nil for none.
  public func use(_ place: CameraPlace?) {
    shared.withLock {
      if $0.wish == place { return }
      if let wish = $0.wish, let place, wish.isSame(as: place) { return }
      $0.wish = place
      $0.generation += 1
      // The view of one camera means nothing for another.
      $0.view = DigitalView()
    }
    hasNews.store(true, ordering: .releasing)
  }

  /// Something was plugged in or pulled out: looks at once whether it is the wished device.
  public func devicesChanged() {
    hasNews.store(true, ordering: .releasing)
  }

  /// How it stands now.
  public var status: Status { shared.withLock { $0.status } }

  // MARK: Capturing

  /// Waits for the next picture or sign; see `CameraSource`. Never throws.
  public func nextFrame(from pool: VideoFramePool, timeout: Duration) throws(CameraError) -> VideoFrame? {
    let now = MonotonicClock.now
    let deadline = now + timeout
    look(at: now)
    let frame = camera == nil ? nil : picture(from: pool, until: deadline)
    let result = frame ?? substitute(from: pool, until: deadline)
    tell()
    return result
  }

  /// A picture of the device, or the part of it that is to be shown; nil when a sign is due instead, or nothing came.
  private func picture(from pool: VideoFramePool, until deadline: Instant) -> VideoFrame? {
    guard let camera else { return nil }
    let now = MonotonicClock.now
    let part = shared.withLock { shared in
      let format = camera.format
      return shared.motors == nil ? shared.view.part(width: format.width, height: format.height, at: now) : nil
    }
    do throws(CameraError) {
      // While a sign stands for the picture, it is due at its own time.
      let wait = (condition == .showing ? deadline : min(deadline, max(nextSign, now))) - now
      let frame = try camera.nextFrame(from: part == nil ? pool : wholePool, timeout: wait)
      statistics = camera.statistics
      switch camera.condition {
      case .noSignal:
        condition = .noSignal
        lastGood = now
        return nil
      case .shutterClosed:
        condition = .shutterClosed
        lastGood = now
        return nil
      case .streaming: break
      }
      guard let frame else {
        checkSilence()
        return nil
      }
      condition = .showing
      lastGood = frame.captureTime
      guard let shown = part.map({ cut($0, of: frame, pool) }) ?? frame else { return nil }
      lastFrame = shown
      return shown
    } catch {
      close(because: error)
      return nil
    }
  }

  private func cut(_ part: PixelRectangle, of frame: VideoFrame, _ pool: VideoFramePool) -> VideoFrame? {
    guard let target = pool.vacant(width: frame.width, height: frame.height) else { return nil }
    target.scale(part, of: frame)
    return target
  }

  /// What is shown while there is no picture, when it is time for it; else waits.
  private func substitute(from pool: VideoFramePool, until deadline: Instant) -> VideoFrame? {
    let now = MonotonicClock.now
    guard now >= nextSign else {
      if camera == nil { MonotonicClock.sleep(until: min(deadline, nextSign, max(nextAttempt, now))) }
      return nil
    }
    if condition == .showing {
      // Broken pictures for a while: the last good one stays.
      guard now - lastGood > Self.repeatAfter, let lastFrame,
        let frame = pool.vacant(width: lastFrame.width, height: lastFrame.height)
      else { return nil }
      frame.copy(from: lastFrame)
      return timed(frame, now)
    }
    // Meanwhile nobody needs the picture before.
    lastFrame = nil
    guard let sign = signs.sign(for: condition), let frame = pool.vacant(width: sign.width, height: sign.height) else {
      return nil
    }
    sign.paint(frame)
    return timed(frame, now)
  }

  private func timed(_ frame: VideoFrame, _ now: Instant) -> VideoFrame {
    nextSign = now + Self.signInterval
    frame.captureTime = now
    return frame
  }

  /// Whether a device that says nothing wrong, but gives nothing either, has done so for too long.
  private func checkSilence() {
    let silence = MonotonicClock.now - lastGood
    if silence > Self.failAfter { close(because: nil) }
  }

  // MARK: Devices

  /// Opens what is wished if it isn't open, and closes what isn't wished any more.
  private func look(at now: Instant) {
    let isNews = hasNews.exchange(false, ordering: .acquiring)
    guard isNews || (camera == nil && now >= nextAttempt) else { return }
    let (wish, newest) = shared.withLock { ($0.wish, $0.generation) }
    if newest != generation {
      generation = newest
      abandon()
      condition = .disconnected
    }
    guard camera == nil else { return }
    nextAttempt = now + Self.retryInterval
    guard let node = wish?.currentNode() else {
      condition = .disconnected
      return
    }
    do throws(CameraError) {
      try open(node, at: now)
    } catch {
      condition = Self.condition(of: error)
    }
  }

  private func open(_ node: String, at now: Instant) throws(CameraError) {
    // Settings first: a flickering first second would be seen by all.
    let camera = try V4L2Camera(node: node, wish: format)
    let settings = shared.withLock { $0.settings }
    for kind in CameraControl.Kind.allCases {
      guard let value = settings[kind], camera.controls.control(kind)?.isWritable == true else { continue }
      // What this device doesn't take is no reason not to show it.
      try? camera.controls.set(kind, to: value)
    }
    let motors = MotorView(camera.controls)
    shared.withLock {
      $0.controls = camera.controls
      $0.motors = motors
    }
    self.camera = camera
    openings += 1
    statistics = camera.statistics
    openedAt = now
    lastGood = now
    // Until the first picture things are as before. That should come soon: a sign that blinks up would only disquiet.
    nextSign = max(nextSign, now + Self.repeatAfter)
  }

  private func close(because error: CameraError?) {
    abandon()
    condition = error.map { Self.condition(of: $0) } ?? .failing(nil)
    nextSign = MonotonicClock.now
    // At once: a stream that broke often only needs to begin anew. But not again and again.
    nextAttempt = nextSign - openedAt > .seconds(1) ? nextSign : nextSign + Self.retryInterval
  }

  private func abandon() {
    if let camera { statistics = camera.statistics }
    camera = nil
    shared.withLock {
      $0.controls = nil
      $0.motors = nil
    }
  }

  private static func condition(of error: CameraError) -> Condition {
    switch error {
    case .disconnected: .disconnected
    case .system(EBUSY): .busy
    default: .failing(error)
    }
  }

  private func tell() {
    let status = Status(
      condition: condition, node: camera?.node, format: camera?.format, pictures: statistics, openings: openings)
    shared.withLock { $0.status = status }
  }
}

extension VideoFrame {
  /// Scales `part` of `source`, with even edges inside of it, into the whole of this frame.
  func scale(_ part: PixelRectangle, of source: VideoFrame) {
    let luma = part.y * source.strideY + part.x
    let chroma = part.y / 2 * source.strideUV + part.x / 2
    I420Scale(
      source.y + luma, Int32(source.strideY), source.u + chroma, Int32(source.strideUV), source.v + chroma,
      Int32(source.strideUV), Int32(part.width), Int32(part.height), y, Int32(strideY), u, Int32(strideUV), v,
      Int32(strideUV), Int32(width), Int32(height), kFilterBilinear)
    captureTime = source.captureTime
    rtpTimestamp = source.rtpTimestamp
    colorMatrix = source.colorMatrix
  }
}
