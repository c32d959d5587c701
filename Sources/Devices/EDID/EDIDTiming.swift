/// A picture format that a display describes in full (VESA E-EDID 1.4 §3.10.2, "detailed timing").
public struct EDIDTiming: Hashable, Sendable {
  /// Pixels per second.
  public var pixelClock: Int
  /// Visible pixels of a line.
  public var width: Int
  /// Visible lines of a picture; of both fields together where interlaced.
  public var height: Int
  /// All pixels of a line, visible or not.
  public var horizontalTotal: Int
  /// All lines of a picture, or of a field where interlaced (without the half line).
  public var verticalTotal: Int
  /// Whether each field has every other line.
  public var isInterlaced: Bool
  /// Width of the picture in millimetres; 0 when not told.
  public var widthMillimetres: Int
  /// Height of the picture in millimetres; 0 when not told.
  public var heightMillimetres: Int

  /// Pictures (or fields) per second.
  public var refreshRate: Double {
    // A field has half a line more.
    let lines = Double(verticalTotal) + (isInterlaced ? 0.5 : 0)
    return Double(pixelClock) / (Double(horizontalTotal) * lines)
  }

  /// Reads the 18 bytes of a descriptor; nil if it is none of a timing, or one without pixels.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= 18 else { return nil }
    let base = bytes.startIndex
    func byte(_ index: Int) -> Int { Int(bytes[base + index]) }
    pixelClock = (byte(0) | byte(1) << 8) * 10_000
    width = byte(2) | (byte(4) & 0xF0) << 4
    let horizontalBlank = byte(3) | (byte(4) & 0x0F) << 8
    let lines = byte(5) | (byte(7) & 0xF0) << 4
    let verticalBlank = byte(6) | (byte(7) & 0x0F) << 8
    isInterlaced = byte(17) & 0x80 != 0
    height = isInterlaced ? 2 * lines : lines
    horizontalTotal = width + horizontalBlank
    verticalTotal = lines + verticalBlank
    widthMillimetres = byte(12) | (byte(14) & 0xF0) << 4
    heightMillimetres = byte(13) | (byte(14) & 0x0F) << 8
    guard pixelClock > 0, width > 0, lines > 0 else { return nil }
  }
}

/// A picture format that a display names by size and rate, without its exact timing.
public struct EDIDFormat: Hashable, Sendable {
  /// Visible pixels of a line.
  public var width: Int
  /// Visible lines of a picture.
  public var height: Int
  /// Whether each field has every other line.
  public var isInterlaced: Bool
  /// Pictures (or fields) per second, nominal: 60 stands for 59.94 too.
  public var refreshRate: Int

  /// A format.
  public init(width: Int, height: Int, isInterlaced: Bool = false, refreshRate: Int) {
    self.width = width
    self.height = height
    self.isInterlaced = isInterlaced
    self.refreshRate = refreshRate
  }
}
