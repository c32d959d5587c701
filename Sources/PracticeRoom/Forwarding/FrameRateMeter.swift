import Realtime

/// Measures how many pictures a second each temporal layer of a track's streams has.
struct FrameRateMeter {
  /// Pictures are counted so long; the rate of a slow screen share is still found.
  static let window = Duration.seconds(2)
  /// TID has three bits.
  private static let temporalLayerCount = 8

  // By simulcast layer, then by temporal layer.
  private var counts: [[Int]]
  private var rates: [[Double]]
  private var begin: Instant?

  init() {
    let layers = SimulcastForwarder.maximumLayerCount
    counts = [[Int]](repeating: [Int](repeating: 0, count: Self.temporalLayerCount), count: layers)
    rates = [[Double]](repeating: [], count: layers)
  }

  /// Counts a picture of simulcast layer `layer`.
  mutating func add(layer: Int, temporalLayer: Int, at now: Instant) {
    if begin == nil { begin = now }
    guard counts.indices.contains(layer), temporalLayer < Self.temporalLayerCount else { return }
    counts[layer][temporalLayer] += 1
  }

  /// Ends the window if it is time.
  mutating func update(at now: Instant) {
    guard let begin, now - begin >= Self.window else { return }
    let seconds = Double((now - begin).nanoseconds) / 1e9
    for layer in counts.indices {
      let top = counts[layer].lastIndex { $0 > 0 } ?? -1
      var sum = 0
      rates[layer] = (0..<(top + 1)).map { temporalLayer in
        sum += counts[layer][temporalLayer]
        counts[layer][temporalLayer] = 0
        return Double(sum) / seconds
      }
    }
    self.begin = now
  }

  /// How many temporal layers stream `layer` has; 0 while that isn't known.
  func temporalLayerCount(of layer: Int) -> Int {
    rates.indices.contains(layer) ? rates[layer].count : 0
  }

  /// The lowest temporal layer that, with those below it, gives nine tenths of `framesPerSecond`; nil while that isn't
  /// known or when all of them don't.
  func temporalLayer(of layer: Int, for framesPerSecond: Int) -> Int? {
    guard rates.indices.contains(layer) else { return nil }
    return rates[layer].firstIndex { $0 * 10 >= Double(framesPerSecond) * 9 }
  }
}
