import Testing

@testable import Devices

/// A `/sys` of the test's own.
private struct FakeFiles: DeviceFiles {
  var texts: [String: String] = [:]
  var subsystems: [String: String] = [:]

  func text(_ path: String) -> String? { texts[path] }
  func subsystem(of path: String) -> String? { subsystems[path] }
}

@Suite("Identity of devices") struct DeviceIdentityTests {
  @Test func namesAUSBCameraByPortAndProduct() {
    let hub = "/sys/devices/pci0000:00/0000:00:14.0/usb3/3-2"
    let files = FakeFiles(
      texts: [
        "/sys/devices/pci0000:00/0000:00:14.0/usb3/idVendor": "1d6b",
        "/sys/devices/pci0000:00/0000:00:14.0/usb3/idProduct": "0002",
        hub + "/idVendor": "05e3", hub + "/idProduct": "0610",
        hub + "/3-2.1/idVendor": "2bd9", hub + "/3-2.1/idProduct": "0021", hub + "/3-2.1/serial": "A1B2",
      ],
      subsystems: [
        hub + "/3-2.1/3-2.1:1.0/video4linux/video0": "video4linux", hub + "/3-2.1/3-2.1:1.0": "usb",
        hub + "/3-2.1": "usb", hub: "usb", "/sys/devices/pci0000:00/0000:00:14.0/usb3": "usb",
        "/sys/devices/pci0000:00/0000:00:14.0": "pci",
      ])
    let identity = DeviceIdentity(sysfsPath: hub + "/3-2.1/3-2.1:1.0/video4linux/video0", reading: files)
    #expect(identity.busPath == "pci-0000:00:14.0-usb-0:2.1:1.0")
    #expect(identity.usb == DeviceIdentity.USB(vendor: 0x2BD9, product: 0x0021, serial: "A1B2"))
  }

  @Test func namesADeviceOnTheBoardByItsPlace() {
    let files = FakeFiles(subsystems: ["/sys/devices/platform/soc/fe800000.csi": "platform"])
    let identity = DeviceIdentity(
      sysfsPath: "/sys/devices/platform/soc/fe800000.csi/video4linux/video0", reading: files)
    #expect(identity == DeviceIdentity(busPath: "platform-fe800000.csi"))
  }

  @Test func aPathElsewhereHasNoPlace() {
    #expect(DeviceIdentity(sysfsPath: "/tmp/x", reading: FakeFiles()).busPath.isEmpty)
    #expect(DeviceIdentity(sysfsPath: "", reading: FakeFiles()).usb == nil)
  }
}

@Suite("Choice of devices") struct DeviceChoiceTests {
  private static let candidates = [
    DeviceChoice.Candidate(
      identity: DeviceIdentity(busPath: "b", usb: .init(vendor: 1, product: 2, serial: "X")), node: "/dev/video0",
      merit: 5),
    DeviceChoice.Candidate(
      identity: DeviceIdentity(busPath: "a", usb: .init(vendor: 1, product: 2, serial: "Y")), node: "/dev/video2",
      merit: 5),
    DeviceChoice.Candidate(identity: DeviceIdentity(busPath: "c"), node: "/dev/video4", merit: nil),
  ]

  @Test(arguments: [
    "usb:2bd9:0021", "usb:00ff:a0b1:SN 1:2", "path:pci-0000:00:14.0-usb-0:2:1.0", "/dev/video2", "hw:1,0",
    "display:DEL-A0EC", "display:SAM-0F13-X 1",
  ])
  func rulesPrintAsTheyAreRead(text: String) {
    #expect(DeviceRule(text)?.description == text)
  }

  @Test(arguments: [
    "", " ", "usb:", "usb:12:34", "usb:+123:4567", "usb:12345:6789", "usb:1234:5678:", "path:", "display:",
  ])
  func refusesWhatIsNoRule(text: String) {
    #expect(DeviceRule(text) == nil)
  }

  @Test func findsDisplayInAnySocket() {
    let identity = DeviceIdentity(busPath: "platform-gpu-HDMI-A-2", display: "DEL-A0EC-4711")
    for (rule, isMeant) in [
      ("display:DEL-A0EC", true), ("display:DEL-A0EC-4711", true), ("display:DEL-A0EC-47", false),
      ("display:DEL-A0E", false), ("display:SAM-A0EC", false), ("path:platform-gpu-HDMI-A-2", true),
    ] {
      #expect(DeviceRule(rule)?.matches(identity, node: "HDMI-A-2") == isMeant, "\(rule)")
    }
    #expect(DeviceRule("display:DEL-A0EC")?.matches(DeviceIdentity(busPath: "x"), node: "DP-1") == false)
  }

  @Test(arguments: [
    ([], 1, DeviceChoice.Reason.best),
    ([DeviceRule.usb(vendor: 1, product: 2, serial: "X")], 0, .wished(.usb(vendor: 1, product: 2, serial: "X"))),
    ([.usb(vendor: 1, product: 2, serial: nil)], 1, .wished(.usb(vendor: 1, product: 2, serial: nil))),
    ([.path("c")], 2, .wished(.path("c"))), ([.node("/dev/video9"), .path("b")], 0, .wished(.path("b"))),
    ([.node("/dev/video9")], 1, .bestInPlaceOfWished),
  ])
  func takesWhatIsWishedElseTheBest(wishes: [DeviceRule], index: Int, reason: DeviceChoice.Reason) {
    let choice = DeviceChoice(among: Self.candidates, wishes: wishes)
    #expect(choice?.index == index)
    #expect(choice?.reason == reason)
  }

  @Test func takesNothingThatDoesNotSuitUnasked() {
    #expect(DeviceChoice(among: [Self.candidates[2]], wishes: []) == nil)
    #expect(DeviceChoice(among: [], wishes: [.path("a")]) == nil)
  }

  @Test func theRuleOfADeviceFindsIt() {
    for (index, candidate) in Self.candidates.enumerated() {
      let rule = DeviceRule(candidate.identity, node: candidate.node)
      #expect(DeviceChoice(among: Self.candidates, wishes: [rule])?.index == index)
    }
  }
}
