import Catalogue
import Realtime
import Testing
import Video

@testable import Devices

/// The room's camera where there is no device; with devices it is tested in the lab.
@Suite struct RoomCameraTests {
  @Test("without a device there is a sign of the wished size, which differs by what is wrong and by language")
  func signs() throws {
    let conditions: [RoomCamera.Condition] = [.disconnected, .shutterClosed, .noSignal, .busy, .failing(nil)]
    var pictures: Set<[UInt8]> = []
    for language in Language.allCases {
      let signs = CameraSigns(width: 640, height: 360, language: language)
      for condition in conditions {
        let sign = try #require(signs.sign(for: condition))
        #expect(sign.width == 640 && sign.height == 360)
        let frame = VideoFrame(width: 2, height: 2)
        sign.paint(frame)
        var luma: [UInt8] = []
        for row in 0..<360 { luma += UnsafeBufferPointer(start: frame.y + row * frame.strideY, count: 640) }
        // Limited range; text and symbol bright on dark.
        #expect(luma.allSatisfy { (16...235).contains($0) } && luma.contains { $0 > 220 })
        #expect(luma.count { $0 < 60 } > 640 * 360 / 2)
        pictures.insert(luma)
        #expect(signs.sign(for: condition) === sign)
      }
      #expect(signs.sign(for: .showing) == nil)
    }
    #expect(pictures.count == 10)
  }

  @Test("a camera without a device never throws, and gives its sign at once")
  func withoutDevice() throws {
    let camera = RoomCamera(
      format: CameraFormat(width: 320, height: 180, framesPerSecond: 30), language: .english)
    let pool = VideoFramePool(capacity: 2)
    camera.use(CameraPlace(node: "/dev/video-that-is-not-there"))
    let frame = try #require(try camera.nextFrame(from: pool, timeout: .zero))
    #expect(frame.width == 320 && frame.height == 180)
    #expect(try camera.nextFrame(from: pool, timeout: .zero) == nil)
    #expect(camera.status == RoomCamera.Status() && camera.controls.isEmpty && camera.preset() == nil)
    // A setting waits for a device; a movement is one of the picture.
    try camera.set(.brightness, to: 3)
    try camera.move(.to(CameraView(zoom: 1)))
    #expect(throws: CameraControlError.disconnected) { try camera.apply(CameraPreset(values: [:])) }
  }
}
