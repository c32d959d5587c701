import Realtime
import Testing
import Video

/// A VP9 picture as its spatial layers, kept for later.
struct StoredPicture {
  var index: Int
  var temporalLayer: Int
  var layers: [[UInt8]]
  var references: [[Int]]
  var isInterLayerPredicted: [Bool]
  var isKeyFrame: Bool
}

@Suite("VP9 with layers")
struct VP9SVCEncoderTests {
  static let bitrates = [150_000, 400_000, 1_000_000]

  func encode(
    _ encoder: VP9SVCEncoder, width: Int, height: Int, count: Int, before: (Int) -> Void = { _ in }
  ) throws -> [StoredPicture] {
    let scene = MovingScene(width: width, height: height)
    let frame = VideoFrame(width: width, height: height)
    var pictures: [StoredPicture] = []
    for index in 0..<count {
      before(index)
      scene.draw(index, into: frame)
      var stored = StoredPicture(
        index: index, temporalLayer: 0, layers: [], references: [], isInterLayerPredicted: [], isKeyFrame: false)
      try encoder.encode(frame) { picture in
        #expect(picture.layer == stored.layers.count)
        stored.temporalLayer = picture.temporalLayer
        stored.layers.append([UInt8](picture.bytes))
        stored.references.append((0..<picture.references.count).compactMap { picture.references[$0].map(Int.init) })
        stored.isInterLayerPredicted.append(picture.isInterLayerPredicted)
        stored.isKeyFrame = picture.isKeyFrame
        #expect(picture.isLastLayerOfPicture == (picture.layer == picture.spatialLayerCount - 1))
      }
      if !stored.layers.isEmpty { pictures.append(stored) }
    }
    return pictures
  }

  /// Decodes what is left of `pictures` after `keep` and checks each against the scene scaled to its size.
  func decodeAll(
    _ pictures: [StoredPicture], width: Int, height: Int, spatial: Int, temporal: Int, floor: Double
  ) throws -> Int {
    let decoder = VideoDecoder(codec: .vp9)
    let pool = VideoFramePool(capacity: 2)
    let original = VideoFrame(width: width, height: height)
    var decoded = 0
    for picture in pictures where picture.temporalLayer <= temporal {
      let bytes = picture.layers.prefix(spatial + 1).flatMap { $0 }
      let time = Instant(nanoseconds: 0)
      let output = try bytes.withUnsafeBytes { try decoder.decode($0, into: pool, time: time) }
      guard let output else { continue }
      decoded += 1
      MovingScene(width: output.width, height: output.height).draw(picture.index, into: original)
      #expect(try #require(lumaPSNR(original, output)) > floor)
    }
    return decoded
  }

  @Test(
    "a moving 720p30 scene at 1.5 Mb/s in all comes back above 32 dB", arguments: [VP9ScalabilityMode.L1T1, .L3T3_KEY])
  func quality(mode: VP9ScalabilityMode) throws {
    let encoder = VP9SVCEncoder(mode: mode, bitrates: mode == .L1T1 ? [1_500_000] : Self.bitrates)
    let pictures = try encode(encoder, width: 1_280, height: 720, count: 30)
    #expect(pictures.count >= 28)
    let decoded = try decodeAll(pictures, width: 1_280, height: 720, spatial: 2, temporal: 2, floor: 32)
    #expect(decoded == pictures.count)
  }

  @Test("L3T3_KEY announces its layers and references as RFC 9628's descriptor needs them")
  func pattern() throws {
    let encoder = VP9SVCEncoder(mode: .L3T3_KEY, bitrates: Self.bitrates)
    let pictures = try encode(encoder, width: 640, height: 360, count: 9)
    #expect(pictures.map(\.temporalLayer) == [0, 2, 1, 2, 0, 2, 1, 2, 0])
    #expect(pictures.allSatisfy { $0.layers.count == 3 })
    #expect(pictures[0].isKeyFrame && !pictures.dropFirst().contains { $0.isKeyFrame })
    #expect(pictures[0].isInterLayerPredicted == [false, true, true])
    #expect(pictures[0].references == [[], [], []])
    #expect(pictures.dropFirst().allSatisfy { $0.isInterLayerPredicted == [false, false, false] })
    let expected = [1, 2, 1, 4, 1, 2, 1, 4]
    for (picture, difference) in zip(pictures.dropFirst(), expected) {
      #expect(picture.references == [[difference], [difference], [difference]])
    }
  }

