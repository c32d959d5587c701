import CAllocationCounter
import Glibc
import Realtime
import Testing
import Video

@testable import Devices

/// Cameras of the kernel's own making: /dev/video0 with single-planar buffers, /dev/video1 with multi-planar ones.
@Suite(.serialized, .lab("camera")) struct CameraTests {
  @Test("the cameras are found, with formats, sizes and real frame intervals")
  func enumeration() throws {
    let all = CaptureDevice.all()
    try #require(all.map(\.node) == ["/dev/video0", "/dev/video1"])
    for (index, device) in all.enumerated() {
      #expect(device.kind == .camera && device.driver == "vivid" && device.bus == "platform:vivid-00\(index)")
      #expect(device.sysfsPath == "/sys/devices/platform/vivid.0")
      let formats = Set(device.modes.map(\.format))
      #expect(formats.isSuperset(of: [.yuyv, .uyvy, .nv12, .yu12]))
      #expect(formats.contains(.nv12Separate) == (index == 1) && formats.contains(.yu12Separate) == (index == 1))
      let offer = try #require(device.modes.first { $0.format == .nv12 && $0.width == 1_920 && $0.height == 1_080 })
      guard case .discrete(let intervals) = offer.rates else { throw Unexpected("\(offer.rates)") }
      #expect(intervals.map(\.framesPerSecond).max() == 30)
    }
    #expect(throws: CameraError.disconnected) { try CaptureDevice(node: "/dev/video9") }
    #expect(throws: CameraError.self) { try CaptureDevice(node: "/dev/null") }
  }

  static let formats: [(String, PixelFormat)] = PixelFormat.allCases.filter { !$0.isCompressed }.flatMap { format in
    (format.memoryPlanes == 1 ? ["/dev/video0", "/dev/video1"] : ["/dev/video1"]).map { ($0, format) }
  }

  @Test("colour bars come out right in every format, at 30 pictures a second", arguments: formats)
  func picture(node: String, format: PixelFormat) throws {
    for (width, height) in [(1_280, 720), (1_920, 1_080)] {
      let wish = CameraFormat(width: width, height: height, framesPerSecond: 30)
      let camera = try V4L2Camera(node: node, wish: wish, formats: [format])
      // What vivid calls the end of a frame lies ahead.
      try VirtualCamera(node).set(.timestampSource, 1)
      #expect(camera.format == wish && camera.layout?.format == format)
      let pool = VideoFramePool(capacity: 2)
      var times: [Instant] = []
      for _ in 0..<31 {
        let frame = try #require(try camera.picture(from: pool))
        #expect(frame.width == width && frame.height == height)
        times.append(frame.captureTime)
        #expect(frame.captureTime <= MonotonicClock.now && frame.captureTime + .milliseconds(2) > MonotonicClock.now)
        if times.count % 15 == 1 { #expect(VirtualCamera.distanceFromBars(frame) <= 2) }
      }
      // Vivid keeps time in ticks of 1 ms.
      for (index, time) in times.enumerated() {
        #expect(abs((time - times[0]).milliseconds - Double(index) * 100 / 3) < 3)
      }
      #expect(camera.statistics == V4L2Camera.Statistics(delivered: 31))
    }
  }

  @Test("who comes late gets the newest picture, not a backlog")
  func lateness() throws {
    let camera = try V4L2Camera(
      node: "/dev/video0", wish: CameraFormat(width: 640, height: 480, framesPerSecond: 30))
    let pool = VideoFramePool(capacity: 2)
    _ = try camera.picture(from: pool)
    for pause in [50, 90, 150, 1_000, 10_000] {
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(pause))
      let frame = try #require(try camera.picture(from: pool))
      let age = MonotonicClock.now - frame.captureTime
      #expect(age < .milliseconds(34), "after \(pause) ms a picture of \(age.milliseconds) ms ago")
    }
    #expect(camera.statistics.missed > 300)
    #expect(try camera.nextFrame(from: pool, timeout: .zero) == nil)
    // With the pool empty the picture is lost, and told so.
    let held = [try camera.picture(from: pool), try camera.picture(from: pool)]
    let third = try camera.picture(from: pool)
    #expect(third == nil && pool.starvedCount == 1)
    #expect(held.allSatisfy { $0 != nil })
  }

  @Test("a picture allocates nothing", arguments: formats)
  func allocations(node: String, format: PixelFormat) throws {
    let camera = try V4L2Camera(
      node: node, wish: CameraFormat(width: 1_280, height: 720, framesPerSecond: 30), formats: [format])
    let pool = VideoFramePool(capacity: 2)
    for _ in 0..<3 { _ = try camera.picture(from: pool) }
    // A USB camera's shutter is looked for meanwhile, too.
    let before = allocation_count()
    for _ in 0..<60 { _ = try camera.nextFrame(from: pool, timeout: .seconds(1)) }
    #expect(allocation_count() - before == 0)
    #expect(camera.statistics.delivered == 63)
  }

  @Test("a camera opened and closed over and over leaves no descriptor and no mapping")
  func leaks() throws {
    func descriptors() -> Int { count(in: "/proc/self/fd") }
    func mappings() throws -> Int { count(lines: "/proc/self/maps", with: "/dev/video") }
    // The first time, the test's own machinery opens something.
    #expect(CaptureDevice.all().count == 2)
    let before = descriptors()
    for _ in 0..<20 {
      let camera = try V4L2Camera(
        node: "/dev/video1", wish: CameraFormat(width: 640, height: 360, framesPerSecond: 30))
      #expect(try mappings() > 0 && descriptors() > before)
      let buffers = try camera.exportedBuffers()
      #expect(buffers.count == 4)
      // A second one can't have it, and leaves nothing either.
      #expect(throws: CameraError.system(EBUSY)) {
        try V4L2Camera(node: "/dev/video1", wish: CameraFormat(width: 320, height: 180, framesPerSecond: 30))
      }
    }
    #expect(descriptors() == before)
    #expect(try mappings() == 0)
  }

  @Test(
    "a picture's memory can be handed to other drivers",
    arguments: [("/dev/video0", PixelFormat.nv12), ("/dev/video1", .nv12Separate)])
  func export(node: String, format: PixelFormat) throws {
    let camera = try V4L2Camera(
      node: node, wish: CameraFormat(width: 1_280, height: 720, framesPerSecond: 30), formats: [format])
    let buffers = try camera.exportedBuffers()
    let layout = try #require(camera.layout)
    for _ in 0..<6 {
      let picture = try #require(try camera.nextPicture(timeout: .seconds(1)))
      let piece = buffers[picture.index][0]
      let memory = try #require(mmap(nil, piece.byteCount, PROT_READ, MAP_SHARED, piece.descriptor, 0))
      try #require(memory != UnsafeMutableRawPointer(bitPattern: -1))
      // 75 % white, then black.
      let row = memory.assumingMemoryBound(to: UInt8.self) + 700 * layout.stride
      #expect(abs(Int(row[80]) - 180) <= 2 && abs(Int(row[1_200]) - 16) <= 2)
      munmap(memory, piece.byteCount)
      try camera.release(picture)
    }
  }

  @Test("settings are listed with their ranges, and what the camera lacks is absent")
  func controls() throws {
    let camera = try V4L2Camera(
      node: "/dev/video0", wish: CameraFormat(width: 640, height: 480, framesPerSecond: 30))
    let kinds = camera.controls.list().map(\.kind)
    #expect(kinds == [.automaticGain, .gain, .brightness, .contrast, .saturation])
    let brightness = try #require(camera.controls.control(.brightness))
    #expect(brightness.values == .range(minimum: 0, maximum: 255, step: 1) && brightness.defaultValue == 128)
    try camera.controls.set(.brightness, to: 77)
    #expect(camera.controls.value(of: .brightness) == 77)
    #expect(throws: CameraControlError.outOfRange(.brightness, 256)) { try camera.controls.set(.brightness, to: 256) }
    #expect(throws: CameraControlError.missing(.pan)) { try camera.controls.set(.pan, to: 0) }
    #expect(camera.controls.control(.gain)?.isEffective == false)
    try camera.controls.set(.automaticGain, to: 0)
    #expect(camera.controls.control(.gain)?.isEffective == true)
    try camera.controls.set([(.brightness, 128), (.automaticGain, 1)])
    #expect(camera.controls.value(of: .brightness) == 128)
  }

  private func count(in folder: String) -> Int {
    guard let directory = opendir(folder) else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
  }

  private func count(lines path: String, with word: String) -> Int {
    guard let file = fopen(path, "r") else { return -1 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 1_024)
    var count = 0
    while fgets(&line, 1_024, file) != nil { if strstr(line, word) != nil { count += 1 } }
    return count
  }
}

/// What a test can't go on with.
struct Unexpected: Error {
  var text: String

  init(_ text: String) { self.text = text }
}
