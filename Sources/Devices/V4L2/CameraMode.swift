/// How a camera lays out a picture in memory; the raw value is V4L2's four-character code.
public enum PixelFormat: UInt32, CaseIterable, Hashable, Sendable, CustomStringConvertible {
  /// `YU12`: planar 4:2:0 (I420) in one piece of memory.
  case yu12 = 0x3231_5559
  /// `YM12`: planar 4:2:0, each plane in memory of its own.
  case yu12Separate = 0x3231_4D59
  /// `NV12`: 4:2:0, luma and then interleaved chroma, in one piece.
  case nv12 = 0x3231_564E
  /// `NM12`: 4:2:0, luma and interleaved chroma in memory of their own.
  case nv12Separate = 0x3231_4D4E
  /// `YUYV`: packed 4:2:2.
  case yuyv = 0x5659_5559
  /// `UYVY`: packed 4:2:2, chroma first.
  case uyvy = 0x5956_5955
  /// `MJPG`: a JPEG picture each, perhaps without Huffman tables.
  case motionJPEG = 0x4750_4A4D
  /// `JPEG`: a JPEG picture each.
  case jpeg = 0x4745_504A

  /// The four characters.
  public var description: String {
    String(decoding: (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> ($0 * 8)) }, as: UTF8.self)
  }

  /// Whether pictures have to be decoded.
  public var isCompressed: Bool { self == .motionJPEG || self == .jpeg }

  /// How many pieces of memory a picture lies in.
  var memoryPlanes: Int {
    switch self {
    case .yu12Separate: 3
    case .nv12Separate: 2
    default: 1
    }
  }

  /// What a pixel costs until it is planar 4:2:0, in copies of a pixel.
  var cost: Double {
    switch self {
    case .yu12, .yu12Separate: 1
    case .nv12, .nv12Separate: 1.1
    case .yuyv, .uyvy: 1.4
    case .motionJPEG, .jpeg: 5
    }
  }
}

/// The time from one picture to the next, as a fraction of a second.
public struct FrameInterval: Hashable, Sendable {
  /// Above the line.
  public var numerator: UInt32
  /// Below the line; not 0.
  public var denominator: UInt32

  /// `numerator` / `denominator` seconds; a denominator of 0 is taken for 1.
  public init(_ numerator: UInt32, _ denominator: UInt32) {
    self.numerator = numerator
    self.denominator = max(denominator, 1)
  }

  /// Seconds.
  public var seconds: Double { Double(numerator) / Double(denominator) }
  /// Pictures per second.
  public var framesPerSecond: Double { Double(denominator) / Double(max(numerator, 1)) }
}

/// The frame intervals that a camera has in one format and size.
public enum FrameRates: Hashable, Sendable {
  /// These.
  case discrete([FrameInterval])
  /// From the shortest to the longest, in steps of this many seconds (0: any).
  case range(shortest: FrameInterval, longest: FrameInterval, step: Double)
  /// The camera doesn't say.
  case unknown
}

/// A format and size that a camera offers.
public struct CameraModeOffer: Hashable, Sendable {
  /// The layout in memory.
  public var format: PixelFormat
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// How fast.
  public var rates: FrameRates

  /// An offer.
  public init(format: PixelFormat, width: Int, height: Int, rates: FrameRates) {
    self.format = format
    self.width = width
    self.height = height
    self.rates = rates
  }
}

/// One way in which a camera can be driven.
public struct CameraMode: Hashable, Sendable {
  /// The layout in memory.
  public var format: PixelFormat
  /// Width in pixels.
  public var width: Int
  /// Height in pixels.
  public var height: Int
  /// The time between pictures; nil leaves it to the camera.
  public var interval: FrameInterval?

  /// A mode.
  public init(format: PixelFormat, width: Int, height: Int, interval: FrameInterval?) {
    self.format = format
    self.width = width
    self.height = height
    self.interval = interval
  }
}
