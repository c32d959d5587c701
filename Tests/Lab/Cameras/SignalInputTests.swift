import CV4L
import Glibc
import Realtime
import Testing
import Video

@testable import Devices

/// A capture device for presentations: /dev/video0 captures the HDMI signal that /dev/video1 sends.
@Suite(.serialized, .lab("hdmi-input")) struct SignalInputTests {
  private static let place = CameraPlace(node: "/dev/video0")
  /// Vivid's controls of the input.
  private static let signalMode: UInt32 = 0x00F0_F03E
  private static let selectedTimings: UInt32 = 0x00F0_F03F
  private static let connection: UInt32 = 0x00F0_F071
  private static let current: Int32 = 0
  private static let noSignal: Int32 = 1
  private static let noLock: Int32 = 2

  @Test("an input is told from a camera, and its signal's size and rate are taken")
  func enumeration() throws {
    let all = CaptureDevice.all()
    #expect(all.map(\.node) == ["/dev/video0"] && all.first?.kind == .signalInput)
    let camera = try V4L2Camera(
      node: "/dev/video0", wish: CameraFormat(width: 1_920, height: 1_080, framesPerSecond: 60))
    #expect(camera.condition == .streaming)
    #expect(camera.format.width == 1_280 && camera.format.height == 720 && camera.format.framesPerSecond == 60)
  }

  @Test("pictures that are sent arrive unchanged")
  func loopback() throws {
    let (width, height) = (1_280, 720)
    let sent = Self.pattern(width, height)
    try #require(Self.write(sent, "/tmp/sent.yu12"))
    // The other end is not ours.
    let timings = "cvt,width=1280,height=720,fps=60"
    try #require(Lab.shell("v4l2-ctl -d /dev/video1 --set-dv-bt-timings \(timings) >/dev/null") == 0)
    try #require(Lab.shell("v4l2-ctl -d /dev/video0 --set-dv-bt-timings \(timings) >/dev/null") == 0)
    let virtual = try VirtualCamera("/dev/video0")
    try virtual.set(.text, 2)
    try virtual.set(Self.connection, 2)
    defer { try? virtual.set(Self.connection, 0) }
    try #require(
      Lab.shell(
        """
        v4l2-ctl -d /dev/video1 --set-fmt-video-out width=1280,height=720,pixelformat=YU12 \
          --stream-out-mmap --stream-from /tmp/sent.yu12 --stream-loop >/dev/null 2>&1 & echo $! > /tmp/sender
        """) == 0)
    defer { Lab.shell("kill $(cat /tmp/sender)") }
    let run = RoomCameraRun(Self.place)
    let time = try run.take(for: .seconds(5)) { Self.isEqual($0, sent) }
    #expect(time != nil)
    // Of 60 pictures a second the 30 that are wished.
    var equal = 0
    var count = 0
    try run.take(for: .seconds(1)) { frame in
      count += 1
      equal += Self.isEqual(frame, sent) ? 1 : 0
      return false
    }
    #expect(equal == count && count >= 27 && count <= 33, "\(equal) of \(count)")
  }

  @Test("without a signal there is a sign, and the picture is back with the signal", arguments: [noSignal, noLock])
  func missingSignal(mode: Int32) throws {
    let virtual = try VirtualCamera("/dev/video0")
    let run = RoomCameraRun(Self.place)
    try run.take(for: .milliseconds(300))
    #expect(run.camera.status.condition == .showing)
    #expect(VirtualCamera.distanceFromBars(try #require(run.shown)) <= 3)
    try virtual.set(Self.signalMode, mode)
    defer { try? virtual.set(Self.signalMode, Self.current) }
    let lost = try run.take(for: .seconds(3), until: .noSignal)
    #expect(try #require(lost) < .seconds(2))
    try run.take(for: .seconds(1))
    #expect(VirtualCamera.distanceFromBars(try #require(run.shown)) > 50 && run.longestGap < .seconds(2))
    try virtual.set(Self.signalMode, Self.current)
    let back = try run.take(for: .seconds(3)) { VirtualCamera.distanceFromBars($0) <= 3 }
    #expect(try #require(back) < .seconds(2))
    #expect(run.camera.status.openings == 1)
    // Plugged in only later.
    try virtual.set(Self.signalMode, mode)
    let later = RoomCameraRun(Self.place)
    run.camera.use(nil)
    try run.take(for: .milliseconds(300))
    #expect(try later.take(for: .seconds(3), until: .noSignal) != nil)
    try virtual.set(Self.signalMode, Self.current)
    #expect(try later.take(for: .seconds(3), until: .showing) != nil)
  }

  @Test("another signal is followed at once")
  func otherTimings() throws {
    let virtual = try VirtualCamera("/dev/video0")
    let run = RoomCameraRun(Self.place)
    try run.take(for: .milliseconds(300))
    #expect(run.shown?.width == 1_280)
    // Timings that the device finds at its input from now on, by the number in vivid's menu.
    let menu = try #require(Self.timings(virtual, named: "1920x1080p60"))
    try virtual.set(Self.signalMode, 4)
    defer { try? virtual.set(Self.signalMode, Self.current) }
    try virtual.set(Self.selectedTimings, menu)
    let time = try run.take(for: .seconds(3)) { $0.width == 1_920 && $0.height == 1_080 }
    #expect(try #require(time) < .seconds(2))
    #expect(run.camera.status.format?.framesPerSecond == 60 && run.camera.status.openings == 1)
  }

  private static func timings(_ camera: VirtualCamera, named name: String) -> Int32? {
    (0..<200).first { index in
      camera.device.with { descriptor in
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 33) { text in
          var value: Int64 = 0
          return salle_v4l_menu_item(descriptor, selectedTimings, UInt32(index), text.baseAddress, &value) == 0
            && text.baseAddress.map { String(cString: $0) } == name
        }
      }
    }
  }

  /// A planar 4:2:0 picture in which no two places look alike.
  private static func pattern(_ width: Int, _ height: Int) -> [UInt8] {
    var random = SeededRandom(seed: 7)
    return (0..<width * height * 3 / 2).map { _ in UInt8.random(in: 16...235, using: &random) }
  }

  private static func isEqual(_ frame: VideoFrame, _ bytes: [UInt8]) -> Bool {
    guard bytes.count == frame.width * frame.height * 3 / 2 else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      guard var place = bytes.baseAddress else { return false }
      for (plane, stride, width, height) in [
        (frame.y, frame.strideY, frame.width, frame.height),
        (frame.u, frame.strideUV, frame.chromaWidth, frame.chromaHeight),
        (frame.v, frame.strideUV, frame.chromaWidth, frame.chromaHeight),
      ] {
        for row in 0..<height {
          if memcmp(plane + row * stride, place, width) != 0 { return false }
          place += width
        }
      }
      return true
    }
  }

  private static func write(_ bytes: [UInt8], _ path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    defer { fclose(file) }
    return fwrite(bytes, 1, bytes.count, file) == bytes.count
  }
}
