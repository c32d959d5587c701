import Realtime
import WebRTC

/// A stream of made-up pictures whose references are known, cut into packets by the packetizers.
struct ModelStream {
  enum Form: CaseIterable {
    case vp8ThreeTemporalLayers
    case vp8PictureIDs
    case vp8Bare
    case vp9PictureGroup
    case vp9Flexible
    case vp9TemporalBaseIndex

    var codec: VideoCodec {
      switch self {
      case .vp8ThreeTemporalLayers, .vp8PictureIDs, .vp8Bare: .vp8
      case .vp9PictureGroup, .vp9Flexible, .vp9TemporalBaseIndex: .vp9
      }
    }

    var hasSpatialLayers: Bool { self == .vp9PictureGroup || self == .vp9Flexible }
    var hasTemporalLayers: Bool { self != .vp8PictureIDs && self != .vp8Bare }
  }

  /// One layer of one picture.
  struct LayerFrame {
    var bytes: [UInt8]
    /// Pictures (by index) that the same spatial layer of this one needs.
    var references: [Int]
    var needsLayerBelow: Bool
  }

  struct Picture {
    var timestamp: UInt32
    var isKeyFrame: Bool
    var temporalLayer: Int
    var layers: [LayerFrame]
  }

  struct Packet {
    var sequenceNumber: Int64
    var timestamp: UInt32 = 0
    var marker = false
    /// Empty for padding.
    var payload: [UInt8] = []
    var codec = VideoCodec.vp8
  }

  let form: Form
  let longPictureIDs: Bool
  private(set) var pictures: [Picture] = []
  /// What a media server lets through; takes effect as a server does it: upwards in space only at key
  /// pictures, in time only at pictures of the base layer.
  var spatialLimit = 3
  var temporalLimit = 2
  private(set) var forwardedCount = 0
  private var currentSpatialLimit = 3
  private var currentTemporalLimit = 2
  private var random: SeededRandom
  private var sequenceNumber: Int64 = 65_500
  private var pictureID: UInt16 = 32_700
  private var baseIndex: UInt8 = 250
  private var position = 0
  private var lastBase = 0
  private var lastMiddle: Int?

  init(form: Form, seed: UInt64, longPictureIDs: Bool = true) {
    self.form = form
    self.longPictureIDs = longPictureIDs
    random = SeededRandom(seed: seed)
  }

  /// Makes the next picture and gives its packets, and now and then a padding packet before them.
  mutating func next(isKeyFrame: Bool) -> [Packet] {
    let index = pictures.count
    if isKeyFrame { position = 0 }
    let temporalLayer = form.hasTemporalLayers ? [0, 2, 1, 2][position % 4] : 0
    let second = position % 4 == 3
    position += 1
    if temporalLayer == 0 { currentTemporalLimit = temporalLimit }
    currentTemporalLimit = min(currentTemporalLimit, temporalLimit)
    let isForwarded = temporalLayer <= currentTemporalLimit
    let references = isKeyFrame ? [] : [second && form.hasTemporalLayers ? lastMiddle ?? lastBase : lastBase]
    if temporalLayer == 0 {
      lastBase = index
      lastMiddle = nil
    }
    if temporalLayer == 1 { lastMiddle = index }
    let layerCount = form.hasSpatialLayers ? 3 : 1
    let layers = (0..<layerCount).map { layer in
      LayerFrame(
        bytes: content(isKeyFrame: isKeyFrame && layer == 0, size: (isKeyFrame ? 3_000 : 700) << layer),
        references: references, needsLayerBelow: isKeyFrame && layer > 0)
    }
    pictures.append(
      Picture(
        timestamp: UInt32(truncatingIfNeeded: 4_294_900_000 + index * 3_000), isKeyFrame: isKeyFrame,
        temporalLayer: temporalLayer, layers: layers))
    // A server renumbers VP8 pictures when it leaves some out; VP9 picture ids go through unchanged.
    if isForwarded || form.codec == .vp9 {
      pictureID = pictureID &+ 1 & 0x7FFF
      if temporalLayer == 0 { baseIndex &+= 1 }
    }
    guard isForwarded else { return [] }
    forwardedCount += 1
    if isKeyFrame { currentSpatialLimit = spatialLimit }
    currentSpatialLimit = min(currentSpatialLimit, spatialLimit)
    var packets: [Packet] = []
    if Int.random(in: 0..<10, using: &random) == 0 { packets.append(Packet(sequenceNumber: takeSequenceNumber())) }
    packetize(index, second: second, into: &packets)
    packets[packets.count - 1].marker = true
    return packets
  }

