import CV4L
import Realtime
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A camera or capture device of the kernel (V4L2).
///
/// Pictures carry the kernel's time stamps. Broken ones are counted and left out, so that what was shown last stays.
/// Frames are of limited range, whatever the camera gives.
/// What captures a signal goes along with it: without a signal there is no picture, and when the signal changes, so does
/// `format`.
///
/// `@unchecked Sendable`: made on one thread, then used by the capturing thread alone; only `controls` is for all.
public final class V4L2Camera: CameraSource, @unchecked Sendable {
  /// What became of the pictures.
  public struct Statistics: Hashable, Sendable {
    /// Given to the caller.
    public var delivered = 0
    /// Captured, but lost: the caller came too late, or the pool was empty.
    public var missed = 0
    /// Marked as faulty by the driver.
    public var faulty = 0
    /// Cut short, or compressed and damaged.
    public var broken = 0
    /// How often the stream began anew because the signal changed.
    public var restarts = 0
  }

  /// Whether there can be a picture.
  public enum Condition: Hashable, Sendable {
    /// Pictures come.
    case streaming
    /// Nothing that sends a picture is plugged into the input.
    case noSignal
    /// The shutter in front of the lens is closed.
    case shutterClosed
  }

  /// The device node.
  public let node: String
  /// How the camera is driven; the layout's width and height are those of the pictures. Nil without a signal.
  public private(set) var layout: PictureLayout?
  /// What it delivers.
  public private(set) var format: CameraFormat
  /// Its settings; from any thread.
  public let controls: CameraControls
  /// What became of the pictures since it was opened.
  public private(set) var statistics = Statistics()

  /// How often a shutter or a missing signal are looked for: a USB camera answers within a millisecond.
  private static let inspectionInterval = Duration.milliseconds(500)

  private let device: VideoDevice
  private let bufferType: UInt32
  private let wish: CameraFormat
  private let takesSignal: Bool
  private let hasShutter: Bool
  private var stream: CaptureStream?
  private var converter: PictureConverter?
  private var isShutterClosed = false
  private var nextInspection = Instant(nanoseconds: 0)
  private var lastSequence: UInt32?
  private var lastTaken: Instant?

  /// Opens `node` and begins to capture, in the mode nearest to `wish`; `formats` are those that may be used.
  ///
  /// Throws `system(EBUSY)` when another program has the camera, `unreadable` when it gives nothing that can be read.
  public init(
    node: String, wish: CameraFormat, formats: Set<PixelFormat> = Set(PixelFormat.allCases)
  ) throws(CameraError) {
    let device = try VideoDevice(node: node)
    guard let capabilities = try device.captureCapabilities() else {
      throw .unreadable("it doesn't capture pictures")
    }
    self.node = node
    self.device = device
    self.wish = wish
    self.formats = formats
    bufferType = capabilities.bufferType
    controls = CameraControls(device)
    takesSignal = CaptureSignal.isTaken(by: device)
    hasShutter = controls.control(.privacy) != nil
    format = wish
    subscribe()
    try start()
    inspect(at: MonotonicClock.now)
  }

  private let formats: Set<PixelFormat>

  /// Whether there can be a picture, as far as the camera tells.
  public var condition: Condition {
    if stream == nil { return .noSignal }
    return isShutterClosed ? .shutterClosed : .streaming
  }

  /// Waits for the next picture; see `CameraSource`.
  public func nextFrame(from pool: VideoFramePool, timeout: Duration) throws(CameraError) -> VideoFrame? {
    let deadline = MonotonicClock.now + timeout
    while let capture = try nextCapture(until: deadline) {
      if isTooSoon(capture) {
        try release(capture)
        continue
      }
      // The buffer goes back whatever comes of it.
      let frame = convert(capture, pool)
      if let stream { try stream.release(capture.capture) }
      switch frame {
      case .frame(let frame):
        statistics.delivered += 1
        return frame
      case .noRoom:
        statistics.missed += 1
        return nil
      case .broken:
        statistics.broken += 1
      }
    }
    return nil
  }

  // MARK: Pictures in the driver's memory

  /// A picture that lies in the driver's memory; give it back with `release`.
  public struct CapturedPicture {
    /// Which of the stream's buffers it is in: the index into `exportedBuffers`.
    public var index: Int { capture.index }
    /// When the kernel captured it.
    public let captureTime: Instant
    let capture: CaptureStream.Capture
  }

