import Control
import Realtime

extension RoomController {
  func activateStandby() throws(ControlError) {
    handle(.standby)
    guard machine.state == .standby else {
      throw .failed(reason: machine.state.hasMeeting ? "Call active" : "Room not ready")
    }
  }

  /// Wakes the room; halfway, the tree says so until somebody does something.
  func wake(isHalf: Bool) async {
    let wasAsleep = machine.state == .standby
    isHalfwake = isHalf
    handle(.presence)
    if wasAsleep { await useDefaultVolume() }
  }

  /// Goes to standby when nobody has needed the room for as long as the settings say.
  func goToStandbyIfDue() async {
    guard let idleSince, await setting("Standby Control") == .literal("On"),
      case .integer(let minutes)? = await setting("Standby Delay")
    else { return }
    let now = clock()
    guard now >= idleSince + .seconds(60 * minutes), standbyNotBefore.map({ $0 <= now }) ?? true else { return }
    standbyNotBefore = nil
    handle(.standby)
  }
}