  @Test("what is left after dropping upper layers decodes", arguments: [0, 1, 2], [0, 1, 2])
  func droppedLayers(spatial: Int, temporal: Int) throws {
    let encoder = VP9SVCEncoder(mode: .L3T3_KEY, bitrates: Self.bitrates)
    let pictures = try encode(encoder, width: 640, height: 360, count: 17)
    let decoded = try decodeAll(pictures, width: 640, height: 360, spatial: spatial, temporal: temporal, floor: 24)
    #expect(decoded == pictures.count { $0.temporalLayer <= temporal })
  }

  @Test("lower spatial layers may be dropped between key pictures")
  func topLayerAlone() throws {
    let encoder = VP9SVCEncoder(mode: .L3T3_KEY, bitrates: Self.bitrates)
    var pictures = try encode(encoder, width: 640, height: 360, count: 9)
    for index in 1..<pictures.count { pictures[index].layers.removeFirst(2) }
    let decoded = try decodeAll(pictures, width: 640, height: 360, spatial: 2, temporal: 2, floor: 28)
    #expect(decoded == pictures.count)
  }

  @Test("fewer spatial layers need no key picture, more do")
  func activeLayers() throws {
    let encoder = VP9SVCEncoder(mode: .L3T3_KEY, bitrates: Self.bitrates)
    let pictures = try encode(encoder, width: 640, height: 360, count: 12) { index in
      if index == 4 { encoder.activeSpatialLayers = 1 }
      if index == 8 { encoder.activeSpatialLayers = 3 }
    }
    #expect(pictures.map(\.layers.count) == [3, 3, 3, 3, 1, 1, 1, 1, 3, 3, 3, 3])
    #expect(pictures.indices.filter { pictures[$0].isKeyFrame } == [0, 8])
    #expect(try decodeAll(pictures, width: 640, height: 360, spatial: 2, temporal: 2, floor: 24) == 12)
  }

  @Test("a key picture asked for comes at once, in all layers")
  func keyFrameOnRequest() throws {
    let encoder = VP9SVCEncoder(mode: .L3T3_KEY, bitrates: Self.bitrates)
    let pictures = try encode(encoder, width: 640, height: 360, count: 8) { if $0 == 5 { encoder.requestKeyFrame() } }
    #expect(pictures.indices.filter { pictures[$0].isKeyFrame } == [0, 5])
    #expect(pictures[5].isInterLayerPredicted == [false, true, true])
    #expect(pictures.map(\.temporalLayer) == [0, 2, 1, 2, 0, 0, 2, 1])
  }

  @Test("every mode gives its layers", arguments: VP9ScalabilityMode.allCases)
  func modes(mode: VP9ScalabilityMode) throws {
    let encoder = VP9SVCEncoder(mode: mode, bitrates: Array(Self.bitrates.suffix(mode.spatialLayers)))
    let pictures = try encode(encoder, width: 640, height: 360, count: 9)
    #expect(pictures.allSatisfy { $0.layers.count == mode.spatialLayers })
    #expect(Set(pictures.map(\.temporalLayer)).count == mode.temporalLayers)
    #expect(try decodeAll(pictures, width: 640, height: 360, spatial: 2, temporal: 2, floor: 24) == pictures.count)
  }

  @Test("the camera's size may change at any time")
  func cameraSizeChanges() throws {
    let encoder = VP9SVCEncoder(mode: .L3T3_KEY, bitrates: Self.bitrates)
    _ = try encode(encoder, width: 640, height: 360, count: 3)
    let pictures = try encode(encoder, width: 1_280, height: 720, count: 3)
    #expect(try #require(pictures.first).isKeyFrame)
    #expect(try decodeAll(pictures, width: 1_280, height: 720, spatial: 2, temporal: 2, floor: 24) == 3)
  }
}
