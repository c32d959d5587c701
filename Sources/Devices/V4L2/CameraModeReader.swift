import CV4L
import Video

/// Asks a video node for its formats, sizes and frame intervals. The driver's answers are not trusted: lists end.
struct CameraModeReader {
  private static let maximumFormats: UInt32 = 256
  private static let maximumSizes: UInt32 = 256
  private static let maximumIntervals: UInt32 = 128
  /// Of a camera with any size, those that are worth a look.
  private static let usualSizes = [(3_840, 2_160), (1_920, 1_080), (1_280, 720), (640, 480), (640, 360)]

  let device: VideoDevice
  let bufferType: UInt32
  /// Whether the present size is the only one: that of a signal, which the driver could at best scale.
  var hasSizeOfSignal = false

  /// Everything that can be used.
  func offers() -> [CameraModeOffer] {
    var offers: [CameraModeOffer] = []
    for index in 0..<Self.maximumFormats {
      var answer = v4l2_fmtdesc()
      answer.index = index
      answer.type = bufferType
      guard device.call(salle_VIDIOC_ENUM_FMT, &answer) == 0 else { break }
      // What the kernel's drivers don't give but a library would make of it costs more than our own conversion.
      guard answer.flags & UInt32(V4L2_FMT_FLAG_EMULATED) == 0,
        let format = PixelFormat(rawValue: answer.pixelformat)
      else { continue }
      for (width, height) in sizes(format) {
        offers.append(
          CameraModeOffer(
            format: format, width: width, height: height, rates: rates(format, width: width, height: height)))
      }
    }
    return offers
  }

  private func sizes(_ format: PixelFormat) -> [(Int, Int)] {
    var sizes: [(Int, Int)] = []
    for index in 0..<(hasSizeOfSignal ? 0 : Self.maximumSizes) {
      var answer = v4l2_frmsizeenum()
      answer.index = index
      answer.pixel_format = format.rawValue
      guard device.call(salle_VIDIOC_ENUM_FRAMESIZES, &answer) == 0 else { break }
      guard answer.type == V4L2_FRMSIZE_TYPE_DISCRETE.rawValue else { return usualSizes(in: answer.stepwise) }
      sizes.append((Int(answer.discrete.width), Int(answer.discrete.height)))
    }
    // What captures a signal has the signal's size and no list.
    if sizes.isEmpty, let current = currentSize() { sizes = [current] }
    return sizes.filter { isUsable($0) }
  }

  private func isUsable(_ size: (Int, Int)) -> Bool {
    (2...VideoFile.maximumDimension).contains(size.0) && (2...VideoFile.maximumDimension).contains(size.1)
  }

  private func usualSizes(in range: v4l2_frmsize_stepwise) -> [(Int, Int)] {
    func aligned(_ value: Int, _ low: UInt32, _ high: UInt32, _ step: UInt32) -> Int? {
      guard value >= Int(low), value <= Int(high) else { return nil }
      return Int(low) + (value - Int(low)) / Int(max(step, 1)) * Int(max(step, 1))
    }
    let all = Self.usualSizes + [(Int(range.max_width), Int(range.max_height))]
    var sizes: [(Int, Int)] = []
    for (width, height) in all {
      guard let width = aligned(width, range.min_width, range.max_width, range.step_width),
        let height = aligned(height, range.min_height, range.max_height, range.step_height),
        isUsable((width, height)), !sizes.contains(where: { $0 == (width, height) })
      else { continue }
      sizes.append((width, height))
    }
    return sizes
  }

  private func currentSize() -> (Int, Int)? {
    var format = v4l2_format()
    format.type = bufferType
    guard device.call(salle_VIDIOC_G_FMT, &format) == 0 else { return nil }
    return bufferType == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE.rawValue
      ? (Int(format.fmt.pix_mp.width), Int(format.fmt.pix_mp.height))
      : (Int(format.fmt.pix.width), Int(format.fmt.pix.height))
  }

  private func rates(_ format: PixelFormat, width: Int, height: Int) -> FrameRates {
    var intervals: [FrameInterval] = []
    for index in 0..<Self.maximumIntervals {
      var answer = v4l2_frmivalenum()
      answer.index = index
      answer.pixel_format = format.rawValue
      answer.width = UInt32(width)
      answer.height = UInt32(height)
      guard device.call(salle_VIDIOC_ENUM_FRAMEINTERVALS, &answer) == 0 else { break }
      guard answer.type == V4L2_FRMIVAL_TYPE_DISCRETE.rawValue else {
        let (range, isStepwise) = (answer.stepwise, answer.type == V4L2_FRMIVAL_TYPE_STEPWISE.rawValue)
        return .range(
          shortest: FrameInterval(range.min), longest: FrameInterval(range.max),
          step: isStepwise ? FrameInterval(range.step).seconds : 0)
      }
      if answer.discrete.numerator > 0 { intervals.append(FrameInterval(answer.discrete)) }
    }
    return intervals.isEmpty ? .unknown : .discrete(intervals)
  }
}

extension FrameInterval {
  init(_ fraction: v4l2_fract) {
    self.init(fraction.numerator, fraction.denominator)
  }

  /// As the kernel writes it.
  var fraction: v4l2_fract { v4l2_fract(numerator: numerator, denominator: denominator) }
}
