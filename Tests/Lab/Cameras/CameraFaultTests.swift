import Glibc
import Realtime
import Testing
import Video

@testable import Devices

/// What goes wrong with cameras, on vivid's command.
@Suite(.serialized, .lab("camera-faults")) struct CameraFaultTests {
  private static let format = CameraFormat(width: 640, height: 360, framesPerSecond: 30)
  private static let place = CameraPlace(node: "/dev/video0")

  @Test("a picture that the driver marks as faulty is counted and left out")
  func faultyBuffer() throws {
    let camera = try V4L2Camera(node: "/dev/video0", wish: Self.format)
    let pool = VideoFramePool(capacity: 2)
    let virtual = try VirtualCamera("/dev/video0")
    for _ in 0..<3 { #expect(try camera.picture(from: pool) != nil) }
    try virtual.set(.faultyBuffer)
    for _ in 0..<3 { #expect(try camera.picture(from: pool) != nil) }
    #expect(camera.statistics.faulty == 1 && camera.statistics.delivered == 6 && camera.statistics.broken == 0)
  }

  @Test("pictures that the driver drops are missed and counted, and the rest goes on")
  func droppedBuffers() throws {
    let camera = try V4L2Camera(node: "/dev/video0", wish: Self.format)
    let pool = VideoFramePool(capacity: 2)
    let virtual = try VirtualCamera("/dev/video0")
    try virtual.set(.droppedBuffers, 50)
    defer { try? virtual.set(.droppedBuffers, 0) }
    let began = MonotonicClock.now
    for _ in 0..<30 { #expect(try camera.picture(from: pool) != nil) }
    let periods = (MonotonicClock.now - began).seconds * 30
    #expect(periods > 40)
    #expect(abs(Double(camera.statistics.missed + camera.statistics.delivered) - periods) < 3)
  }

  @Test("time stamps that can't be are replaced by the present", arguments: [1, 2])
  func timestamps(mode: Int32) throws {
    let virtual = try VirtualCamera("/dev/video0")
    try virtual.set(.wrapTimestamp, mode)
    defer { try? virtual.set(.wrapTimestamp, 0) }
    let camera = try V4L2Camera(node: "/dev/video0", wish: Self.format)
    let pool = VideoFramePool(capacity: 2)
    for _ in 0..<60 {
      let frame = try #require(try camera.picture(from: pool))
      let age = MonotonicClock.now - frame.captureTime
      #expect(age >= .zero && age < .milliseconds(100))
    }
  }

  @Test(
    "what fails when a camera is opened is an error that leaves nothing behind; the room's camera tries again",
    arguments: [VirtualCamera.Control.allocationError, .startError])
  func openingFails(fault: VirtualCamera.Control) throws {
    let virtual = try VirtualCamera("/dev/video0")
    let before = openDescriptors()
    try virtual.set(fault)
    #expect(throws: CameraError.system(EINVAL)) { try V4L2Camera(node: "/dev/video0", wish: Self.format) }
    #expect(openDescriptors() == before)
    try virtual.set(fault)
    let run = RoomCameraRun(Self.place)
    #expect(try run.take(for: .seconds(2), until: .failing(.system(EINVAL))) != nil)
    #expect(VirtualCamera.distanceFromBars(try #require(run.shown)) > 50)
    #expect(try run.take(for: .seconds(2), until: .showing) != nil)
    #expect(VirtualCamera.distanceFromBars(try #require(run.shown)) <= 3)
  }

  @Test("a stream that breaks is an error; the room's camera shows its picture again within 2 s")
  func fatalError() throws {
    let virtual = try VirtualCamera("/dev/video0")
    do {
      let camera = try V4L2Camera(node: "/dev/video0", wish: Self.format)
      let pool = VideoFramePool(capacity: 2)
      _ = try camera.picture(from: pool)
      try virtual.set(.fatalError)
      #expect(throws: CameraError.system(EIO)) { for _ in 0..<9 { _ = try camera.picture(from: pool) } }
    }
    let run = RoomCameraRun(Self.place)
    try run.take(for: .seconds(2))
    #expect(run.camera.status.openings == 1)
    try virtual.set(.fatalError)
    let time = try run.take(for: .seconds(5)) { frame in
      run.camera.status.openings == 2 && VirtualCamera.distanceFromBars(frame) <= 3
    }
    #expect(try #require(time) < .seconds(2))
    try virtual.set(.queueError)
    try run.take(for: .seconds(3))
    #expect(run.camera.status.condition == .showing)
    #expect(run.longestGap < .milliseconds(700))
  }

  @Test("a camera that vanishes leaves a sign, and its picture is back within 2 s of its return")
  func disconnect() throws {
    let before = openDescriptors()
    for _ in 0..<3 {
      let run = RoomCameraRun(Self.place)
      try run.take(for: .seconds(1))
      #expect(VirtualCamera.distanceFromBars(try #require(run.shown)) <= 3)
      // Vivid comes back when the last that has it open has let go of it, which for the test is now.
      try VirtualCamera("/dev/video0").set(.disconnect)
      let lost = try run.take(for: .seconds(2)) { VirtualCamera.distanceFromBars($0) > 50 }
      #expect(try #require(lost) < .milliseconds(100))
      let back = try run.take(for: .seconds(5)) { VirtualCamera.distanceFromBars($0) <= 3 }
      #expect(try #require(back) < .seconds(2))
      #expect(run.camera.status.openings == 2)
    }
    #expect(openDescriptors() == before)
  }

  @Test("a camera that another program has is told to be busy, and taken as soon as it is free")
  func busy() throws {
    let run = RoomCameraRun(Self.place)
    do {
      let other = try V4L2Camera(node: "/dev/video0", wish: Self.format)
      #expect(try run.take(for: .seconds(1), until: .busy) != nil)
      try run.take(for: .seconds(2))
      #expect(run.camera.status.condition == .busy && run.longestGap < .milliseconds(300))
      withExtendedLifetime(other) {}
    }
    let time = try run.take(for: .seconds(2), until: .showing)
    #expect(try #require(time) < .seconds(1))
  }

  @Test("cameras are switched within a call, and none at all is a sign")
  func switching() throws {
    let before = openDescriptors()
    try VirtualCamera("/dev/video1").set(.testPattern, 9)
    defer { try? VirtualCamera("/dev/video1").set(.testPattern, 0) }
    do {
      let run = RoomCameraRun(nil)
      #expect(try run.take(for: .seconds(1), until: .disconnected) != nil)
      for round in 0..<6 {
        let node = "/dev/video\(round % 2)"
        run.camera.use(CameraPlace(try CaptureDevice(node: node)))
        let time = try run.take(for: .seconds(2)) { _ in run.camera.status.node == node }
        #expect(try #require(time) < .milliseconds(500))
        let isBars = VirtualCamera.distanceFromBars(try #require(run.shown)) <= 3
        #expect(isBars == (round % 2 == 0))
        try run.take(for: .milliseconds(300))
      }
      run.camera.use(nil)
      #expect(try run.take(for: .seconds(1), until: .disconnected) != nil)
      #expect(run.camera.status.node == nil && run.camera.controls.isEmpty)
      #expect(run.longestGap < .milliseconds(300))
      #expect(throws: CameraControlError.disconnected) { try run.camera.apply(CameraPreset(values: [:])) }
    }
    #expect(openDescriptors() == before)
  }

  @Test("a camera without motors is moved by cutting out a part of its picture, and remembers views")
  func digitalView() throws {
    let run = RoomCameraRun(Self.place)
    try run.take(for: .milliseconds(300))
    #expect(!run.camera.hasMotors)
    // The bar in the upper right corner of the picture's left half is cyan, then green.
    try run.camera.move(.to(CameraView(pan: -1, tilt: -1, zoom: 1)))
    try run.take(for: .milliseconds(1_500))
    let frame = try #require(run.shown)
    #expect(frame.width == 1_280 && frame.height == 720)
    // A quarter of the width: two bars, white and yellow.
    let row = frame.height / 2 * frame.strideY
    #expect(abs(Int(frame.y[row + 300]) - 180) <= 3 && abs(Int(frame.y[row + 900]) - 162) <= 3)
    let preset = try #require(run.camera.preset())
    try run.camera.move(.to(.home))
    try run.take(for: .milliseconds(1_500))
    #expect(VirtualCamera.distanceFromBars(try #require(run.shown)) <= 3)
    try run.camera.apply(preset)
    try run.take(for: .milliseconds(1_500))
    let again = try #require(run.shown)
    #expect(abs(Int(again.y[row + 900]) - 162) <= 3)
    #expect(run.camera.status.pictures.missed == 0)
  }
}
