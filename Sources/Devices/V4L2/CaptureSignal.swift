import CV4L
import Video

/// The signal at the input of a capture device, such as HDMI; cameras have none.
struct CaptureSignal {
  /// Pictures a second and size, as the signal says.
  var format: CameraFormat
  /// Whether a picture comes as two fields.
  var isInterlaced: Bool

  /// Whether the present input of the device takes a signal whose timings can be asked for.
  static func isTaken(by device: VideoDevice) -> Bool {
    input(of: device).map { $0.capabilities & UInt32(V4L2_IN_CAP_DV_TIMINGS) != 0 } ?? false
  }

  /// Whether the input says that it has neither power nor signal. What can't say so is taken to have both.
  static func isMissing(at device: VideoDevice) -> Bool {
    if isTaken(by: device) { return device.with { salle_v4l_query_signal($0) } != 0 }
    let flags = UInt32(V4L2_IN_ST_NO_POWER | V4L2_IN_ST_NO_SIGNAL)
    return input(of: device).map { $0.status & flags != 0 } ?? false
  }

  /// The signal as it is now, which the device is set to take; nil when there is none or an unstable one. Only while no
  /// buffers are allocated.
  static func adopted(by device: VideoDevice) throws(CameraError) -> CaptureSignal? {
    var timings = salle_v4l_timings()
    let number = device.with { salle_v4l_adopt_timings($0, &timings) }
    switch number {
    case 0: break
    case ENOLINK, ENOLCK, ERANGE: return nil
    default: throw CameraError(number)
    }
    guard timings.rate.isFinite, timings.rate > 0 else { return nil }
    return CaptureSignal(
      format: CameraFormat(
        width: Int(timings.width), height: Int(timings.height), framesPerSecond: min(timings.rate, 240)),
      isInterlaced: timings.interlaced != 0)
  }

  private static func input(of device: VideoDevice) -> v4l2_input? {
    var index: Int32 = 0
    guard device.call(salle_VIDIOC_G_INPUT, &index) == 0 else { return nil }
    var input = v4l2_input()
    input.index = UInt32(bitPattern: index)
    return device.call(salle_VIDIOC_ENUMINPUT, &input) == 0 ? input : nil
  }
}
