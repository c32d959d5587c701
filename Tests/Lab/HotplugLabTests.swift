import Glibc
import Realtime
import Synchronization
import Testing

@testable import Devices

/// The kernel's own events about screens and cameras that come and go.
@Suite(.lab("hotplug"), .serialized) struct HotplugLabTests {
  /// What a monitor has told, and when it was asked.
  private final class Reports: Sendable {
    let changes = Mutex<[Set<DeviceClass>]>([])

    /// Waits until a change of `deviceClass` was reported; how long that took, or nil after `limit`.
    func wait(for deviceClass: DeviceClass, limit: Duration = .seconds(2)) -> Duration? {
      let began = MonotonicClock.now
      while MonotonicClock.now - began < limit {
        if changes.withLock({ $0.contains { $0.contains(deviceClass) } }) { return MonotonicClock.now - began }
        MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(5))
      }
      return nil
    }

    func clear() { changes.withLock { $0 = [] } }
  }

  private func monitor(_ reports: Reports) throws -> DeviceMonitor {
    try DeviceMonitor { change in reports.changes.withLock { $0.append(change) } }
  }

  @Test func beginsWithEverything() throws {
    let reports = Reports()
    let monitor = try monitor(reports)
    for deviceClass in DeviceClass.allCases { #expect(reports.wait(for: deviceClass) != nil) }
    withExtendedLifetime(monitor) {}
  }

  @Test func tellsOfDevicesThatComeAndGo() throws {
    let reports = Reports()
    let monitor = try monitor(reports)
    _ = reports.wait(for: .cec)
    for command in ["modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0", "rmmod vivid"] {
      reports.clear()
      #expect(Lab.shell(command) == 0)
      let delay = try #require(reports.wait(for: .video), "\(command) went unnoticed")
      #expect(delay < .milliseconds(400))
    }
    for command in ["modprobe snd-aloop", "rmmod snd-aloop"] {
      reports.clear()
      #expect(Lab.shell(command) == 0)
      #expect(reports.wait(for: .sound) != nil, "\(command) went unnoticed")
    }
    withExtendedLifetime(monitor) {}
  }

  @Test func namesACameraByItsPlace() throws {
    #expect(Lab.shell("modprobe vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0") == 0)
    defer { Lab.shell("rmmod vivid") }
    let path = try #require(realpath("/sys/class/video4linux/video0", nil).map { String(cString: $0) })
    #expect(DeviceIdentity(sysfsPath: path).busPath == "platform-vivid.0")
  }

  @Test func anotherProgramsMessagesAreNotBelieved() throws {
    let reports = Reports()
    let monitor = try monitor(reports)
    _ = reports.wait(for: .cec)
    reports.clear()
    // Python speaks netlink, and root may send to the group of the kernel.
    let sent = Lab.shell(
      """
      /usr/bin/python3 -c "
      import socket
      s = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15)
      s.bind((0, 0))
      s.sendto(b'add@/devices/x\\0ACTION=add\\0DEVPATH=/devices/x\\0SUBSYSTEM=sound\\0', (0, 1))
      "
      """)
    #expect(sent == 0)
    #expect(reports.wait(for: .sound, limit: .milliseconds(500)) == nil)
    withExtendedLifetime(monitor) {}
  }
}
