import Devices

extension FuzzTarget {
  /// What the kernel, or whoever passes for it, says of devices over netlink.
  static let uevent = FuzzTarget(name: "uevent") { bytes in
    guard let event = try? KernelEvent(parsing: bytes) else { return }
    require(event.devicePath.hasPrefix("/"), event.devicePath)
    require(event.properties["SUBSYSTEM"] ?? "" == event.subsystem, event.subsystem)
  } seeds: {
    [
      """
      add@/devices/platform/vivid.0/video4linux/video0\0ACTION=add\0DEVPATH=/devices/platform/vivid.0/video4linux/video0\0\
      SUBSYSTEM=video4linux\0MAJOR=81\0MINOR=0\0DEVNAME=video0\0SEQNUM=7\0
      """,
      "change@/devices/faux/vkms/drm/card0\0ACTION=change\0DEVPATH=/devices/faux/vkms/drm/card0\0SUBSYSTEM=drm\0HOTPLUG=1\0",
      "remove@/devices/a\0ACTION=remove\0DEVPATH=/devices/a\0SUBSYSTEM=sound\0EMPTY=\0", "bind@/devices/a\0A=b=c",
    ].map { Array($0.utf8) }
  }
}
