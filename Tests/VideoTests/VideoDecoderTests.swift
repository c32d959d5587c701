import Realtime
import Testing
import Video

@Suite("Decoding")
struct VideoDecoderTests {
  /// Files made by ffmpeg, with the checksums that ffmpeg's own VP8 and VP9 decoders give.
  static let samples: [(name: String, codec: VideoDecoderCodec, matrix: ColorMatrix, checksums: [UInt32])] = [
    (
      "vp8-176x144.ivf", .vp8, .bt601,
      [
        0xcf3d_3bee, 0x5889_2cf9, 0x92e8_3609, 0x1e1e_4fbc, 0x91b7_502c, 0x324f_6513, 0xb378_7b3a, 0x238d_77b3,
        0x587b_8813, 0x2dc3_97ae, 0xcea7_9c8b, 0xbbc8_972f,
      ]
    ),
    (
      "vp9-176x144.ivf", .vp9, .bt601,
      [
        0x01fc_3ab3, 0x9593_26fa, 0x23f2_3560, 0xae23_41ae, 0x231f_4335, 0x6419_5b63, 0x9ba6_7f8e, 0xf998_65d8,
        0xa388_865b, 0x79cb_8be8, 0xd706_9be4, 0xe9db_9d47,
      ]
    ),
    (
      "vp9-178x102-bt709.ivf", .vp9, .bt709,
      [0x3223_9849, 0x49f8_94e5, 0x4e4e_9107, 0xaf73_9b69, 0x5042_9f33, 0xf06a_82a2]
    ),
  ]

  @Test("streams made by ffmpeg decode bit for bit as ffmpeg decodes them", arguments: 0..<samples.count)
  func decodesLikeFFmpeg(index: Int) throws {
    let sample = Self.samples[index]
    let frames = IVFSample(sample.name).frames
    #expect(frames.count == sample.checksums.count)
    let decoder = VideoDecoder(codec: sample.codec)
    let pool = VideoFramePool(capacity: 2)
    for (bytes, checksum) in zip(frames, sample.checksums) {
      let frame = try bytes.withUnsafeBytes {
        try decoder.decode($0, into: pool, time: Instant(nanoseconds: 5), rtpTimestamp: 7)
      }
      let picture = try #require(frame)
      #expect(frameChecksum(picture) == checksum)
      #expect(picture.colorMatrix == sample.matrix)
      #expect(picture.captureTime == Instant(nanoseconds: 5) && picture.rtpTimestamp == 7)
    }
    #expect(decoder.decodedCount == frames.count && decoder.errorCount == 0)
  }

  @Test("a stream must start with a key frame, and start again with one after an error", arguments: 0...1)
  func needsKeyFrame(index: Int) throws {
    let sample = Self.samples[index]
    let frames = IVFSample(sample.name).frames
    let decoder = VideoDecoder(codec: sample.codec)
    let pool = VideoFramePool(capacity: 2)
    func result(_ bytes: [UInt8]) -> VideoDecoderError? {
      bytes.withUnsafeBytes { bytes in
        do throws(VideoDecoderError) {
          _ = try decoder.decode(bytes, into: pool, time: Instant(nanoseconds: 0))
          return nil
        } catch { return error }
      }
    }
    #expect(result(frames[2]) == .keyFrameNeeded)
    #expect(result(frames[0]) == nil && !decoder.needsKeyFrame)
    #expect(result([]) == .corrupt)
    #expect(decoder.needsKeyFrame)
    #expect(result(frames[1]) == .keyFrameNeeded)
    #expect(result(frames[0]) == nil)
    #expect(result(frames[1]) == nil)
    #expect(decoder.skippedCount == 2 && decoder.errorCount == 1)
  }

