import Realtime
import Testing
import Video
import WebRTC

@testable import Meeting

/// Encodes pictures for a received track, in virtual time.
final class PictureSource {
  private let encoder = VP8SimulcastEncoder(layers: [SimulcastLayer(bitrate: 500_000)])
  private var count = 0

  func encode(width: Int, height: Int, isKeyFrame: Bool = false) throws -> (bytes: [UInt8], isKeyFrame: Bool) {
    let frame = VideoFrame(width: width, height: height)
    frame.fill(y: UInt8(60 + count % 100), u: 128, v: 128)
    count += 1
    frame.captureTime = Instant(nanoseconds: Int64(count) * 40_000_000)
    if isKeyFrame { encoder.requestKeyFrame() }
    var result: (bytes: [UInt8], isKeyFrame: Bool)?
    try encoder.encode(frame) { picture in result = (Array(picture.bytes), picture.isKeyFrame) }
    return try #require(result)
  }
}

extension RemoteVideo {
  /// Delivers a picture as the event loop does; false when there is no room.
  func deliver(_ picture: (bytes: [UInt8], isKeyFrame: Bool), timestamp: UInt32, at now: Instant) -> Bool {
    guard let frame = vacantFrame() else { return false }
    frame.removeAll()
    picture.bytes.withUnsafeBytes { frame.append($0) }
    frame.codec = .vp8
    frame.timestamp = timestamp
    frame.isKeyFrame = picture.isKeyFrame
    frame.receivedAt = now
    frame.completedAt = now
    deliver(frame)
    return true
  }

  func decodeAll(at now: Instant) {
    while decodeNext(at: now) {}
  }
}
