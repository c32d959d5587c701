import Devices
import Glibc
import Realtime
import Video

/// What everybody in the measured call sends: pictures and sound made beforehand, so that making them costs nobody
/// anything, and everybody the same work.
enum CallMaterial {
  static let width = 1_280
  static let height = 720
  static let framesPerSecond = 30.0
  /// As many as a camera has that shares its memory; they are shown forth and back.
  static let pictureCount = 5
  static let soundSeconds = 10

  /// Bytes of a picture: I420 without padding.
  static let pictureSize = width * height * 3 / 2

  /// The picture that is shown at `beat`: forth and back, so that the motion never jumps.
  static func index(ofBeat beat: Int) -> Int {
    let position = beat % (2 * pictureCount - 2)
    return position < pictureCount ? position : 2 * pictureCount - 2 - position
  }

  /// Writes the pictures and the sound (16 bits, one channel, 48 kHz), for programs that can't make them.
  static func write(pictures: String, sound: String) throws {
    let frames = makePictures()
    try write(to: pictures) { file in
      for frame in frames {
        forEachRow(frame) { row, count in fwrite(row, 1, count, file) }
      }
    }
    let samples = makeSound().map { Int16(max(-1, min(1, $0)) * 32_767) }
    try write(to: sound) { file in
      _ = samples.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    }
  }

  /// The pictures as `write` left them.
  static func readPictures(_ path: String) throws -> [VideoFrame] {
    guard let file = fopen(path, "r") else { throw BenchError("can't read \(path)") }
    defer { fclose(file) }
    // Otherwise the buffer of the largest read stays with the process.
    setvbuf(file, nil, _IONBF, 0)
    return (0..<pictureCount).map { _ in
      let frame = VideoFrame(width: width, height: height)
      forEachRow(frame) { row, count in fread(row, 1, count, file) }
      return frame
    }
  }

  private static func makePictures() -> [VideoFrame] {
    let scene = SyntheticScene(width: width, height: height, variant: 2)
    return (0..<pictureCount).map { index in
      let frame = VideoFrame(width: width, height: height)
      scene.paint(frame, at: .nanoseconds(Int64(1e9 * (0.3 + Double(index) / framesPerSecond))))
      return frame
    }
  }

  /// Speech-like sound within ±1, one channel, 48 kHz.
  static func makeSound() -> [Float] {
    let sound = SyntheticSound.speechAndBeep(voice: 1)
    return (0..<Int64(48_000 * soundSeconds)).map { sound.sample($0) }
  }

  private static func write(to path: String, _ body: (UnsafeMutablePointer<FILE>) -> Void) throws {
    guard let file = fopen(path, "w") else { throw BenchError("can't write \(path)") }
    body(file)
    guard fclose(file) == 0 else { throw BenchError("can't write \(path)") }
  }

  private static func forEachRow(_ frame: VideoFrame, _ visit: (UnsafeMutablePointer<UInt8>, Int) -> Void) {
    for row in 0..<frame.height { visit(frame.y + row * frame.strideY, frame.width) }
    for plane in [frame.u, frame.v] {
      for row in 0..<frame.chromaHeight { visit(plane + row * frame.strideUV, frame.chromaWidth) }
    }
  }
}

/// A measurement that can't be taken; the text says why.
struct BenchError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
