import Realtime
import WebRTC

@testable import PracticeRoom

/// A publisher of one VP8 stream with three temporal layers, whose packets are made up, with descriptors as libwebrtc
/// writes them: layers 0 2 1 2 in turn, two packets a picture.
struct TemporalPublisher {
  /// Pictures since the last key frame.
  private var position = 0
  private var sequence: Int64 = 500
  private var base: UInt8 = 254
  var picture: UInt16 = 0x7FFA
  var clock = Instant(nanoseconds: 1_000_000_000)

  /// The packets of the next picture, `visit` sees each with its temporal layer.
  mutating func next(isKeyFrame: Bool = false, _ visit: (MediaPacket, Int) -> Void) {
    if isKeyFrame { position = 0 }
    let layer = [0, 2, 1, 2][position % 4]
    if layer == 0 { base &+= 1 }
    for part in 0..<2 {
      var descriptor = VP8Descriptor()
      descriptor.startsPartition = part == 0
      descriptor.pictureID = picture
      descriptor.temporalBaseIndex = base
      descriptor.temporalLayer = UInt8(layer)
      // The first picture of each upper layer after one of the lowest refers to that one alone.
      descriptor.isLayerSync = [1, 2].contains(position % 4)
      let body: [UInt8] = isKeyFrame ? [0x10, 0, 0, 0x9D, 1, 0x2A, 64, 0, 64, 0] : [0x11, 0, 0]
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = bytes.withUnsafeMutableBytes { descriptor.write(into: $0) }
      bytes.replaceSubrange(count..<(count + body.count), with: body)
      bytes.withUnsafeBytes { memory in
        let packet = MediaPacket(
          codec: .video(.vp8), sequenceNumber: sequence,
          timestamp: UInt32(truncatingIfNeeded: clock.nanoseconds * 9 / 100_000), marker: part == 1,
          payload: UnsafeRawBufferPointer(rebasing: memory[..<(count + body.count)]), arrival: clock)
        visit(packet, layer)
      }
      sequence += 1
    }
    position += 1
    picture = (picture + 1) & 0x7FFF
    clock = clock + .milliseconds(40)
  }
}
