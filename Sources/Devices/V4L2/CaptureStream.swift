import CV4L
import Realtime
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A stream of pictures into buffers of the driver, which are mapped here (`V4L2_MEMORY_MMAP`). Begins when made; ends,
/// and gives the memory back, with its owner.
///
/// Not thread-safe. After it began, it allocates nothing.
final class CaptureStream {
  /// Enough that a reader may be late by three pictures; every one more would be older than what anybody wants to see.
  private static let wantedBuffers: UInt32 = 4
  private static let maximumPlanes = 3

  /// A filled buffer, to be given back by `release`.
  struct Capture {
    var index: Int
    /// On the driver's word (`V4L2_BUF_FLAG_ERROR`).
    var isFaulty: Bool
    /// The kernel's time stamp; nil when it isn't of the monotonic clock.
    var time: Instant?
    var sequence: UInt32
  }

  let bufferCount: Int
  private let device: VideoDevice
  private let bufferType: UInt32
  private let planeCount: Int
  private let isMultiplanar: Bool
  /// Of each buffer the pieces of memory, `planeCount` a buffer: as mapped, and the picture in them.
  private let mapped: UnsafeMutableBufferPointer<UnsafeMutableRawBufferPointer>
  private let filled: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>
  private let planes: UnsafeMutableBufferPointer<v4l2_plane>

  init(_ device: VideoDevice, bufferType: UInt32, planeCount: Int) throws(CameraError) {
    self.device = device
    self.bufferType = bufferType
    self.planeCount = min(max(planeCount, 1), Self.maximumPlanes)
    isMultiplanar = bufferType == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.rawValue
    var request = v4l2_requestbuffers()
    request.count = Self.wantedBuffers
    request.type = bufferType
    request.memory = V4L2_MEMORY_MMAP.rawValue
    try device.perform(salle_VIDIOC_REQBUFS, &request)
    bufferCount = Int(request.count)
    let nothing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    mapped = .allocate(capacity: bufferCount * self.planeCount)
    mapped.initialize(repeating: nothing)
    filled = .allocate(capacity: bufferCount * self.planeCount)
    filled.initialize(repeating: UnsafeRawBufferPointer(nothing))
    planes = .allocate(capacity: Self.maximumPlanes)
    planes.initialize(repeating: v4l2_plane())
    // From here on `deinit` clears up, whatever is thrown.
    guard bufferCount > 0 else { throw .system(ENOMEM) }
    for index in 0..<bufferCount { try mapBuffer(index) }
    for index in 0..<bufferCount { try queue(index) }
    var type = bufferType
    try device.perform(salle_VIDIOC_STREAMON, &type)
  }

  deinit {
    var type = bufferType
    _ = device.call(salle_VIDIOC_STREAMOFF, &type)
    for piece in mapped { if let start = piece.baseAddress { munmap(start, piece.count) } }
    var request = v4l2_requestbuffers()
    request.type = bufferType
    request.memory = V4L2_MEMORY_MMAP.rawValue
    _ = device.call(salle_VIDIOC_REQBUFS, &request)
    mapped.deallocate()
    filled.deallocate()
    planes.deallocate()
  }

  /// The pieces of memory with the picture of `capture`.
  func memory(of capture: Capture) -> UnsafeBufferPointer<UnsafeRawBufferPointer> {
    UnsafeBufferPointer(rebasing: filled[capture.index * planeCount..<(capture.index + 1) * planeCount])
  }

  /// The next filled buffer; nil when there is none yet.
  func next() throws(CameraError) -> Capture? {
    var buffer = blankBuffer(0)
    let number = device.call(salle_VIDIOC_DQBUF, &buffer)
    if number == EAGAIN { return nil }
    guard number == 0 else { throw CameraError(number) }
    let index = Int(buffer.index)
    guard index < bufferCount else { throw .unreadable("the driver gave a buffer that it doesn't have") }
    for plane in 0..<planeCount {
      let piece = mapped[index * planeCount + plane]
      let used = Int(isMultiplanar ? planes[plane].bytesused : buffer.bytesused)
      let offset = min(isMultiplanar ? Int(planes[plane].data_offset) : 0, piece.count)
      filled[index * planeCount + plane] = UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(piece)[offset..<max(min(used, piece.count), offset)])
    }
    let clock = buffer.flags & UInt32(V4L2_BUF_FLAG_TIMESTAMP_MASK)
    return Capture(
      index: index, isFaulty: buffer.flags & UInt32(V4L2_BUF_FLAG_ERROR) != 0,
      time: clock == UInt32(V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) ? Instant(nanoseconds: salle_v4l_time(&buffer)) : nil,
      sequence: buffer.sequence)
  }

  /// Gives a buffer back to be filled again.
  func release(_ capture: Capture) throws(CameraError) {
    try queue(capture.index)
  }

  /// A file descriptor (DMA-BUF) of the piece of memory `plane` of buffer `index`.
  func export(index: Int, plane: Int) throws(CameraError) -> DMABuffer {
    var request = v4l2_exportbuffer()
    request.type = bufferType
    request.index = UInt32(index)
    request.plane = UInt32(plane)
    request.flags = UInt32(O_CLOEXEC | O_RDONLY)
    try device.perform(salle_VIDIOC_EXPBUF, &request)
    return DMABuffer(descriptor: request.fd, byteCount: mapped[index * planeCount + plane].count)
  }

  private func queue(_ index: Int) throws(CameraError) {
    var buffer = blankBuffer(index)
    try device.perform(salle_VIDIOC_QBUF, &buffer)
  }

  private func mapBuffer(_ index: Int) throws(CameraError) {
    var buffer = blankBuffer(index)
    try device.perform(salle_VIDIOC_QUERYBUF, &buffer)
    guard !isMultiplanar || Int(buffer.length) == planeCount else {
      throw .unreadable("the driver has another number of planes than its format")
    }
    for plane in 0..<planeCount {
      let length = isMultiplanar ? planes[plane].length : buffer.length
      let offset = isMultiplanar ? planes[plane].m.mem_offset : buffer.m.offset
      mapped[index * planeCount + plane] = try device.map(byteCount: Int(length), offset: offset)
    }
  }

  private func blankBuffer(_ index: Int) -> v4l2_buffer {
    var buffer = v4l2_buffer()
    buffer.index = UInt32(index)
    buffer.type = bufferType
    buffer.memory = V4L2_MEMORY_MMAP.rawValue
    if isMultiplanar {
      planes.update(repeating: v4l2_plane())
      buffer.m.planes = planes.baseAddress
      buffer.length = UInt32(planeCount)
    }
    return buffer
  }
}
