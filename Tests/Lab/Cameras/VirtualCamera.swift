import CV4L
import Realtime
import Testing
import Video

@testable import Devices

/// What the tests do to vivid, the kernel's virtual camera, behind the back of the code under test.
struct VirtualCamera {
  /// Vivid's own controls (drivers/media/test-drivers/vivid/vivid-ctrls.c).
  enum Control: UInt32 {
    case testPattern = 0x00F0_F000
    case text = 0x00F0_F001
    case timestampSource = 0x00F0_F018
    case wrapTimestamp = 0x00F0_F027
    case droppedBuffers = 0x00F0_F040
    case disconnect = 0x00F0_F041
    case faultyBuffer = 0x00F0_F042
    case allocationError = 0x00F0_F043
    case queueError = 0x00F0_F044
    case startError = 0x00F0_F045
    case fatalError = 0x00F0_F046
  }

  let device: VideoDevice

  init(_ node: String) throws {
    device = try VideoDevice(node: node)
  }

  func set(_ control: Control, _ value: Int32 = 1) throws {
    try set(control.rawValue, value)
  }

  func set(_ identifier: UInt32, _ value: Int32) throws {
    var request = v4l2_control(id: identifier, value: value)
    try device.perform(salle_VIDIOC_S_CTRL, &request)
  }

  /// 75 % colour bars (SMPTE), left to right: 8 bars of R′G′B′.
  static let bars: [(red: Double, green: Double, blue: Double)] = (0..<8).map { index in
    // White, yellow, cyan, green, magenta, red, blue, black.
    let level = 191.0 / 255
    return (index & 2 == 0 ? level : 0, index & 4 == 0 ? level : 0, index & 1 == 0 ? level : 0)
  }

  /// How far `frame` is from colour bars, at worst, in steps of 8 bits; in the lower half, where no text is.
  static func distanceFromBars(_ frame: VideoFrame) -> Int {
    var worst = 0
    for (index, bar) in bars.enumerated() {
      let expected = samples(bar, frame.colorMatrix)
      let x = (2 * index + 1) * frame.width / 16
      for y in [frame.height * 5 / 8, frame.height - 2] {
        let found = [
          Int(frame.y[y * frame.strideY + x]), Int(frame.u[y / 2 * frame.strideUV + x / 2]),
          Int(frame.v[y / 2 * frame.strideUV + x / 2]),
        ]
        for (a, b) in zip(expected, found) { worst = max(worst, abs(a - b)) }
      }
    }
    return worst
  }

  /// Y′CbCr of an R′G′B′ colour by ITU-R BT.601 or BT.709, from first principles.
  private static func samples(
    _ color: (red: Double, green: Double, blue: Double), _ matrix: ColorMatrix
  ) -> [Int] {
    let is709 = matrix == .bt709 || matrix == .bt709FullRange
    let isFull = matrix == .bt601FullRange || matrix == .bt709FullRange
    let (redWeight, blueWeight) = is709 ? (0.2126, 0.0722) : (0.299, 0.114)
    let luma = redWeight * color.red + (1 - redWeight - blueWeight) * color.green + blueWeight * color.blue
    let u = (color.blue - luma) / (2 * (1 - blueWeight))
    let v = (color.red - luma) / (2 * (1 - redWeight))
    let (offset, lumaScale, chromaScale): (Double, Double, Double) = isFull ? (0, 255, 255) : (16, 219, 224)
    return [offset + lumaScale * luma, 128 + chromaScale * u, 128 + chromaScale * v].map { Int($0.rounded()) }
  }
}

extension CameraSource {
  /// The next picture within a second.
  func picture(from pool: VideoFramePool) throws -> VideoFrame? {
    try nextFrame(from: pool, timeout: .seconds(1))
  }
}
