import Realtime
import Synchronization
import Testing
import Video
import WebRTC

@testable import LiveKit
@testable import Meeting

/// A publisher whose camera obeys the test, with one variant whose queue the test empties.
private final class Rig {
  struct Picture: Hashable {
    var encoding: Int
    var spatialLayer: Int
    var isKeyFrame: Bool
    var width: Int
    var height: Int
  }

  let camera = StubCamera()
  let publisher: CameraPublisher
  var variant: PublishedVariant
  let queue: OutgoingVideoQueue
  var time = Instant(nanoseconds: 1_000_000_000)

  init(codec: WebRTC.VideoCodec, width: Int = 640, height: Int = 360) throws {
    let video = LocalVideo(width: width, height: height, codec: codec)
    variant = PublishedVariant(
      cid: "camera", codec: codec, layers: VideoLayering.layers(of: video, source: .camera, codec: codec))
    publisher = CameraPublisher(camera: camera, width: width, height: height, threads: 1)
    let count = Counter()
    queue = publisher.attach(variant) { count.value.wrappingAdd(1, ordering: .relaxed) }
    counter = count
    try publisher.start()
    camera.awaitQuestion()
  }

  final class Counter: Sendable { let value = Atomic<Int>(0) }
  let counter: Counter

  /// Gives one picture and takes what comes of it.
  func shoot(width: Int = 640, height: Int = 360) -> [Picture] {
    // Slow enough for the slowest layer.
    time = time + .milliseconds(100)
    camera.give(StubCamera.Picture(time: time, width: width, height: height))
    return take()
  }

  func take(at now: Instant? = nil) -> [Picture] {
    var pictures: [Picture] = []
    queue.takePictures(at: now ?? time) { frame in
      #expect(frame.count > 0)
      #expect(frame.captureTime <= time)
      pictures.append(
        Picture(
          encoding: frame.encoding, spatialLayer: Int(frame.spatialLayer), isKeyFrame: frame.isKeyFrame,
          width: frame.width, height: frame.height))
    }
    return pictures
  }

  func stop() async {
    camera.finish()
    await publisher.stop()
  }
}

