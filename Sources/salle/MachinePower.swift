import Appliance
import Foundation

/// Restarts the machine or turns it off, by its service manager, which ends everything in order.
enum MachinePower {
  private static let manager = "/usr/bin/systemctl"

  static func restart(shutsDown: Bool) throws(CallFailure) {
    let process = Process()
    process.executableURL = URL(filePath: manager)
    process.arguments = ["--no-ask-password", shutsDown ? "poweroff" : "reboot"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw CallFailure("Not available")
    }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CallFailure("Not permitted") }
  }
}
