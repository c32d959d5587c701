import Realtime
import Testing
import WebRTC

/// A receiver behind a network that loses, delays, repeats and reorders, with retransmission and key frame requests; it
/// checks every frame against the model.
private struct Receiver {
  private struct Event {
    var time: Instant
    var packet: ModelStream.Packet
    var isAbandoned: Bool
  }

  let assembler = VideoFrameAssembler()
  var handedOn: Set<[Int]> = []
  var frameCount = 0
  var keyFrameCount = 0
  var violations: [String] = []
  private var events: [Event] = []
  private var random: SeededRandom
  private var frame = EncodedFrame()

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
  }

  mutating func send(_ packets: [ModelStream.Packet], loss: Double, at now: Instant) {
    for packet in packets {
      var time = now + .microseconds(Int.random(in: 20_000...35_000, using: &random))
      if Double.random(in: 0..<1, using: &random) < loss {
        time = time + .milliseconds(Int.random(in: 60...220, using: &random))
        let isLostForGood = Int.random(in: 0..<3, using: &random) == 0
        events.append(Event(time: time, packet: packet, isAbandoned: isLostForGood))
      } else {
        events.append(Event(time: time, packet: packet, isAbandoned: false))
        if Int.random(in: 0..<50, using: &random) == 0 {
          events.append(Event(time: time, packet: packet, isAbandoned: false))
        }
      }
    }
    events.sort { $0.time < $1.time }
  }

  mutating func run(until now: Instant, stream: ModelStream) {
    var done = 0
    while done < events.count, events[done].time <= now {
      let event = events[done]
      done += 1
      if event.isAbandoned {
        assembler.abandon(sequenceNumber: event.packet.sequenceNumber)
      } else {
        event.packet.payload.withUnsafeBytes {
          assembler.insert(
            sequenceNumber: event.packet.sequenceNumber, timestamp: event.packet.timestamp,
            marker: event.packet.marker, payload: $0, codec: event.packet.codec, at: event.time)
        }
      }
      while assembler.nextFrame(into: frame, at: event.time) { check(stream) }
    }
    events.removeFirst(done)
    while assembler.nextFrame(into: frame, at: now) { check(stream) }
  }

  /// Checks that the frame is a picture of the model, or some of its spatial layers, and that all it needs was handed on.
  private mutating func check(_ stream: ModelStream) {
    frameCount += 1
    guard let index = stream.pictures.lastIndex(where: { $0.timestamp == frame.timestamp }) else {
      violations.append("unknown timestamp")
      return
    }
    let picture = stream.pictures[index]
    if picture.isKeyFrame { keyFrameCount += 1 }
    if frame.isKeyFrame != picture.isKeyFrame { violations.append("key frame flag of \(index)") }
    var rest = Array(frame.bytes)[...]
    var layerSizes: [Int] = []
    for (layer, original) in picture.layers.enumerated() where !rest.isEmpty {
      guard rest.starts(with: original.bytes) else { continue }
      rest = rest.dropFirst(original.bytes.count)
      layerSizes.append(original.bytes.count)
      for reference in original.references where !handedOn.contains([reference, layer]) {
        violations.append("\(index), layer \(layer) needs \(reference)")
      }
      if original.needsLayerBelow && !handedOn.contains([index, layer - 1]) { violations.append("layer below") }
      if !handedOn.insert([index, layer]).inserted { violations.append("\(index) twice") }
    }
    // A layer of random bytes may look as if it had an index of its own; then there is none for all.
    let isIndex = rest.elementsEqual(superframeIndex(layerSizes))
    if !rest.isEmpty && !isIndex { violations.append("excess bytes in \(index)") }
  }
}

