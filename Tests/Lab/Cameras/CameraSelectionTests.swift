import Audio
import Catalogue
import Devices
import Realtime
import Testing
import Video

/// Several cameras in one room.
@Suite(.serialized, .lab("camera")) struct CameraSelectionTests {
  /// Takes pictures until the camera shows one of `node`; how long that took, or nil after three seconds.
  private func time(until node: String, _ camera: RoomCamera, _ pool: VideoFramePool) throws -> Duration? {
    let began = MonotonicClock.now
    while MonotonicClock.now - began < .seconds(3) {
      let frame = try camera.nextFrame(from: pool, timeout: .milliseconds(100))
      if frame != nil, camera.status.node == node, camera.status.condition == .showing {
        return MonotonicClock.now - began
      }
    }
    return nil
  }

  @Test("another camera is taken within a second, and stays whatever else is plugged in")
  func selecting() throws {
    let pipeline = try AudioPipeline(capture: nil, playback: nil, firstTimestamp: 0)
    let room = try RoomDevices(
      RoomWishes([.camera: []]), pipeline: pipeline,
      pictureFormat: CameraFormat(width: 640, height: 480, framesPerSecond: 30), language: .french)
    defer { room.close() }
    let camera = try #require(room.camera)
    let list = room.cameraList
    #expect(list.names.count == 2)
    let first = try #require(list.used)
    let other = 1 - first
    let pool = VideoFramePool(capacity: 4)
    let nodes = ["/dev/video0", "/dev/video1"]
    let before = try #require(nodes.first { node in (try? time(until: node, camera, pool)) ?? nil != nil })
    #expect(!room.selectCamera(2) && !room.selectCamera(-1))
    #expect(room.selectCamera(other))
    let after = try #require(nodes.first { $0 != before })
    let taken = try #require(try time(until: after, camera, pool))
    #expect(taken < .seconds(1), "\(taken)")
    #expect(room.cameraList.used == other)
    // Something else comes and goes.
    try Lab.write("change", to: "/sys/class/video4linux/video0/uevent")
    #expect(try time(until: after, camera, pool) != nil)
    #expect(room.cameraList.used == other)
    #expect(room.selectCamera(first))
    #expect(try time(until: before, camera, pool) != nil)
    #expect(camera.status.openings == 3)
  }
}
