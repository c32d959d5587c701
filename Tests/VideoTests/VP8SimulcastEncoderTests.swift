import Realtime
import Testing
import Video

@Suite("VP8 simulcast")
struct VP8SimulcastEncoderTests {
  static let layers = [
    SimulcastLayer(scaleResolutionDownBy: 4, bitrate: 150_000),
    SimulcastLayer(scaleResolutionDownBy: 2, bitrate: 450_000),
    SimulcastLayer(bitrate: 1_500_000),
  ]

  @Test("a moving 720p30 scene at 1.5 Mb/s comes back above 32 dB, within its bitrate")
  func quality() throws {
    let encoder = VP8SimulcastEncoder(layers: [SimulcastLayer(bitrate: 1_500_000)])
    let decoder = VideoDecoder(codec: .vp8)
    let pool = VideoFramePool(capacity: 2)
    let scene = MovingScene(width: 1_280, height: 720)
    let frame = VideoFrame(width: 1_280, height: 720)
    var bytes = 0
    var worst = Double.infinity
    var decoded = 0
    for index in 0..<60 {
      scene.draw(index, into: frame)
      var result: Result<VideoFrame?, VideoDecoderError>?
      try encoder.encode(frame) { picture in
        bytes += picture.bytes.count
        result = decode(picture, decoder, pool)
      }
      guard let output = try result?.get() else { continue }
      decoded += 1
      if index >= 15 { worst = min(worst, try #require(lumaPSNR(frame, output))) }
    }
    #expect(decoded >= 55)
    #expect(worst >= 32)
    #expect(bytes * 8 / 2 < 1_800_000)
  }

  @Test("each layer is a stream of its own size that can be decoded alone")
  func layersDecodeAlone() throws {
    let encoder = VP8SimulcastEncoder(layers: Self.layers)
    let decoders = (0..<3).map { _ in VideoDecoder(codec: .vp8) }
    let pool = VideoFramePool(capacity: 2)
    let scene = MovingScene(width: 1_280, height: 720)
    let frame = VideoFrame(width: 1_280, height: 720)
    var decoded = [0, 0, 0]
    for index in 0..<10 {
      scene.draw(index, into: frame)
      try encoder.encode(frame) { picture in
        if case .success(let output?) = decode(picture, decoders[picture.layer], pool) {
          #expect(output.width == 320 << picture.layer && output.height == 180 << picture.layer)
          #expect(output.captureTime == frame.captureTime)
          decoded[picture.layer] += 1
        }
      }
    }
    #expect(decoded.allSatisfy { $0 >= 9 })
  }

  @Test("a key frame asked for on one layer comes at once and on that layer only")
  func keyFrameOnRequest() throws {
    let encoder = VP8SimulcastEncoder(layers: Self.layers)
    let scene = MovingScene(width: 640, height: 360)
    let frame = VideoFrame(width: 640, height: 360)
    var keys: [[Int]] = []
    for index in 0..<4 {
      if index == 2 { encoder.requestKeyFrame(layer: 1) }
      scene.draw(index, into: frame)
      var layers: [Int] = []
      try encoder.encode(frame) { if $0.isKeyFrame { layers.append($0.layer) } }
      keys.append(layers.sorted())
    }
    #expect(keys == [[0, 1, 2], [], [1], []])
  }

  @Test("a layer that is switched off is not encoded, and starts again with a key frame")
  func layersSwitch() throws {
    let encoder = VP8SimulcastEncoder(layers: Self.layers)
    let scene = MovingScene(width: 640, height: 360)
    let frame = VideoFrame(width: 640, height: 360)
    var seen: [[Int]] = []
    var keyAgain = false
    for index in 0..<6 {
      encoder.layers[2].isActive = !(2...3).contains(index)
      scene.draw(index, into: frame)
      var layers: [Int] = []
      try encoder.encode(frame) { picture in
        layers.append(picture.layer)
        if index == 4 && picture.layer == 2 { keyAgain = picture.isKeyFrame }
      }
      seen.append(layers.sorted())
    }
    #expect(seen[1] == [0, 1, 2] && seen[2] == [0, 1] && seen[3] == [0, 1] && seen[4] == [0, 1, 2])
    #expect(keyAgain)
  }

  @Test("a layer's frame rate is kept whatever the camera's, evenly")
  func frameRate() throws {
    var layers = Self.layers
    layers[0].framesPerSecond = 10
    layers[1].framesPerSecond = 20
    let encoder = VP8SimulcastEncoder(layers: layers)
    let scene = MovingScene(width: 320, height: 180)
    let frame = VideoFrame(width: 320, height: 180)
    var counts = [0, 0, 0]
    for index in 0..<60 {
      scene.draw(index, into: frame)
      try encoder.encode(frame) { counts[$0.layer] += 1 }
    }
    #expect((18...21).contains(counts[0]))
    #expect((38...41).contains(counts[1]))
    #expect((58...60).contains(counts[2]))
  }

  @Test("a change of the camera's size restarts all layers with key frames of the new sizes")
  func cameraSizeChanges() throws {
    let encoder = VP8SimulcastEncoder(layers: Self.layers)
    let frame = VideoFrame(width: 640, height: 360)
    MovingScene(width: 640, height: 360).draw(0, into: frame)
    try encoder.encode(frame) { _ in }
    MovingScene(width: 960, height: 540).draw(1, into: frame)
    var sizes: [Int: (Int, Int, Bool)] = [:]
    try encoder.encode(frame) { sizes[$0.layer] = ($0.width, $0.height, $0.isKeyFrame) }
    #expect(sizes[2]! == (960, 540, true))
    #expect(sizes[1]! == (480, 270, true))
    #expect(sizes[0]! == (240, 136, true))
  }

  @Test("the bitrate may change at any time, and the stream follows without a key frame")
  func bitrateChanges() throws {
    let encoder = VP8SimulcastEncoder(layers: [SimulcastLayer(bitrate: 900_000)])
    let scene = MovingScene(width: 640, height: 360)
    let frame = VideoFrame(width: 640, height: 360)
    var bytes = [0, 0, 0]
    var keyFrames = 0
    for index in 0..<135 {
      if index == 45 { encoder.layers[0].bitrate = 150_000 }
      scene.draw(index, into: frame)
      try encoder.encode(frame) { picture in
        // The first half second after each change is left to the rate control.
        if index % 45 >= 15 || index >= 90 { bytes[index / 45] += picture.bytes.count }
        if picture.isKeyFrame { keyFrames += 1 }
      }
    }
    #expect(keyFrames == 1)
    #expect(Double(bytes[2]) * 8 / 1.5 < 200_000)
    #expect(bytes[2] * 2 < bytes[0] * 3)
  }

  @Test(
    "pictures of any size are encoded or refused, never trapped on",
    arguments: [(1, 1), (2, 2), (17, 13), (3, 400), (1_281, 719)])
  func oddSizes(width: Int, height: Int) {
    let simulcast = VP8SimulcastEncoder(layers: Self.layers)
    let layered = VP9SVCEncoder(mode: .L3T3_KEY, bitrates: [100_000, 200_000, 400_000])
    let frame = VideoFrame(width: width, height: height)
    let pool = VideoFramePool(capacity: 1)
    for index in 0..<3 {
      MovingScene(width: width, height: height).draw(index, into: frame)
      try? simulcast.encode(frame) { picture in
        if picture.layer != 2 { return }
        if index == 0, case .success(let output?) = decode(picture, VideoDecoder(codec: .vp8), pool) {
          #expect(output.width == width && output.height == height)
        }
      }
      try? layered.encode(frame) { #expect(!$0.bytes.isEmpty) }
    }
  }

  @Test("a screen is encoded too", arguments: [1, 2])
  func screenContent(threads: Int) throws {
    let encoder = VP8SimulcastEncoder(
      layers: [SimulcastLayer(bitrate: 1_500_000, framesPerSecond: 15)], content: .screen, threads: threads)
    let decoder = VideoDecoder(codec: .vp8, threads: threads)
    let pool = VideoFramePool(capacity: 1)
    let scene = MovingScene(width: 1_280, height: 720, framesPerSecond: 15)
    let frame = VideoFrame(width: 1_280, height: 720)
    var best = 0.0
    for index in 0..<8 {
      scene.draw(index, into: frame)
      try encoder.encode(frame) { picture in
        if case .success(let output?) = decode(picture, decoder, pool) {
          best = max(best, lumaPSNR(frame, output) ?? 0)
        }
      }
    }
    #expect(best > 32)
  }

  @Test("with three temporal layers, the pictures of the lower ones decode without the upper", arguments: 0...2)
  func temporalLayers(kept: Int) throws {
    let encoder = VP8SimulcastEncoder(layers: [SimulcastLayer(bitrate: 600_000, temporalLayers: 3)])
    let decoder = VideoDecoder(codec: .vp8)
    let pool = VideoFramePool(capacity: 2)
    let scene = MovingScene(width: 640, height: 360)
    let frame = VideoFrame(width: 640, height: 360)
    var decoded = 0
    var temporalLayers: [Int] = []
    for index in 0..<24 {
      scene.draw(index, into: frame)
      var output: VideoFrame?
      try encoder.encode(frame) { picture in
        temporalLayers.append(picture.temporalLayer)
        if picture.temporalLayer > kept { return }
        if case .success(let decodedFrame) = decode(picture, decoder, pool) { output = decodedFrame }
      }
      if let output {
        decoded += 1
        // A picture decoded against the wrong reference would differ strongly.
        #expect(try #require(lumaPSNR(frame, output)) > 28)
      }
    }
    #expect(temporalLayers.prefix(8) == [0, 2, 1, 2, 0, 2, 1, 2])
    #expect(decoded == temporalLayers.count { $0 <= kept })
  }
}

/// Decodes one encoder's output; a separate function because the visitor cannot throw.
func decode(
  _ picture: borrowing EncodedPicture, _ decoder: VideoDecoder, _ pool: VideoFramePool
) -> Result<VideoFrame?, VideoDecoderError> {
  do throws(VideoDecoderError) {
    return .success(try decoder.decode(picture.bytes, into: pool, time: picture.captureTime))
  } catch {
    return .failure(error)
  }
}
