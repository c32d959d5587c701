import Realtime
import Synchronization

/// A bounded set of frames that one thread fills and any number of threads read.
///
/// A frame returns to the pool by itself when its last reader lets go of it. Taking frames is for one thread; letting
/// go of them is for any. The bound is what keeps a stalled reader from eating the memory: with all frames out,
/// `vacant` gives nil and the picture is dropped and counted.
public final class VideoFramePool {
  /// How many frames may be out at once.
  public let capacity: Int
  /// How many pictures found no vacant frame.
  public private(set) var starvedCount = 0

  private var frames: ContiguousArray<VideoFrame> = []
  private var next = 0

  /// An empty pool; frames are made when first needed, `capacity` at most.
  public init(capacity: Int) {
    self.capacity = max(capacity, 1)
    frames.reserveCapacity(self.capacity)
  }

  /// A frame of the given size that nobody else holds, content undefined; nil when all are out.
  public func vacant(width: Int, height: Int) -> VideoFrame? {
    for _ in 0..<frames.count {
      let index = next
      next = next + 1 == frames.count ? 0 : next + 1
      guard isKnownUniquelyReferenced(&frames[index]) else { continue }
      // The count was read without ordering; what the last reader did to the frame must be over before we write.
      atomicMemoryFence(ordering: .acquiring)
      return prepared(frames[index], width: width, height: height)
    }
    guard frames.count < capacity else {
      starvedCount += 1
      return nil
    }
    frames.append(VideoFrame(width: width, height: height))
    return prepared(frames[frames.count - 1], width: width, height: height)
  }

  private func prepared(_ frame: VideoFrame, width: Int, height: Int) -> VideoFrame {
    frame.resize(width: width, height: height)
    frame.rtpTimestamp = nil
    frame.colorMatrix = .bt601
    return frame
  }
}
