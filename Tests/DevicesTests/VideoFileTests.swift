import Realtime
import Testing
import Video

@testable import Devices

/// The mean squared difference of two planes, as a peak signal-to-noise ratio in dB.
private func similarity(_ a: VideoFrame, _ b: VideoFrame) -> Double {
  var sum = 0.0
  var count = 0
  func add(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ width: Int, _ height: Int, _ stride: Int) {
    for row in 0..<height {
      for column in 0..<width {
        let difference = Double(a[row * stride + column]) - Double(b[row * stride + column])
        sum += difference * difference
      }
    }
    count += width * height
  }
  add(a.y, b.y, a.width, a.height, a.strideY)
  add(a.u, b.u, a.chromaWidth, a.chromaHeight, a.strideUV)
  add(a.v, b.v, a.chromaWidth, a.chromaHeight, a.strideUV)
  return sum == 0 ? 99 : 10 * (Double(255 * 255 * count) / sum).logarithm10
}

extension Double {
  fileprivate var logarithm10: Double {
    var (value, result) = (self, 0.0)
    while value >= 10 { (value, result) = (value / 10, result + 1) }
    return result + (value - 1) / 9
  }
}

@Suite("Video files")
struct VideoFileTests {
  @Test(
    "files are read like ffmpeg reads them, picture by picture and round again",
    arguments: [
      ("camera420.mjpeg", 3), ("camera422.mjpeg", 3), ("camera444.mjpeg", 3), ("cameragrey.mjpeg", 3), ("clip8.ivf", 8),
      ("clip9.ivf", 8),
    ])
  func againstFFmpeg(name: String, count: Int) throws {
    let pool = VideoFramePool(capacity: 2)
    let reader = try VideoFile.reader(path: Sample.path(name))
    let stem = name.split(separator: ".")[0]
    let reference = try VideoFile.reader(path: Sample.path(stem + ".y4m"))
    #expect(reader.format.width == reference.format.width && reader.format.height == reference.format.height)
    for picture in 0..<2 * count + 1 {
      let frame = try #require(try reader.next(from: pool))
      let expected = try #require(try reference.next(from: pool))
      // Chroma of 4:2:2 and 4:4:4 is halved by different filters.
      let decibels = similarity(frame, expected)
      #expect(decibels >= (name.hasSuffix("ivf") ? 99 : 30), "picture \(picture)")
      #expect(frame.colorMatrix == expected.colorMatrix)
    }
  }

  @Test("a Y4M file's samples arrive as they are")
  func y4m() throws {
    var bytes = Array("YUV4MPEG2 W4 H2 F30000:1001 Ip C420jpeg\n".utf8)
    for picture in 0..<2 as Range<UInt8> {
      bytes += Array("FRAME\n".utf8) + (0..<12).map { $0 + 100 * picture }
    }
    try Sample.withFile(bytes) { path in
      let reader = try VideoFile.reader(path: path)
      #expect(abs(reader.format.framesPerSecond - 29.97) < 0.001)
      let pool = VideoFramePool(capacity: 1)
      for picture in 0..<5 {
        let frame = try #require(try reader.next(from: pool))
        let base = UInt8(picture % 2 * 100)
        #expect(frame.y[3] == base + 3 && frame.y[frame.strideY] == base + 4)
        #expect(frame.u[1] == base + 9 && frame.v[0] == base + 10)
      }
    }
  }

