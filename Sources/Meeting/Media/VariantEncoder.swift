import LiveKit
import Realtime
import Video
import WebRTC

/// Encodes the camera's pictures for one variant of a published track: VP8 simulcast or VP9 SVC, as its codec says.
///
/// Not thread-safe: confined to the camera thread.
final class VariantEncoder {
  /// What one call of `encode` did.
  struct Outcome {
    /// How many layers came out.
    var layers = 0
    /// Whether nothing was encoded because what was encoded before isn't sent yet.
    var isBlocked = false
    /// Whether the codec failed; it starts afresh with the next picture.
    var hasFailed = false
  }

  private enum Codec {
    case vp8(VP8SimulcastEncoder)
    case vp9(VP9SVCEncoder)
  }

  /// Temporal layers of a VP8 stream, from which a media server serves lower picture rates.
  static let temporalLayerCount = 3

  /// Where the encoded pictures go.
  let queue: OutgoingVideoQueue
  private let codec: Codec
  private let width: Int
  private var layers: [PublishedLayer] = []
  private var rates = LayerRates()

  /// An encoder for `variant` of a track whose pictures are `width` pixels wide; nil when it isn't video.
  init?(_ variant: PublishedVariant, width: Int, queue: OutgoingVideoQueue, threads: Int) {
    guard let name = variant.codec, let top = variant.layers.last else { return nil }
    self.queue = queue
    self.width = width
    switch name {
    case .vp8:
      codec = .vp8(
        VP8SimulcastEncoder(
          layers: variant.layers.map { Self.simulcastLayer($0, bitrate: $0.bitrate, width) }, threads: threads))
    case .vp9:
      let mode: VP9ScalabilityMode =
        variant.layers.count >= 3 ? .L3T3_KEY : variant.layers.count == 2 ? .L2T3_KEY : .L1T3
      codec = .vp9(
        VP9SVCEncoder(
          mode: mode, bitrates: variant.layers.map(\.bitrate), framesPerSecond: Double(top.framesPerSecond),
          threads: threads))
    }
    update(variant.layers, bitrateLimit: nil)
  }

  /// Takes over which layers are active, and how many bits a second may be sent of all together; nil for no limit.
  func update(_ newLayers: [PublishedLayer], bitrateLimit: Int?) {
    layers = newLayers
    let before = rates
    rates.allocate(newLayers, isScalable: isScalable, limit: bitrateLimit)
    if rates == before { return }
    switch codec {
    case .vp8(let encoder):
      encoder.layers = zip(newLayers, rates.bitrates).map { Self.simulcastLayer($0, bitrate: $1, width) }
    case .vp9(let encoder):
      let count = (rates.bitrates.lastIndex { $0 > 0 } ?? 0) + 1
      encoder.bitrates = zip(newLayers, rates.bitrates).map { $1 > 0 ? $1 : $0.bitrate }
      encoder.activeSpatialLayers = min(count, encoder.mode.spatialLayers)
      if !before.bitrates.contains(where: { $0 > 0 }) { encoder.requestKeyFrame() }
    }
  }

  private var isScalable: Bool {
    if case .vp9 = codec { true } else { false }
  }

  /// Encodes `frame` in the active layers and queues what comes out, telling `note` of each: layer and bytes.
  func encode(_ frame: VideoFrame, _ note: (_ layer: Int, _ byteCount: Int, _ isKeyFrame: Bool) -> Void) -> Outcome {
    var outcome = Outcome()
    guard rates.bitrates.contains(where: { $0 > 0 }) else { return outcome }
    // Looked at beforehand: a picture that was encoded but isn't sent would break the stream.
    guard queue.hasRoom(forLayers: layers.count) else {
      outcome.isBlocked = true
      return outcome
    }
    obeyKeyFrameRequests()
    do throws(VideoEncoderError) {
      switch codec {
      case .vp8(let encoder):
        try encoder.encode(frame) { picture in
          push(picture, .vp8, Self.temporalLayerCount, &outcome, note)
        }
      case .vp9(let encoder):
        let temporalLayers = encoder.mode.temporalLayers
        try encoder.encode(frame) { picture in
          push(picture, .vp9, temporalLayers, &outcome, note)
        }
      }
    } catch {
      outcome.hasFailed = true
    }
    return outcome
  }

  private func push(
    _ picture: borrowing EncodedPicture, _ codec: WebRTC.VideoCodec, _ temporalLayers: Int, _ outcome: inout Outcome,
    _ note: (_ layer: Int, _ byteCount: Int, _ isKeyFrame: Bool) -> Void
  ) {
    guard queue.push(picture, codec: codec, temporalLayerCount: temporalLayers) else { return }
    outcome.layers += 1
    note(picture.layer, picture.bytes.count, picture.isKeyFrame)
  }

  private func obeyKeyFrameRequests() {
    let requests = queue.takeKeyFrameRequests()
    guard requests != 0 else { return }
    switch codec {
    case .vp8(let encoder):
      for layer in layers.indices where layer < 8 && requests & (1 << UInt8(layer)) != 0 {
        encoder.requestKeyFrame(layer: layer)
      }
    case .vp9(let encoder): encoder.requestKeyFrame()
    }
  }

  private static func simulcastLayer(_ layer: PublishedLayer, bitrate: Int, _ width: Int) -> SimulcastLayer {
    SimulcastLayer(
      isActive: bitrate > 0, scaleResolutionDownBy: Double(width) / Double(max(layer.width, 1)),
      bitrate: bitrate, framesPerSecond: Double(layer.framesPerSecond),
      temporalLayers: temporalLayerCount)
  }
}