  private mutating func takeSequenceNumber() -> Int64 {
    sequenceNumber += 1
    return sequenceNumber
  }

  private mutating func content(isKeyFrame: Bool, size: Int) -> [UInt8] {
    var bytes = (0..<Int.random(in: 20...size, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    switch form.codec {
    case .vp8:
      bytes[0] = isKeyFrame ? 0x10 : 0x11
      if isKeyFrame { bytes.replaceSubrange(3..<10, with: [0x9D, 0x01, 0x2A, 0x40, 0x01, 0xB4, 0x00]) }
    case .vp9:
      bytes[0] = isKeyFrame ? 0x82 : 0x86
    }
    return bytes
  }

  private mutating func packetize(_ index: Int, second: Bool, into packets: inout [Packet]) {
    let picture = pictures[index]
    for layer in 0..<min(picture.layers.count, currentSpatialLimit) {
      let payloads =
        form.codec == .vp8
        ? vp8Payloads(picture, second: second) : vp9Payloads(picture, layer: layer, index: index)
      for payload in payloads {
        packets.append(
          Packet(
            sequenceNumber: takeSequenceNumber(), timestamp: picture.timestamp, payload: payload, codec: form.codec))
      }
    }
  }

  private func vp8Payloads(_ picture: Picture, second: Bool) -> [[UInt8]] {
    var descriptor = VP8Descriptor()
    descriptor.pictureIDIsLong = longPictureIDs
    if form != .vp8Bare { descriptor.pictureID = longPictureIDs ? pictureID : pictureID & 0x7F }
    if form.hasTemporalLayers {
      descriptor.temporalBaseIndex = baseIndex
      descriptor.temporalLayer = UInt8(picture.temporalLayer)
      descriptor.isLayerSync = picture.temporalLayer > 0 && !second
    }
    return picture.layers[0].bytes.withUnsafeBytes { frame in
      var packetizer = VP8Packetizer(frame: frame, descriptor: descriptor, maximumPayloadSize: 400)
      var payloads: [[UInt8]] = []
      while !packetizer.isFinished { payloads.append(payload { packetizer.next(into: $0) }) }
      return payloads
    }
  }

  private func vp9Payloads(_ picture: Picture, layer: Int, index: Int) -> [[UInt8]] {
    let frame = picture.layers[layer]
    var descriptor = VP9Descriptor()
    descriptor.pictureIDIsLong = longPictureIDs
    descriptor.pictureID = longPictureIDs ? pictureID : pictureID & 0x7F
    descriptor.isInterPicturePredicted = !picture.isKeyFrame
    descriptor.hasLayerIndices = true
    descriptor.isFlexible = form == .vp9Flexible
    descriptor.temporalLayer = UInt8(picture.temporalLayer)
    descriptor.spatialLayer = UInt8(layer)
    descriptor.isSwitchingUpPoint = true
    descriptor.isInterLayerPredicted = frame.needsLayerBelow
    if form == .vp9Flexible {
      for reference in frame.references { descriptor.references.append(UInt8(index - reference)) }
    } else {
      descriptor.temporalBaseIndex = baseIndex
    }
    let structure = picture.isKeyFrame && layer == 0 ? structure : nil
    return frame.bytes.withUnsafeBytes { frame in
      var packetizer = VP9Packetizer(
        frame: frame, descriptor: descriptor, structure: structure, maximumPayloadSize: 400)
      var payloads: [[UInt8]] = []
      while !packetizer.isFinished { payloads.append(payload { packetizer.next(into: $0) }) }
      return payloads
    }
  }

  private var structure: VP9ScalabilityStructure {
    var structure = VP9ScalabilityStructure(layerCount: form.hasSpatialLayers ? 3 : 1)
    guard form == .vp9PictureGroup else { return structure }
    for (layer, difference) in [(0, 4), (2, 1), (1, 2), (2, 1)] as [(UInt8, UInt8)] {
      var references = VP9References()
      references.append(difference)
      structure.append(.init(temporalLayer: layer, isSwitchingUpPoint: true, references: references))
    }
    return structure
  }

  private func payload(_ write: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 400)
    let count = bytes.withUnsafeMutableBytes { write($0) }
    return Array(bytes[..<count])
  }
}