@Suite("Video frame assembler under loss")
struct VideoFrameAssemblerScheduleTests {
  @Test(
    "every frame handed on is whole and its references were handed on before it", arguments: ModelStream.Form.allCases,
    [0.0, 0.01, 0.05, 0.2])
  func schedules(form: ModelStream.Form, loss: Double) {
    for seed in 0..<4 as Range<UInt64> {
      var stream = ModelStream(form: form, seed: seed, longPictureIDs: seed % 2 == 0)
      var receiver = Receiver(seed: seed &+ 100)
      var random = SeededRandom(seed: seed &+ 200)
      var requested: Instant?
      var now = Instant(nanoseconds: 0)
      for index in 0..<240 {
        now = Instant(nanoseconds: 0) + .milliseconds(33 * index)
        if index % 60 == 59 {
          stream.spatialLimit = Int.random(in: 1...3, using: &random)
          stream.temporalLimit = form.hasTemporalLayers ? Int.random(in: 0...2, using: &random) : 2
        }
        let isKeyFrame = index == 0 || requested.map { now - $0 > .milliseconds(100) } == true
        if isKeyFrame { requested = nil }
        receiver.send(stream.next(isKeyFrame: isKeyFrame), loss: loss, at: now)
        receiver.run(until: now, stream: stream)
        if receiver.assembler.needsKeyFrame && requested == nil { requested = now }
      }
      receiver.run(until: now + .seconds(5), stream: stream)
      #expect(receiver.violations.isEmpty, "seed \(seed): \(receiver.violations.prefix(3))")
      #expect(receiver.keyFrameCount >= 1)
      // Most of what is lost comes back by retransmission; the picture must go on.
      if loss <= 0.01 { #expect(receiver.frameCount * 10 > stream.forwardedCount * 7) }
      if loss <= 0.05 { #expect(receiver.frameCount * 3 > stream.forwardedCount) }
      if loss == 0 {
        #expect(receiver.frameCount == stream.forwardedCount && receiver.assembler.statistics.keyFramesNeeded == 0)
        #expect(receiver.assembler.statistics.framesDroppedMissingReference == 0)
      }
    }
  }

  @Test(
    "altered and truncated payloads never trap, and what is handed on stays bounded",
    arguments: ModelStream.Form.allCases)
  func mutations(form: ModelStream.Form) {
    var stream = ModelStream(form: form, seed: 11)
    var random = SeededRandom(seed: 12)
    let pool = PacketPool()
    let assembler = VideoFrameAssembler(pool: pool)
    let frame = EncodedFrame()
    for index in 0..<600 {
      let now = Instant(nanoseconds: 0) + .milliseconds(33 * index)
      for var packet in stream.next(isKeyFrame: index % 50 == 0) where Int.random(in: 0..<100, using: &random) > 0 {
        if !packet.payload.isEmpty && Int.random(in: 0..<4, using: &random) == 0 {
          let count = min(packet.payload.count, 12)
          packet.payload[Int.random(in: 0..<count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Int.random(in: 0..<20, using: &random) == 0 {
          packet.payload = Array(packet.payload.prefix(Int.random(in: 0...12, using: &random)))
        }
        if Int.random(in: 0..<40, using: &random) == 0 { packet.codec = packet.codec == .vp8 ? .vp9 : .vp8 }
        packet.payload.withUnsafeBytes {
          assembler.insert(
            sequenceNumber: packet.sequenceNumber, timestamp: packet.timestamp, marker: packet.marker, payload: $0,
            codec: packet.codec, at: now)
        }
        while assembler.nextFrame(into: frame, at: now) { #expect(frame.count < 1_024 * 400) }
      }
    }
    #expect(assembler.statistics.framesAssembled > 0 && pool.allocatedCount <= 1_024)
  }
}

/// What follows several layers (VP9 bitstream specification, annex B); nothing after one.
func superframeIndex(_ sizes: [Int]) -> [UInt8] {
  guard sizes.count > 1 else { return [] }
  let largest = sizes.max() ?? 0
  let width = largest > 0xFFFF ? 3 : largest > 0xFF ? 2 : 1
  let marker = UInt8(0xC0 | (width - 1) << 3 | (sizes.count - 1))
  let fields = sizes.flatMap { size in (0..<width).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } }
  return [marker] + fields + [marker]
}