  @Test("what can't be used is told by file and reason")
  func errors() throws {
    func reason(_ bytes: [UInt8]) throws -> MediaFileError.Reason? {
      try Sample.withFile(bytes) { path in
        do throws(MediaFileError) {
          _ = try FileCamera(path: path)
          return nil
        } catch {
          #expect(error.path == path && error.description.contains(path))
          return error.reason
        }
      }
    }
    #expect(try reason([]) == .empty)
    #expect(try reason(Array("hello, this is no film".utf8)) == .unknownFormat)
    #expect(try reason(Array("YUV4MPEG2 W4 H2 C444\nFRAME\n".utf8)) == .unsupported("the colour space 444"))
    #expect(try reason(Array("YUV4MPEG2 W4 H2\n".utf8)) == .empty)
    #expect(try reason(Array("YUV4MPEG2 W4 H2\nFRAME\nabc".utf8)) == .empty)
    for bad in ["YUV4MPEG2 H2\nFRAME\n", "YUV4MPEG2 W99999999999999999999 H2\nFRAME\n", "YUV4MPEG2 W4 H2"] {
      guard case .malformed = try reason(Array(bad.utf8)) else {
        Issue.record("\(bad)")
        continue
      }
    }
    for name in ["camera420.mjpeg", "clip8.ivf"] {
      guard case .malformed = try reason(Array(try Sample.bytes(name).prefix(600))) else {
        Issue.record("\(name)")
        continue
      }
    }
    #expect(throws: MediaFileError(path: "/nowhere/film.y4m", reason: .system(2))) {
      try FileCamera(path: "/nowhere/film.y4m")
    }
    #expect(throws: MediaFileError.self) { try FileCamera(path: "/") }
  }

  @Test(
    "altered files never trap",
    arguments: [
      "camera420.mjpeg", "camera422.mjpeg", "camera444.y4m", "clip8.ivf", "clip9.ivf",
    ])
  func mutations(name: String) throws {
    let good = try Sample.bytes(name)
    var random = SeededRandom(seed: 31)
    let pool = VideoFramePool(capacity: 1)
    for round in 0..<150 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let limit = round % 2 == 0 ? min(200, bytes.count) : bytes.count
        bytes[Int.random(in: 0..<limit, using: &random)] = .random(in: 0...255, using: &random)
      }
      if round % 5 == 0 { bytes = Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random))) }
      try Sample.withFile(bytes) { path in
        guard let reader = try? VideoFile.reader(path: path) else { return }
        for _ in 0..<6 { if (try? reader.next(from: pool)) == nil { break } }
        try? reader.skip(7)
        _ = try? reader.next(from: pool)
      }
    }
  }

  @Test("what lies between the pictures of a motion JPEG file is passed over")
  func rubbish() throws {
    let good = try Sample.bytes("camera420.mjpeg")
    let second = try #require((2..<good.count).first { good[$0] == 0xFF && good[$0 + 1] == 0xD8 })
    let spaced = good[..<second] + [UInt8](repeating: 0x55, count: 200_000) + good[second...]
    try Sample.withFile(Array(spaced)) { path in
      let (reader, reference) = (
        try VideoFile.reader(path: path), try VideoFile.reader(path: Sample.path("camera420.mjpeg"))
      )
      let pool = VideoFramePool(capacity: 2)
      for _ in 0..<4 {
        let frame = try #require(try reader.next(from: pool))
        let expected = try #require(try reference.next(from: pool))
        #expect(similarity(frame, expected) == 99)
      }
    }
  }

  @Test("a file that is refused leaves no memory behind", arguments: ["film.ivf", "film.mjpeg", "sound.wav"])
  func refusal(name: String) throws {
    // Each is refused after its reader has begun: a codec, a picture and a sample format that don't exist.
    let bytes: [UInt8] =
      switch name {
      case "film.ivf": Array("DKIF".utf8) + [0, 0, 32, 0] + Array("XXXX".utf8) + [UInt8](repeating: 1, count: 40)
      case "film.mjpeg": [0xFF, 0xD8, 0xFF, 0xD9]
      default: Array("RIFF____WAVEfmt ".utf8) + [16, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
      }
    try Sample.withFile(bytes) { path in
      func open() {
        if name == "sound.wav" {
          #expect(throws: MediaFileError.self) { try WAVReader(path: path) }
        } else {
          #expect(throws: MediaFileError.self) { try VideoFile.reader(path: path) }
        }
      }
      open()
      // Each reader has at least 32 kB: what 4,000 of them leave would be 128 MB every time. What other tests take
      // meanwhile may be as much once.
      let growths = try (0..<5).map { _ in
        let before = try Sample.memorySize()
        for _ in 0..<4_000 { open() }
        return try Sample.memorySize() - before
      }
      #expect(growths.contains { $0 < 64 << 20 }, "\(growths)")
    }
  }

  @Test("a camera that is pulled out says so")
  func disconnection() throws {
    let pool = VideoFramePool(capacity: 2)
    let camera = try FileCamera(path: Sample.path("clip8.ivf"))
    let frame = try camera.nextFrame(from: pool, timeout: .seconds(1))
    #expect(frame?.width == 64)
    camera.disconnect()
    #expect(throws: CameraError.disconnected) { try camera.nextFrame(from: pool, timeout: .seconds(1)) }
  }
}
