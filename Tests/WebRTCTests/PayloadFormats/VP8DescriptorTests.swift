import Realtime
import Testing
import WebRTC

/// Reads a descriptor from an array; gives its length too.
private func parse(_ bytes: [UInt8]) throws -> (VP8Descriptor, Int) {
  var count = 0
  let descriptor = try bytes.withUnsafeBytes { bytes in
    try VP8Descriptor(parsing: bytes, count: &count)
  }
  return (descriptor, count)
}

/// Writes a descriptor into an array.
private func write(_ descriptor: VP8Descriptor) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: VP8Descriptor.maximumSize)
  let count = bytes.withUnsafeMutableBytes { descriptor.write(into: $0) }
  return Array(bytes[..<count])
}

@Suite("VP8 payload descriptor")
struct VP8DescriptorTests {
  @Test("the examples of RFC 7741, section 4.6, are read")
  func examples() throws {
    // 4.6.1, key frame in a single packet: X, S and a 7-bit picture id of 17.
    let (key, keyCount) = try parse([0x90, 0x80, 0x11, 0x00])
    #expect(keyCount == 3 && key.startsFrame && key.pictureID == 17 && !key.pictureIDIsLong)
    // 4.6.2, interframe in a single packet without picture id: S alone.
    let (plain, plainCount) = try parse([0x10, 0x01])
    #expect(plainCount == 1 && plain.startsFrame && plain.pictureID == nil && !plain.isNonReference)
    // 4.6.3, partitions in packets of their own: the second one starts partition 1, not the frame.
    let (partition, _) = try parse([0x91, 0x80, 0x11, 0xAA])
    #expect(partition.partition == 1 && partition.startsPartition && !partition.startsFrame)
    // 4.6.4, frame in several packets: no S after the first.
    let (middle, _) = try parse([0x80, 0x80, 0x11, 0xAA])
    #expect(!middle.startsPartition && !middle.startsFrame && middle.pictureID == 17)
    // 4.6.5, 15-bit picture id 4711.
    let (long, longCount) = try parse([0x90, 0x80, 0x92, 0x67, 0x00])
    #expect(longCount == 4 && long.pictureID == 4_711 && long.pictureIDIsLong)
  }

  @Test("all fields survive a round trip, with and without each")
  func roundTrip() throws {
    var random = SeededRandom(seed: 2)
    for combination in 0..<32 {
      var descriptor = VP8Descriptor()
      descriptor.startsPartition = Bool.random(using: &random)
      descriptor.isNonReference = Bool.random(using: &random)
      descriptor.partition = UInt8.random(in: 0...7, using: &random)
      descriptor.pictureIDIsLong = combination & 1 == 0
      if combination & 2 != 0 { descriptor.pictureID = descriptor.pictureIDIsLong ? 0x7ABC : 0x5A }
      if descriptor.pictureID == nil { descriptor.pictureIDIsLong = true }
      if combination & 4 != 0 { descriptor.temporalBaseIndex = 0xFE }
      if combination & 8 != 0 { descriptor.temporalLayer = 2 }
      descriptor.isLayerSync = descriptor.temporalLayer != nil
      if combination & 16 != 0 { descriptor.keyIndex = 31 }
      let bytes = write(descriptor)
      let (parsed, count) = try parse(bytes + [0])
      #expect(parsed == descriptor && count == bytes.count)
      for short in 0...bytes.count {
        #expect(throws: PayloadFormatError.truncated) { try parse(Array(bytes[..<short])) }
      }
    }
  }

  @Test("a key frame's size is read from its header")
  func keyFrameSize() throws {
    let bytes: [UInt8] = [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0x00, 0x45, 0xD0, 0x02]
    try bytes.withUnsafeBytes { bytes in
      let header = try VP8PayloadHeader(parsing: bytes)
      #expect(header.isKeyFrame && header.width == 1_280 && header.height == 720)
    }
    let wrong: [UInt8] = [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2B, 0x00, 0x45, 0xD0, 0x02]
    #expect(throws: PayloadFormatError.malformed) {
      try wrong.withUnsafeBytes { try VP8PayloadHeader(parsing: $0) }
    }
  }

  @Test("a frame is cut into equal parts that make it whole again")
  func packetizing() throws {
    for size in [1, 2, 99, 100, 1_000, 1_190, 1_195, 5_000, 70_001] {
      let frame = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      var descriptor = VP8Descriptor()
      descriptor.pictureID = 300
      descriptor.temporalBaseIndex = 5
      descriptor.temporalLayer = 1
      var whole: [UInt8] = []
      var sizes: [Int] = []
      try frame.withUnsafeBytes { frame in
        var packetizer = VP8Packetizer(frame: frame, descriptor: descriptor, maximumPayloadSize: 1_196)
        var target = [UInt8](repeating: 0, count: 1_200)
        while !packetizer.isFinished {
          let count = target.withUnsafeMutableBytes { packetizer.next(into: $0) }
          try #require(count > 0)
          let (parsed, header) = try parse(Array(target[..<count]))
          #expect(parsed.startsFrame == whole.isEmpty && parsed.pictureID == 300)
          whole += target[header..<count]
          sizes.append(count)
        }
      }
      #expect(whole == frame)
      let smallest = try #require(sizes.min())
      let largest = try #require(sizes.max())
      #expect(largest <= 1_196 && largest - smallest <= 1)
      #expect(sizes.count == (size + 1_189) / 1_190)
    }
  }
}
