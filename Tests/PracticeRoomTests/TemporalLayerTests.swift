import Realtime
import Testing
import WebRTC

@testable import PracticeRoom

@Suite("Temporal layers")
struct TemporalLayerTests {
  private struct Seen: Equatable {
    var number: Int64
    var picture: UInt16?
    var base: UInt8?
    var layer: Int
  }

  private func forward(
    _ packet: MediaPacket, _ layer: Int, _ forwarder: inout SimulcastForwarder, to seen: inout [Seen]
  ) {
    var output = [UInt8](repeating: 0, count: 128)
    output.withUnsafeMutableBytes { memory in
      guard let (decision, count) = forwarder.forward(packet, into: memory), !decision.isEmpty else { return }
      var length = 0
      let payload = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<count])
      let descriptor = try? VP8Descriptor(parsing: payload, count: &length)
      seen.append(
        Seen(
          number: decision.sequenceNumber, picture: descriptor?.pictureID, base: descriptor?.temporalBaseIndex,
          layer: layer))
    }
  }

  private func run(
    _ publisher: inout TemporalPublisher, _ forwarder: inout SimulcastForwarder, pictures: Int, isKeyFrame: Bool = false
  ) -> [Seen] {
    var seen: [Seen] = []
    for _ in 0..<pictures {
      publisher.next(isKeyFrame: isKeyFrame) { forward($0, $1, &forwarder, to: &seen) }
    }
    return seen
  }

  /// Each picture has two packets, and numbers run on without a gap.
  private func expectContinuous(_ seen: [Seen]) {
    for (former, next) in zip(seen, seen.dropFirst()) { #expect(next.number == former.number + 1) }
    let pictures = seen.compactMap(\.picture)
    for (former, next) in zip(pictures, pictures.dropFirst()) {
      #expect(next == former || next == (former + 1) & 0x7FFF)
    }
    for index in stride(from: 0, to: seen.count - 1, by: 2) { #expect(seen[index].picture == seen[index + 1].picture) }
    let bases = seen.filter { $0.layer == 0 }.compactMap(\.base)
    for (former, next) in zip(bases, bases.dropFirst()) { #expect(next == former || next == former &+ 1) }
  }

  @Test("upper layers of VP8 are left out without gaps in packets, picture ids and TL0PICIDX", arguments: [0, 1, 2])
  func leavesOut(target: Int) {
    var publisher = TemporalPublisher()
    var forwarder = SimulcastForwarder(targetLayer: 0)
    forwarder.targetTemporalLayer = target
    let seen = run(&publisher, &forwarder, pictures: 1, isKeyFrame: true) + run(&publisher, &forwarder, pictures: 19)
    expectContinuous(seen)
    #expect(seen.allSatisfy { $0.layer <= target })
    #expect(seen.count == [10, 20, 40][target])
  }

  @Test("fewer layers come at once, more only where they need nothing that was left out")
  func switches() {
    var publisher = TemporalPublisher()
    var forwarder = SimulcastForwarder(targetLayer: 0)
    var seen = run(&publisher, &forwarder, pictures: 1, isKeyFrame: true) + run(&publisher, &forwarder, pictures: 3)
    forwarder.targetTemporalLayer = 0
    let low = run(&publisher, &forwarder, pictures: 8)
    #expect(low.map(\.layer) == [0, 0, 0, 0])
    forwarder.targetTemporalLayer = .max
    // 0 2 1 2 0 2 …: the picture of layer 1 first, then the next of layer 2 that says so.
    let high = run(&publisher, &forwarder, pictures: 8)
    #expect(high.map(\.layer) == [0, 1, 0, 2, 1, 2].flatMap { [$0, $0] })
    seen += low + high
    expectContinuous(seen)
  }

  @Test("packets that come late get the ids that they would have had", arguments: 0..<8)
  func survivesDisorder(seed: UInt64) {
    var random = SeededSequence(seed: seed)
    var publisher = TemporalPublisher()
    var forwarder = SimulcastForwarder(targetLayer: 0)
    forwarder.targetTemporalLayer = 1
    var packets: [(MediaPacket, [UInt8], Int)] = []
    for index in 0..<60 {
      publisher.next(isKeyFrame: index == 0) { packets.append(($0, Array($0.payload), $1)) }
    }
    for index in stride(from: 6, to: packets.count - 6, by: 1) where random.next(below: 4) == 0 {
      packets.swapAt(index, index + 1 + random.next(below: 4))
    }
    var seen: [Seen] = []
    for (packet, payload, layer) in packets {
      payload.withUnsafeBytes { bytes in
        var packet = packet
        packet.payload = bytes
        forward(packet, layer, &forwarder, to: &seen)
      }
    }
    seen.sort { $0.number < $1.number }
    #expect(Set(seen.map(\.number)).count == seen.count)
    #expect(seen.count == 60)
    #expect(seen.allSatisfy { $0.layer <= 1 })
    // In their order the pictures' ids never run back, and both packets of a picture have the same.
    let pictures = seen.compactMap(\.picture)
    for (former, next) in zip(pictures, pictures.dropFirst()) { #expect((next &- former) & 0x7FFF <= 2) }
    #expect(Set(pictures).count == 30)
  }

  @Test("VP9's upper layers are left out, and come back after a picture that allows it")
  func scalable() {
    var forwarder = SVCForwarder(targetLayer: 1)
    var sequence: Int64 = 7
    var picture: UInt16 = 0
    func run(_ forwarder: inout SVCForwarder, pictures: Int) -> (layers: [Int], numbers: [Int64]) {
      var result: (layers: [Int], numbers: [Int64]) = ([], [])
      for _ in 0..<pictures {
        let temporal = picture % 2
        for spatial in 0..<2 {
          var descriptor = VP9Descriptor()
          descriptor.pictureID = picture
          descriptor.hasLayerIndices = true
          descriptor.spatialLayer = UInt8(spatial)
          descriptor.temporalLayer = UInt8(temporal)
          descriptor.temporalBaseIndex = UInt8(picture / 2)
          descriptor.isSwitchingUpPoint = picture % 4 == 0
          descriptor.startsFrame = true
          descriptor.endsFrame = true
          descriptor.isInterPicturePredicted = picture > 0
          descriptor.isInterLayerPredicted = picture == 0 && spatial == 1
          var bytes = [UInt8](repeating: 0x80, count: 32)
          let count = bytes.withUnsafeMutableBytes { descriptor.write(into: $0) }
          bytes.withUnsafeBytes { memory in
            let packet = MediaPacket(
              codec: .video(.vp9), sequenceNumber: sequence, timestamp: UInt32(picture) * 3_600, marker: spatial == 1,
              payload: UnsafeRawBufferPointer(rebasing: memory[..<(count + 8)]),
              arrival: Instant(nanoseconds: Int64(picture) * 40_000_000))
            guard let decision = forwarder.forward(packet), !decision.isEmpty else { return }
            result.layers.append(Int(temporal))
            result.numbers.append(decision.sequenceNumber)
          }
          sequence += 1
        }
        picture += 1
      }
      return result
    }
    forwarder.targetTemporalLayer = 0
    let low = run(&forwarder, pictures: 6)
    #expect(low.layers == [0, 0, 0, 0, 0, 0])
    forwarder.targetTemporalLayer = .max
    // Pictures 6, 7, 8 and 9: 8 is a switching-up point.
    let high = run(&forwarder, pictures: 4)
    #expect(high.layers == [0, 0, 0, 0, 1, 1])
    #expect(low.numbers + high.numbers == (0..<12).map { Int64($0) })
  }

  @Test("frame rates are measured, and tell which layer a wanted rate needs")
  func measuresRates() {
    var meter = FrameRateMeter()
    let begin = Instant(nanoseconds: 0)
    #expect(meter.temporalLayer(of: 0, for: 5) == nil)
    for index in 0..<64 {
      let now = begin + .milliseconds(33) * index
      meter.add(layer: 0, temporalLayer: [0, 2, 1, 2][index % 4], at: now)
      meter.update(at: now)
    }
    #expect(meter.temporalLayerCount(of: 0) == 3)
    #expect(meter.temporalLayerCount(of: 1) == 0)
    #expect(meter.temporalLayer(of: 0, for: 5) == 0)
    #expect(meter.temporalLayer(of: 0, for: 15) == 1)
    #expect(meter.temporalLayer(of: 0, for: 30) == 2)
    #expect(meter.temporalLayer(of: 0, for: 60) == nil)
    var choice = LayerChoice()
    #expect(choice.temporalLayer(of: 0, count: 1, meter) == .max)
    choice.framesPerSecond = 15
    #expect(choice.temporalLayer(of: 0, count: 3, meter) == 1)
    choice.framesPerSecond = 0
    choice.quality = 0
    #expect(choice.temporalLayer(of: 0, count: 1, meter) == 0)
    // Where there are sizes to choose from, a low quality is a small one.
    #expect(choice.temporalLayer(of: 0, count: 3, meter) == .max)
    choice.quality = 1
    #expect(choice.temporalLayer(of: 0, count: 1, meter) == 1)
  }
}
