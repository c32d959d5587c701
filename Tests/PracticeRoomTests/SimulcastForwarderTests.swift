import Realtime
import Testing
import WebRTC

@testable import PracticeRoom

/// A publisher of three simulcast layers whose packets are made up, with VP8 descriptors as libwebrtc writes them.
private struct Publisher {
  struct Layer {
    var sequence: Int64
    var timestampOffset: UInt32
    var picture: UInt16
  }

  var layers = [
    Layer(sequence: 1_000, timestampOffset: 7, picture: 100),
    Layer(sequence: 65_530, timestampOffset: 4_000_000_000, picture: 0x7FFE),
    Layer(sequence: 30, timestampOffset: 123_456, picture: 5),
  ]
  var clock = Instant(nanoseconds: 1_000_000_000)

  /// One picture of a layer, a packet; `visit` sees it.
  mutating func picture(_ layer: Int, isKeyFrame: Bool, _ visit: (MediaPacket) -> Void) {
    var descriptor = VP8Descriptor()
    descriptor.startsPartition = true
    descriptor.pictureID = layers[layer].picture
    descriptor.temporalBaseIndex = UInt8(truncatingIfNeeded: layers[layer].picture)
    descriptor.temporalLayer = 0
    let body: [UInt8] = isKeyFrame ? [0x10, 0, 0, 0x9D, 1, 0x2A, 64, 0, 64, 0] : [0x11, 0, 0]
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { descriptor.write(into: $0) }
    bytes.replaceSubrange(count..<(count + body.count), with: body)
    let ticks = UInt32(truncatingIfNeeded: clock.nanoseconds * 9 / 100_000)
    bytes.withUnsafeBytes { memory in
      visit(
        MediaPacket(
          codec: .video(.vp8), layer: layer, sequenceNumber: layers[layer].sequence,
          timestamp: ticks &+ layers[layer].timestampOffset, marker: true,
          payload: UnsafeRawBufferPointer(rebasing: memory[..<(count + body.count)]), arrival: clock))
    }
    layers[layer].sequence += 1
    layers[layer].picture = (layers[layer].picture + 1) & 0x7FFF
  }
}

/// What a receiver saw of a picture.
private struct Seen: Equatable {
  var number: Int64
  var timestamp: UInt32
  var picture: UInt16?
  var base: UInt8?
}

