import CDRM
import Glibc
import Testing
import Video

@testable import Devices

/// What of the screens needs no kernel: choice of mode, and what each buffer has missed.
@Suite struct KMSTests {
  private static func mode(
    _ width: Int, _ height: Int, _ rate: Double, isPreferred: Bool = false, flags: Int32 = 0
  ) -> KMSMode {
    var info = drmModeModeInfo()
    info.hdisplay = UInt16(width)
    info.vdisplay = UInt16(height)
    info.htotal = UInt16(width + 200)
    info.vtotal = UInt16(height + 50)
    info.clock = UInt32((Double(width + 200) * Double(height + 50) * rate / 1_000).rounded())
    info.type = isPreferred ? UInt32(DRM_MODE_TYPE_PREFERRED) : 0
    info.flags = UInt32(flags)
    return KMSMode(info)
  }

  private static func best(_ policy: KMSModePolicy, _ modes: [KMSMode]) -> String? {
    policy.ranked(modes).first?.description
  }

  private static let television = [
    mode(3_840, 2_160, 60, isPreferred: true), mode(3_840, 2_160, 50), mode(3_840, 2_160, 30), mode(3_840, 2_160, 25),
    mode(4_096, 2_160, 24), mode(1_920, 1_080, 60), mode(1_920, 1_080, 59.94), mode(1_920, 1_080, 50),
    mode(1_920, 1_080, 60, flags: DRM_MODE_FLAG_INTERLACE), mode(1_280, 720, 60), mode(720, 576, 50),
  ]

  @Test func chooses1080pOr2160pByCost() {
    #expect(Self.best(KMSModePolicy(), Self.television) == "1920x1080@60.00")
    #expect(Self.best(KMSModePolicy(pixelRateLimit: KMSModePolicy.ultraHD), Self.television) == "3840x2160@30.00")
    #expect(Self.best(KMSModePolicy(pixelRateLimit: 1e9), Self.television) == "3840x2160@60.00")
    #expect(Self.best(KMSModePolicy(pixelRateLimit: 60e6), Self.television) == "1280x720@60.00")
  }

