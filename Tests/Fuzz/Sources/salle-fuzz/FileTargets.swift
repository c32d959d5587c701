import Glibc
import Video

@testable import Devices

// The C library's own, which its module leaves out (memfd_create(2)).
@_silgen_name("memfd_create")
private func createMemoryFile(_ name: UnsafePointer<CChar>, _ flags: UInt32) -> Int32

extension FuzzTarget {
  /// Video files of every kind (Y4M, motion JPEG, IVF), told apart by their first bytes.
  static let videoFile = FuzzTarget(name: "video-file") { bytes in
    withFile(bytes) { path in
      guard let reader = try? VideoFile.reader(path: path) else { return }
      let format = reader.format
      require(
        (1...VideoFile.maximumDimension).contains(format.width)
          && (1...VideoFile.maximumDimension).contains(format.height) && (1...120).contains(format.framesPerSecond),
        "\(format)")
      // A picture of the largest size takes longer than the whole rest: a few of them say what a hundred would.
      let count = format.width * format.height > 1 << 20 ? 2 : 12
      let pool = VideoFramePool(capacity: 1)
      for index in 0..<count {
        do throws(MediaFileError) {
          if index % 4 == 3 { try reader.skip(Int64(index) * 77) }
          let frame = try reader.next(from: pool)
          if let frame { _ = frame.y[frame.strideY * frame.height - 1] }
        } catch {
          require(!error.description.isEmpty, "an error without words")
          return
        }
      }
    }
  } seeds: {
    // Pictures so small that most of what is changed in them is not the samples. The samples of the tests come besides.
    let picture = "FRAME\n" + String(repeating: "\u{10}\u{40}\u{7F}", count: 8)
    return [
      "YUV4MPEG2 W4 H4 F30:1 Ip A1:1 C420jpeg XYSCSS=420JPEG\n" + picture + "FRAME Ip\n" + picture.dropFirst(6),
      "YUV4MPEG2 W4 H6 F30000:1001 Cmono XCOLORRANGE=FULL\n" + picture + picture,
      "YUV4MPEG2 W5 H3 C420mpeg2\n" + picture, "YUV4MPEG2 W2 H2 C444\n" + picture,
    ].map { Array($0.utf8) }
  }

  /// WAV files of all sample formats, converted to 48 kHz.
  static let wav = FuzzTarget(name: "wav") { bytes in
    withFile(bytes) { path in
      guard let stream = try? WAVStream(path: path) else { return }
      var samples = [Float](repeating: 0, count: 480)
      for _ in 0..<4 {
        guard (try? samples.withUnsafeMutableBufferPointer { try stream.read(into: $0) }) != nil else { return }
        for value in samples { require(abs(value) < 64, "\(value) from samples within ±4") }
      }
    }
  } seeds: {
    let format = "666d742010000000"
    return [
      // Stereo, 16 bits, 44,100 Hz, with a chunk of odd length in front.
      "52494646380000005741564 54c49535403000000414243 00 \(format)0100020044ac000010b102000400100064617461080000000100ff7f0080feff",
      // The extensible format: 24 bits, 96 kHz.
      "524946464c00000057415645666d742028000000feff010000770100006504000300180016001800040000000100000000001000800000aa00389b7164617461060000000100000000ff",
      // Floats of 32 bits, and a data chunk that was never finished.
      "524946460000000057415645\(format)030001004056000000590100040020006461746 1ffffffff0000003f000000bf0000c07f",
      "524636340000000057415645\(format)03000100807000000000000008004000646174610800000000000000000 0f03f",
      "524946460000000057415645\(format)0100010040 1f0000401f0000010008006461746104000000 8000ff7f",
    ].map(\.hexadecimalBytes)
  }

  /// Runs `body` with the path of a file in memory that holds `bytes`.
  private static func withFile(_ bytes: UnsafeRawBufferPointer, _ body: (String) -> Void) {
    let descriptor = createMemoryFile("input", 0)
    require(descriptor >= 0, "no file in memory")
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let count = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      require(count > 0, "the file in memory can't be written")
      done += count
    }
    body("/proc/self/fd/\(descriptor)")
  }
}
