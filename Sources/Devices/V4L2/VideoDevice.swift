import CV4L
import Realtime
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An open video node of the kernel (V4L2), closed with its last holder. `ioctl(2)` may be called from any thread.
final class VideoDevice: Sendable {
  let node: String
  private let descriptor: Int32

  /// What the node is for.
  struct Capabilities {
    var driver: String
    var card: String
    var bus: String
    var isMultiplanar: Bool
  }

  init(node: String) throws(CameraError) {
    self.node = node
    descriptor = open(node, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw CameraError(errno) }
  }

  deinit {
    close(descriptor)
  }

  /// Performs `request` (`salle_VIDIOC_…`); gives 0 or the error number.
  func call<Argument>(_ request: UInt, _ argument: inout Argument) -> Int32 {
    withUnsafeMutablePointer(to: &argument) { salle_v4l_call(descriptor, request, $0) }
  }

  /// Performs `request`; an error number is thrown.
  func perform<Argument>(_ request: UInt, _ argument: inout Argument) throws(CameraError) {
    let number = call(request, &argument)
    if number != 0 { throw CameraError(number) }
  }

  /// Hands the descriptor to one of the C functions in `CV4L`.
  func with<Result>(_ body: (Int32) -> Result) -> Result { body(descriptor) }

  /// Maps `byteCount` bytes of a buffer at the driver's `offset`.
  func map(byteCount: Int, offset: UInt32) throws(CameraError) -> UnsafeMutableRawBufferPointer {
    // Writable too: some drivers refuse a mapping that isn't.
    guard let start = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, off_t(offset)),
      start != UnsafeMutableRawPointer(bitPattern: -1)
    else { throw CameraError(errno) }
    return UnsafeMutableRawBufferPointer(start: start, count: byteCount)
  }

  /// What happened while waiting.
  struct Readiness {
    var hasPicture = false
    var hasEvent = false
    var hasFailed = false
  }

  /// Waits for a picture, if `forPicture`, or an event, up to `timeout`.
  func wait(forPicture: Bool, timeout: Duration) -> Readiness {
    let events = Int16(POLLPRI) | (forPicture ? Int16(POLLIN) : 0)
    var entry = pollfd(fd: descriptor, events: events, revents: 0)
    let milliseconds = Int32(clamping: (max(timeout, .zero).nanoseconds + 999_999) / 1_000_000)
    guard poll(&entry, 1, milliseconds) > 0 else { return Readiness() }
    let found = Int32(entry.revents)
    return Readiness(
      hasPicture: found & Int32(POLLIN) != 0, hasEvent: found & Int32(POLLPRI) != 0,
      hasFailed: found & Int32(POLLERR | POLLHUP | POLLNVAL) != 0)
  }

  /// What the node says of itself; nil when it doesn't capture pictures into memory that can be mapped.
  func captureCapabilities() throws(CameraError) -> Capabilities? {
    var answer = v4l2_capability()
    try perform(salle_VIDIOC_QUERYCAP, &answer)
    let hasOwn = answer.capabilities & UInt32(V4L2_CAP_DEVICE_CAPS) != 0
    let flags = hasOwn ? answer.device_caps : answer.capabilities
    let (single, multi) = (UInt32(V4L2_CAP_VIDEO_CAPTURE), UInt32(V4L2_CAP_VIDEO_CAPTURE_MPLANE))
    let others = UInt32(V4L2_CAP_VIDEO_M2M) | UInt32(V4L2_CAP_VIDEO_M2M_MPLANE)
    guard flags & (single | multi) != 0, flags & others == 0, flags & UInt32(V4L2_CAP_STREAMING) != 0 else {
      return nil
    }
    return Capabilities(
      driver: text(answer.driver), card: text(answer.card), bus: text(answer.bus_info),
      isMultiplanar: flags & single == 0)
  }
}

/// The text in a C array of characters, up to its end or the first zero.
func text<Characters>(_ characters: Characters) -> String {
  withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

extension CameraError {
  /// What an error number of a video node means.
  init(_ number: Int32) {
    switch number {
    case ENODEV, ENXIO, ENOENT: self = .disconnected
    case ENOTTY: self = .unreadable("it is not a video device")
    default: self = .system(number)
    }
  }
}
