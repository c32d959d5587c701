import CAllocationCounter
import CTurboJPEG
import Foundation
import Realtime
import Testing
import Video

@testable import Devices

@Suite struct PictureConverterTests {
  /// Samples that differ everywhere, as planar 4:2:0.
  private static func samples(_ width: Int, _ height: Int) -> VideoFrame {
    let frame = VideoFrame(width: width, height: height)
    for row in 0..<height {
      for column in 0..<width { frame.y[row * frame.strideY + column] = UInt8((row * 7 + column * 3) % 251) }
    }
    for row in 0..<frame.chromaHeight {
      for column in 0..<frame.chromaWidth {
        frame.u[row * frame.strideUV + column] = UInt8((row * 5 + column * 11) % 241)
        frame.v[row * frame.strideUV + column] = UInt8((row * 13 + column) % 239)
      }
    }
    return frame
  }

  /// The picture as a driver would lay it out in each piece of memory, with strides wider than the rows.
  private static func pieces(_ frame: VideoFrame, _ layout: PictureLayout) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    func plane(rows: Int, stride: Int, _ value: (Int, Int) -> UInt8, columns: Int) -> [UInt8] {
      (0..<rows).flatMap { row in
        (0..<columns).map { value(row, $0) } + [UInt8](repeating: 0xEE, count: stride - columns)
      }
    }
    let y = { (row: Int, column: Int) in frame.y[row * frame.strideY + min(column, frame.width - 1)] }
    let u = { (row: Int, column: Int) in frame.u[row * frame.strideUV + column] }
    let v = { (row: Int, column: Int) in frame.v[row * frame.strideUV + column] }
    let chroma = { (row: Int, column: Int) in column % 2 == 0 ? u(row, column / 2) : v(row, column / 2) }
    let (chromaWidth, chromaHeight) = (frame.chromaWidth, frame.chromaHeight)
    func luma() -> [UInt8] { plane(rows: frame.height, stride: layout.stride, y, columns: frame.width) }
    switch layout.format {
    case .yuyv, .uyvy:
      let isLumaFirst = layout.format == .yuyv
      pieces = [
        plane(
          rows: frame.height, stride: layout.stride,
          { row, column in
            (column % 2 == 0) == isLumaFirst
              ? y(row, column / 2) : (column % 4 < 2 ? u(row / 2, column / 4) : v(row / 2, column / 4))
          }, columns: 4 * chromaWidth)
      ]
    case .nv12:
      pieces = [luma() + plane(rows: chromaHeight, stride: layout.stride, chroma, columns: 2 * chromaWidth)]
    case .nv12Separate:
      pieces = [luma(), plane(rows: chromaHeight, stride: layout.chromaStride, chroma, columns: 2 * chromaWidth)]
    case .yu12:
      pieces = [
        luma() + plane(rows: chromaHeight, stride: layout.stride / 2, u, columns: chromaWidth)
          + plane(rows: chromaHeight, stride: layout.stride / 2, v, columns: chromaWidth)
      ]
    case .yu12Separate:
      pieces = [
        luma(), plane(rows: chromaHeight, stride: layout.chromaStride, u, columns: chromaWidth),
        plane(rows: chromaHeight, stride: layout.chromaStride, v, columns: chromaWidth),
      ]
    case .motionJPEG, .jpeg: break
    }
    return pieces
  }

  private static func convert(_ pieces: [[UInt8]], _ converter: PictureConverter, into frame: VideoFrame) -> Bool {
    var memory: [UnsafeMutableRawBufferPointer] = []
    defer { for piece in memory { piece.deallocate() } }
    for piece in pieces {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 64)
      copy.copyBytes(from: piece)
      memory.append(copy)
    }
    return memory.map { UnsafeRawBufferPointer($0) }.withUnsafeBufferPointer { converter.convert($0, into: frame) }
  }

  private static func areEqual(_ a: VideoFrame, _ b: VideoFrame) -> Bool {
    (0..<a.height).allSatisfy { memcmp(a.y + $0 * a.strideY, b.y + $0 * b.strideY, a.width) == 0 }
      && (0..<a.chromaHeight).allSatisfy {
        memcmp(a.u + $0 * a.strideUV, b.u + $0 * b.strideUV, a.chromaWidth) == 0
          && memcmp(a.v + $0 * a.strideUV, b.v + $0 * b.strideUV, a.chromaWidth) == 0
      }
  }

  @Test("raw pictures come out sample by sample", arguments: PixelFormat.allCases.filter { !$0.isCompressed })
  func raw(format: PixelFormat) throws {
    for (width, height) in [(64, 48), (1_280, 720), (66, 34)] {
      let original = Self.samples(width, height)
      let packed = format == .yuyv || format == .uyvy
      let layout = PictureLayout(
        format: format, width: width, height: height, stride: (packed ? 2 * width : width) + 32,
        chromaStride: width + 16, colorMatrix: .bt709)
      #expect(layout.isConsistent)
      let converter = try #require(PictureConverter(layout))
      let frame = VideoFrame(width: width, height: height)
      var pieces = Self.pieces(original, layout)
      #expect(Self.convert(pieces, converter, into: frame))
      #expect(Self.areEqual(frame, original) && frame.colorMatrix == .bt709)
      // Without the padding of the last row it is whole; one byte less, and it isn't.
      for index in pieces.indices {
        pieces[index].removeLast(pieces[index].count - layout.minimumByteCount(plane: index))
      }
      #expect(Self.convert(pieces, converter, into: frame))
      for index in pieces.indices {
        var cut = pieces
        cut[index].removeLast()
        #expect(!Self.convert(cut, converter, into: frame))
      }
    }
  }

  @Test("full range becomes limited range, to the nearest step or the one beside it, and limited stays")
  func range() {
    let frame = VideoFrame(width: 256, height: 2)
    for value in 0..<256 {
      frame.y[value] = UInt8(value)
      frame.u[value / 2] = UInt8(value & ~1)
      frame.v[value / 2] = UInt8(value | 1)
    }
    frame.colorMatrix = .bt709FullRange
    frame.limitRange()
    #expect(frame.colorMatrix == .bt709 && frame.y[0] == 16 && frame.y[255] == 235)
    for value in 0..<256 {
      let full = Double(value)
      let luma: Double = 16 + full * 219 / 255
      #expect(abs(Double(frame.y[value]) - luma) <= 1)
      let chroma: Double = 128 + (full - 128) * 224 / 255
      let plane = value % 2 == 0 ? frame.u : frame.v
      #expect(abs(Double(plane[value / 2]) - chroma) <= 1)
    }
    #expect(frame.u[64] == 128 && frame.v[127] == 240 && frame.u[0] == 16)
    let before = Array(UnsafeBufferPointer(start: frame.y, count: 256))
    frame.limitRange()
    #expect(Array(UnsafeBufferPointer(start: frame.y, count: 256)) == before)
  }

  // MARK: Motion JPEG

  /// A JPEG picture with the samples of `Self.samples`, encoded by libturbojpeg.
  private static func jpeg(_ subsampling: TJSAMP, _ width: Int, _ height: Int) throws -> [UInt8] {
    let encoder = try #require(tjInitCompress())
    defer { tjDestroy(encoder) }
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for row in 0..<height {
      for column in 0..<width {
        let place = 3 * (row * width + column)
        pixels[place] = UInt8(row * 255 / height)
        pixels[place + 1] = UInt8(column * 255 / width)
        pixels[place + 2] = UInt8((row + column) * 255 / (width + height))
      }
    }
    var output: UnsafeMutablePointer<UInt8>?
    var count: UInt = 0
    let status = tjCompress2(
      encoder, pixels, Int32(width), 0, Int32(height), Int32(TJPF_RGB.rawValue), &output, &count,
      Int32(subsampling.rawValue), 92, 0)
    defer { tjFree(output) }
    try #require(status == 0)
    return [UInt8](UnsafeBufferPointer(start: output, count: Int(count)))
  }

  private static let subsamplings = [TJSAMP_420, TJSAMP_422, TJSAMP_444, TJSAMP_GRAY, TJSAMP_440]

  private static func converter(_ width: Int, _ height: Int) throws -> PictureConverter {
    try #require(
      PictureConverter(
        PictureLayout(
          format: .motionJPEG, width: width, height: height, stride: 0, chromaStride: 0, colorMatrix: .bt601FullRange)))
  }

  @Test("JPEG pictures of all samplings agree with ffmpeg", arguments: 0..<5, [(320, 240), (322, 180), (161, 91)])
  func jpegSampling(index: Int, size: (width: Int, height: Int)) throws {
    let bytes = try Self.jpeg(Self.subsamplings[index], size.width, size.height)
    let frame = VideoFrame(width: size.width, height: size.height)
    #expect(try Self.convert([bytes], Self.converter(size.width, size.height), into: frame))
    try Sample.withFile(bytes) { path in
      guard
        let reference = try Sample.ffmpeg(
          path, ["-f", "rawvideo", "-pix_fmt", "yuvj420p", "-sws_flags", "area+accurate_rnd"])
      else { return }
      let chroma = frame.chromaWidth * frame.chromaHeight
      try #require(reference.count == size.width * size.height + 2 * chroma)
      func difference(_ plane: UnsafeMutablePointer<UInt8>, _ stride: Int, _ width: Int, _ height: Int, _ start: Int)
        -> Int
      {
        var worst = 0
        for row in 0..<height {
          for column in 0..<width {
            worst = max(worst, abs(Int(plane[row * stride + column]) - Int(reference[start + row * width + column])))
          }
        }
        return worst
      }
      let luma = size.width * size.height
      #expect(difference(frame.y, frame.strideY, size.width, size.height, 0) <= 2)
      #expect(difference(frame.u, frame.strideUV, frame.chromaWidth, frame.chromaHeight, luma) <= 6)
      #expect(difference(frame.v, frame.strideUV, frame.chromaWidth, frame.chromaHeight, luma + chroma) <= 6)
    }
  }

  @Test("a picture without Huffman tables, as many cameras send, is decoded with the standard ones")
  func withoutTables() throws {
    var bytes = try Self.jpeg(TJSAMP_422, 320, 240)
    let whole = VideoFrame(width: 320, height: 240)
    #expect(try Self.convert([bytes], Self.converter(320, 240), into: whole))
    var position = 2
    var removed = 0
    while bytes[position] == 0xFF, bytes[position + 1] != 0xDA {
      let length = 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
      if bytes[position + 1] == 0xC4 {
        bytes.removeSubrange(position..<position + length)
        removed += 1
      } else {
        position += length
      }
    }
    try #require(removed > 0)
    let frame = VideoFrame(width: 320, height: 240)
    #expect(try Self.convert([bytes], Self.converter(320, 240), into: frame))
    #expect(Self.areEqual(frame, whole))
  }

  @Test("damaged pictures are told from whole ones; padding before the end is no damage")
  func damage() throws {
    let bytes = try Self.jpeg(TJSAMP_420, 320, 240)
    let converter = try Self.converter(320, 240)
    let frame = VideoFrame(width: 320, height: 240)
    for count in [0, 1, 20, bytes.count / 4, bytes.count / 2, bytes.count - 200] {
      #expect(!Self.convert([Array(bytes.prefix(count))], converter, into: frame), "\(count) bytes")
    }
    var garbled = bytes
    for index in bytes.count / 2..<bytes.count / 2 + 40 { garbled[index] ^= 0x5A }
    #expect(!Self.convert([garbled], converter, into: frame))
    #expect(Self.convert([bytes], converter, into: frame))
    // In the header, wherever: the next picture is none the worse for it.
    for index in stride(from: 2, to: 400, by: 7) {
      garbled = bytes
      for place in index..<index + 40 { garbled[place] ^= 0x5A }
      _ = Self.convert([garbled], converter, into: frame)
      #expect(Self.convert([bytes], converter, into: frame), "after \(index)")
    }
    let padded: [UInt8] = Array(bytes.prefix(bytes.count - 2)) + [0, 0, 0, 0, 0xFF, 0xD9]
    #expect(Self.convert([padded], converter, into: frame))
    #expect(Self.convert([bytes + [UInt8](repeating: 0, count: 500)], converter, into: frame))
    // A picture of another size than agreed isn't one.
    #expect(!Self.convert([try Self.jpeg(TJSAMP_420, 640, 480)], converter, into: frame))
  }

  @Test("a JPEG picture allocates nothing beyond what bare libturbojpeg does", arguments: 0..<5)
  func allocations(index: Int) throws {
    let bytes = try Self.jpeg(Self.subsamplings[index], 1_280, 720)
    let frame = VideoFrame(width: 1_280, height: 720)
    let converter = try Self.converter(1_280, 720)
    let bare = try #require(tjInitDecompress())
    defer { tjDestroy(bare) }
    var planes = [UInt8](repeating: 0, count: 1_280 * 720 * 3)
    let pictures = bytes.withUnsafeBytes { bytes in
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
      memory.copyMemory(from: bytes)
      return [UnsafeRawBufferPointer(memory)]
    }
    defer { UnsafeMutableRawBufferPointer(mutating: pictures[0]).deallocate() }
    // The first picture may allocate what the others use again.
    func count(_ body: () -> Void) -> UInt64 {
      body()
      let before = thread_allocation_count()
      body()
      return thread_allocation_count() - before
    }
    var succeeded = true
    let ours = pictures.withUnsafeBufferPointer { pictures in
      count { succeeded = converter.convert(pictures, into: frame) && succeeded }
    }
    let theirs = planes.withUnsafeMutableBufferPointer { planes in
      count {
        guard let target = planes.baseAddress, let start = pictures[0].baseAddress else { return }
        var (width, height, subsampling, colour): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
        let picture = start.assumingMemoryBound(to: UInt8.self)
        tjDecompressHeader3(bare, picture, UInt(pictures[0].count), &width, &height, &subsampling, &colour)
        tjDecompressToYUV2(bare, picture, UInt(pictures[0].count), target, width, 4, height, 0)
      }
    }
    #expect(succeeded && theirs > 0)
    #expect(ours <= theirs, "\(ours) allocations, of which \(theirs) are libturbojpeg's")
  }
}
