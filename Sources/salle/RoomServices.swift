import Appliance
import ControlServer

/// What goes on in a room beside its meetings: the calendar, the computer and the network are asked, and the room is told.
struct RoomServices {
  let room: RoomController
  let bookings: BookingDesk
  let calendar: CalendarKeeper
  let system: SystemProbe
  let network: NetworkProbe
  let door: PanelDoor
  let server: ControlServer
  /// Whether somebody may want to sign in.
  let isReachable: Bool

  /// Goes on until the task is cancelled.
  func run() async {
    await withTaskGroup { group in
      group.addTask { await tick() }
      group.addTask { await watchComputer() }
      group.addTask { await watchNetwork() }
      group.addTask { await watchCalendar() }
    }
  }

  private func tick() async {
    while (try? await Task.sleep(for: .milliseconds(500))) != nil {
      await bookings.tick()
      await room.setBookings(await bookings.bookings, lostSince: await bookings.calendarLostSince)
      await room.setInvitation(await door.invitation(port: try? server.ports.https))
      await room.tick()
    }
  }

  private func watchComputer() async {
    repeat {
      await room.setSystem(system.facts())
      await room.setPassword(isSet: isReachable ? await !door.needsSetup : nil)
    } while (try? await Task.sleep(for: .seconds(10))) != nil
  }

  private func watchNetwork() async {
    // Often enough for a person who waits for it; the rooms of a ministry not all in step.
    repeat {
      await room.setNetwork(await network.facts())
    } while (try? await Task.sleep(for: .seconds(60 + .random(in: 0...30)))) != nil
  }

  private func watchCalendar() async {
    await calendar.start()
    while (try? await Task.sleep(for: .seconds(1))) != nil { await calendar.tick() }
  }
}