@Suite("Simulcast forwarding")
struct SimulcastForwarderTests {
  private func run(
    _ publisher: inout Publisher, _ forwarder: inout SimulcastForwarder, pictures: Int, keyFrames: Set<Int> = [],
    layers: [Int] = [0, 1, 2]
  ) -> [Seen] {
    var seen: [Seen] = []
    var output = [UInt8](repeating: 0, count: 128)
    for _ in 0..<pictures {
      for layer in layers {
        publisher.picture(layer, isKeyFrame: keyFrames.contains(layer)) { packet in
          output.withUnsafeMutableBytes { memory in
            guard let (decision, count) = forwarder.forward(packet, into: memory) else { return }
            var length = 0
            let payload = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<count])
            let descriptor = try? VP8Descriptor(parsing: payload, count: &length)
            seen.append(
              Seen(
                number: decision.sequenceNumber, timestamp: decision.timestamp, picture: descriptor?.pictureID,
                base: descriptor?.temporalBaseIndex))
          }
        }
      }
      publisher.clock = publisher.clock + .milliseconds(40)
    }
    return seen
  }

  @Test("nothing is forwarded before a key frame, and that of the wanted layer is asked for")
  func waitsForKeyFrame() {
    var publisher = Publisher()
    var forwarder = SimulcastForwarder(targetLayer: 1)
    #expect(run(&publisher, &forwarder, pictures: 3).isEmpty)
    #expect(forwarder.missingKeyFrameLayer(at: publisher.clock) == 1)
    #expect(run(&publisher, &forwarder, pictures: 1, keyFrames: [1]).count == 1)
    #expect(forwarder.currentLayer == 1)
    #expect(forwarder.missingKeyFrameLayer(at: publisher.clock) == nil)
  }

  @Test("over switches up and down the receiver sees one stream of numbers, times and pictures")
  func staysContinuous() {
    var publisher = Publisher()
    var forwarder = SimulcastForwarder(targetLayer: 0)
    let zero = NTPTime(rawValue: 1 << 40)
    for layer in 0..<3 {
      let ticks = UInt32(truncatingIfNeeded: publisher.clock.nanoseconds * 9 / 100_000)
      forwarder.synchronize(
        layer: layer, .init(timestamp: ticks &+ publisher.layers[layer].timestampOffset, ntp: zero))
    }
    var seen = run(&publisher, &forwarder, pictures: 5, keyFrames: [0])
    for target in [2, 1, 0, 2] {
      forwarder.targetLayer = target
      // The old layer goes on until the new one's key frame.
      let before = forwarder.currentLayer
      seen += run(&publisher, &forwarder, pictures: 2)
      #expect(forwarder.currentLayer == before)
      seen += run(&publisher, &forwarder, pictures: 1, keyFrames: [target])
      #expect(forwarder.currentLayer == target)
      seen += run(&publisher, &forwarder, pictures: 3)
    }
    for (former, next) in zip(seen, seen.dropFirst()) {
      #expect(next.number == former.number + 1)
      #expect(next.picture == former.picture.map { ($0 + 1) & 0x7FFF })
      #expect(next.base == former.base.map { $0 &+ 1 })
      let step = Int32(bitPattern: next.timestamp &- former.timestamp)
      // 40 ms but for the switch, where both layers' pictures of one moment may go out.
      #expect(step == 3_600 || (step > 0 && step < 3_600))
    }
    #expect(seen.count >= 28)
  }

  @Test("a layer that falls silent is left for the best one that is there")
  func passesOverSilentLayers() {
    var publisher = Publisher()
    var forwarder = SimulcastForwarder(targetLayer: 2)
    _ = run(&publisher, &forwarder, pictures: 2, keyFrames: [2])
    #expect(forwarder.currentLayer == 2)
    _ = run(&publisher, &forwarder, pictures: 30, layers: [0, 1])
    #expect(forwarder.missingKeyFrameLayer(at: publisher.clock) == 1)
    _ = run(&publisher, &forwarder, pictures: 1, keyFrames: [1], layers: [0, 1])
    #expect(forwarder.currentLayer == 1)
    // It comes back.
    _ = run(&publisher, &forwarder, pictures: 1)
    #expect(forwarder.missingKeyFrameLayer(at: publisher.clock) == 2)
  }

  @Test("a receiver that hides the picture gets nothing, and a key frame first when it shows it again")
  func pauses() {
    var publisher = Publisher()
    var forwarder = SimulcastForwarder(targetLayer: 0)
    let first = run(&publisher, &forwarder, pictures: 4, keyFrames: [0])
    forwarder.targetLayer = nil
    #expect(run(&publisher, &forwarder, pictures: 10).isEmpty)
    forwarder.targetLayer = 0
    #expect(run(&publisher, &forwarder, pictures: 2).isEmpty)
    let second = run(&publisher, &forwarder, pictures: 2, keyFrames: [0])
    #expect(second.first?.number == first.last.map { $0.number + 1 })
    #expect(second.count == 2)
  }

  @Test("picture ids of seven bits are continued on fifteen")
  func lengthensPictureIDs() {
    var rewriter = VP8Rewriter()
    var descriptor = VP8Descriptor()
    descriptor.pictureIDIsLong = false
    var ids: [UInt16?] = []
    for id in [126, 127, 0, 1] as [UInt16] {
      descriptor.pictureID = id
      ids.append(rewriter.rewrite(descriptor).pictureID)
    }
    #expect(ids == [126, 127, 128, 129])
  }
}
