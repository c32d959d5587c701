/// Which of a display's modes is chosen.
public struct KMSModePolicy: Hashable, Sendable {
  /// The most pixels per second to compose and copy: what separates 2160p from 1080p. A mode beyond it is taken only if
  /// there is no other.
  public var pixelRateLimit: Double
  /// Refresh rates in the order in which they are wished for, Hz; 60 stands for 59.94 too. Others come last, the nearest
  /// to the first one before.
  public var refreshRates: [Double]
  /// A size that is wished for whatever the display prefers and it costs, pixels; used if the display has it.
  public var size: Size?

  /// Width and height in pixels.
  public struct Size: Hashable, Sendable {
    /// Width in pixels.
    public var width: Int
    /// Height in pixels.
    public var height: Int

    /// A size in pixels.
    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  /// The pixel rate of 1080p at 60 Hz.
  public static let fullHD = 1_920.0 * 1_080 * 60
  /// The pixel rate of 2160p at 30 Hz.
  public static let ultraHD = 3_840.0 * 2_160 * 30

  /// What suits a room: the display's own resolution up to 1080p at 60 Hz.
  public init(
    pixelRateLimit: Double = fullHD, refreshRates: [Double] = [60, 50, 30, 25], size: Size? = nil
  ) {
    self.pixelRateLimit = pixelRateLimit
    self.refreshRates = refreshRates
    self.size = size
  }

  /// The ordinary modes of `modes`, the best first: to be tried in this order, as the controller may refuse some.
  ///
  /// Best is the wished size; else, among those within the pixel rate, the display's preferred size, then sizes of its
  /// shape from the largest. Of one size, the rate that comes first among those wished.
  public func ranked(_ modes: [KMSMode]) -> [KMSMode] {
    let ordinary = modes.filter(\.isOrdinary)
    let preferred = ordinary.first(where: \.isPreferred) ?? ordinary.first
    let keyed = ordinary.enumerated().map { (rank: rank($0.element, preferred, $0.offset), mode: $0.element) }
    var seen: Set<KMSMode> = []
    return keyed.sorted { $0.rank.lexicographicallyPrecedes($1.rank) }.map(\.mode).filter { seen.insert($0).inserted }
  }

  /// The smaller in each place, the better.
  private func rank(_ mode: KMSMode, _ preferred: KMSMode?, _ index: Int) -> [Double] {
    let isWished = size.map { $0.width == mode.width && $0.height == mode.height } ?? false
    let pixels = Double(mode.width * mode.height)
    // 60 Hz of a display can be 60.02.
    let isTooMuch = !isWished && pixels * mode.refreshRate > pixelRateLimit * 1.01
    let isPreferredSize = mode.width == preferred?.width && mode.height == preferred?.height
    // Width and height to some per cent: 1366 × 768 has the shape of 1920 × 1080.
    let shape = Double(mode.width) / Double(mode.height)
    let isRightShape = preferred.map { abs(shape * Double($0.height) / Double($0.width) - 1) < 0.03 } ?? true
    // A display that prefers a rate nobody asks for (75 Hz) is driven at one of the usual.
    let rate = refreshRates.firstIndex { abs(mode.refreshRate / $0 - 1) < 0.005 } ?? refreshRates.count
    let distance = refreshRates.first.map { abs(mode.refreshRate - $0) } ?? 0
    return [
      isWished ? 0 : 1, isTooMuch ? 1 : 0, isTooMuch ? pixels * mode.refreshRate : 0, isPreferredSize ? 0 : 1,
      isRightShape ? 0 : 1, -pixels, Double(rate), (distance * 1_000).rounded(), mode.isPreferred ? 0 : 1,
      Double(index),
    ]
  }
}
