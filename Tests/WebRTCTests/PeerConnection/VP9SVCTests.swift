import NetworkModel
import Realtime
import Testing
import Video
import WebRTC

@Suite("VP9 with layers, sent")
struct VP9SVCTests {
  /// What the encoder goes through.
  enum Course: CaseIterable {
    case steady
    case keyFramesAskedFor
    case tooLittleBitrate
    case layersSwitched
  }

  private func run(_ call: SVCCall, _ course: Course, count: Int = 60) throws {
    for index in 0..<count {
      switch course {
      case .steady: break
      case .keyFramesAskedFor: if index % 13 == 7 { call.encoder.requestKeyFrame() }
      case .tooLittleBitrate: if index == 10 { call.encoder.bitrates = call.encoder.bitrates.map { _ in 4_000 } }
      case .layersSwitched:
        if index % 20 == 6 { call.encoder.activeSpatialLayers = 1 }
        if index % 20 == 17 { call.encoder.activeSpatialLayers = call.encoder.mode.spatialLayers }
      }
      try call.step(index)
    }
    call.pair.run(for: .seconds(1))
  }

  @Test(
    "the picture group says of each picture what the encoder made", arguments: VP9ScalabilityMode.allCases,
    Course.allCases)
  func pictureGroup(mode: VP9ScalabilityMode, course: Course) throws {
    let call = try SVCCall(mode)
    try run(call, course)
    if course == .tooLittleBitrate { #expect(call.encoder.droppedCount > 0) }
    let frames = call.packets.layerFrames
    try #require(frames.count == call.sent.count)
    var group = VP9ScalabilityStructure(layerCount: 1)
    var key = (id: UInt16(0), picture: 0)
    var baseIndex: UInt8?
    for (frame, sent) in zip(frames, call.sent) {
      let descriptor = frame.descriptor
      let id = try #require(descriptor.pictureID)
      #expect((frame.structure != nil) == (sent.isKeyFrame && sent.layer == 0))
      if let structure = frame.structure {
        group = structure
        key = (id, sent.picture)
      }
      #expect(!descriptor.isFlexible)
      #expect(Int(descriptor.spatialLayer) == sent.layer && Int(descriptor.temporalLayer) == sent.temporalLayer)
      #expect(descriptor.isInterLayerPredicted == sent.isInterLayerPredicted)
      #expect(Int((id &- key.id) & 0x7FFF) == sent.picture - key.picture)
      if sent.layer == 0 && sent.temporalLayer == 0 {
        if let baseIndex { #expect(descriptor.temporalBaseIndex == baseIndex &+ 1) }
        baseIndex = descriptor.temporalBaseIndex
      }
      #expect(descriptor.temporalBaseIndex == baseIndex)
      #expect(descriptor.isInterPicturePredicted == !sent.references.isEmpty)
      let picture = group.picture((sent.picture - key.picture) % group.pictureCount)
      #expect(Int(picture.temporalLayer) == sent.temporalLayer)
      #expect(picture.isSwitchingUpPoint == descriptor.isSwitchingUpPoint)
      guard !sent.isKeyFrame else { continue }
      let told = (0..<picture.references.count).map { Int(picture.references[$0]) }
      // After dropped pictures libvpx may refer past the middle layer to the base layer's picture: less than is told.
      let refersPast = sent.temporalLayer == 2 && told == [1] && sent.references == [3]
      #expect(told == sent.references || (refersPast && call.encoder.droppedCount > 0))
    }
    #expect(group.pictureCount == 1 << (mode.temporalLayers - 1))
    #expect(call.keyFrameRequests == 0)
    let pictures = call.sent.last.map { $0.picture + 1 }
    #expect(call.frames.frames.count == pictures)
  }

  @Test("a picture lost before sending brings a key picture, flexible mode for one period, then the group again")
  func lostPicture() throws {
    let call = try SVCCall(.L3T3_KEY, bitrates: [400_000, 1_000_000, 3_000_000])
    var served = 0
    for index in 0..<60 {
      if call.keyFrameRequests > served || index == 50 { call.encoder.requestKeyFrame() }
      served = call.keyFrameRequests
      try call.step(index, isLost: index == 17)
    }
    try #require(call.encoder.droppedCount == 0)
    call.pair.run(for: .seconds(1))
    #expect(call.keyFrameRequests == 1)
    let frames = call.packets.layerFrames
    let keys = call.sent.filter { $0.isKeyFrame && $0.layer == 0 }.map(\.picture)
    try #require(keys.count == 3 && keys[1] > 17 && keys[1] < 24 && keys[2] > 30)
    let arrived = call.sent.filter { $0.picture < 17 || $0.picture >= keys[1] }
    try #require(frames.count == arrived.count)
    for (frame, sent) in zip(frames, arrived) {
      #expect(frame.descriptor.isFlexible == (keys[1]..<keys[2]).contains(sent.picture))
      guard frame.descriptor.isFlexible else { continue }
      let references = frame.descriptor.references
      #expect((0..<references.count).map { Int(references[$0]) } == sent.references)
    }
    try checkDependencies(call.packets.packets, arrived)
  }

  @Test(
    "the dependency descriptor says packet by packet what the encoder made", arguments: VP9ScalabilityMode.allCases,
    Course.allCases)
  func dependencyDescriptor(mode: VP9ScalabilityMode, course: Course) throws {
    let call = try SVCCall(mode, bitrates: [200_000, 500_000, 1_500_000])
    try run(call, course)
    try checkDependencies(call.packets.packets, call.sent)
  }

  @Test("repeated packets carry the dependency descriptor of the first sending", arguments: 1...3)
  func retransmission(seed: UInt64) throws {
    let call = try SVCCall(.L3T3_KEY, bitrates: [200_000, 500_000, 1_500_000], seed: seed)
    for index in 0..<90 {
      // Nothing tells that packets before the first one that arrives were sent.
      if index == 1 { call.pair.network.setDefaultLink(.init(latency: .milliseconds(20), loss: 0.05)) }
      if index % 15 == 14 { call.encoder.requestKeyFrame() }
      try call.step(index)
    }
    // Only a later packet tells that one was lost, so the last picture arrives.
    call.pair.network.setDefaultLink(.init(latency: .milliseconds(20)))
    try call.step(90)
    call.pair.run(for: .seconds(1))
    try checkDependencies(call.packets.packets, call.sent)
  }

  /// Reads all descriptors as a media server would and compares them with what was sent.
  private func checkDependencies(_ packets: [SVCPacketCollector.Packet], _ sent: [SVCCall.Sent]) throws {
    var structure: FrameDependencyStructure?
    var activeTargets: UInt32 = 0
    // The picture and spatial layer of each frame number.
    var frames: [(picture: Int, layer: Int)] = []
    // All frames that each frame can't do without.
    var needs: [Set<Int>] = []
    var first: UInt16?
    var layers = sent[...]
    for packet in packets {
      let descriptor = try packet.dependencies.withUnsafeBytes {
        try DependencyDescriptor(parsing: $0, structure: structure)
      }
      #expect(packet.size <= PeerConnection.maximumRTPPacketSize)
      #expect(descriptor.startsFrame == packet.descriptor.startsFrame)
      #expect(descriptor.endsFrame == packet.descriptor.endsFrame)
      let layer = try #require(layers.first)
      #expect((descriptor.structure != nil) == (layer.isKeyFrame && layer.layer == 0 && descriptor.startsFrame))
      if let new = descriptor.structure {
        structure = new
        activeTargets = (1 << UInt32(new.decodeTargetCount)) - 1
        #expect(new.resolutions.last.map { [$0.width, $0.height] }?.count == 2)
      }
      if let told = descriptor.activeDecodeTargets { activeTargets = told }
      let known = try #require(structure)
      if descriptor.startsFrame {
        first = first ?? descriptor.frameNumber
        #expect(descriptor.frameNumber &- (first ?? 0) == UInt16(truncatingIfNeeded: frames.count))
        frames.append((layer.picture, layer.layer))
      }
      let dependencies = try #require(descriptor.dependencies)
      #expect(dependencies.spatialLayer == layer.layer && dependencies.temporalLayer == layer.temporalLayer)
      var expected = layer.references.map { (picture: layer.picture - $0, layer: layer.layer) }
      if layer.isInterLayerPredicted { expected.append((layer.picture, layer.layer - 1)) }
      let told = (0..<dependencies.referenceCount).map { frames.count - 1 - dependencies.reference($0) }
      if descriptor.startsFrame { needs.append(told.reduce(into: Set(told)) { $0.formUnion(needs[$1]) }) }
      #expect(told.count == expected.count)
      let isCovered = expected.allSatisfy { frame in needs[needs.count - 1].contains { frames[$0] == frame } }
      #expect(isCovered, "picture \(layer.picture) layer \(layer.layer)")
      // The highest decode target's bit tells how many spatial layers are sent.
      let target = layer.layer * (known.decodeTargetCount / max(known.chainCount, 1))
      #expect(activeTargets >> UInt32(target) & 1 == 1)
      if layer.isLastLayerOfPicture {
        let top = (layer.layer + 1) * (known.decodeTargetCount / max(known.chainCount, 1))
        #expect(activeTargets >> UInt32(top) == 0)
      }
      if descriptor.endsFrame { layers.removeFirst() }
    }
    #expect(layers.isEmpty)
  }

  @Test("several layers arrive with a superframe index and decode as without it", arguments: [1, 3])
  func superframeIndex(layerCount: Int) throws {
    let call = try SVCCall(layerCount == 1 ? .L1T3 : .L3T3_KEY)
    try run(call, .layersSwitched, count: 40)
    let (indexed, plain) = (VideoDecoder(codec: .vp9), VideoDecoder(codec: .vp9))
    let pool = VideoFramePool(capacity: 4)
    for (picture, frame) in call.frames.frames.enumerated() {
      let layers = call.sent.filter { $0.picture == picture }.map(\.bytes)
      let joined = Array(layers.joined())
      if layers.count == 1 {
        #expect(frame.bytes == joined)
      } else {
        #expect(Array(frame.bytes.prefix(joined.count)) == joined)
        #expect(Array(frame.bytes.dropFirst(joined.count)) == index(layers.map(\.count)))
      }
      let left = try frame.bytes.withUnsafeBytes { try indexed.decode($0, into: pool, time: call.pair.now) }
      let right = try joined.withUnsafeBytes { try plain.decode($0, into: pool, time: call.pair.now) }
      let (one, other) = (try #require(left), try #require(right))
      #expect(one.width == other.width && one.height == other.height)
      #expect(luma(one) == luma(other))
    }
    #expect(call.frames.frames.count == (call.sent.last?.picture ?? 0) + 1)
  }

  /// Annex B, written out.
  private func index(_ sizes: [Int]) -> [UInt8] {
    let width = (sizes.max() ?? 0) > 0xFFFF ? 3 : (sizes.max() ?? 0) > 0xFF ? 2 : 1
    let marker = UInt8(0xC0 | (width - 1) << 3 | (sizes.count - 1))
    let fields = sizes.flatMap { size in (0..<width).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } }
    return [marker] + fields + [marker]
  }

  private func luma(_ frame: VideoFrame) -> [UInt8] {
    (0..<frame.height).flatMap { row in
      UnsafeBufferPointer(start: frame.y + row * frame.strideY, count: frame.width)
    }
  }
}
