import Realtime

/// How a picture's Y′CbCr values were made from R′G′B′: matrix coefficients and range.
public enum ColorMatrix: UInt8, Hashable, Sendable {
  /// ITU-R BT.601, luma 16–235. What VP8 (RFC 6386 §9.2) and unmarked WebRTC video mean.
  case bt601
  /// ITU-R BT.601, luma 0–255, as in JPEG (JFIF).
  case bt601FullRange
  /// ITU-R BT.709, luma 16–235.
  case bt709
  /// ITU-R BT.709, luma 0–255.
  case bt709FullRange
}

/// One picture in planar 4:2:0 (I420): a luma plane of width × height bytes, then Cb and Cr planes of half of each,
/// rounded up. Rows start at multiples of 64 bytes.
///
/// Made by a `VideoFramePool` and reused when nobody holds it any more; memory grows to the largest picture and stays.
///
/// `@unchecked Sendable`: whoever got the frame from the pool fills it, then hands it on; from then on all that hold it
/// only read it.
public final class VideoFrame: @unchecked Sendable {
  /// The largest width and height of a frame, in pixels; far above the largest picture that is decoded.
  public static let maximumDimension = 8_192

  /// Width in pixels.
  public private(set) var width = 0
  /// Height in pixels.
  public private(set) var height = 0
  /// When the camera saw the picture, or when a received one should be shown.
  public var captureTime = Instant(nanoseconds: 0)
  /// The 90 kHz timestamp of the RTP packets that carried the picture, if any did.
  public var rtpTimestamp: UInt32?
  /// The meaning of the samples.
  public var colorMatrix = ColorMatrix.bt601

  /// The luma plane: `height` rows of `strideY` bytes.
  public private(set) var y: UnsafeMutablePointer<UInt8>
  /// The Cb plane: `chromaHeight` rows of `strideUV` bytes.
  public private(set) var u: UnsafeMutablePointer<UInt8>
  /// The Cr plane: `chromaHeight` rows of `strideUV` bytes.
  public private(set) var v: UnsafeMutablePointer<UInt8>
  /// Bytes from one luma row to the next.
  public private(set) var strideY = 0
  /// Bytes from one chroma row to the next.
  public private(set) var strideUV = 0

  private var memory: UnsafeMutableRawBufferPointer

  /// A frame of undefined content, outside any pool.
  ///
  /// `width` and `height` are clamped to 1…`maximumDimension`.
  public init(width: Int, height: Int) {
    memory = .allocate(byteCount: 64, alignment: 64)
    y = memory.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
    u = y
    v = y
    resize(width: width, height: height)
  }

  deinit {
    memory.deallocate()
  }

  /// Width of the chroma planes.
  public var chromaWidth: Int { (width + 1) / 2 }
  /// Height of the chroma planes.
  public var chromaHeight: Int { (height + 1) / 2 }

  /// Gives the frame another size, clamped to 1…`maximumDimension`; the content is undefined afterwards. Only for the
  /// frame's sole owner.
  public func resize(width newWidth: Int, height newHeight: Int) {
    width = min(max(newWidth, 1), Self.maximumDimension)
    height = min(max(newHeight, 1), Self.maximumDimension)
    strideY = (width + 63) & ~63
    strideUV = (chromaWidth + 63) & ~63
    let size = strideY * height + 2 * strideUV * chromaHeight
    if size > memory.count {
      memory.deallocate()
      memory = .allocate(byteCount: size, alignment: 64)
    }
    y = memory.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
    u = y + strideY * height
    v = u + strideUV * chromaHeight
  }

  /// Fills the picture with one colour.
  public func fill(y luma: UInt8, u blueDifference: UInt8, v redDifference: UInt8) {
    y.update(repeating: luma, count: strideY * height)
    u.update(repeating: blueDifference, count: strideUV * chromaHeight)
    v.update(repeating: redDifference, count: strideUV * chromaHeight)
  }
}
