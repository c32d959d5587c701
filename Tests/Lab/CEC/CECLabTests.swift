import CCEC
import Devices
import Glibc
import Realtime
import Synchronization
import Testing

/// Two CEC adapters that vivid has joined: `cec-follower` of v4l-utils is the television on the first one.
@Suite(.lab("cec"), .serialized) struct CECLabTests {
  private static let log = "/tmp/follower"

  /// A television that is plugged into the second adapter.
  private final class Television {
    private let process: pid_t

    init() throws {
      try Lab.output(of: "v4l2-ctl -d0 --set-edid=type=hdmi")
      try Lab.output(of: "cec-ctl -d0 --tv --osd-name Television")
      try Television.plug(true)
      process = try Lab.start("cec-follower -d0 -m", output: CECLabTests.log)
      MonotonicClock.sleep(until: MonotonicClock.now + .seconds(1))
    }

    deinit {
      kill(process, SIGTERM)
    }

    static func plug(_ isIn: Bool) throws {
      try Lab.output(of: "v4l2-ctl -d0 --set-ctrl hdmi_000_0_is_connected_to=\(isIn ? 2 : 1)")
    }

    /// What it heard from us.
    var heard: String { Lab.text(of: CECLabTests.log) }

    /// Says something to the device with number 4, or to all; gives what was answered.
    @discardableResult
    func say(_ what: String, to destination: Int = 4) throws -> String {
      try Lab.output(of: "cec-ctl -d0 --to \(destination) \(what)")
    }
  }

  /// Waits up to 30 s until `condition` holds.
  private static func wait(_ condition: () -> Bool) -> Bool {
    let deadline = MonotonicClock.now + .seconds(30)
    while !condition() {
      if MonotonicClock.now > deadline { return false }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(50))
    }
    return true
  }

  @Test func findsAdapters() {
    let devices = CECDevice.enumerate()
    #expect(devices.map(\.node) == ["/dev/cec0", "/dev/cec1"])
    #expect(
      devices.allSatisfy { $0.driver == "vivid" && $0.sysfsPath.hasPrefix("/sys/devices/") && $0.connector == nil })
    #expect(devices.last?.name == "vivid-000-vid-out0")
  }

  @Test func turnsTelevisionOnAndOff() throws {
    let television = try Television()
    let events = Mutex<[CECEvent]>([])
    let control = try CECControl(.node("/dev/cec1")) { event in events.withLock { $0.append(event) } }
    #expect(Self.wait { control.status.logicalAddress == 4 })
    #expect(control.status.physicalAddress == 0x1100 && control.status.fault == nil)
    #expect(try television.say("--give-osd-name").contains("name: Salle"))
    #expect(try television.say("--give-device-power-status").contains("pwr-state: standby"))

    control.turnOn()
    #expect(Self.wait { control.status.displayPower == .on && control.status.isActiveSource })
    #expect(television.heard.contains("IMAGE_VIEW_ON"))
    #expect(television.heard.contains("ACTIVE_SOURCE (0x82):\n\tphys-addr: 1.1.0.0"))
    #expect(try television.say("--give-device-power-status").contains("pwr-state: on"))
    #expect(try television.say("--request-active-source", to: 15).contains("phys-addr: 1.1.0.0"))

    control.turnOff()
    #expect(Self.wait { television.heard.contains("STANDBY (0x36)") })
    #expect(!control.status.isActiveSource)
    MonotonicClock.sleep(until: MonotonicClock.now + .seconds(10))
    #expect(
      try Lab.output(of: "cec-ctl -d1 --to 0 --give-device-power-status").contains("pwr-state: standby"))
    // From standby it takes a while; it is asked until it is on.
    control.turnOn()
    let began = MonotonicClock.now
    #expect(Self.wait { control.status.displayPower == .on })
    #expect((MonotonicClock.now - began).seconds > 1)
    #expect(events.withLock { $0.contains(.displayPower(.on)) && $0.contains(.activeSource(isUs: true)) })
  }

  @Test func followsChoiceAtTelevision() throws {
    let television = try Television()
    let events = Mutex<[CECEvent]>([])
    let control = try CECControl(.node("/dev/cec1")) { event in events.withLock { $0.append(event) } }
    #expect(Self.wait { control.status.logicalAddress == 4 })
    try television.say("--set-stream-path phys-addr=1.1.0.0", to: 15)
    #expect(Self.wait { control.status.isActiveSource })
    try television.say("--active-source phys-addr=1.2.0.0", to: 15)
    #expect(Self.wait { !control.status.isActiveSource })
    try television.say("--user-control-pressed ui-cmd=power")
    try television.say("--standby")
    #expect(Self.wait { events.withLock { $0.contains(.standbyRequested) && $0.contains(.key(0x40)) } })
    #expect(events.withLock { $0.contains(.selected) && $0.contains(.activeSource(isUs: false)) })
    // Another device's picture is left alone.
    control.turnOff()
    MonotonicClock.sleep(until: MonotonicClock.now + .seconds(1))
    #expect(!television.heard.contains("Playback Device 1 to TV (4 to 0): STANDBY"))
  }

  @Test func noticesUnpluggedTelevision() throws {
    let television = try Television()
    let control = try CECControl(.node("/dev/cec1"))
    control.turnOn()
    #expect(Self.wait { control.status.isActiveSource && control.status.displayPower == .on })
    try Television.plug(false)
    #expect(Self.wait { control.status.physicalAddress == nil })
    #expect(control.status.logicalAddress == nil && !control.status.isActiveSource && control.status.fault == nil)
    try Television.plug(true)
    // The room is on: it shows itself on the new display without being asked.
    #expect(Self.wait { control.status.isActiveSource && control.status.displayPower == .on })
    _ = television.heard
  }

  @Test func saysThatAdapterIsTaken() throws {
    let other = open("/dev/cec1", O_RDWR | O_CLOEXEC)
    // CEC_S_MODE, CEC_MODE_EXCL_INITIATOR.
    var mode: UInt32 = 2
    #expect(salle_cec_call(other, 0x4004_6109, &mode) == 0)
    let control = try CECControl(.node("/dev/cec1"))
    #expect(Self.wait { control.status.fault == .busy })
    close(other)
    control.devicesChanged()
    #expect(Self.wait { control.status.fault == nil && control.status.device?.node == "/dev/cec1" })
    control.select(.node("/dev/cec7"))
    #expect(Self.wait { control.status.fault == .absent && control.status.device == nil })
  }
}
