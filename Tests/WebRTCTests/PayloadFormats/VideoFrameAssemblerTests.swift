import Foundation
import Realtime
import Testing
import WebRTC

private let start = Instant(nanoseconds: 1_000_000_000)

extension VideoFrameAssembler {
  fileprivate func insert(_ packet: ModelStream.Packet, at now: Instant) {
    packet.payload.withUnsafeBytes {
      insert(
        sequenceNumber: packet.sequenceNumber, timestamp: packet.timestamp, marker: packet.marker, payload: $0,
        codec: packet.codec, at: now)
    }
  }

  /// The timestamps of all frames that can be had now.
  fileprivate func drain(at now: Instant, into frame: EncodedFrame = EncodedFrame()) -> [UInt32] {
    var timestamps: [UInt32] = []
    while nextFrame(into: frame, at: now) { timestamps.append(frame.timestamp) }
    return timestamps
  }
}

/// A test sample's bytes.
private func sample(_ name: String) throws -> [UInt8] {
  let file = try #require(Bundle.module.url(forResource: "Samples/Payload/" + name, withExtension: nil))
  return [UInt8](try Data(contentsOf: file))
}

/// The RTP packets of a file in which each is preceded by its length in two bytes.
private func packets(_ name: String, _ codec: VideoCodec) throws -> [ModelStream.Packet] {
  let bytes = try sample(name)
  var packets: [ModelStream.Packet] = []
  var offset = 0
  while offset + 14 <= bytes.count {
    let packet = bytes[(offset + 2)...].prefix(Int(bytes[offset]) << 8 | Int(bytes[offset + 1]))
    let header = Array(packet.prefix(12))
    packets.append(
      ModelStream.Packet(
        sequenceNumber: Int64(header[2]) << 8 | Int64(header[3]),
        timestamp: header[4..<8].reduce(0) { $0 << 8 | UInt32($1) }, marker: header[1] & 0x80 != 0,
        payload: Array(packet.dropFirst(12)), codec: codec))
    offset += 2 + packet.count
  }
  return packets
}