  @Test func affordsWhatTheMachineCan() throws {
    #expect(Self.best(.affordable(nil), Self.television) == "1920x1080@60.00")
    // A small board, and larger machines.
    #expect(Self.best(.affordable(100e6), Self.television) == "1920x1080@60.00")
    #expect(Self.best(.affordable(650e6), Self.television) == "3840x2160@30.00")
    #expect(Self.best(.affordable(2e9), Self.television) == "3840x2160@60.00")
    // More than a byte a nanosecond, less than memory can.
    if let rate = KMSCost.pixelRate() { #expect(rate > 1e6 && rate < 1e10) }
  }

  @Test func choosesRefreshRate() {
    #expect(Self.best(KMSModePolicy(refreshRates: [50, 25]), Self.television) == "1920x1080@50.00")
    #expect(
      Self.best(KMSModePolicy(pixelRateLimit: KMSModePolicy.ultraHD, refreshRates: [25]), Self.television)
        == "3840x2160@25.00")
    // 59.94 does for 60.
    #expect(
      Self.best(KMSModePolicy(), [Self.mode(1_920, 1_080, 50), Self.mode(1_920, 1_080, 59.94)]) == "1920x1080@59.94")
    // A rate that nobody asks for is better than none.
    #expect(Self.best(KMSModePolicy(), [Self.mode(1_280, 800, 75, isPreferred: true)]) == "1280x800@75.00")
  }

  @Test func takesWishedSizeAndShape() {
    #expect(
      Self.best(KMSModePolicy(size: .init(width: 3_840, height: 2_160)), Self.television) == "3840x2160@60.00")
    #expect(Self.best(KMSModePolicy(size: .init(width: 1_280, height: 720)), Self.television) == "1280x720@60.00")
    #expect(Self.best(KMSModePolicy(size: .init(width: 1_234, height: 720)), Self.television) == "1920x1080@60.00")
    // Of a 16:10 monitor that is too large: a smaller one of its shape before a larger one of another.
    let monitor = [
      Self.mode(2_560, 1_600, 60, isPreferred: true), Self.mode(1_920, 1_080, 60), Self.mode(1_680, 1_050, 60),
    ]
    #expect(Self.best(KMSModePolicy(), monitor) == "1680x1050@60.00")
  }

  @Test func leavesOutStrangeModes() {
    let strange = [
      Self.mode(1_920, 1_080, 60, flags: DRM_MODE_FLAG_INTERLACE),
      Self.mode(640, 480, 60, flags: DRM_MODE_FLAG_DBLSCAN),
      KMSMode(drmModeModeInfo()),
    ]
    #expect(KMSModePolicy().ranked(strange).isEmpty)
    #expect(strange[2].refreshRate == 0)
  }

  @Test func remembersWhatEachBufferMissed() {
    let bounds = PixelRectangle(x: 0, y: 0, width: 100, height: 100)
    func at(_ x: Int) -> PixelRectangle { PixelRectangle(x: x, y: 0, width: 5, height: 5) }
    func damage(_ x: Int) -> Damage {
      var damage = Damage()
      damage.add(at(x))
      return damage
    }
    var chain = KMSSwapChain(count: 3, bounds: bounds)
    for _ in 0..<3 {
      #expect(chain.stale.rectangles == [bounds])
      chain.noteDrawn()
      chain.flip()
    }
    #expect(!chain.hasNews && chain.stale.isEmpty)
    // Each change is missed by the two buffers that aren't drawn when it comes.
    let expected = [[10], [10, 20], [10, 20, 30], [20, 30, 40], [30, 40, 50]]
    for (index, places) in expected.enumerated() {
      chain.add(damage(10 * (index + 1)))
      #expect(chain.hasNews && chain.stale.rectangles == places.map(at))
      chain.noteDrawn()
      chain.flip()
    }
    // A commit that failed: drawn, but not shown. The next one still has news.
    chain.add(damage(60))
    chain.noteDrawn()
    #expect(chain.hasNews && chain.stale.isEmpty)
  }

  @Test func copiesWholeWhereThatIsLess() {
    let bounds = PixelRectangle(x: 0, y: 0, width: 100, height: 100)
    var chain = KMSSwapChain(count: 2, bounds: bounds)
    chain.noteDrawn()
    var damage = Damage()
    damage.add(PixelRectangle(x: -10, y: -10, width: 80, height: 110))
    #expect(chain.stale.isEmpty)
    chain.add(damage)
    #expect(chain.stale.rectangles == [PixelRectangle(x: 0, y: 0, width: 70, height: 100)])
    damage.removeAll()
    damage.add(PixelRectangle(x: 30, y: 0, width: 70, height: 100))
    chain.add(damage)
    #expect(chain.stale.rectangles == [bounds])
  }

  @Test func keepsChangesOfAnObjectTogether() {
    var request = KMSAtomicRequest()
    request.set(1, 10, 100)
    request.set(2, 20, 200)
    request.set(1, 11, 101)
    request.set(2, 20, 201)
    #expect(request.objects == [1, 2] && request.counts == [2, 1])
    #expect(request.properties == [10, 11, 20] && request.values == [100, 101, 201])
    // A device that takes no requests says so.
    #expect(request.commit(-1, flags: 0) == EBADF)
    request.removeAll()
    #expect(request.isEmpty)
  }

  /// A table as the kernel lays it out, of `formats`, and of sets of them with a layout each.
  private func table(_ formats: [UInt32], _ layouts: [(set: UInt64, from: UInt32, layout: UInt64)]) -> [UInt8] {
    func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian, Array.init)
    }
    let header: [UInt32] = [
      1, 0, UInt32(formats.count), 24, UInt32(layouts.count), UInt32(24 + 4 * formats.count),
    ]
    return (header + formats).flatMap { bytes($0) }
      + layouts.flatMap { bytes($0.set) + bytes($0.from) + bytes(UInt32(0)) + bytes($0.layout) }
  }

  @Test("a plane's formats are those that it takes row after row")
  func formatTable() {
    let formats = (0..<70).map { UInt32(1_000 + $0) }
    let tiled: UInt64 = 0x0800_0000_0000_0001
    // Formats 0 and 2 in rows, 1 in tiles alone, 66 in both; bits beyond the last format mean nothing.
    let good = table(formats, [(0b101, 0, 0), (0b110, 0, tiled), (0b100 | 1 << 60, 64, 0), (0b100, 64, tiled)])
    #expect(KMSFormatTable.linearFormats(good) == [1_000, 1_002, 1_066])
    #expect(KMSFormatTable.linearFormats(table(formats, [(0b1, 0, tiled)])) == [])
    // Without layouts, or as something else, it says nothing.
    #expect(KMSFormatTable.linearFormats(table(formats, [])) == nil)
    #expect(KMSFormatTable.linearFormats([]) == nil)
    for length in 0..<good.count { #expect(KMSFormatTable.linearFormats(Array(good[..<length])) == nil) }
    for index in 0..<24 {
      var bad = good
      bad[index] = 0xFF
      _ = KMSFormatTable.linearFormats(bad)
    }
  }
}
