import Video

/// Gives pictures a wanted size: scales them, and cuts off or fills up evenly on both sides what is of other proportions.
///
/// Not thread-safe: confined to the camera thread.
struct FrameFitter {
  /// What becomes of a picture that is too wide or too high.
  enum Fitting: Hashable {
    /// It fills the wanted size, and loses what is beyond: for people.
    case cover
    /// It is seen whole, between black bars: for documents.
    case contain
  }

  let width: Int
  let height: Int
  private let fitting: Fitting
  private let pool = VideoFramePool(capacity: 5)
  private let part = VideoFrame(width: 2, height: 2)

  init(width: Int, height: Int, fitting: Fitting = .cover) {
    self.width = width
    self.height = height
    self.fitting = fitting
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
    switch fitting {
    case .cover:
      describe(frame)
      part.resize(width: cropWidth, height: cropHeight)
      copy(
        frame, from: ((frame.width - cropWidth) / 2 & ~1, (frame.height - cropHeight) / 2 & ~1), to: (0, 0), of: part,
        width: cropWidth, height: cropHeight)
      target.scale(from: part)
    case .contain:
      let scaledWidth = max(2, min(width, height * frame.width / max(frame.height, 1)) & ~1)
      let scaledHeight = max(2, min(height, width * frame.height / max(frame.width, 1)) & ~1)
      part.resize(width: scaledWidth, height: scaledHeight)
      part.scale(from: frame)
      target.captureTime = frame.captureTime
      target.rtpTimestamp = frame.rtpTimestamp
      target.colorMatrix = frame.colorMatrix
      target.fill(y: 16, u: 128, v: 128)
      copy(
        part, from: (0, 0), to: ((width - scaledWidth) / 2 & ~1, (height - scaledHeight) / 2 & ~1), of: target,
        width: scaledWidth, height: scaledHeight)
    }
    return target
  }

  private func describe(_ frame: VideoFrame) {
    part.captureTime = frame.captureTime
    part.rtpTimestamp = frame.rtpTimestamp
    part.colorMatrix = frame.colorMatrix
  }

  /// Copies `width` × `height` pixels, all numbers even.
  private func copy(
    _ source: VideoFrame, from origin: (x: Int, y: Int), to place: (x: Int, y: Int), of target: VideoFrame,
    width: Int, height: Int
  ) {
    for row in 0..<height {
      (target.y + (place.y + row) * target.strideY + place.x).update(
        from: source.y + (origin.y + row) * source.strideY + origin.x, count: width)
    }
    for row in 0..<height / 2 {
      let from = (origin.y / 2 + row) * source.strideUV + origin.x / 2
      let to = (place.y / 2 + row) * target.strideUV + place.x / 2
      (target.u + to).update(from: source.u + from, count: width / 2)
      (target.v + to).update(from: source.v + from, count: width / 2)
    }
  }
}