  /// The buffers of the stream as file descriptors for other drivers, by index and piece of memory; they hold pictures in
  /// `layout`. Throws `system` when the driver can't. They belong to the stream of this moment: after the signal changed
  /// (`statistics.restarts`) there are others.
  public func exportedBuffers() throws(CameraError) -> [[DMABuffer]] {
    guard let stream, let layout else { throw .system(ENOLINK) }
    var all: [[DMABuffer]] = []
    for index in 0..<stream.bufferCount {
      var pieces: [DMABuffer] = []
      for plane in 0..<layout.format.memoryPlanes { pieces.append(try stream.export(index: index, plane: plane)) }
      all.append(pieces)
    }
    return all
  }

  /// Waits for the next picture, up to `timeout`, and leaves it where it is; nil when none came.
  public func nextPicture(timeout: Duration) throws(CameraError) -> CapturedPicture? {
    try nextCapture(until: MonotonicClock.now + timeout)
  }

  /// Gives a picture's memory back to the driver.
  public func release(_ picture: CapturedPicture) throws(CameraError) {
    try stream?.release(picture.capture)
  }

  // MARK: Capturing

  private enum Outcome {
    case frame(VideoFrame)
    case noRoom
    case broken
  }

  /// Whether a signal with more pictures than wished can spare this one: it isn't even converted.
  private func isTooSoon(_ picture: CapturedPicture) -> Bool {
    guard format.framesPerSecond > wish.framesPerSecond * 1.2 else { return false }
    // Half an interval of the signal is what its times may waver.
    let least = 1 / wish.framesPerSecond - 0.5 / format.framesPerSecond
    if let lastTaken, picture.captureTime > lastTaken, (picture.captureTime - lastTaken).seconds < least { return true }
    lastTaken = picture.captureTime
    return false
  }

  private func convert(_ picture: CapturedPicture, _ pool: VideoFramePool) -> Outcome {
    guard let stream, let converter, let layout else { return .broken }
    guard let frame = pool.vacant(width: layout.width, height: layout.height) else { return .noRoom }
    guard converter.convert(stream.memory(of: picture.capture), into: frame) else { return .broken }
    frame.limitRange()
    frame.captureTime = picture.captureTime
    return .frame(frame)
  }

  private func nextCapture(until deadline: Instant) throws(CameraError) -> CapturedPicture? {
    while true {
      let now = MonotonicClock.now
      if now >= nextInspection { inspect(at: now) }
      if stream != nil, let picture = try newest(at: now) { return picture }
      guard now < deadline else { return nil }
      let wait = min(deadline, nextInspection) - now
      let readiness = device.wait(forPicture: stream != nil, timeout: wait)
      if readiness.hasEvent { try takeEvents() }
      if readiness.hasFailed && !readiness.hasPicture { try findFailure() }
    }
  }

  /// The newest picture that is there; older ones are given back.
  private func newest(at now: Instant) throws(CameraError) -> CapturedPicture? {
    guard let stream else { return nil }
    var newest: CaptureStream.Capture?
    var count = 0
    while let capture = try stream.next() {
      count += 1
      noteSequence(capture.sequence)
      if capture.isFaulty {
        statistics.faulty += 1
        try stream.release(capture)
        continue
      }
      if let older = newest {
        statistics.missed += 1
        try stream.release(older)
      }
      newest = capture
      // With all buffers full the driver had nowhere to put newer pictures: these are as old as the caller was away.
      guard count == stream.bufferCount else { continue }
      statistics.missed += 1
      try stream.release(capture)
      return nil
    }
    return newest.map { CapturedPicture(captureTime: plausible($0.time, now), capture: $0) }
  }

  /// The kernel's time, unless it can't be: a driver's counter may wrap, or say when a frame will have been sent.
  private func plausible(_ time: Instant?, _ now: Instant) -> Instant {
    guard let time, time + .seconds(2) > now else { return now }
    return min(time, now)
  }

  private func noteSequence(_ sequence: UInt32) {
    if let lastSequence {
      let skipped = sequence &- lastSequence &- 1
      if skipped < 10_000 { statistics.missed += Int(skipped) }
    }
    lastSequence = sequence
  }

  /// Something is wrong: the call that would get a picture says what.
  private func findFailure() throws(CameraError) {
    guard let stream else {
      var capability = v4l2_capability()
      return try device.perform(salle_VIDIOC_QUERYCAP, &capability)
    }
    guard let capture = try stream.next() else { throw .system(EIO) }
    try stream.release(capture)
  }

