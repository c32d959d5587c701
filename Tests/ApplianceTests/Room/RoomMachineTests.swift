import Control
import Realtime
import Testing

@testable import Appliance

@Suite("The room's state machine")
struct RoomMachineTests {
  typealias Event = RoomMachine.Event

  /// Every state, and what leads there from the start.
  static let ways: [(state: RoomState, events: [Event])] = [
    (.starting, []), (.idle, [.started]), (.standby, [.started, .standby]), (.joining, [.started, .dial("a")]),
    (.lobby, [.started, .dial("a"), .lobbyEntered]), (.inMeeting, [.started, .dial("a"), .joined]),
    (.reconnecting, [.started, .dial("a"), .joined, .connectionLost]), (.leaving, [.started, .dial("a"), .hangUp]),
    (.fault(.sound), [.started, .failed(.sound)]),
  ]

  /// Every kind of event.
  static let events: [Event] = [
    .started, .failed(.screen), .failed(.sound), .failed(.settings), .recovered(.sound), .dial("b"), .hangUp,
    .lobbyEntered, .joined, .connectionLost, .meetingEnded, .standby, .presence,
  ]

  /// All that happens: in a state, on an event, to which state, with what to be done. What isn't here changes nothing and
  /// does nothing.
  static let table: [(from: RoomState, event: Event, to: RoomState, actions: [RoomMachine.Action])] = [
    (.starting, .started, .idle, [.startStandbyTimer]),
    (.starting, .dial("b"), .starting, [.refuse(.starting)]),
    (.starting, .hangUp, .starting, [.refuse(.noMeeting)]),

    (.idle, .failed(.screen), .fault(.screen), [.stopStandbyTimer]),
    (.idle, .failed(.sound), .fault(.sound), [.stopStandbyTimer]),
    (.idle, .failed(.settings), .fault(.settings), [.stopStandbyTimer]),
    (.idle, .dial("b"), .joining, [.stopStandbyTimer, .join("b")]),
    (.idle, .hangUp, .idle, [.refuse(.noMeeting)]),
    (.idle, .standby, .standby, [.stopStandbyTimer, .sleep]),
    (.idle, .presence, .idle, [.startStandbyTimer]),

    (.standby, .failed(.screen), .fault(.screen), [.wake]),
    (.standby, .failed(.sound), .fault(.sound), [.wake]),
    (.standby, .failed(.settings), .fault(.settings), [.wake]),
    (.standby, .dial("b"), .joining, [.wake, .join("b")]),
    (.standby, .hangUp, .standby, [.refuse(.noMeeting)]),
    (.standby, .presence, .idle, [.wake, .startStandbyTimer]),

    (.joining, .dial("b"), .joining, [.refuse(.busy)]),
    (.joining, .hangUp, .leaving, [.leave]),
    (.joining, .lobbyEntered, .lobby, []),
    (.joining, .joined, .inMeeting, []),
    (.joining, .meetingEnded, .idle, [.startStandbyTimer]),

    (.lobby, .dial("b"), .lobby, [.refuse(.busy)]),
    (.lobby, .hangUp, .leaving, [.leave]),
    (.lobby, .joined, .inMeeting, []),
    (.lobby, .meetingEnded, .idle, [.startStandbyTimer]),

    (.inMeeting, .dial("b"), .inMeeting, [.refuse(.busy)]),
    (.inMeeting, .hangUp, .leaving, [.leave]),
    (.inMeeting, .connectionLost, .reconnecting, []),
    (.inMeeting, .meetingEnded, .idle, [.startStandbyTimer]),

    (.reconnecting, .dial("b"), .reconnecting, [.refuse(.busy)]),
    (.reconnecting, .hangUp, .leaving, [.leave]),
    (.reconnecting, .joined, .inMeeting, []),
    (.reconnecting, .meetingEnded, .idle, [.startStandbyTimer]),

    (.leaving, .dial("b"), .leaving, [.refuse(.busy)]),
    (.leaving, .meetingEnded, .idle, [.startStandbyTimer]),

    (.fault(.sound), .failed(.settings), .fault(.settings), []),
    (.fault(.sound), .recovered(.sound), .idle, [.startStandbyTimer]),
    (.fault(.sound), .dial("b"), .fault(.sound), [.refuse(.fault(.sound))]),
    (.fault(.sound), .hangUp, .fault(.sound), [.refuse(.noMeeting)]),
  ]

  private func machine(after events: [Event]) -> RoomMachine {
    events.reduce(into: RoomMachine()) { machine, event in _ = machine.handle(event) }
  }

  @Test("every event in every state", arguments: ways.indices, events)
  func transition(way: Int, event: Event) {
    let (state, events) = Self.ways[way]
    var machine = machine(after: events)
    #expect(machine.state == state)
    let row = Self.table.first { $0.from == state && $0.event == event }
    #expect(machine.handle(event) == row?.actions ?? [])
    #expect(machine.state == row?.to ?? state)
  }

  @Test("each row of the table is about a state and an event that are tested, once")
  func table() {
    for row in Self.table {
      #expect(Self.ways.contains { $0.state == row.from } && Self.events.contains(row.event))
      #expect(Self.table.count { $0.from == row.from && $0.event == row.event } == 1)
    }
  }

  @Test("what fails in a meeting doesn't end it, and is told after it")
  func faultsInMeetings() {
    for (state, events) in Self.ways where state.hasMeeting {
      var machine = machine(after: events + [.failed(.screen), .failed(.sound)])
      #expect(machine.state == state)
      #expect(machine.handle(.meetingEnded).isEmpty)
      #expect(machine.state == .fault(.sound))
      #expect(machine.handle(.recovered(.sound)).isEmpty)
      #expect(machine.state == .fault(.screen))
      #expect(machine.handle(.recovered(.screen)) == [.startStandbyTimer])
      #expect(machine.state == .idle)
    }
    var starting = machine(after: [.failed(.settings)])
    #expect(starting.handle(.started).isEmpty)
    #expect(starting.state == .fault(.settings))
  }

  @Test("a day of random events: one meeting at a time, and each that is joined can be left", arguments: 1...4)
  func random(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var machine = RoomMachine()
    var meetings = 0
    var isAsleep = false
    for _ in 0..<20_000 {
      guard let event = Self.events.randomElement(using: &random) else { return }
      // A meeting ends only where there is one.
      if event == .meetingEnded { meetings = 0 }
      for action in machine.handle(event) {
        switch action {
        case .join: meetings += 1
        case .leave: #expect(meetings == 1)
        case .sleep:
          #expect(!isAsleep)
          isAsleep = true
        case .wake:
          #expect(isAsleep)
          isAsleep = false
        case .startStandbyTimer, .stopStandbyTimer, .refuse: break
        }
      }
      #expect(meetings == (machine.state.hasMeeting ? 1 : 0))
      #expect(isAsleep == (machine.state == .standby))
      if case .fault(let fault) = machine.state { #expect(machine.faults.contains(fault)) }
      if machine.state == .idle || machine.state == .standby { #expect(machine.faults.isEmpty) }
    }
  }

  @Test("the control tree knows every state by its name")
  func names() throws {
    let index = try #require(ControlTree.room.index(of: .status, "SystemUnit State Room"))
    guard case .literal(let names)? = ControlTree.room.nodes[index].space else { throw ControlError.invalidStatus }
    #expect(Set(Self.ways.map(\.state.controlName)) == Set(names))
  }
}
