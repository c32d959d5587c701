import Realtime
import Testing
import WebRTC

/// Reads a descriptor and its scalability structure from an array; gives the descriptor's length too.
private func parse(_ bytes: [UInt8]) throws -> (VP9Descriptor, VP9ScalabilityStructure?, Int) {
  try bytes.withUnsafeBytes { bytes in
    var count = 0
    let descriptor = try VP9Descriptor(parsing: bytes, count: &count)
    guard let range = descriptor.scalabilityStructure else { return (descriptor, nil, count) }
    let structure = try VP9ScalabilityStructure(parsing: UnsafeRawBufferPointer(rebasing: bytes[range]))
    return (descriptor, structure, count)
  }
}

/// Writes a descriptor into an array.
private func write(_ descriptor: VP9Descriptor, _ structure: VP9ScalabilityStructure? = nil) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 1_200)
  let count = bytes.withUnsafeMutableBytes { descriptor.write(into: $0, structure: structure) }
  return Array(bytes[..<count])
}

/// References by their differences.
private func references(_ differences: UInt8...) -> VP9References {
  var references = VP9References()
  for difference in differences { references.append(difference) }
  return references
}

@Suite("VP9 payload descriptor")
struct VP9DescriptorTests {
  @Test("each bit of RFC 9628, section 4.2, is where it should be, in non-flexible mode")
  func nonFlexible() throws {
    // I P L B E, M=1 picture id 0x1234, TID 2 U SID 1 D, TL0PICIDX 7.
    let (descriptor, structure, count) = try parse([0b1110_1100, 0x92, 0x34, 0b0101_0011, 7, 0xFF])
    #expect(count == 5 && structure == nil)
    #expect(descriptor.pictureID == 0x1234 && descriptor.pictureIDIsLong)
    #expect(descriptor.isInterPicturePredicted && descriptor.hasLayerIndices && !descriptor.isFlexible)
    #expect(descriptor.startsFrame && descriptor.endsFrame && !descriptor.isNotReferenceForUpperLayers)
    #expect(descriptor.temporalLayer == 2 && descriptor.isSwitchingUpPoint)
    #expect(descriptor.spatialLayer == 1 && descriptor.isInterLayerPredicted && descriptor.temporalBaseIndex == 7)
  }

  @Test("each bit of RFC 9628, section 4.2, is where it should be, in flexible mode")
  func flexible() throws {
    // I P L F Z, 7-bit picture id 0x55, TID 1 SID 2, P_DIFF 3 and 6.
    let (descriptor, _, count) = try parse([0b1111_0001, 0x55, 0b0010_0100, 3 << 1 | 1, 6 << 1, 0xFF])
    #expect(count == 5)
    #expect(descriptor.pictureID == 0x55 && !descriptor.pictureIDIsLong && descriptor.isFlexible)
    #expect(descriptor.isNotReferenceForUpperLayers && !descriptor.startsFrame && !descriptor.endsFrame)
    #expect(descriptor.temporalLayer == 1 && descriptor.spatialLayer == 2 && !descriptor.isInterLayerPredicted)
    #expect(descriptor.references == references(3, 6))
    #expect(throws: PayloadFormatError.malformed) { try parse([0b1111_0000, 0x55, 0, 3, 3, 3, 2, 0xFF]) }
    #expect(throws: PayloadFormatError.malformed) { try parse([0b0011_0000, 0, 0, 0xFF]) }
  }

  @Test("the scalability structure is read with sizes and picture group")
  func scalabilityStructure() throws {
    let bytes: [UInt8] =
      [0b1000_1010, 0x01]
      + [0b0011_1000, 0x01, 0x40, 0x00, 0xB4, 0x02, 0x80, 0x01, 0x68]
      + [2, 0b0001_0100, 2, 0b0011_1000, 1, 3]
    let (_, structure, count) = try parse(bytes + [0xFF])
    let found = try #require(structure)
    #expect(count == bytes.count && found.layerCount == 2)
    #expect(found.size(ofLayer: 0) == (320, 180) && found.size(ofLayer: 1) == (640, 360))
    #expect(found.size(ofLayer: 2) == (0, 0))
    #expect(found.pictureCount == 2)
    #expect(found.picture(0) == .init(isSwitchingUpPoint: true, references: references(2)))
    #expect(found.picture(1) == .init(temporalLayer: 1, isSwitchingUpPoint: true, references: references(1, 3)))
    for short in 0...bytes.count {
      #expect(throws: PayloadFormatError.truncated) { try parse(Array(bytes[..<short])) }
    }
  }