  // MARK: Signal and shutter

  private func subscribe() {
    var source = v4l2_event_subscription()
    source.type = UInt32(V4L2_EVENT_SOURCE_CHANGE)
    // What can't tell is asked now and then.
    _ = device.call(salle_VIDIOC_SUBSCRIBE_EVENT, &source)
    guard hasShutter else { return }
    var control = v4l2_event_subscription()
    control.type = UInt32(V4L2_EVENT_CTRL)
    control.id = CameraControl.Kind.privacy.identifier
    _ = device.call(salle_VIDIOC_SUBSCRIBE_EVENT, &control)
  }

  private func takeEvents() throws(CameraError) {
    var hasNewSource = false
    for _ in 0..<64 {
      var event = v4l2_event()
      guard device.call(salle_VIDIOC_DQEVENT, &event) == 0 else { break }
      hasNewSource = hasNewSource || event.type == UInt32(V4L2_EVENT_SOURCE_CHANGE)
    }
    if hasNewSource { try restart() }
    inspect(at: MonotonicClock.now)
  }

  private func inspect(at now: Instant) {
    nextInspection = now + Self.inspectionInterval
    if hasShutter { isShutterClosed = controls.value(of: .privacy) == 1 }
    let isMissing = takesSignal && CaptureSignal.isMissing(at: device)
    // A driver that sends no events: what it says now is compared with what is going on.
    if isMissing != (stream == nil) { try? restart() }
  }

  private func restart() throws(CameraError) {
    statistics.restarts += 1
    try start()
  }

  /// Begins to capture with the present signal, or goes without.
  private func start() throws(CameraError) {
    stream = nil
    converter = nil
    lastSequence = nil
    layout = nil
    var wish = wish
    if takesSignal {
      guard let signal = try CaptureSignal.adopted(by: device) else { return }
      wish = signal.format
    }
    let reader = CameraModeReader(device: device, bufferType: bufferType, hasSizeOfSignal: takesSignal)
    let offers = reader.offers().filter { formats.contains($0.format) }
    guard let mode = CameraModeChooser.best(of: offers, for: wish) else {
      throw .unreadable("it has no format that Salle reads")
    }
    let layout = try setFormat(mode)
    let rate = takesSignal ? wish.framesPerSecond : setRate(mode.interval) ?? wish.framesPerSecond
    guard let converter = PictureConverter(layout) else { throw .system(ENOMEM) }
    self.converter = converter
    stream = try CaptureStream(device, bufferType: bufferType, planeCount: layout.format.memoryPlanes)
    self.layout = layout
    format = CameraFormat(width: layout.width, height: layout.height, framesPerSecond: rate)
    lastTaken = nil
  }

  private func setFormat(_ mode: CameraMode) throws(CameraError) -> PictureLayout {
    var answer = v4l2_format()
    answer.type = bufferType
    if bufferType == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.rawValue {
      answer.fmt.pix_mp.width = UInt32(mode.width)
      answer.fmt.pix_mp.height = UInt32(mode.height)
      answer.fmt.pix_mp.pixelformat = mode.format.rawValue
      answer.fmt.pix_mp.num_planes = UInt8(mode.format.memoryPlanes)
    } else {
      answer.fmt.pix.width = UInt32(mode.width)
      answer.fmt.pix.height = UInt32(mode.height)
      answer.fmt.pix.pixelformat = mode.format.rawValue
    }
    try device.perform(salle_VIDIOC_S_FMT, &answer)
    guard let layout = PictureLayout(answer) else {
      throw .unreadable("it gives another format than the one that it offers")
    }
    return layout
  }

  /// Sets the interval; gives the rate that the driver settled on, nil when it doesn't say.
  private func setRate(_ interval: FrameInterval?) -> Double? {
    var parameters = v4l2_streamparm()
    parameters.type = bufferType
    if let interval {
      parameters.parm.capture.timeperframe = interval.fraction
      guard device.call(salle_VIDIOC_S_PARM, &parameters) == 0 else { return interval.framesPerSecond }
    } else {
      guard device.call(salle_VIDIOC_G_PARM, &parameters) == 0 else { return nil }
    }
    let answer = parameters.parm.capture.timeperframe
    guard answer.numerator > 0, answer.denominator > 0 else { return interval?.framesPerSecond }
    return min(FrameInterval(answer).framesPerSecond, 240)
  }
}
