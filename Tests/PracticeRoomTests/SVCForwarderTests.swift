import Realtime
import Testing
import WebRTC

@testable import PracticeRoom

@Suite("Forwarding of spatial layers")
struct SVCForwarderTests {
  /// A publisher of L3T1_KEY: in key pictures each layer needs the one below, in others only itself.
  private struct Publisher {
    var sequence: Int64 = 40_000
    var timestamp: UInt32 = 4_294_960_000
    var picture: UInt16 = 0

    /// A picture of three layers, two packets each.
    mutating func picture(isKey: Bool, _ visit: (MediaPacket, Int) -> Void) {
      for layer in 0..<3 {
        for part in 0..<2 {
          var descriptor = VP9Descriptor()
          descriptor.pictureID = picture
          descriptor.hasLayerIndices = true
          descriptor.isFlexible = true
          descriptor.spatialLayer = UInt8(layer)
          descriptor.startsFrame = part == 0
          descriptor.endsFrame = part == 1
          descriptor.isInterPicturePredicted = !isKey
          descriptor.isInterLayerPredicted = isKey && layer > 0
          if !isKey { descriptor.references.append(1) }
          var bytes = [UInt8](repeating: 0x80, count: 32)
          let count = bytes.withUnsafeMutableBytes { descriptor.write(into: $0) }
          bytes.withUnsafeBytes { memory in
            let packet = MediaPacket(
              codec: .video(.vp9), sequenceNumber: sequence, timestamp: timestamp, marker: layer == 2 && part == 1,
              payload: UnsafeRawBufferPointer(rebasing: memory[..<(count + 8)]),
              arrival: Instant(nanoseconds: Int64(picture) * 40_000_000))
            visit(packet, layer)
          }
          sequence += 1
        }
      }
      picture += 1
      timestamp &+= 3_600
    }
  }

  private struct Seen {
    var number: Int64
    var layer: Int
    var marker: Bool
    var timestamp: UInt32
  }

  private func run(
    _ publisher: inout Publisher, _ forwarder: inout SVCForwarder, pictures: Int, isKey: Bool = false
  ) -> [Seen] {
    var seen: [Seen] = []
    for _ in 0..<pictures {
      publisher.picture(isKey: isKey) { packet, layer in
        guard let decision = forwarder.forward(packet) else { return }
        seen.append(
          Seen(
            number: decision.sequenceNumber, layer: layer, marker: decision.marker, timestamp: decision.timestamp))
      }
    }
    return seen
  }

  @Test("layers above the wanted one are left out without gaps, and the marker moves to the last packet that is sent")
  func dropsLayers() {
    var publisher = Publisher()
    var forwarder = SVCForwarder(targetLayer: 1)
    #expect(run(&publisher, &forwarder, pictures: 2).isEmpty)
    #expect(forwarder.needsKeyFrame)
    let seen = run(&publisher, &forwarder, pictures: 1, isKey: true) + run(&publisher, &forwarder, pictures: 5)
    #expect(seen.map(\.number) == (0..<24).map { Int64($0) })
    #expect(seen.map(\.layer) == (0..<6).flatMap { _ in [0, 0, 1, 1] })
    #expect(seen.map(\.marker) == (0..<6).flatMap { _ in [false, false, false, true] })
    #expect(!forwarder.needsKeyFrame)
  }

  @Test("fewer layers come with the next picture, more with the next key picture")
  func switchesLayers() {
    var publisher = Publisher()
    var forwarder = SVCForwarder(targetLayer: 2)
    var seen = run(&publisher, &forwarder, pictures: 1, isKey: true)
    #expect(seen.map(\.layer) == [0, 0, 1, 1, 2, 2])
    forwarder.targetLayer = 0
    let low = run(&publisher, &forwarder, pictures: 2)
    #expect(low.map(\.layer) == [0, 0, 0, 0])
    #expect(low.map(\.marker) == [false, true, false, true])
    seen += low
    forwarder.targetLayer = 2
    #expect(forwarder.needsKeyFrame)
    let waiting = run(&publisher, &forwarder, pictures: 2)
    #expect(waiting.map(\.layer) == [0, 0, 0, 0])
    let high = run(&publisher, &forwarder, pictures: 1, isKey: true)
    #expect(high.map(\.layer) == [0, 0, 1, 1, 2, 2])
    seen += waiting + high
    for (former, next) in zip(seen, seen.dropFirst()) { #expect(next.number == former.number + 1) }
  }

  @Test("what can't be read is passed over", arguments: [[], [0x90], [0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]])
  func survivesNonsense(bytes: [UInt8]) {
    var forwarder = SVCForwarder(targetLayer: 2)
    bytes.withUnsafeBytes { memory in
      let packet = MediaPacket(
        codec: .video(.vp9), sequenceNumber: 1, timestamp: 0, marker: false, payload: memory,
        arrival: Instant(nanoseconds: 0))
      #expect(forwarder.forward(packet) == nil)
    }
  }
}