  @Test("descriptors survive a round trip")
  func roundTrip() throws {
    for combination in 0..<256 {
      var descriptor = VP9Descriptor()
      descriptor.isFlexible = combination & 1 != 0
      descriptor.pictureIDIsLong = combination & 2 != 0
      if descriptor.isFlexible || combination & 4 != 0 { descriptor.pictureID = 0x7F }
      if descriptor.pictureID == nil { descriptor.pictureIDIsLong = true }
      descriptor.isInterPicturePredicted = combination & 8 != 0
      descriptor.hasLayerIndices = combination & 16 != 0
      descriptor.startsFrame = combination & 32 != 0
      descriptor.endsFrame = combination & 64 != 0
      if descriptor.hasLayerIndices {
        descriptor.temporalLayer = 2
        descriptor.spatialLayer = 1
        descriptor.isSwitchingUpPoint = combination & 128 != 0
        if !descriptor.isFlexible { descriptor.temporalBaseIndex = 0xAB }
      }
      if descriptor.isFlexible && descriptor.isInterPicturePredicted { descriptor.references = references(1, 127, 64) }
      let bytes = write(descriptor)
      let (parsed, _, count) = try parse(bytes + [0])
      #expect(parsed == descriptor && count == bytes.count)
    }
  }

  @Test("a structure survives a round trip, and one beyond the bound counts as absent")
  func structureRoundTrip() throws {
    var structure = VP9ScalabilityStructure(layerCount: 3)
    for layer in 0..<3 { structure.setSize(width: 320 << layer, height: 180 << layer, ofLayer: layer) }
    for difference in [4, 1, 2, 1] as [UInt8] { structure.append(.init(references: references(difference))) }
    var descriptor = VP9Descriptor()
    descriptor.pictureID = 1
    let (_, found, _) = try parse(write(descriptor, structure) + [0])
    #expect(found == structure)
    let huge: [UInt8] = [0x82, 0x01, 0b0000_1000, 255] + [UInt8](repeating: 0, count: 255) + [0xFF]
    let (_, tooMany, count) = try parse(huge)
    #expect(tooMany?.pictureCount == 0 && count == huge.count - 1)
  }

  @Test("altered descriptors never lead out of the payload")
  func mutations() throws {
    var random = SeededRandom(seed: 3)
    for _ in 0..<50_000 {
      let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if let (descriptor, _, count) = try? parse(bytes) {
        #expect(count < bytes.count && (descriptor.scalabilityStructure?.upperBound ?? 0) <= count)
      }
    }
  }

  @Test("a layer frame is cut into equal parts that make it whole again, the structure in the first")
  func packetizing() throws {
    var structure = VP9ScalabilityStructure(layerCount: 3)
    for layer in 0..<3 { structure.setSize(width: 320 << layer, height: 180 << layer, ofLayer: layer) }
    for size in [1, 500, 1_150, 1_200, 40_000] {
      let frame = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 29) }
      var descriptor = VP9Descriptor()
      descriptor.pictureID = 300
      descriptor.hasLayerIndices = true
      var whole: [UInt8] = []
      var sizes: [Int] = []
      var ended = false
      try frame.withUnsafeBytes { frame in
        var packetizer = VP9Packetizer(
          frame: frame, descriptor: descriptor, structure: structure, maximumPayloadSize: 1_150)
        var target = [UInt8](repeating: 0, count: 1_150)
        while !packetizer.isFinished {
          let count = target.withUnsafeMutableBytes { packetizer.next(into: $0) }
          try #require(count > 0)
          let (parsed, found, header) = try parse(Array(target[..<count]))
          #expect(parsed.startsFrame == whole.isEmpty && !ended)
          #expect((found == structure) == whole.isEmpty)
          ended = parsed.endsFrame
          whole += target[header..<count]
          sizes.append(count)
        }
      }
      #expect(whole == frame && ended)
      let smallest = try #require(sizes.min())
      let largest = try #require(sizes.max())
      #expect(largest - smallest <= 1 && largest <= 1_150)
    }
  }
}
