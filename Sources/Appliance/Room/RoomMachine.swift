/// The room as a machine: what it does when something happens, as a value without clock, thread or device. Its owner
/// performs the actions, in order.
public struct RoomMachine: Hashable, Sendable {
  /// What happens to the room.
  public enum Event: Hashable, Sendable {
    /// Devices and services are up.
    case started
    /// Something without which the room can't meet is missing.
    case failed(RoomFault)
    /// What was missing is there again.
    case recovered(RoomFault)
    /// Somebody wants to join the meeting of this code or link.
    case dial(String)
    /// Somebody wants to leave.
    case hangUp
    /// The meeting has a lobby, and the room is in it.
    case lobbyEntered
    /// The room is in the meeting, for the first time or again.
    case joined
    /// The connection is lost, and being made anew.
    case connectionLost
    /// The meeting is over for the room: it left, or was removed, or couldn't join. Always comes, once for each `join`.
    case meetingEnded
    /// Somebody sends the room to standby, or nobody has used it for long enough.
    case standby
    /// Somebody is there: at the panel, in front of the camera, or in the calendar.
    case presence
  }

  /// What is to be done.
  public enum Action: Hashable, Sendable {
    /// To join the meeting of this code or link.
    case join(String)
    /// To leave the meeting, or give up joining it.
    case leave
    /// To turn the screen off.
    case sleep
    /// To turn the screen on.
    case wake
    /// To count anew the time until standby.
    case startStandbyTimer
    /// Not to count it any more.
    case stopStandbyTimer
    /// To tell whoever asked why it isn't done.
    case refuse(RoomRefusal)
  }

  /// What the room is doing.
  public private(set) var state = RoomState.starting
  /// What is missing. In a meeting that stays so: the meeting goes on as well as it can.
  public private(set) var faults: Set<RoomFault> = []

  /// A room that comes up.
  public init() {}

  /// Takes in what happened, and says what is to be done.
  public mutating func handle(_ event: Event) -> [Action] {
    switch event {
    case .failed(let fault):
      faults.insert(fault)
      return settle()
    case .recovered(let fault):
      faults.remove(fault)
      return settle()
    case .started:
      guard state == .starting else { return [] }
      return rest()
    case .dial(let number): return dial(number)
    case .hangUp: return hangUp()
    case .lobbyEntered:
      if state == .joining { state = .lobby }
      return []
    case .joined:
      // Not while leaving: who has hung up isn't brought back.
      if [.joining, .lobby, .reconnecting].contains(state) { state = .inMeeting }
      return []
    case .connectionLost:
      if state == .inMeeting { state = .reconnecting }
      return []
    case .meetingEnded: return state.hasMeeting ? rest() : []
    case .standby:
      guard state == .idle else { return [] }
      state = .standby
      return [.stopStandbyTimer, .sleep]
    case .presence: return notice()
    }
  }

  /// The gravest of what is missing, if something is.
  private var gravestFault: RoomFault? { RoomFault.allCases.first(where: faults.contains) }

  /// What the room does when it has nothing else to do.
  private mutating func rest() -> [Action] {
    if let gravestFault {
      state = .fault(gravestFault)
      return []
    }
    state = .idle
    return [.startStandbyTimer]
  }

  /// Does what is missing, or no longer missing, asks for; in a meeting and before the start nothing yet.
  private mutating func settle() -> [Action] {
    switch (state, gravestFault) {
    case (.idle, let fault?):
      state = .fault(fault)
      return [.stopStandbyTimer]
    case (.standby, let fault?):
      // Whoever comes in must see it.
      state = .fault(fault)
      return [.wake]
    case (.fault, let fault?):
      state = .fault(fault)
      return []
    case (.fault, nil): return rest()
    default: return []
    }
  }

  private mutating func dial(_ number: String) -> [Action] {
    switch state {
    case .starting: return [.refuse(.starting)]
    case .fault(let fault): return [.refuse(.fault(fault))]
    case .joining, .lobby, .inMeeting, .reconnecting, .leaving: return [.refuse(.busy)]
    case .idle:
      state = .joining
      return [.stopStandbyTimer, .join(number)]
    case .standby:
      state = .joining
      return [.wake, .join(number)]
    }
  }

  private mutating func hangUp() -> [Action] {
    switch state {
    case .joining, .lobby, .inMeeting, .reconnecting:
      state = .leaving
      return [.leave]
    case .leaving: return []
    case .starting, .idle, .standby, .fault: return [.refuse(.noMeeting)]
    }
  }

  private mutating func notice() -> [Action] {
    switch state {
    case .idle: return [.startStandbyTimer]
    case .standby:
      state = .idle
      return [.wake, .startStandbyTimer]
    case .starting, .joining, .lobby, .inMeeting, .reconnecting, .leaving, .fault: return []
    }
  }
}
