import CVPX

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The memory that libvpx decodes VP9 pictures into.
///
/// Spatial layers come one after another without their lengths, so that only the first one's header can be checked
/// before decoding; a later one that claims to be huge is refused here, when libvpx asks for the memory.
///
/// Thread-confined like the decoder that owns it, and must outlive libvpx's context.
final class VP9FrameBuffers {
  /// The largest picture with libvpx's borders (160 pixels on each side), aligned, in 4:2:0.
  static let maximumSize =
    (VideoDecoder.maximumWidth + 512) * (VideoDecoder.maximumHeight + 512) * 3 / 2 + 65_536
  /// libvpx holds at most eight references and eight working buffers.
  static let maximumCount = Int(VP9_MAXIMUM_REF_BUFFERS) + Int(VPX_MAXIMUM_WORK_BUFFERS)

  private struct Buffer {
    var memory: UnsafeMutablePointer<UInt8>?
    var size = 0
    var isUsed = false
  }

  private var buffers: ContiguousArray<Buffer> = []
  /// How many times memory beyond the limit was asked for.
  private(set) var refusedCount = 0

  init() {
    buffers.reserveCapacity(Self.maximumCount)
  }

  deinit {
    for buffer in buffers { free(buffer.memory) }
  }

  /// Makes libvpx use these buffers; to be called before the first picture.
  func install(in context: UnsafeMutablePointer<vpx_codec_ctx_t>) -> Bool {
    vpx_codec_set_frame_buffer_functions(
      context,
      { owner, size, buffer in
        guard let owner, let buffer else { return -1 }
        let buffers = Unmanaged<VP9FrameBuffers>.fromOpaque(owner).takeUnretainedValue()
        guard let taken = buffers.take(size) else { return -1 }
        buffer.pointee.data = taken.memory
        buffer.pointee.size = taken.size
        // Never nil, so that a buffer that was not given out is told apart.
        buffer.pointee.priv = UnsafeMutableRawPointer(bitPattern: taken.index + 1)
        return 0
      },
      { owner, buffer in
        guard let owner, let buffer else { return -1 }
        let buffers = Unmanaged<VP9FrameBuffers>.fromOpaque(owner).takeUnretainedValue()
        buffers.giveBack(Int(bitPattern: buffer.pointee.priv) - 1)
        buffer.pointee.priv = nil
        return 0
      }, Unmanaged.passUnretained(self).toOpaque()) == VPX_CODEC_OK
  }

  /// Finds or makes a buffer of at least `size` bytes, zeroed when new as libvpx wants; nil if there is none.
  func take(_ size: Int) -> (index: Int, memory: UnsafeMutablePointer<UInt8>, size: Int)? {
    guard size > 0, size <= Self.maximumSize else {
      refusedCount += 1
      return nil
    }
    guard let index = vacantIndex(size) else { return nil }
    if buffers[index].size < size {
      free(buffers[index].memory)
      buffers[index].memory = calloc(1, size)?.assumingMemoryBound(to: UInt8.self)
      buffers[index].size = buffers[index].memory == nil ? 0 : size
    }
    guard let memory = buffers[index].memory else { return nil }
    buffers[index].isUsed = true
    return (index, memory, buffers[index].size)
  }

  /// Takes a buffer back; an index that was not given out is ignored.
  func giveBack(_ index: Int) {
    if buffers.indices.contains(index) { buffers[index].isUsed = false }
  }

  /// A buffer that is not in use, large enough if there is one.
  private func vacantIndex(_ size: Int) -> Int? {
    var found: Int?
    for index in buffers.indices where !buffers[index].isUsed {
      if buffers[index].size >= size { return index }
      found = index
    }
    if let found { return found }
    guard buffers.count < Self.maximumCount else { return nil }
    buffers.append(Buffer())
    return buffers.count - 1
  }
}
