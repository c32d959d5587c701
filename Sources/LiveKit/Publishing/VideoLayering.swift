import LiveKitMessages
import SwiftProtobuf
import WebRTC

/// Which layers a video track is published in: the sizes and rates that LiveKit's own clients use, so that subscribers'
/// size requests find what they expect.
enum VideoLayering {
  private struct Preset {
    let width: Int
    let height: Int
    /// Bits a second.
    let bitrate: Int
    let framesPerSecond: Int

    init(_ width: Int, _ height: Int, _ kilobits: Int, _ framesPerSecond: Int) {
      self.width = width
      self.height = height
      bitrate = kilobits * 1_000
      self.framesPerSecond = framesPerSecond
    }
  }

  private static let wide = [
    Preset(160, 90, 90, 20), Preset(320, 180, 160, 20), Preset(384, 216, 180, 20), Preset(640, 360, 450, 20),
    Preset(960, 540, 800, 25), Preset(1_280, 720, 1_700, 30), Preset(1_920, 1_080, 3_000, 30),
    Preset(2_560, 1_440, 5_000, 30), Preset(3_840, 2_160, 8_000, 30),
  ]
  private static let narrow = [
    Preset(160, 120, 70, 20), Preset(240, 180, 125, 20), Preset(320, 240, 140, 20), Preset(480, 360, 330, 20),
    Preset(640, 480, 500, 20), Preset(720, 540, 600, 25), Preset(960, 720, 1_300, 30), Preset(1_440, 1_080, 2_300, 30),
    Preset(1_920, 1_440, 3_800, 30),
  ]
  private static let slowScreen = [
    Preset(640, 360, 400, 15), Preset(1_280, 720, 1_500, 15), Preset(1_920, 1_080, 2_500, 15),
  ]
  private static let fastScreen = [
    Preset(640, 360, 400, 15), Preset(1_280, 720, 2_000, 30), Preset(1_920, 1_080, 5_000, 30),
  ]
  /// For a screen larger than the presets.
  private static let largeScreenBitrate = 7_000_000

  /// Bits a second of a whole picture of the given size.
  static func bitrate(of video: LocalVideo, source: TrackSource, codec: VideoCodec) -> Int {
    let longest = max(video.width, video.height)
    let bitrate: Int
    if source == .screenShare {
      let presets = video.framesPerSecond > 15 ? fastScreen : slowScreen
      bitrate = presets.first { $0.width >= longest }?.bitrate ?? largeScreenBitrate
    } else {
      let presets = presets(for: video)
      bitrate = (presets.first { $0.width >= longest } ?? presets[presets.count - 1]).bitrate
    }
    return codec == .vp9 ? bitrate * 85 / 100 : bitrate
  }

  /// The layers of `video` in `codec`, lowest quality first.
  static func layers(of video: LocalVideo, source: TrackSource, codec: VideoCodec) -> [PublishedLayer] {
    codec == .vp9 ? spatialLayers(of: video, source: source) : encodings(of: video, source: source, codec: codec)
  }

  /// SVC: half the size and a third of the rate from layer to layer. A screen isn't scaled: text must stay legible.
  private static func spatialLayers(of video: LocalVideo, source: TrackSource) -> [PublishedLayer] {
    let total = bitrate(of: video, source: source, codec: .vp9)
    let qualities: [LKVideoQuality] = !video.isLayered || source == .screenShare ? [.high] : [.low, .medium, .high]
    var divisor = 1
    for _ in 1..<qualities.count { divisor *= 3 }
    return qualities.enumerated().map { index, quality in
      let shift = qualities.count - 1 - index
      defer { divisor /= 3 }
      return PublishedLayer(
        rid: nil, spatialLayer: index, width: video.width >> shift, height: video.height >> shift,
        bitrate: total / divisor, framesPerSecond: video.framesPerSecond, quality: quality)
    }
  }

  /// Simulcast: one encoding a quality, told apart by `rid`.
  private static func encodings(of video: LocalVideo, source: TrackSource, codec: VideoCodec) -> [PublishedLayer] {
    let original = Preset(
      video.width, video.height, bitrate(of: video, source: source, codec: codec) / 1_000, video.framesPerSecond)
    let longest = max(video.width, video.height)
    let presets: [Preset]
    if !video.isLayered {
      presets = [original]
    } else if source == .screenShare {
      let low = Preset(video.width / 2, video.height / 2, max(150, original.bitrate / 4_000), video.framesPerSecond)
      presets = [low, original]
    } else {
      let smaller = Self.presets(for: video)
      let low = scaled(smaller[1], to: video)
      let middle = scaled(smaller[3], to: video)
      presets = longest >= 960 ? [low, middle, original] : longest >= 480 ? [low, original] : [original]
    }
    let names: [(rid: String, quality: LKVideoQuality)] = [("q", .low), ("h", .medium), ("f", .high)]
    return presets.enumerated().map { index, preset in
      let isOnly = presets.count == 1
      return PublishedLayer(
        rid: isOnly ? nil : names[index].rid, spatialLayer: 0, width: preset.width, height: preset.height,
        bitrate: preset.bitrate, framesPerSecond: min(preset.framesPerSecond, video.framesPerSecond),
        quality: isOnly ? .high : names[index].quality)
    }
  }

  private static func presets(for video: LocalVideo) -> [Preset] {
    let longest = Double(max(video.width, video.height))
    let ratio = longest / Double(max(min(video.width, video.height), 1))
    return abs(ratio - 16.0 / 9) < abs(ratio - 4.0 / 3) ? wide : narrow
  }

  /// `preset` with the proportions of `video`, even numbers of pixels.
  private static func scaled(_ preset: Preset, to video: LocalVideo) -> Preset {
    let shortest = max(min(video.width, video.height), 1)
    let target = min(min(preset.width, preset.height), shortest)
    return Preset(
      max(2, video.width * target / shortest & ~1), max(2, video.height * target / shortest & ~1),
      preset.bitrate / 1_000, preset.framesPerSecond)
  }
}

extension PublishedLayer {
  /// As AddTrackRequest describes a layer.
  var message: LKVideoLayer {
    LKVideoLayer.with {
      $0.quality = quality
      $0.width = UInt32(clamping: width)
      $0.height = UInt32(clamping: height)
      $0.bitrate = UInt32(clamping: bitrate)
      $0.spatialLayer = Int32(clamping: spatialLayer)
    }
  }
}
