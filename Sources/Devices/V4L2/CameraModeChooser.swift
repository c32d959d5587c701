import Video

/// Chooses how to drive a camera.
///
/// What matters first is what a viewer gets of the wished size and rate; among modes that give the same, the one that
/// costs the least work a second. A camera's nominal size says nothing by itself: one that does 1080p in raw pictures at
/// 5 fps over USB 2 is driven with motion JPEG.
enum CameraModeChooser {
  /// The best of `offers` for `wish`; nil when there is none.
  static func best(of offers: [CameraModeOffer], for wish: CameraFormat) -> CameraMode? {
    var best: (mode: CameraMode, quality: Double, cost: Double)?
    for offer in offers where offer.width > 0 && offer.height > 0 {
      for interval in candidates(offer.rates, wish.framesPerSecond) {
        let mode = CameraMode(format: offer.format, width: offer.width, height: offer.height, interval: interval)
        let quality = quality(of: mode, for: wish)
        let cost = cost(of: mode, for: wish)
        if let best, (best.quality, -best.cost) >= (quality, -cost) { continue }
        best = (mode, quality, cost)
      }
    }
    return best?.mode
  }

  /// The intervals worth a look: all discrete ones, and of a range the one nearest the wish.
  private static func candidates(_ rates: FrameRates, _ framesPerSecond: Double) -> [FrameInterval?] {
    switch rates {
    case .unknown: return [nil]
    case .discrete(let intervals): return intervals
    case .range(let shortest, let longest, let step):
      let wish = 1 / framesPerSecond
      // 1 % is the tolerance of rates such as 29.97.
      if wish <= shortest.seconds * 1.01 { return [shortest] }
      if wish >= longest.seconds { return [longest] }
      if step <= 0 { return [FrameInterval(UInt32((wish * 1e7).rounded()), 10_000_000)] }
      // A step too short rather than one too long.
      let steps = ((wish - shortest.seconds) / step + 0.01).rounded(.down)
      return [FrameInterval(UInt32(((shortest.seconds + steps * step) * 1e7).rounded()), 10_000_000)]
    }
  }

  /// 1 when a viewer gets all of the wish, in steps of 1 %. Half the rate is worse than half the pixels: motion that
  /// jerks is seen from any seat, missing detail from the first row.
  private static func quality(of mode: CameraMode, for wish: CameraFormat) -> Double {
    // What is left after cutting to the wished proportions.
    let usableWidth = min(Double(mode.width), Double(mode.height) * Double(wish.width) / Double(wish.height))
    let usableHeight = usableWidth * Double(wish.height) / Double(wish.width)
    let pixels = min(usableWidth * usableHeight / Double(wish.width * wish.height), 1)
    // An unknown rate may be any: better than half of the wish, worse than all of it.
    let rate = min(mode.interval.map { $0.framesPerSecond / wish.framesPerSecond } ?? 0.8, 1)
    return (pixels * rate * rate.squareRoot() * 100).rounded() / 100
  }

  /// The work a second: what isn't wanted is made all the same, and pixels that have to be scaled cost once more.
  private static func cost(of mode: CameraMode, for wish: CameraFormat) -> Double {
    let isScaled = mode.width != wish.width || mode.height != wish.height
    let perPixel = mode.format.cost + (isScaled ? 1 : 0)
    let rate = mode.interval?.framesPerSecond ?? wish.framesPerSecond
    return Double(mode.width * mode.height) * perPixel * rate
  }
}
