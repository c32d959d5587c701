import CTurboJPEG
import Video

/// Decodes JPEG pictures straight to planar frames, halving the chroma of 4:2:2 and 4:4:4.
final class JPEGDecoder {
  private let handle: tjhandle
  private let path: String
  /// Planes of pictures whose layout isn't a frame's.
  private var scratch = MemoryBlock(byteCount: 64, alignment: 64)

  /// `path` is the file that errors name.
  init(path: String) throws(MediaFileError) {
    guard let handle = tjInitDecompress() else {
      throw MediaFileError(path: path, reason: .unsupported("JPEG without memory for a decoder"))
    }
    self.handle = handle
    self.path = path
  }

  deinit {
    tjDestroy(handle)
  }

  private struct Header {
    var width: Int
    var height: Int
    var subsampling: Int32
  }

  /// Width and height of a picture.
  func size(of bytes: [UInt8]) throws(MediaFileError) -> (width: Int, height: Int) {
    // The closure of withUnsafeBytes can't carry the typed error.
    let header = bytes.withUnsafeBytes { readHeader($0) }
    guard let header else { throw malformed() }
    return (header.width, header.height)
  }

  /// Decodes one picture into a frame of `pool`; nil when the pool has no vacant frame.
  func decode(_ bytes: UnsafeRawBufferPointer, into pool: VideoFramePool) throws(MediaFileError) -> VideoFrame? {
    guard let header = readHeader(bytes) else { throw malformed() }
    guard let frame = pool.vacant(width: header.width, height: header.height) else { return nil }
    frame.colorMatrix = .bt601FullRange
    let isDirect = header.subsampling == TJSAMP_420.rawValue && header.width % 2 == 0 && header.height % 2 == 0
    let succeeded =
      isDirect
      ? decompress(bytes, (frame.y, frame.u, frame.v), (frame.strideY, frame.strideUV))
      : decodeByScratch(bytes, header, frame)
    guard succeeded else { throw malformed() }
    return frame
  }

  private func readHeader(_ bytes: UnsafeRawBufferPointer) -> Header? {
    var (width, height, subsampling, colourSpace): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      tjDecompressHeader3(handle, start, UInt(bytes.count), &width, &height, &subsampling, &colourSpace) == 0,
      (1...VideoFile.maximumDimension).contains(Int(width)), (1...VideoFile.maximumDimension).contains(Int(height)),
      (0..<TJ_NUMSAMP).contains(subsampling),
      colourSpace == TJCS_YCbCr.rawValue || colourSpace == TJCS_GRAY.rawValue
    else { return nil }
    return Header(width: Int(width), height: Int(height), subsampling: subsampling)
  }

  private typealias Planes = (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)

  /// False when the picture is damaged so that nothing can be shown. A picture cut short is shown as far as it goes.
  private func decompress(_ bytes: UnsafeRawBufferPointer, _ planes: Planes, _ strides: (Int, Int)) -> Bool {
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    var pointers = (Optional(planes.0), Optional(planes.1), Optional(planes.2))
    var widths = (Int32(strides.0), Int32(strides.1), Int32(strides.1))
    let result = withUnsafeMutablePointer(to: &pointers) { pointers in
      withUnsafeMutablePointer(to: &widths) { widths in
        pointers.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 3) { pointers in
          widths.withMemoryRebound(to: Int32.self, capacity: 3) { widths in
            tjDecompressToYUVPlanes(
              handle, start, UInt(bytes.count), pointers, 0, widths, 0, Int32(TJFLAG_NOREALLOC))
          }
        }
      }
    }
    return result == 0 || tjGetErrorCode(handle) == TJERR_WARNING.rawValue
  }

  private func decodeByScratch(_ bytes: UnsafeRawBufferPointer, _ header: Header, _ frame: VideoFrame) -> Bool {
    let (width, height, subsampling) = (Int32(header.width), Int32(header.height), header.subsampling)
    let isGrey = subsampling == TJSAMP_GRAY.rawValue
    let (lumaWidth, lumaHeight) = (tjPlaneWidth(0, width, subsampling), tjPlaneHeight(0, height, subsampling))
    let chromaWidth = isGrey ? 1 : tjPlaneWidth(1, width, subsampling)
    let chromaHeight = isGrey ? 1 : tjPlaneHeight(1, height, subsampling)
    guard lumaWidth > 0, lumaHeight > 0, chromaWidth > 0, chromaHeight > 0 else { return false }
    let (lumaSize, chromaSize) = (Int(lumaWidth) * Int(lumaHeight), Int(chromaWidth) * Int(chromaHeight))
    scratch.reserve(lumaSize + 2 * chromaSize)
    guard let luma = scratch.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    let planes = (luma, luma + lumaSize, luma + lumaSize + chromaSize)
    guard decompress(bytes, planes, (Int(lumaWidth), Int(chromaWidth))) else { return false }
    for row in 0..<frame.height {
      (frame.y + row * frame.strideY).update(from: luma + row * Int(lumaWidth), count: frame.width)
    }
    if isGrey {
      frame.u.update(repeating: 128, count: frame.strideUV * frame.chromaHeight)
      frame.v.update(repeating: 128, count: frame.strideUV * frame.chromaHeight)
    } else {
      let size = (Int(chromaWidth), Int(chromaHeight))
      shrink(planes.1, size, into: frame.u, frame)
      shrink(planes.2, size, into: frame.v, frame)
    }
    return true
  }

  /// Averages a chroma plane of `size` down to that of `frame`, by whole factors.
  private func shrink(
    _ source: UnsafePointer<UInt8>, _ size: (width: Int, height: Int), into target: UnsafeMutablePointer<UInt8>,
    _ frame: VideoFrame
  ) {
    let across = size.width >= 2 * frame.chromaWidth - 1 && frame.chromaWidth < size.width ? 2 : 1
    let down = size.height >= 2 * frame.chromaHeight - 1 && frame.chromaHeight < size.height ? 2 : 1
    for row in 0..<frame.chromaHeight {
      let first = min(row * down, size.height - 1)
      let upper = source + first * size.width
      let lower = source + min(first + down - 1, size.height - 1) * size.width
      for column in 0..<frame.chromaWidth {
        let left = min(column * across, size.width - 1)
        let right = min(left + across - 1, size.width - 1)
        let sum = Int(upper[left]) + Int(upper[right]) + Int(lower[left]) + Int(lower[right])
        target[row * frame.strideUV + column] = UInt8((sum + 2) / 4)
      }
    }
  }

  private func malformed() -> MediaFileError {
    let text = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "no reason given"
    return MediaFileError(path: path, reason: .malformed("a JPEG picture can't be read (\(text))"))
  }
}
