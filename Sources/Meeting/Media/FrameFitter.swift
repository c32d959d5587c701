import Video

/// Gives pictures a wanted size: cuts off what is too wide or too high, evenly on both sides, and scales the rest.
///
/// Not thread-safe: confined to the camera thread.
struct FrameFitter {
  let width: Int
  let height: Int
  private let pool = VideoFramePool(capacity: 5)
  private let cropped = VideoFrame(width: 2, height: 2)

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  /// `frame` in the wanted size: itself if it has that; nil when too many fitted pictures are still held.
  func fitted(_ frame: VideoFrame) -> VideoFrame? {
    if frame.width == width && frame.height == height { return frame }
    guard let target = pool.vacant(width: width, height: height) else { return nil }
    // The largest part of the wanted proportions; even numbers, so that the chroma planes are cut in the same place.
    let cropWidth = max(2, min(frame.width, frame.height * width / height) & ~1)
    let cropHeight = max(2, min(frame.height, frame.width * height / width) & ~1)
    // Less than a hundredth too wide or too high is stretched rather than cut.
    if (frame.width - cropWidth) * 100 <= frame.width && (frame.height - cropHeight) * 100 <= frame.height {
      target.scale(from: frame)
      return target
    }
    crop(frame, width: cropWidth, height: cropHeight)
    target.scale(from: cropped)
    return target
  }

  private func crop(_ frame: VideoFrame, width: Int, height: Int) {
    cropped.resize(width: width, height: height)
    cropped.captureTime = frame.captureTime
    cropped.rtpTimestamp = frame.rtpTimestamp
    cropped.colorMatrix = frame.colorMatrix
    let x = (frame.width - width) / 2 & ~1
    let y = (frame.height - height) / 2 & ~1
    for row in 0..<height {
      (cropped.y + row * cropped.strideY).update(from: frame.y + (y + row) * frame.strideY + x, count: width)
    }
    for row in 0..<height / 2 {
      let offset = (y / 2 + row) * frame.strideUV + x / 2
      (cropped.u + row * cropped.strideUV).update(from: frame.u + offset, count: width / 2)
      (cropped.v + row * cropped.strideUV).update(from: frame.v + offset, count: width / 2)
    }
  }
}
