/// A picture for a screen: rows of 32-bit pixels, in memory B, G, R, X (DRM's `XR24`, XRGB8888; libyuv's "ARGB";
/// Cairo's `RGB24`).
///
/// XRGB8888 is what every display controller scans out and what text can be blended into without loss; tiles are
/// scaled as I420 and converted once, which costs less than composing in 4:2:0 saves. The canvas lies in cached memory:
/// blending reads it, which would be slow in a mapped scan-out buffer. A screen copies the damaged parts.
///
/// Not thread-safe: owned by the thread that composes.
public final class Canvas {
  /// The largest width and height, pixels.
  public static let maximumDimension = 8_192

  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  /// Bytes from one row to the next, a multiple of 64.
  public let stride: Int
  /// The pixels: `height` rows of `stride` bytes.
  public let pixels: UnsafeMutablePointer<UInt8>

  /// A black canvas; `width` and `height` are clamped to 1…`maximumDimension`.
  public init(width: Int, height: Int) {
    self.width = min(max(width, 1), Self.maximumDimension)
    self.height = min(max(height, 1), Self.maximumDimension)
    stride = (self.width * 4 + 63) & ~63
    let memory = UnsafeMutableRawPointer.allocate(byteCount: stride * self.height, alignment: 64)
    pixels = memory.bindMemory(to: UInt8.self, capacity: stride * self.height)
    pixels.initialize(repeating: 0, count: stride * self.height)
  }

  deinit {
    UnsafeMutableRawPointer(pixels).deallocate()
  }

  /// The whole canvas.
  public var bounds: PixelRectangle { PixelRectangle(x: 0, y: 0, width: width, height: height) }

  /// The pixel at column `x` of row `y` as 0xRRGGBB; nil outside.
  public func pixel(x: Int, y: Int) -> UInt32? {
    guard x >= 0, y >= 0, x < width, y < height else { return nil }
    let pixel = pixels + y * stride + 4 * x
    return UInt32(pixel[2]) << 16 | UInt32(pixel[1]) << 8 | UInt32(pixel[0])
  }
}
