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
    // Seldom while all is well, as thousands of rooms ask the same instance, and not all in step; else as often as a person
    // would who waits for it.
    while true {
      let facts = await network.facts()
      await room.setNetwork(facts)
      let seconds = facts.instance == .reached ? 600 + .random(in: 0...120) : 30 + Double.random(in: 0...15)
      guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
    }
  }

  private func watchCalendar() async {
    await calendar.start()
    while (try? await Task.sleep(for: .seconds(1))) != nil { await calendar.tick() }
  }
}