/// The frames of an IVF file.
private func ivf(_ name: String) throws -> [[UInt8]] {
  let bytes = try sample(name)
  var frames: [[UInt8]] = []
  var offset = 32
  while offset + 12 <= bytes.count {
    let size = (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    frames.append(Array(bytes[(offset + 12)...].prefix(size)))
    offset += 12 + size
  }
  return frames
}

/// The layers one after another, with their index.
private func superframe(_ layers: [[UInt8]]) -> [UInt8] {
  layers.flatMap { $0 } + superframeIndex(layers.map(\.count))
}

@Suite("Video frame assembler")
struct VideoFrameAssemblerTests {
  @Test("streams that ffmpeg packed become the frames that its encoder made", arguments: [VideoCodec.vp8, .vp9])
  func foreignStreams(codec: VideoCodec) throws {
    let name = codec == .vp8 ? "vp8" : "vp9"
    let expected = try ivf(name + ".ivf")
    let assembler = VideoFrameAssembler()
    let frame = EncodedFrame()
    var frames: [[UInt8]] = []
    for packet in try packets(name + ".rtp", codec) {
      assembler.insert(packet, at: start)
      while assembler.nextFrame(into: frame, at: start) {
        #expect(frame.isKeyFrame == (frames.count % 20 == 0) && frame.codec == codec)
        frames.append(Array(frame.bytes))
      }
    }
    #expect(expected.count == 45 && frames == expected)
    #expect(!assembler.needsKeyFrame && assembler.statistics.framesAssembled == 45)
  }

  @Test("packets in reverse order within 50 become the same frames", arguments: [VideoCodec.vp8, .vp9])
  func reverseOrder(codec: VideoCodec) throws {
    let name = codec == .vp8 ? "vp8" : "vp9"
    let expected = try ivf(name + ".ivf")
    let assembler = VideoFrameAssembler()
    let frame = EncodedFrame()
    var frames: [[UInt8]] = []
    var rest = try packets(name + ".rtp", codec)[...]
    while !rest.isEmpty {
      for packet in rest.prefix(50).reversed() { assembler.insert(packet, at: start) }
      rest = rest.dropFirst(50)
      while assembler.nextFrame(into: frame, at: start) { frames.append(Array(frame.bytes)) }
    }
    #expect(frames == expected)
  }

  @Test("a missing packet is waited for, then given up, and a key frame is asked for and starts the stream again")
  func loss() {
    let assembler = VideoFrameAssembler()
    var stream = ModelStream(form: .vp8PictureIDs, seed: 1)
    for packet in stream.next(isKeyFrame: true) { assembler.insert(packet, at: start) }
    #expect(assembler.drain(at: start).count == 1)
    _ = stream.next(isKeyFrame: false)
    for packet in stream.next(isKeyFrame: false) { assembler.insert(packet, at: start) }
    #expect(assembler.drain(at: start).isEmpty && !assembler.needsKeyFrame)
    #expect(assembler.nextDeadline == start + VideoFrameAssembler.detourWait)
    #expect(assembler.drain(at: assembler.nextDeadline).isEmpty)
    #expect(assembler.nextDeadline == start + VideoFrameAssembler.longestWait)
    #expect(assembler.drain(at: assembler.nextDeadline).isEmpty && assembler.needsKeyFrame)
    #expect(assembler.statistics.framesDroppedMissingReference == 1)
    let later = start + .seconds(2)
    let key = stream.next(isKeyFrame: true)
    for packet in key {
      assembler.insert(packet, at: later)
      // No further request once the key frame begins to come in.
      #expect(packet.payload.isEmpty || !assembler.needsKeyFrame)
    }
    #expect(assembler.drain(at: later) == [stream.pictures[3].timestamp])
    #expect(!assembler.needsKeyFrame && assembler.statistics.keyFramesNeeded == 1)
  }

  @Test("an abandoned packet is given up at once; one that comes in time is used")
  func abandon() {
    let assembler = VideoFrameAssembler()
    var stream = ModelStream(form: .vp8Bare, seed: 4)
    for packet in stream.next(isKeyFrame: true) { assembler.insert(packet, at: start) }
    let second = stream.next(isKeyFrame: false)
    let third = stream.next(isKeyFrame: false)
    for packet in third + second.reversed() { assembler.insert(packet, at: start) }
    #expect(assembler.drain(at: start).count == 3)
    let fourth = stream.next(isKeyFrame: false)
    for packet in stream.next(isKeyFrame: false) { assembler.insert(packet, at: start) }
    #expect(assembler.drain(at: start).isEmpty)
    for packet in fourth { assembler.abandon(sequenceNumber: packet.sequenceNumber) }
    #expect(assembler.drain(at: start).isEmpty && assembler.needsKeyFrame)
    for packet in fourth { assembler.insert(packet, at: start) }
    #expect(assembler.statistics.packetsLate == fourth.count)
  }

  @Test(
    "the loss of a picture of a higher temporal layer costs no key frame",
    arguments: [
      ModelStream.Form.vp8ThreeTemporalLayers, .vp9PictureGroup, .vp9Flexible, .vp9TemporalBaseIndex,
    ])
  func enhancementLoss(form: ModelStream.Form) {
    let assembler = VideoFrameAssembler()
    var stream = ModelStream(form: form, seed: 2)
    var timestamps: [UInt32] = []
    var now = start
    for index in 0..<80 {
      now = start + .milliseconds(33 * index)
      let packets = stream.next(isKeyFrame: index == 0)
      // The first picture of the top layer in every second period, and once the middle layer.
      if index % 8 == 5 || index == 42 {
        for packet in packets { assembler.abandon(sequenceNumber: packet.sequenceNumber) }
      } else {
        for packet in packets { assembler.insert(packet, at: now) }
      }
      timestamps += assembler.drain(at: now)
      #expect(!assembler.needsKeyFrame)
    }
    timestamps += assembler.drain(at: now + .seconds(2))
    let handedOn = Set(timestamps)
    for (index, picture) in stream.pictures.enumerated() where picture.temporalLayer == 0 {
      #expect(handedOn.contains(picture.timestamp), "picture \(index) of the base layer")
    }
    // Exact references cost what refers to the lost picture alone; TL0PICIDX tells less, and costs the rest of the
    // period up to the next switching point.
    let isExact = form == .vp9PictureGroup || form == .vp9Flexible
    #expect(timestamps.count >= (isExact ? 68 : 47))
    #expect(assembler.statistics.keyFramesNeeded == 0)
  }

  @Test("the loss of an upper spatial layer leaves the lower ones, and asks for a key frame")
  func spatialLoss() throws {
    let assembler = VideoFrameAssembler()
    var stream = ModelStream(form: .vp9PictureGroup, seed: 3)
    for packet in stream.next(isKeyFrame: true) { assembler.insert(packet, at: start) }
    #expect(assembler.drain(at: start).count == 1)
    let packets = stream.next(isKeyFrame: false)
    for packet in packets.dropLast() { assembler.insert(packet, at: start) }
    for packet in stream.next(isKeyFrame: false) { assembler.insert(packet, at: start) }
    let lost = try #require(packets.last)
    assembler.abandon(sequenceNumber: lost.sequenceNumber)
    let frame = EncodedFrame()
    #expect(assembler.nextFrame(into: frame, at: start) && assembler.needsKeyFrame)
    #expect(Array(frame.bytes) == superframe(stream.pictures[1].layers.prefix(2).map(\.bytes)))
    // The third picture refers to the first, which was whole.
    #expect(assembler.nextFrame(into: frame, at: start) && !assembler.needsKeyFrame)
    #expect(Array(frame.bytes) == superframe(stream.pictures[2].layers.map(\.bytes)))
    #expect(assembler.statistics.framesReduced == 1)
  }

  @Test("the codec may change at a key frame, and only there")
  func codecChange() {
    let assembler = VideoFrameAssembler()
    var first = ModelStream(form: .vp9PictureGroup, seed: 5)
    var second = ModelStream(form: .vp8ThreeTemporalLayers, seed: 6)
    var number: Int64 = 0
    var handedOn = 0
    func feed(_ packets: [ModelStream.Packet]) {
      for var packet in packets {
        packet.sequenceNumber = number
        number += 1
        assembler.insert(packet, at: start)
      }
      handedOn += assembler.drain(at: start).count
    }
    feed(first.next(isKeyFrame: true))
    feed(first.next(isKeyFrame: false))
    feed(second.next(isKeyFrame: true))
    feed(second.next(isKeyFrame: false))
    #expect(handedOn == 4 && !assembler.needsKeyFrame)
    feed(first.next(isKeyFrame: false))
    #expect(handedOn == 4 && assembler.needsKeyFrame)
    feed(first.next(isKeyFrame: true))
    #expect(handedOn == 5 && !assembler.needsKeyFrame)
  }

  @Test("a picture without marker ends where the next begins")
  func missingMarker() {
    let assembler = VideoFrameAssembler()
    var stream = ModelStream(form: .vp9Flexible, seed: 7)
    for index in 0..<5 {
      for var packet in stream.next(isKeyFrame: index == 0) {
        packet.marker = false
        assembler.insert(packet, at: start)
      }
    }
    #expect(assembler.drain(at: start).count == 4)
  }

  @Test("memory stays bounded whatever sequence numbers come, and the stream recovers")
  func overflow() {
    let pool = PacketPool()
    let assembler = VideoFrameAssembler(pool: pool)
    var stream = ModelStream(form: .vp8ThreeTemporalLayers, seed: 8)
    for packet in stream.next(isKeyFrame: true) { assembler.insert(packet, at: start) }
    _ = assembler.drain(at: start)
    _ = stream.next(isKeyFrame: false)
    for _ in 0..<2_000 {
      for packet in stream.next(isKeyFrame: false) { assembler.insert(packet, at: start) }
    }
    #expect(pool.allocatedCount <= 1_024 && assembler.statistics.framesDroppedOverflow > 900)
    _ = assembler.drain(at: start + .seconds(1))
    #expect(assembler.needsKeyFrame)
    var random = SeededRandom(seed: 9)
    for _ in 0..<2_000 {
      var packet = stream.next(isKeyFrame: Bool.random(using: &random))[0]
      packet.sequenceNumber = Int64(bitPattern: random.next()) >> Int.random(in: 0...60, using: &random)
      assembler.insert(packet, at: start)
      assembler.abandon(sequenceNumber: packet.sequenceNumber &+ 1)
      _ = assembler.drain(at: start)
    }
    #expect(pool.allocatedCount <= 1_024)
  }
}
