import CDRM
import Video

/// A mode that a display offers: its size, pace and exact timing.
public struct KMSMode: Sendable {
  let info: drmModeModeInfo

  init(_ info: drmModeModeInfo) {
    self.info = info
  }

  /// Width in pixels.
  public var width: Int { Int(info.hdisplay) }
  /// Height in pixels.
  public var height: Int { Int(info.vdisplay) }
  /// Pictures per second (fields per second where interlaced), from the pixel clock; 0 if the timing makes no sense.
  public var refreshRate: Double {
    let total = Double(info.htotal) * Double(info.vtotal)
    guard total > 0 else { return 0 }
    var rate = Double(info.clock) * 1_000 / total
    if isInterlaced { rate *= 2 }
    if info.flags & UInt32(DRM_MODE_FLAG_DBLSCAN) != 0 { rate /= 2 }
    if info.vscan > 1 { rate /= Double(info.vscan) }
    return rate
  }
  /// Whether the display says that it looks best in this mode.
  public var isPreferred: Bool { info.type & UInt32(DRM_MODE_TYPE_PREFERRED) != 0 }
  /// Whether each picture has every other line only.
  public var isInterlaced: Bool { info.flags & UInt32(DRM_MODE_FLAG_INTERLACE) != 0 }
  /// Whether it is an ordinary mode: progressive, not line-doubled, not stereoscopic, with a timing that makes sense.
  public var isOrdinary: Bool {
    let odd = UInt32(DRM_MODE_FLAG_INTERLACE) | UInt32(DRM_MODE_FLAG_DBLSCAN) | UInt32(DRM_MODE_FLAG_3D_MASK)
    return info.flags & odd == 0 && width > 0 && height > 0 && (1...1_000).contains(refreshRate)
  }

  /// What a `ScreenSink` says of it.
  public var screenMode: ScreenMode { ScreenMode(width: width, height: height, refreshRate: refreshRate) }
}

extension KMSMode: Hashable, CustomStringConvertible {
  /// The timing that makes it what it is; whether it is preferred doesn't count.
  private var timing: [UInt32] {
    [
      info.clock, UInt32(info.hdisplay), UInt32(info.hsync_start), UInt32(info.hsync_end), UInt32(info.htotal),
      UInt32(info.vdisplay), UInt32(info.vsync_start), UInt32(info.vsync_end), UInt32(info.vtotal),
      UInt32(info.vscan), info.flags,
    ]
  }

  /// Whether both have the same timing.
  public static func == (left: KMSMode, right: KMSMode) -> Bool { left.timing == right.timing }

  /// Hashes the timing.
  public func hash(into hasher: inout Hasher) { hasher.combine(timing) }

  /// As in `1920x1080@60.00`.
  public var description: String {
    let hundredths = Int((refreshRate * 100).rounded())
    let fraction = hundredths % 100
    return "\(width)x\(height)\(isInterlaced ? "i" : "")@\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
