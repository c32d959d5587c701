import CVPX
import Realtime

/// What one simulcast stream is to be; the terms are those of WebRTC's `RTCRtpEncodingParameters`.
public struct SimulcastLayer: Hashable, Sendable {
  /// Whether it is encoded at all. A stream that starts again starts with a key frame.
  public var isActive: Bool
  /// How many times narrower and lower it is than the pictures given to the encoder; at least 1.
  public var scaleResolutionDownBy: Double
  /// The target, in bits per second.
  public var bitrate: Int
  /// The most pictures per second.
  public var framesPerSecond: Double
  /// 1, 2 or 3 temporal layers. A change starts the stream afresh.
  public var temporalLayers: Int

  /// A stream's parameters.
  public init(
    isActive: Bool = true, scaleResolutionDownBy: Double = 1, bitrate: Int, framesPerSecond: Double = 30,
    temporalLayers: Int = 1
  ) {
    self.isActive = isActive
    self.scaleResolutionDownBy = scaleResolutionDownBy
    self.bitrate = bitrate
    self.framesPerSecond = framesPerSecond
    self.temporalLayers = temporalLayers
  }
}

/// Encodes pictures as VP8 in up to three sizes at once.
///
/// Each size has its own libvpx encoder, so that layers are switched on and off and given key frames one by one, as
/// receivers ask; libvpx's joint multi-resolution encoder forces key frames on all of them. Each size is scaled from
/// the next larger one. The sizes follow the pictures: a camera may change its format at any time.
///
/// Not thread-safe: confined to the thread that encodes. Once running it allocates nothing per picture.
public final class VP8SimulcastEncoder {
  /// The most simulcast streams.
  public static let maximumLayerCount = 3

  /// The streams, smallest first. Changes take effect with the next picture; the number of streams is fixed, and an
  /// array of another length is ignored.
  public var layers: [SimulcastLayer] {
    didSet { if layers.count != states.count { layers = oldValue } }
  }
  /// How many pictures the rate control dropped, over all layers.
  public private(set) var droppedCount = 0

  private struct State {
    var encoder: VP8StreamEncoder?
    var scaled: VideoFrame?
    var limiter = FrameRateLimiter(framesPerSecond: 30)
  }

  private var states: [State]
  private let content: VideoContent
  private let reducesNoise: Bool
  private let threads: Int

  /// An encoder of `layers`, smallest first, at most `maximumLayerCount`; further ones are ignored.
  ///
  /// - Parameters:
  ///   - layers: the streams; each one's `scaleResolutionDownBy` is at most that of the one before.
  ///   - content: what the pictures show.
  ///   - reducesNoise: whether the largest layer is denoised, which costs about a tenth more time.
  ///   - threads: how many threads may be used in all.
  public init(
    layers: [SimulcastLayer], content: VideoContent = .camera, reducesNoise: Bool = false, threads: Int = 1
  ) {
    self.layers = Array(layers.prefix(Self.maximumLayerCount))
    states = self.layers.map { _ in State() }
    self.content = content
    self.reducesNoise = reducesNoise
    self.threads = threads
  }

  /// Asks that the next picture of `layer` be a key frame.
  public func requestKeyFrame(layer: Int) {
    if states.indices.contains(layer) { states[layer].encoder?.requestKeyFrame() }
  }

  /// Asks that the next picture of every layer be a key frame.
  public func requestKeyFrame() {
    for layer in states.indices { requestKeyFrame(layer: layer) }
  }

  /// Encodes `frame` in every active layer whose frame rate admits it, largest first, and shows each result to `visit`.
  ///
  /// When a layer fails, the others are still encoded; then the first error is thrown.
  public func encode(_ frame: VideoFrame, _ visit: (borrowing EncodedPicture) -> Void) throws(VideoEncoderError) {
    var failure: VideoEncoderError?
    var source = frame
    for index in states.indices.reversed() {
      let layer = layers[index]
      guard layer.isActive, layer.bitrate > 0 else {
        states[index].encoder = nil
        continue
      }
      states[index].limiter.framesPerSecond = layer.framesPerSecond
      guard states[index].limiter.admits(frame.captureTime) else { continue }
      source = scaled(frame, from: source, index: index)
      do throws(VideoEncoderError) {
        try encode(source, index: index, visit)
      } catch {
        states[index].encoder = nil
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }

  private func encode(
    _ frame: VideoFrame, index: Int, _ visit: (borrowing EncodedPicture) -> Void
  ) throws(VideoEncoderError) {
    let encoder = try encoder(for: frame, index: index)
    var count = 0
    try encoder.encode(frame, layer: index) { picture in
      count += 1
      visit(picture)
    }
    if count == 0 { droppedCount += 1 }
  }

  private func encoder(for frame: VideoFrame, index: Int) throws(VideoEncoderError) -> VP8StreamEncoder {
    let layer = layers[index]
    let temporalLayers = min(max(layer.temporalLayers, 1), 3)
    if let encoder = states[index].encoder, encoder.settings.width == frame.width,
      encoder.settings.height == frame.height, encoder.settings.temporalLayers == temporalLayers
    {
      try encoder.setRate(bitrate: layer.bitrate, framesPerSecond: layer.framesPerSecond)
      return encoder
    }
    states[index].encoder = nil
    let encoder = try VP8StreamEncoder(
      VP8StreamEncoder.Settings(
        width: frame.width, height: frame.height, bitrate: layer.bitrate, framesPerSecond: layer.framesPerSecond,
        temporalLayers: temporalLayers, content: content, reducesNoise: reducesNoise && index == states.count - 1,
        threads: EncoderTuning.threads(pixels: frame.width * frame.height, available: threads)))
    states[index].encoder = encoder
    return encoder
  }

  /// The picture in the size of layer `index`, made from `source`, which is the next larger one that there is.
  private func scaled(_ frame: VideoFrame, from source: VideoFrame, index: Int) -> VideoFrame {
    let factor = max(layers[index].scaleResolutionDownBy, 1)
    // Even sizes: odd ones cost the chroma planes half a pixel at the edge.
    let width = factor == 1 ? frame.width : max(Int((Double(frame.width) / factor / 2).rounded()) * 2, 2)
    let height = factor == 1 ? frame.height : max(Int((Double(frame.height) / factor / 2).rounded()) * 2, 2)
    if width == source.width && height == source.height { return source }
    let target = states[index].scaled ?? VideoFrame(width: width, height: height)
    states[index].scaled = target
    if target.width != width || target.height != height { target.resize(width: width, height: height) }
    let larger = source.width >= width && source.height >= height
    target.scale(from: larger ? source : frame)
    return target
  }
}
