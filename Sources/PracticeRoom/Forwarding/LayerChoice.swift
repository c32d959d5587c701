/// Which layer of a video track a receiver gets (LiveKit's UpdateTrackSettings, and what the layers are).
struct LayerChoice: Hashable, Sendable {
  /// One layer's size in pixels, smallest layer first in a track.
  struct Size: Hashable, Sendable {
    var width: Int
    var height: Int
  }

  /// Whether the receiver doesn't show the track at all.
  var isDisabled = false
  /// The height that it is shown with, pixels; 0 when only `quality` tells.
  var height = 0
  /// 0 low, 1 medium, 2 high.
  var quality = 2
  /// How many pictures a second it is shown with; 0: as many as there are.
  var framesPerSecond = 0

  /// The highest temporal layer for these settings, of those that `rates` knows of stream `layer` of a track with
  /// `count` sizes. Where there is one size only, a lower quality means fewer pictures.
  func temporalLayer(of layer: Int, count: Int, _ rates: FrameRateMeter) -> Int {
    if framesPerSecond > 0 { return rates.temporalLayer(of: layer, for: framesPerSecond) ?? .max }
    let temporalCount = rates.temporalLayerCount(of: layer)
    guard count == 1, height == 0, quality < 2, temporalCount > 1 else { return .max }
    return quality == 0 ? 0 : temporalCount / 2
  }

  /// The layer for these settings; nil for none.
  func layer(of sizes: [Size], count: Int) -> Int? {
    guard !isDisabled, count > 0 else { return nil }
    guard height > 0, sizes.count == count else { return Self.layer(forQuality: quality, count: count) }
    // The smallest layer that has nine tenths of the wanted height.
    return sizes.firstIndex { $0.height * 10 >= height * 9 } ?? count - 1
  }

  /// The layer of a quality, when a track has `count`: with two layers, "high" is the second.
  static func layer(forQuality quality: Int, count: Int) -> Int {
    min(max(quality, 0), count - 1)
  }

  /// The quality that layer `layer` of `count` has: a single layer is the best.
  static func quality(ofLayer layer: Int, count: Int) -> Int {
    count == 1 ? 2 : count == 2 ? layer * 2 : min(max(layer, 0), 2)
  }
}