  @Test("a picture that claims to be huge is refused by its header")
  func bombs() throws {
    let pool = VideoFramePool(capacity: 1)
    // VP8 key frame, 16383 × 16383.
    let vp8: [UInt8] = [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F] + [UInt8](repeating: 0, count: 90)
    #expect(throws: VideoDecoderError.unsupported) {
      try vp8.withUnsafeBytes { bytes in
        _ = try VideoDecoder(codec: .vp8).decode(bytes, into: pool, time: Instant(nanoseconds: 0))
      }
    }
    // VP9 key frame, 65536 × 65536: marker 10, profile 00, not existing, key, shown, resilient; sync; colour 001, range
    // 0; then two times sixteen ones.
    let key: [UInt8] = [0x83, 0x49, 0x83, 0x42, 0x2F, 0xFF, 0xFF, 0xFF, 0xF0] + [UInt8](repeating: 0, count: 90)
    // VP9 inter frame that states its own size: marker, profile, existing 0, inter 1, shown 1, resilient 1; refresh;
    // references; three times not found; two times sixteen ones.
    let inter: [UInt8] = [0x87, 0xFF, 0x00, 0x01, 0xFF, 0xFF, 0xFF, 0xFE] + [UInt8](repeating: 0, count: 90)
    for bytes in [key, inter] {
      let decoder = VideoDecoder(codec: .vp9)
      #expect(throws: VideoDecoderError.unsupported) {
        try bytes.withUnsafeBytes { bytes in
          _ = try decoder.decode(bytes, into: pool, time: Instant(nanoseconds: 0))
        }
      }
      #expect(decoder.errorCount == 1)
    }
    // The same, second in a superframe whose first frame is a good key frame.
    let good = IVFSample("vp9-178x102-bt709.ivf").frames[0]
    let superframe = VP9Superframe.join([good, inter])
    #expect(throws: VideoDecoderError.unsupported) {
      try superframe.withUnsafeBytes { bytes in
        _ = try VideoDecoder(codec: .vp9).decode(bytes, into: pool, time: Instant(nanoseconds: 0))
      }
    }
  }

  @Test("cut or changed bytes never trap, and the next good key frame decodes", arguments: 0...1)
  func damagedStreams(index: Int) throws {
    let sample = Self.samples[index]
    let frames = IVFSample(sample.name).frames
    let decoder = VideoDecoder(codec: sample.codec)
    let pool = VideoFramePool(capacity: 2)
    var random = SeededRandom(seed: 7)
    var errors = 0
    func feed(_ bytes: [UInt8]) -> VideoFrame? {
      bytes.withUnsafeBytes { bytes in
        do throws(VideoDecoderError) {
          return try decoder.decode(bytes, into: pool, time: Instant(nanoseconds: 0))
        } catch {
          errors += 1
          return nil
        }
      }
    }
    for round in 0..<400 {
      let isFirst = round % 2 == 0
      var bytes = isFirst ? frames[0] : frames[1 + round % (frames.count - 1)]
      if round % 3 == 0 {
        bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
      } else {
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          let limit = round % 5 == 0 ? min(bytes.count, 24) : bytes.count
          bytes[Int.random(in: 0..<limit, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
      }
      if !isFirst { _ = feed(frames[0]) }
      _ = feed(bytes)
      if round % 20 == 0 {
        let picture = try #require(feed(frames[0]))
        #expect(frameChecksum(picture) == sample.checksums[0])
      }
    }
    #expect(errors > 50)
    #expect(decoder.errorCount + decoder.skippedCount == errors)
  }

  @Test("noise is refused", arguments: [VideoDecoderCodec.vp8, .vp9])
  func noise(codec: VideoDecoderCodec) {
    var random = SeededRandom(seed: 3)
    let pool = VideoFramePool(capacity: 1)
    let decoder = VideoDecoder(codec: codec)
    for count in 0..<500 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      bytes.withUnsafeBytes { _ = try? decoder.decode($0, into: pool, time: Instant(nanoseconds: 0)) }
    }
    #expect(decoder.decodedCount + decoder.errorCount + decoder.skippedCount == 500)
  }

  @Test("a pool whose frames are all held drops the picture, counts it, and decoding goes on")
  func starvedPool() throws {
    let frames = IVFSample("vp8-176x144.ivf").frames
    let decoder = VideoDecoder(codec: .vp8)
    let pool = VideoFramePool(capacity: 1)
    func decode(_ index: Int) throws -> VideoFrame? {
      try frames[index].withUnsafeBytes { try decoder.decode($0, into: pool, time: Instant(nanoseconds: 0)) }
    }
    var held = try decode(0)
    #expect(held != nil)
    #expect(try decode(1) == nil)
    #expect(pool.starvedCount == 1)
    held = nil
    let next = try #require(try decode(2))
    #expect(frameChecksum(next) == Self.samples[0].checksums[2])
  }
}

/// Joins VP9 frames into a superframe (VP9 bitstream specification, annex B).
enum VP9Superframe {
  static func join(_ frames: [[UInt8]]) -> [UInt8] {
    let marker = UInt8(0xC0 | 3 << 3 | (frames.count - 1))
    let sizes = frames.flatMap { frame in (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (8 * $0)) } }
    return frames.flatMap { $0 } + [marker] + sizes + [marker]
  }
}
