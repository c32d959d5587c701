import Testing
import Video

@testable import Devices

@Suite("Inventory") struct InventoryTests {
  private func camera(_ offers: [CameraModeOffer], kind: CaptureDevice.Kind = .camera, node: String = "/dev/video0")
    -> CaptureDevice
  {
    CaptureDevice(
      node: node, sysfsPath: "/sys/devices/platform/\(node)", index: 0, bus: "platform:\(node)", name: "Test",
      driver: "test", kind: kind, modes: offers, controls: [])
  }

  private func offer(_ width: Int, _ height: Int, _ rate: UInt32) -> CameraModeOffer {
    CameraModeOffer(format: .motionJPEG, width: width, height: height, rates: .discrete([FrameInterval(1, rate)]))
  }

  @Test func theCameraWithTheBetterPictureIsChosen() {
    let items = [
      CameraInventory.item(camera([offer(1_280, 720, 30)], node: "/dev/video0")),
      CameraInventory.item(camera([offer(1_920, 1_080, 30)], node: "/dev/video2")),
      CameraInventory.item(camera([offer(3_840, 2_160, 5)], node: "/dev/video4")),
    ]
    #expect(DeviceChoice(amongItems: items, wishes: [])?.index == 1)
    #expect(DeviceChoice(amongItems: items, wishes: [.node("/dev/video4")])?.index == 2)
    #expect(DeviceChoice(amongItems: items, wishes: [.path("platform:/dev/video0")])?.index == 0)
  }

  @Test func anInputWithoutSignalIsChosenOnlyWhenAskedFor() {
    let input = CameraInventory.item(camera([], kind: .signalInput))
    #expect(input.role == .presentation && !input.isReady)
    #expect(DeviceChoice(amongItems: [input], wishes: []) == nil)
    #expect(DeviceChoice(amongItems: [input], wishes: [input.rule])?.index == 0)
  }

  @Test func abilitiesNameFormatsSizesAndRates() {
    let item = CameraInventory.item(camera([offer(640, 480, 15), offer(1_280, 720, 30)]))
    #expect(item.abilities.first == "\(PixelFormat.motionJPEG): 1280×720@30, 640×480@15")
  }

  @Test func inventoriesKeepRolesApart() {
    let inventory = DeviceInventory([
      CameraInventory.item(camera([offer(640, 480, 30)])), CameraInventory.item(camera([], kind: .signalInput)),
    ])
    #expect(inventory[.camera].count == 1 && inventory[.presentation].count == 1 && inventory[.screen].isEmpty)
  }
}
