import CTurboJPEG
import CYUV
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Decodes JPEG pictures straight to planar frames, halving the chroma of 4:2:2 and 4:4:4.
///
/// Luma never, and chroma of 4:2:0 never either, takes a way round: libjpeg's output rows are the frame's own. Memory for
/// other chroma is kept, so that a stream of pictures allocates only what libturbojpeg does inside.
final class JPEGDecoder {
  /// What became of a picture.
  enum Outcome {
    /// All of it is in the frame.
    case whole
    /// It was cut short or has wrong bits: it is in the frame as far as it goes.
    case damaged
    /// Nothing can be shown.
    case unreadable
  }

  /// What a picture says of itself.
  struct Header {
    var width: Int
    var height: Int
    fileprivate var subsampling: Int32
  }

  private var handle: tjhandle
  /// Planes of pictures whose layout isn't a frame's.
  private var scratch = MemoryBlock(byteCount: 64, alignment: 64)

  /// Nil when there is no memory for a decoder.
  init?() {
    guard let handle = tjInitDecompress() else { return nil }
    self.handle = handle
  }

  deinit {
    tjDestroy(handle)
  }

  /// Why the last picture was damaged or unreadable, in libturbojpeg's words.
  var reason: String { tjGetErrorStr2(handle).map { String(cString: $0) } ?? "no reason given" }

  /// The size of a picture; nil when it can't be decoded.
  func header(of bytes: UnsafeRawBufferPointer) -> Header? {
    var (width, height, subsampling, colourSpace): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      tjDecompressHeader3(handle, start, UInt(bytes.count), &width, &height, &subsampling, &colourSpace) == 0,
      (1...VideoFile.maximumDimension).contains(Int(width)), (1...VideoFile.maximumDimension).contains(Int(height)),
      (0..<TJ_NUMSAMP).contains(subsampling),
      colourSpace == TJCS_YCbCr.rawValue || colourSpace == TJCS_GRAY.rawValue
    else { return nil }
    return Header(width: Int(width), height: Int(height), subsampling: subsampling)
  }

  /// Decodes a picture into `frame`, which must have its size: another one is unreadable.
  func decode(_ bytes: UnsafeRawBufferPointer, into frame: VideoFrame) -> Outcome {
    guard let header = header(of: bytes) else {
      renew()
      return .unreadable
    }
    guard header.width == frame.width, header.height == frame.height else { return .unreadable }
    frame.colorMatrix = .bt601FullRange
    let isDirect = header.subsampling == TJSAMP_420.rawValue && header.width % 2 == 0 && header.height % 2 == 0
    return isDirect
      ? decompress(bytes, (frame.y, frame.u, frame.v), (frame.strideY, frame.strideUV))
      : decodeByScratch(bytes, header, frame)
  }

  /// After an error in a header libturbojpeg 2.1 goes on reading where it stopped, and never finds a picture again.
  private func renew() {
    guard let fresh = tjInitDecompress() else { return }
    tjDestroy(handle)
    handle = fresh
  }

  private typealias Planes = (UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt8>)

  private func decompress(_ bytes: UnsafeRawBufferPointer, _ planes: Planes, _ strides: (Int, Int)) -> Outcome {
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return .unreadable }
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
    if result == 0 { return .whole }
    guard tjGetErrorCode(handle) == TJERR_WARNING.rawValue else { return .unreadable }
    return isHarmlessWarning ? .whole : .damaged
  }

  /// Many cameras pad their pictures with a few bytes before the end marker, which shows nowhere.
  private var isHarmlessWarning: Bool {
    guard let text = tjGetErrorStr2(handle) else { return false }
    return strstr(text, "extraneous bytes before marker 0xd9") != nil
  }

  private func decodeByScratch(_ bytes: UnsafeRawBufferPointer, _ header: Header, _ frame: VideoFrame) -> Outcome {
    let (width, height, subsampling) = (Int32(header.width), Int32(header.height), header.subsampling)
    let isGrey = subsampling == TJSAMP_GRAY.rawValue
    let (lumaWidth, lumaHeight) = (tjPlaneWidth(0, width, subsampling), tjPlaneHeight(0, height, subsampling))
    let chromaWidth = isGrey ? 1 : tjPlaneWidth(1, width, subsampling)
    let chromaHeight = isGrey ? 1 : tjPlaneHeight(1, height, subsampling)
    guard lumaWidth > 0, lumaHeight > 0, chromaWidth > 0, chromaHeight > 0 else { return .unreadable }
    // The frame's rows have room to spare at the right, but there is none below the last.
    let hasRoom = lumaWidth <= frame.strideY && lumaHeight == height
    let lumaSize = hasRoom ? 0 : Int(lumaWidth) * Int(lumaHeight)
    // The chroma's rows padded as the frame's are, so that libjpeg finds its whole blocks there.
    let chromaStride = (Int(chromaWidth) + 63) & ~63
    let chromaSize = chromaStride * Int(chromaHeight)
    scratch.reserve(lumaSize + 2 * chromaSize)
    guard let start = scratch.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return .unreadable }
    let planes = (hasRoom ? frame.y : start, start + lumaSize, start + lumaSize + chromaSize)
    let outcome = decompress(bytes, planes, (hasRoom ? frame.strideY : Int(lumaWidth), chromaStride))
    if outcome == .unreadable { return outcome }
    if !hasRoom {
      for row in 0..<frame.height {
        (frame.y + row * frame.strideY).update(from: start + row * Int(lumaWidth), count: frame.width)
      }
    }
    if isGrey {
      frame.u.update(repeating: 128, count: frame.strideUV * frame.chromaHeight)
      frame.v.update(repeating: 128, count: frame.strideUV * frame.chromaHeight)
    } else {
      let size = (Int(chromaWidth), Int(chromaHeight))
      shrink(planes.1, chromaStride, size, into: frame.u, frame)
      shrink(planes.2, chromaStride, size, into: frame.v, frame)
    }
    return outcome
  }

  /// Averages a chroma plane of `size` down to that of `frame`, by whole factors.
  private func shrink(
    _ source: UnsafePointer<UInt8>, _ stride: Int, _ size: (width: Int, height: Int),
    into target: UnsafeMutablePointer<UInt8>, _ frame: VideoFrame
  ) {
    let isHalved = (size.width == 2 * frame.chromaWidth, size.height == 2 * frame.chromaHeight)
    if isHalved.1, isHalved.0 || size.width == frame.chromaWidth {
      // Of a plane that is only lower, the bilinear filter takes the mean of two rows; the box filter would allocate.
      ScalePlane(
        source, Int32(stride), Int32(size.width), Int32(size.height), target, Int32(frame.strideUV),
        Int32(frame.chromaWidth), Int32(frame.chromaHeight), isHalved.0 ? kFilterBox : kFilterBilinear)
      return
    }
    let across = size.width >= 2 * frame.chromaWidth - 1 && frame.chromaWidth < size.width ? 2 : 1
    let down = size.height >= 2 * frame.chromaHeight - 1 && frame.chromaHeight < size.height ? 2 : 1
    for row in 0..<frame.chromaHeight {
      let first = min(row * down, size.height - 1)
      let upper = source + first * stride
      let lower = source + min(first + down - 1, size.height - 1) * stride
      for column in 0..<frame.chromaWidth {
        let left = min(column * across, size.width - 1)
        let right = min(left + across - 1, size.width - 1)
        let sum = Int(upper[left]) + Int(upper[right]) + Int(lower[left]) + Int(lower[right])
        target[row * frame.strideUV + column] = UInt8((sum + 2) / 4)
      }
    }
  }
}
