import Video

/// The pictures of a video file, one after another.
protocol VideoFileReader: AnyObject {
  /// Size and rate as the file declares them.
  var format: CameraFormat { get }

  /// Writes the next picture into a frame of `pool`, beginning anew after the last; nil when the pool has no vacant
  /// frame, or when the file's picture isn't to be shown.
  func next(from pool: VideoFramePool) throws(MediaFileError) -> VideoFrame?

  /// Moves on by `count` pictures without giving them, as far as the format allows.
  func skip(_ count: Int64) throws(MediaFileError)
}

/// Tells the kinds of video file apart by how they begin, whatever they are called.
enum VideoFile {
  static func reader(path: String) throws(MediaFileError) -> any VideoFileReader {
    let file = try InputFile(path: path)
    let head = try file.bytes(16, at: 0)
    if head.isEmpty { throw MediaFileError(path: path, reason: .empty) }
    if head.has("YUV4MPEG2", at: 0) { return try Y4MReader(file) }
    if head.has("DKIF", at: 0) { return try IVFReader(file) }
    if head.starts(with: [0xFF, 0xD8]) { return try MJPEGReader(file) }
    throw MediaFileError(path: path, reason: .unknownFormat)
  }

  /// Largest width and height that are read.
  static let maximumDimension = 4_096
}
