import Realtime
import Synchronization
import Video
import WebRTC

/// The way of one variant's encoded pictures from the camera thread to the event loop.
///
/// `@unchecked Sendable`: the ring has one producer, the camera thread, and one consumer, the event loop.
final class OutgoingVideoQueue: MediaSource, @unchecked Sendable {
  /// Encoded pictures that may wait: eight of three layers, a quarter of a second.
  static let capacity = 24
  /// Older pictures aren't sent: they waited for a connection.
  static let maximumAge = Duration.milliseconds(500)

  private let ring = RecyclingRing<OutgoingVideoFrame>(capacity: capacity) { OutgoingVideoFrame() }
  /// A bit for each encoding that needs a key frame.
  private let keyFrameRequests = Atomic<UInt8>(0)

  // Event loop.
  private var staleEncodings: UInt8 = 0

  init() {}

  /// Asks that the next picture of `encoding` be a key frame; nil for all. From any thread.
  func requestKeyFrame(encoding: Int?) {
    let mask = encoding.map { $0 < 0 || $0 > 7 ? 0 : UInt8(1) << UInt8($0) } ?? 0xFF
    keyFrameRequests.bitwiseOr(mask, ordering: .relaxed)
  }

  // MARK: Camera thread

  /// The encodings that need a key frame, as bits; they count as served from now on.
  func takeKeyFrameRequests() -> UInt8 { keyFrameRequests.exchange(0, ordering: .relaxed) }

  /// Whether a picture of `layerCount` layers finds room. One place may be with the event loop.
  func hasRoom(forLayers layerCount: Int) -> Bool { ring.count + layerCount < Self.capacity }

  /// Queues a copy of what an encoder gave out; false when there was no room.
  func push(_ picture: borrowing EncodedPicture, codec: WebRTC.VideoCodec, temporalLayerCount: Int) -> Bool {
    guard let frame = ring.vacant() else { return false }
    frame.removeAll()
    frame.append(picture.bytes)
    frame.codec = codec
    frame.encoding = codec == .vp8 ? picture.layer : 0
    frame.captureTime = picture.captureTime
    frame.isKeyFrame = picture.isKeyFrame
    frame.width = picture.width
    frame.height = picture.height
    frame.temporalLayer = UInt8(clamping: picture.temporalLayer)
    frame.temporalLayerCount = UInt8(clamping: temporalLayerCount)
    frame.isSwitchingUpPoint = picture.isSwitchingUpPoint
    frame.isDiscardable = picture.isDiscardable
    frame.spatialLayer = codec == .vp9 ? UInt8(clamping: picture.layer) : 0
    frame.spatialLayerCount = UInt8(clamping: picture.spatialLayerCount)
    frame.isLastLayerOfPicture = picture.isLastLayerOfPicture
    frame.isInterLayerPredicted = picture.isInterLayerPredicted
    frame.isInterLayerReference = picture.isInterLayerReference
    frame.references = (picture.references[0] ?? 0, picture.references[1] ?? 0, picture.references[2] ?? 0)
    ring.push(frame)
    return true
  }

  // MARK: Event loop

  func sendPending(on connection: PeerConnection, transceiver: TransceiverID, at now: Instant) {
    takePictures(at: now) { connection.send($0, on: transceiver, at: now) }
  }

  /// Hands the pictures that wait and are still worth sending to `send`. After one that isn't, its encoding goes on
  /// with a key frame.
  func takePictures(at now: Instant, _ send: (OutgoingVideoFrame) -> Void) {
    while let frame = ring.pop() {
      let bit = UInt8(1) << UInt8(frame.encoding & 7)
      if now - frame.captureTime > Self.maximumAge {
        if staleEncodings & bit == 0 { requestKeyFrame(encoding: frame.encoding) }
        staleEncodings |= bit
      } else {
        if frame.isKeyFrame { staleEncodings &= ~bit }
        if staleEncodings & bit == 0 { send(frame) }
      }
      ring.recycle(frame)
    }
  }
}
