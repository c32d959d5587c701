import LiveKit

/// Shares out what may be sent of one variant among its layers, the lowest first: those whom the upper ones don't reach
/// must see something.
struct LayerRates: Hashable {
  /// Bits a second of each layer, lowest first; 0 for one that isn't encoded.
  private(set) var bitrates: [Int] = []

  /// The lowest layer gets this much even when less may be sent: below it there is no picture.
  static let minimum = 30_000
  /// The part of a layer's rate below which it is given up, and from which on it comes back; apart, because coming back
  /// costs a key frame.
  static let (giveUp, comeBack) = (0.4, 0.6)

  init() {}

  /// Shares out anew.
  /// - Parameters:
  ///   - layers: what is wanted of each. With scalable layers those below an active one count as active.
  ///   - limit: bits a second of all together; nil for no limit.
  mutating func allocate(_ layers: [PublishedLayer], isScalable: Bool, limit: Int?) {
    let before = bitrates.count == layers.count ? bitrates : layers.map(\.bitrate)
    let highest = layers.lastIndex { $0.isActive } ?? -1
    var rest = limit.map { max($0, 0) }
    var isLowest = true
    bitrates = layers.indices.map { index in
      let layer = layers[index]
      guard layer.isActive || (isScalable && index < highest) else { return 0 }
      guard let available = rest else { return layer.bitrate }
      let given = min(layer.bitrate, isLowest ? max(available, Self.minimum) : available)
      let needed = Double(layer.bitrate) * (before[index] > 0 ? Self.giveUp : Self.comeBack)
      guard isLowest || Double(given) >= needed else {
        // Nor is anything left for the upper ones, which need more.
        rest = 0
        return 0
      }
      isLowest = false
      rest = max(available - given, 0)
      return given
    }
  }
}