@Suite("Camera publisher", .serialized)
struct CameraPublisherTests {
  @Test("VP8 is published in the sizes of its layers, beginning with key frames")
  func simulcast() async throws {
    let rig = try Rig(codec: .vp8)
    #expect(rig.variant.layers.count == 2)
    let first = rig.shoot()
    #expect(first.count == 2)
    for layer in rig.variant.layers.indices {
      let expected = rig.variant.layers[layer]
      let picture = try #require(first.first { $0.encoding == layer })
      #expect(
        picture
          == .init(
            encoding: layer, spatialLayer: 0, isKeyFrame: true, width: expected.width, height: expected.height))
    }
    #expect(rig.shoot().allSatisfy { !$0.isKeyFrame })
    #expect(rig.counter.value.load(ordering: .relaxed) == 2)
    let statistics = rig.publisher.statistics
    #expect(statistics.captured == 2 && statistics.encoded == 2)
    #expect(statistics.low.frames == 2 && statistics.low.keyFrames == 1 && statistics.low.bytes > 0)
    await rig.stop()
  }

  @Test("a layer that is switched off isn't encoded, and begins with a key frame when it is switched on")
  func layerSwitching() async throws {
    let rig = try Rig(codec: .vp8)
    _ = rig.shoot()
    rig.variant.layers[1].isActive = false
    rig.publisher.update(isMuted: false, variants: [rig.variant])
    #expect(rig.shoot().map(\.encoding) == [0])
    rig.variant.layers[1].isActive = true
    rig.publisher.update(isMuted: false, variants: [rig.variant])
    let pictures = rig.shoot()
    #expect(pictures.first { $0.encoding == 1 }?.isKeyFrame == true)
    #expect(pictures.first { $0.encoding == 0 }?.isKeyFrame == false)
    for layer in 0..<2 { rig.variant.layers[layer].isActive = false }
    rig.publisher.update(isMuted: false, variants: [rig.variant])
    #expect(rig.shoot().isEmpty)
    await rig.stop()
  }

  @Test("VP9's spatial layers share one encoding; after all were off it goes on with a key picture")
  func scalable() async throws {
    let rig = try Rig(codec: .vp9)
    #expect(rig.variant.isScalable)
    let first = rig.shoot()
    #expect(first.map(\.spatialLayer) == [0, 1, 2])
    #expect(first.map(\.width) == [160, 320, 640])
    #expect(first.allSatisfy { $0.encoding == 0 && $0.isKeyFrame })
    rig.variant.layers[2].isActive = false
    rig.publisher.update(isMuted: false, variants: [rig.variant])
    #expect(rig.shoot().map(\.spatialLayer) == [0, 1])
    for layer in 0..<3 { rig.variant.layers[layer].isActive = false }
    rig.publisher.update(isMuted: false, variants: [rig.variant])
    #expect(rig.shoot().isEmpty)
    rig.variant.layers[0].isActive = true
    rig.publisher.update(isMuted: false, variants: [rig.variant])
    let again = rig.shoot()
    #expect(again.map(\.spatialLayer) == [0])
    #expect(again.allSatisfy { $0.isKeyFrame })
    await rig.stop()
  }

  @Test("a limit of the bit rate takes the upper layers first, and they come back with a key frame")
  func limitedRate() async throws {
    let rig = try Rig(codec: .vp8)
    _ = rig.shoot()
    let (low, high) = (rig.variant.layers[0].bitrate, rig.variant.layers[1].bitrate)
    for (limit, count) in [(low + high / 2, 2), (low + high / 3, 1), (low + high / 2, 1), (low / 2, 1), (0, 1)] {
      rig.publisher.limitBitrate(to: limit)
      #expect(rig.shoot().count == count)
    }
    rig.publisher.limitBitrate(to: nil)
    let pictures = rig.shoot()
    #expect(pictures.first { $0.encoding == 1 }?.isKeyFrame == true)
    #expect(pictures.first { $0.encoding == 0 }?.isKeyFrame == false)
    await rig.stop()
  }

  @Test("what may be sent is shared out from the lowest layer up")
  func rates() {
    var layers = VideoLayering.layers(of: LocalVideo(codec: .vp9), source: .camera, codec: .vp9)
    let wanted = layers.map(\.bitrate)
    var rates = LayerRates()
    rates.allocate(layers, isScalable: true, limit: nil)
    #expect(rates.bitrates == wanted)
    rates.allocate(layers, isScalable: true, limit: wanted[0] + wanted[1] + wanted[2] / 2)
    #expect(rates.bitrates == [wanted[0], wanted[1], wanted[2] / 2])
    rates.allocate(layers, isScalable: true, limit: wanted[0] + wanted[1] / 4)
    #expect(rates.bitrates == [wanted[0], 0, 0])
    rates.allocate(layers, isScalable: true, limit: -5)
    #expect(rates.bitrates == [LayerRates.minimum, 0, 0])
    // The upper layer is predicted from the lower ones, whom nobody receives by themselves.
    layers[0].isActive = false
    layers[1].isActive = false
    rates.allocate(layers, isScalable: true, limit: nil)
    #expect(rates.bitrates == wanted)
    rates.allocate(layers, isScalable: false, limit: nil)
    #expect(rates.bitrates == [0, 0, wanted[2]])
    layers[2].isActive = false
    rates.allocate(layers, isScalable: true, limit: 1_000_000)
    #expect(rates.bitrates == [0, 0, 0])
  }

  @Test("a key frame that is asked for comes with the next picture, of that encoding alone")
  func keyFrame() async throws {
    let rig = try Rig(codec: .vp8)
    _ = rig.shoot()
    rig.publisher.requestKeyFrame(cid: "camera", encoding: 1)
    rig.publisher.requestKeyFrame(cid: "another", encoding: 0)
    rig.publisher.requestKeyFrame(cid: "camera", encoding: 99)
    let pictures = rig.shoot()
    #expect(pictures.first { $0.encoding == 1 }?.isKeyFrame == true)
    #expect(pictures.first { $0.encoding == 0 }?.isKeyFrame == false)
    await rig.stop()
  }

  @Test("after muting and unmuting all encodings begin with key frames")
  func muting() async throws {
    let rig = try Rig(codec: .vp8)
    _ = rig.shoot()
    #expect(rig.publisher.selfView.frame(at: rig.time) != nil)
    rig.publisher.update(isMuted: true, variants: [rig.variant])
    rig.time = rig.time + .milliseconds(100)
    rig.camera.answer(.success(.init(time: rig.time)))
    rig.publisher.update(isMuted: false, variants: [rig.variant])
    rig.camera.awaitQuestion()
    // Whether the thread saw the mute or was too late, what comes first is a key frame of each encoding.
    let pictures = rig.take() + rig.shoot()
    for encoding in 0..<2 { #expect(pictures.first { $0.encoding == encoding }?.isKeyFrame == true) }
    await rig.stop()
  }

  @Test("a picture taken after muting is neither sent nor shown, and the camera isn't looked at any more")
  func mutedFromTheStart() async throws {
    let rig = try Rig(codec: .vp8)
    _ = rig.shoot()
    rig.publisher.update(isMuted: true, variants: [rig.variant])
    rig.camera.answer(.success(.init(time: rig.time + .milliseconds(100))))
    // The thread now waits for control; stopping proves that it can be woken.
    await rig.stop()
    #expect(rig.take().isEmpty)
    #expect(rig.publisher.selfView.frame(at: rig.time) == nil)
    #expect(rig.publisher.statistics.captured == 1)
  }

  @Test("pictures that aren't sent hold up encoding, and nothing is lost in between")
  func blocked() async throws {
    let rig = try Rig(codec: .vp8)
    var given = 0
    while rig.publisher.statistics.blocked == 0, given < 50 {
      given += 1
      rig.time = rig.time + .milliseconds(100)
      rig.camera.give(.init(time: rig.time))
    }
    #expect(rig.publisher.statistics.blocked == 1)
    #expect(given > 5 && given <= OutgoingVideoQueue.capacity / 2 + 1)
    // They are old by now: none is sent, and both encodings begin anew.
    #expect(rig.take(at: rig.time + .seconds(2)).isEmpty)
    let pictures = rig.shoot()
    #expect(pictures.count == 2)
    #expect(pictures.allSatisfy { $0.isKeyFrame })
    #expect(rig.shoot().allSatisfy { !$0.isKeyFrame })
    await rig.stop()
  }

  @Test("a camera of other proportions is cut and scaled to the published size", arguments: [(640, 480), (1_280, 720)])
  func otherSize(width: Int, height: Int) async throws {
    let rig = try Rig(codec: .vp8)
    #expect(rig.shoot(width: width, height: height).last { $0.encoding == 1 }?.width == 640)
    let shown = try #require(rig.publisher.selfView.frame(at: rig.time))
    #expect(shown.width == 640 && shown.height == 360)
    await rig.stop()
  }

  @Test("a camera that is pulled out is reported, and its thread is gone after stopping")
  func failure() async throws {
    weak var released: StubCamera?
    do {
      let camera = StubCamera()
      released = camera
      let signal = ThreadSignal()
      let error = Box()
      let publisher = CameraPublisher(camera: camera, width: 640, height: 360) { failure in
        error.value.withLock { $0 = failure }
        signal.raise()
      }
      try publisher.start()
      camera.awaitQuestion()
      camera.answer(.failure(.disconnected))
      signal.wait()
      #expect(error.value.withLock { $0 } == .disconnected)
      await publisher.stop()
    }
    #expect(released == nil)
    #expect(isThreadGone("camera"))
  }

  private final class Box: Sendable { let value = Mutex<CameraError?>(nil) }

  @Test("pictures too wide lose the same on both sides")
  func cropping() throws {
    let wide = VideoFrame(width: 400, height: 100)
    wide.fill(y: 50, u: 128, v: 128)
    for row in 0..<100 {
      for column in 100..<300 { wide.y[row * wide.strideY + column] = UInt8(column < 200 ? 100 : 200) }
    }
    wide.captureTime = Instant(nanoseconds: 7)
    let fitted = try #require(FrameFitter(width: 100, height: 50).fitted(wide))
    #expect(fitted.width == 100 && fitted.height == 50 && fitted.captureTime == wide.captureTime)
    for row in [0, 25, 49] {
      #expect(fitted.y[row * fitted.strideY + 2] == 100)
      #expect(fitted.y[row * fitted.strideY + 45] == 100)
      #expect(fitted.y[row * fitted.strideY + 55] == 200)
      #expect(fitted.y[row * fitted.strideY + 97] == 200)
    }
  }

  @Test("documents of other proportions are seen whole between black bars")
  func bars() throws {
    let document = VideoFrame(width: 40, height: 60)
    document.fill(y: 150, u: 90, v: 160)
    let fitted = try #require(FrameFitter(width: 160, height: 90, fitting: .contain).fitted(document))
    #expect(fitted.width == 160 && fitted.height == 90)
    // 60 × 90 pixels in the middle.
    for row in [0, 45, 89] {
      #expect(fitted.y[row * fitted.strideY + 48] == 16)
      #expect(fitted.y[row * fitted.strideY + 52] == 150)
      #expect(fitted.y[row * fitted.strideY + 108] == 150)
      #expect(fitted.y[row * fitted.strideY + 112] == 16)
    }
    #expect(fitted.u[44 * fitted.strideUV + 40] == 90 && fitted.u[44 * fitted.strideUV + 10] == 128)
  }
}
