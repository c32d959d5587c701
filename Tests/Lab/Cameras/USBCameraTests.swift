import Glibc
import Realtime
import Testing
import Video

@testable import Devices

/// USB cameras of the field, imitated over USB/IP, with the kernel's own class driver.
@Suite(.serialized, .lab("usb-camera")) struct USBCameraTests {
  private static let fullHD = CameraFormat(width: 1_920, height: 1_080, framesPerSecond: 30)
  private static let halfHD = CameraFormat(width: 1_280, height: 720, framesPerSecond: 30)

  /// Made once: that takes longer than a test.
  private static let files = Result {
    [
      "1920x1080": try USBCamera.pictures(width: 1_920, height: 1_080, count: 3),
      "1280x720": try USBCamera.pictures(width: 1_280, height: 720, count: 4),
    ]
  }

  private static func plug(_ options: String = "", port: Int = 0) throws -> USBCamera {
    try USBCamera(port: port, pictures: files.get(), options: options)
  }

  /// What a decoder of its own makes of the camera's pictures.
  private static func decoded(width: Int, height: Int) throws -> [VideoFrame] {
    let decoder = try #require(JPEGDecoder())
    return try #require(try files.get()["\(width)x\(height)"]).map { bytes in
      let frame = VideoFrame(width: width, height: height)
      try #require(bytes.withUnsafeBytes { decoder.decode($0, into: frame) } == .whole)
      frame.limitRange()
      return frame
    }
  }

  private static func index(of frame: VideoFrame, in references: [VideoFrame]) -> Int? {
    references.firstIndex { reference in
      frame.width == reference.width && frame.height == reference.height
        && (0..<frame.height).allSatisfy {
          memcmp(frame.y + $0 * frame.strideY, reference.y + $0 * reference.strideY, frame.width) == 0
        }
        && (0..<frame.chromaHeight).allSatisfy {
          memcmp(frame.u + $0 * frame.strideUV, reference.u + $0 * reference.strideUV, frame.chromaWidth) == 0
            && memcmp(frame.v + $0 * frame.strideUV, reference.v + $0 * reference.strideUV, frame.chromaWidth) == 0
        }
    }
  }

  @Test("the best mode is chosen by real frame intervals, and motion JPEG decoded exactly, at 30 pictures a second")
  func motionJPEG() throws {
    let usb = try Self.plug()
    let device = try #require(usb.device)
    #expect(device.name.contains("Conference camera") && device.driver == "uvcvideo" && device.kind == .camera)
    #expect(device.sysfsPath.hasSuffix("/usb1/1-1/1-1:1.0"))
    for (wish, count) in [(Self.fullHD, 3), (Self.halfHD, 4)] {
      let references = try Self.decoded(width: wish.width, height: wish.height)
      let camera = try V4L2Camera(node: device.node, wish: wish)
      #expect(camera.layout?.format == .motionJPEG && camera.format == wish)
      let pool = VideoFramePool(capacity: 2)
      var last: (index: Int, time: Instant)?
      for _ in 0..<30 {
        let frame = try #require(try camera.picture(from: pool))
        let index = try #require(Self.index(of: frame, in: references))
        if let last {
          #expect(index == (last.index + 1) % count)
          #expect(abs((frame.captureTime - last.time).milliseconds - 100 / 3) < 1)
        }
        last = (index, frame.captureTime)
      }
      #expect(camera.statistics == V4L2Camera.Statistics(delivered: 30))
    }
    // Where raw pictures are as fast, they are cheaper.
    let small = try V4L2Camera(
      node: device.node, wish: CameraFormat(width: 640, height: 480, framesPerSecond: 30))
    #expect(small.layout?.format == .yuyv)
    let pool = VideoFramePool(capacity: 2)
    for _ in 0..<10 {
      let frame = try #require(try small.picture(from: pool))
      // The camera paints all of a raw picture in one grey.
      let grey = frame.y[0]
      #expect((0..<480).allSatisfy { row in (0..<640).allSatisfy { frame.y[row * frame.strideY + $0] == grey } })
      #expect(frame.u[0] == 128 && frame.v[0] == 128)
    }
  }

  @Test("broken pictures are counted and left out, and the last good one stays")
  func brokenPictures() throws {
    let usb = try Self.plug()
    let run = RoomCameraRun(CameraPlace(try #require(usb.device)))
    let references = try Self.decoded(width: 1_280, height: 720)
    try run.take(for: .milliseconds(300))
    #expect(run.camera.status.pictures.broken == 0)
    for (fault, count) in [("broken", 5), ("short", 5)] {
      let before = run.camera.status.pictures.broken
      usb.tell("\(fault) \(count)")
      try run.take(for: .seconds(1)) { frame in
        #expect(Self.index(of: frame, in: references) != nil)
        return false
      }
      #expect(run.camera.status.pictures.broken == before + count)
    }
    // What the camera itself calls faulty the kernel leaves out.
    usb.tell("error 5")
    try run.take(for: .seconds(1)) { Self.index(of: $0, in: references) == nil }
    #expect(run.camera.status.condition == .showing && run.camera.status.openings == 1)
    // Nothing else for a second: the last good picture is given again, so that who joins then sees it.
    run.forgetGap()
    usb.tell("broken 30")
    var pictures = 0
    try run.take(for: .seconds(1)) { frame in
      pictures += 1
      #expect(Self.index(of: frame, in: references) != nil)
      return false
    }
    #expect(run.longestGap < .milliseconds(700) && pictures < 10)
    try run.take(for: .seconds(1))
    #expect(run.camera.status.condition == .showing && run.camera.status.openings == 1)
  }

  @Test("a camera that stalls is opened anew until it gives pictures again")
  func stall() throws {
    let usb = try Self.plug()
    let run = RoomCameraRun(CameraPlace(try #require(usb.device)))
    try run.take(for: .milliseconds(300))
    usb.tell("stall 6")
    #expect(try run.take(for: .seconds(4), until: .failing(nil)) != nil)
    try run.take(for: .seconds(3))
    #expect(run.longestGap < .seconds(1))
    #expect(try run.take(for: .seconds(4), until: .showing) != nil)
    let references = try Self.decoded(width: 1_280, height: 720)
    #expect(try run.take(for: .seconds(1)) { Self.index(of: $0, in: references) != nil } != nil)
  }

  @Test("unplugged, the others see a sign at once; plugged in again, the picture is back within 2 s")
  func unplugging() throws {
    let usb = try Self.plug()
    let references = try Self.decoded(width: 1_920, height: 1_080)
    let run = RoomCameraRun(CameraPlace(try #require(usb.device)), width: 1_920, height: 1_080)
    try run.take(for: .milliseconds(300))
    let descriptors = openDescriptors()
    for round in 1...2 {
      usb.tell("unplug")
      let lost = try run.take(for: .seconds(3), until: .disconnected)
      #expect(try #require(lost) < .milliseconds(500))
      #expect(run.camera.status.node == nil && openDescriptors() < descriptors)
      let sign = try #require(run.shown)
      #expect(sign.width == 1_920 && sign.height == 1_080 && Self.index(of: sign, in: references) == nil)
      try run.take(for: .milliseconds(700 * round))
      usb.tell("plug")
      run.camera.devicesChanged()
      let back = try run.take(for: .seconds(5)) { Self.index(of: $0, in: references) != nil }
      #expect(try #require(back) < .seconds(2))
      #expect(run.longestGap < .milliseconds(700))
    }
    #expect(openDescriptors() == descriptors && run.camera.status.openings == 3)
  }

  @Test("a closed shutter is a sign, and told")
  func shutter() throws {
    let usb = try Self.plug()
    let run = RoomCameraRun(CameraPlace(try #require(usb.device)))
    try run.take(for: .milliseconds(300))
    #expect(run.camera.controls.first { $0.kind == .privacy }?.isWritable == false)
    usb.tell("privacy 1")
    let closed = try run.take(for: .seconds(3), until: .shutterClosed)
    #expect(try #require(closed) < .seconds(1))
    try run.take(for: .seconds(1))
    #expect(run.longestGap < .milliseconds(300))
    usb.tell("privacy 0")
    let open = try run.take(for: .seconds(3), until: .showing)
    #expect(try #require(open) < .seconds(1))
  }

  @Test("settings are made, kept over unplugging, and 50 Hz is where they begin")
  func settings() throws {
    let usb = try Self.plug()
    let run = RoomCameraRun(CameraPlace(try #require(usb.device)))
    try run.take(for: .milliseconds(300))
    let camera = run.camera
    let kinds: [CameraControl.Kind] = [
      .powerLineFrequency, .exposureMode, .exposureTime, .automaticWhiteBalance, .whiteBalanceTemperature,
      .automaticFocus, .focus, .gain, .brightness, .pan, .tilt, .zoom, .panSpeed, .tiltSpeed, .privacy,
    ]
    #expect(camera.controls.map(\.kind) == kinds)
    func control(_ kind: CameraControl.Kind) throws -> CameraControl {
      try #require(camera.controls.first { $0.kind == kind })
    }
    #expect(try control(.powerLineFrequency).value == 1)
    guard case .menu(let items) = try control(.exposureMode).values else { throw Unexpected("no menu") }
    #expect(items.map(\.value) == [1, 3] && items.first?.name == "Manual Mode")
    try camera.set(.exposureMode, to: 1)
    try camera.set(.exposureTime, to: 312)
    try camera.set(.powerLineFrequency, to: 2)
    #expect(throws: CameraControlError.outOfRange(.exposureTime, 0)) { try camera.set(.exposureTime, to: 0) }
    #expect(throws: CameraControlError.missing(.contrast)) { try camera.set(.contrast, to: 1) }
    #expect(throws: CameraControlError.missing(.privacy)) { try camera.set(.privacy, to: 1) }
    usb.tell("unplug")
    try run.take(for: .seconds(1))
    #expect(camera.controls.isEmpty)
    usb.tell("plug")
    #expect(try run.take(for: .seconds(3), until: .showing) != nil)
    #expect(try control(.exposureTime).value == 312 && control(.powerLineFrequency).value == 2)
  }

  @Test("motors are driven to places, by steps and on and on; views are kept and gone back to")
  func motors() throws {
    let usb = try Self.plug()
    let run = RoomCameraRun(CameraPlace(try #require(usb.device)))
    try run.take(for: .milliseconds(300))
    let camera = run.camera
    func value(_ kind: CameraControl.Kind) -> Int32? { camera.controls.first { $0.kind == kind }?.value }
    #expect(camera.hasMotors)
    try camera.move(.to(CameraView(pan: 0.5, tilt: -1, zoom: 1)))
    #expect(value(.pan) == 288_000 && value(.tilt) == -324_000 && value(.zoom) == 400)
    let preset = try #require(camera.preset())
    #expect(preset.values == [.pan: 288_000, .tilt: -324_000, .zoom: 400, .automaticFocus: 1])
    try camera.move(.by(CameraView(pan: -1, tilt: 0.5, zoom: -0.5)))
    #expect(value(.pan) == -288_000 && value(.tilt) == -162_000 && value(.zoom) == 250)
    // Pan and tilt go in one transfer.
    #expect(usb.log().contains("control 1 0xd -288000 -162000"))
    try camera.apply(preset)
    #expect(value(.pan) == 288_000 && value(.tilt) == -324_000 && value(.zoom) == 400)
    try camera.move(.drive(CameraView(pan: -1, tilt: 0.01)))
    #expect(usb.log().suffix(2) == ["control 1 0xe -1 24 0 1", "control 1 0xe -1 24 1 1"])
    try camera.move(.stop)
    #expect(usb.log().last == "control 1 0xe 0 0 0 0")
    #expect(throws: CameraControlError.missing(.zoomSpeed)) { try camera.move(.drive(CameraView(zoom: 1))) }
  }

  @Test("two cameras at once are told apart by where they are plugged in")
  func twoCameras() throws {
    let first = try Self.plug()
    let second = try Self.plug("--no-motors", port: 1)
    let places = [CameraPlace(try #require(first.device)), CameraPlace(try #require(second.device))]
    #expect(places[0].sysfsPath != places[1].sysfsPath)
    let run = RoomCameraRun(places[0])
    try run.take(for: .milliseconds(300))
    #expect(run.camera.hasMotors)
    run.camera.use(places[1])
    try run.take(for: .milliseconds(700))
    #expect(run.camera.status.node == places[1].node && !run.camera.hasMotors && run.camera.status.openings == 2)
    // The other's plug is not this one's.
    first.tell("unplug")
    try run.take(for: .seconds(1))
    #expect(run.camera.status.condition == .showing && run.camera.status.openings == 2)
    #expect(run.longestGap < .milliseconds(700))
  }
}
