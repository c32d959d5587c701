import NIOCore
import Realtime
import Synchronization
import Video
import WebRTC

/// Encoded pictures on their way from the thread that encodes to the room, and the room's wishes on their way back.
final class PictureFeed: Sendable {
  private let ring = RecyclingRing<OutgoingVideoFrame>(capacity: 24) { OutgoingVideoFrame() }
  private let keyFrames = Atomic<UInt32>(0)
  // The layer limit plus one; 0: nobody wants any.
  private let limit = Atomic<Int>(0)

  // MARK: The encoding thread

  /// The best layer that anybody wants; nil when nobody wants any.
  var layerLimit: Int? {
    let value = limit.load(ordering: .relaxed)
    return value == 0 ? nil : value - 1
  }

  /// The layers that shall begin with a key frame, as bits; they are forgotten by this.
  func takeKeyFrameRequests() -> UInt32 { keyFrames.exchange(0, ordering: .relaxed) }

  /// Hands a layer's picture to the room; when the room is behind it is lost, and a key frame follows.
  func push(_ picture: borrowing EncodedPicture, codec: VideoCodec) {
    guard let frame = ring.vacant() else { return requestKeyFrame(layer: picture.layer) }
    frame.removeAll()
    frame.append(picture.bytes)
    frame.codec = codec
    frame.encoding = codec == .vp8 ? picture.layer : 0
    frame.captureTime = picture.captureTime
    frame.isKeyFrame = picture.isKeyFrame
    frame.width = picture.width
    frame.height = picture.height
    frame.temporalLayer = UInt8(picture.temporalLayer)
    frame.isSwitchingUpPoint = picture.isSwitchingUpPoint
    frame.isDiscardable = picture.isDiscardable
    frame.spatialLayer = codec == .vp9 ? UInt8(picture.layer) : 0
    frame.spatialLayerCount = UInt8(picture.spatialLayerCount)
    frame.isLastLayerOfPicture = picture.isLastLayerOfPicture
    frame.isInterLayerPredicted = picture.isInterLayerPredicted
    frame.isInterLayerReference = picture.isInterLayerReference
    let references = picture.references
    frame.references = (references[0] ?? 0, references[1] ?? 0, references[2] ?? 0)
    ring.push(frame)
  }

  // MARK: The room's event loop

  /// Asks for a key frame of a layer.
  func requestKeyFrame(layer: Int) {
    keyFrames.bitwiseOr(1 << UInt32(layer & 31), ordering: .relaxed)
  }

  /// Sets the best layer that anybody wants.
  func setLayerLimit(_ layer: Int?) {
    limit.store(layer.map { $0 + 1 } ?? 0, ordering: .relaxed)
  }

  /// Gives all that waits to `visit`.
  func drain(_ visit: (OutgoingVideoFrame) -> Void) {
    while let frame = ring.pop() {
      visit(frame)
      ring.recycle(frame)
    }
  }
}

/// Encoded sound on its way from the thread that encodes to the room.
final class SoundFeed: Sendable {
  /// One packet.
  final class Packet {
    var bytes = [UInt8](repeating: 0, count: 1_276)
    var count = 0
    var timestamp: UInt32 = 0
    var startsTalkspurt = false
    var level = RTPAudioLevel(voice: false, level: 127)
  }

  private let ring = RecyclingRing<Packet>(capacity: 16) { Packet() }

  /// An empty packet to fill; nil when the room is behind. Encoding thread.
  func vacant() -> Packet? { ring.vacant() }

  /// Hands a packet to the room. Encoding thread.
  func push(_ packet: Packet) { ring.push(packet) }

  /// Gives all that waits to `visit`. Room's event loop.
  func drain(_ visit: (Packet) -> Void) {
    while let packet = ring.pop() {
      visit(packet)
      ring.recycle(packet)
    }
  }
}
