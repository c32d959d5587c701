import Catalogue
import Control
import Foundation
import Realtime
import RoomCalendar

/// The room at work: does what the control tree's commands say, drives the meeting and the devices by the room's state
/// machine, and tells the tree how things stand.
///
/// Meetings and devices are given, and so is the time: `tick()` does what is due, and wants to be called twice a second.
public actor RoomController {
  /// A meeting, from dialling to its end.
  struct Call {
    let number: Int
    let dialled: String
    let meeting: any MeetingControlling
    /// When the room came in.
    var began: Instant?
    var roster: CallRoster?
    /// The participants' numbers in the tree, by identity.
    var numbers: [String: Int] = [:]
  }

  let center: ControlCenter
  let storage: RoomStorage?
  let joiner: any MeetingJoining
  let equipment: any RoomEquipment
  let clock: @Sendable () -> Instant
  let date: @Sendable () -> Date
  let publisher: RoomPublisher
  private let version: String
  private let started: Instant

  var machine = RoomMachine()
  var call: Call?
  private var lastCall = 0
  private var following: Task<Void, Never>?

  var volume = 50
  var isVolumeMuted = false
  var isMicrophoneMuted = false
  var isCameraMuted = false
  var layout = RoomLayout.automatic
  var isSelfViewShown = true
  var isHalfwake = false
  /// Since when nobody has needed the room; nil while somebody does.
  var idleSince: Instant?
  /// Until when standby was put off.
  var standbyNotBefore: Instant?
  /// What the screen shows outside of meetings.
  var frontPage = FrontPage()
  /// Until when it tells how the last meeting ended.
  var noticeEnd: Instant?
  /// The booking that has woken the room.
  var announcedBooking: String?
  /// What somebody wants the screen to show, and until when.
  var alert: (text: String, until: Instant?)?
  /// Inputs that had a signal when they were looked at last.
  var inputsWithSignal: Set<Int> = []
  var diagnostics = RoomDiagnostics()
  /// How things stand, as diagnostics see it.
  var facts = RoomFacts()
  /// How cameras are moving, by their numbers, and when that ends at the latest.
  var ramps: [Int: (motion: CameraMotion, until: Instant)] = [:]
  /// The devices that have announced themselves, by identity.
  var peripherals: [String: Peripheral] = [:]
  /// The cameras' views that were kept, by number.
  var presets: [Int: StoredPreset] = [:]
  /// How the screens are driven, from number 1.
  var screenPreferences = [ScreenPreferences(), ScreenPreferences()]

  /// A room that hasn't started.
  /// - Parameters:
  ///   - storage: notes the last room and what goes wrong; nil to forget them.
  ///   - version: the program's.
  ///   - clock: the time; a test gives its own.
  ///   - date: the date; a test gives its own.
  public init(
    center: ControlCenter, storage: RoomStorage?, joiner: any MeetingJoining, equipment: any RoomEquipment,
    version: String, clock: @escaping @Sendable () -> Instant = { MonotonicClock.now },
    date: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.center = center
    self.storage = storage
    self.joiner = joiner
    self.equipment = equipment
    self.version = version
    self.clock = clock
    self.date = date
    publisher = RoomPublisher(center)
    started = clock()
  }

  // MARK: Life

  /// Takes the tree's commands and makes the room ready.
  /// - Parameter invalidSettings: the paths of stored settings that don't count, to be told of.
  public func start(invalidSettings: [String] = []) async {
    for command in RoomCommand.allCases {
      // A command that the tree doesn't have is a defect that tests find.
      try? await center.handle(command.path) { call throws(ControlError) in try await self.perform(command, call) }
    }
    tell([
      ("SystemUnit Software Version", .string(version)),
      ("SystemUnit Software DisplayName", .string("Salle \(version)")),
    ])
    facts.invalidSettings = invalidSettings
    facts.isStorageDamaged = storage?.damagedPath != nil
    for preset in (try? storage?.presets()) ?? [] { presets[preset.number] = preset }
    await useDefaultVolume()
    await configureScreens()
    await lookAtEquipment()
    handle(.started)
    await tick()
    await settle()
  }

  /// Leaves the meeting, if there is one, and returns when it is over.
  public func stop() async {
    handle(.hangUp)
    await following?.value
    await settle()
  }

  /// Does what is due.
  public func tick() async {
    let now = clock()
    tell([("SystemUnit Uptime", .integer(Int((now - started).seconds) / 60 * 60))])
    if let call, let began = call.began {
      tell([("Call \(call.number) Duration", .integer(Int((now - began).seconds) / 10 * 10))])
    }
    stopForgottenRamps()
    missPeripherals()
    await configureScreens()
    await lookAtEquipment()
    await goToStandbyIfDue()
    if let until = alert?.until, until <= now { await clearAlert() }
    if !machine.state.hasMeeting { await showFrontPage() }
    await settle()
  }

  /// What the room is called.
  public var name: String {
    get async {
      let name = await setting("SystemUnit Name")?.text ?? ""
      return name.isEmpty ? "Salle" : name
    }
  }

  /// The language of screen and panel.
  var language: Language {
    get async { await setting("UserInterface Language") == .literal("English") ? .english : .french }
  }

  /// How long the screen tells how a meeting has ended.
  private static let noticeTime = Duration.seconds(15)

  /// Waits until all that was told has arrived.
  func settle() async { await publisher.told?.value }

  func tell(_ states: [(path: String, value: ControlValue?)]) { publisher.tell(.states(states)) }

  /// The value of a setting.
  func setting(_ path: String) async -> ControlValue? {
    guard let path = ControlPath(path) else { return nil }
    return await center.value(.configuration, path)
  }

  // MARK: The state machine

  /// Lets the machine take in what happened, and does what it says.
  /// - Returns: why it isn't done; nil when it is.
  @discardableResult
  func handle(_ event: RoomMachine.Event) -> RoomRefusal? {
    var refusal: RoomRefusal?
    for action in machine.handle(event) {
      switch action {
      case .join: break  // The caller has made the meeting.
      case .leave:
        if let meeting = call?.meeting { Task { await meeting.leave() } }
      case .sleep: equipment.setScreenAwake(false)
      case .wake: equipment.setScreenAwake(true)
      case .startStandbyTimer: idleSince = clock()
      case .stopStandbyTimer: (idleSince, standbyNotBefore) = (nil, nil)
      case .refuse(let reason): refusal = reason
      }
    }
    tellState()
    return refusal
  }

  private func tellState() {
    let state = machine.state
    if state != .idle { isHalfwake = false }
    let isOver = !state.hasMeeting
    tell([
      ("SystemUnit State Room", .literal(state.controlName)),
      ("SystemUnit State NumberOfActiveCalls", .integer([.inMeeting, .reconnecting].contains(state) ? 1 : 0)),
      ("SystemUnit State NumberOfInProgressCalls", .integer([.joining, .lobby].contains(state) ? 1 : 0)),
      ("Standby State", .literal(state == .standby ? "Standby" : isHalfwake ? "Halfwake" : "Off")),
      ("Standby Level", .literal(state == .standby ? "DisplayOff" : "None")),
    ])
    if let call, !isOver, let status = state.callStatus { tell([("Call \(call.number) Status", .literal(status))]) }
  }

  // MARK: The meeting

  /// Begins `meeting`, which the machine has been told of.
  func begin(_ meeting: any MeetingControlling, dialled: String) -> Int {
    // The meeting paints the screen from here on.
    equipment.show(nil)
    (frontPage.notice, noticeEnd) = (nil, nil)
    lastCall = lastCall % 65_534 + 1
    let number = lastCall
    call = Call(number: number, dialled: dialled, meeting: meeting)
    let place = "Call \(number) "
    tell([
      (place + "Status", .literal("Dialling")), (place + "Direction", .literal("Outgoing")),
      (place + "AnswerState", .literal("Unanswered")), (place + "CallType", .literal("Video")),
      (place + "Protocol", .literal("WebRTC")), (place + "DisplayName", .string(dialled)),
      (place + "RemoteNumber", .string(dialled)), (place + "CallbackNumber", .string(dialled)),
      (place + "Duration", .integer(0)),
    ])
    publisher.tell(.event("OutgoingCallIndication", [("CallId", .integer(number))]))
    following = Task { await follow(meeting) }
    return number
  }

  private func follow(_ meeting: any MeetingControlling) async {
    let reader = Task {
      for await news in meeting.news { take(news) }
    }
    let ending = await meeting.run()
    // What came before the end is told before it.
    await reader.value
    (frontPage.notice, noticeEnd) = (ending.sentence, clock() + Self.noticeTime)
    facts.wasMediaBlocked = ending.isMediaBlocked
    end(ending)
    // Nobody's picture stays on the screen.
    await showFrontPage()
  }

  private func take(_ news: CallNews) {
    guard let call else { return }
    switch news {
    case .lobbyEntered:
      handle(.lobbyEntered)
      tell([("Conference Lobby State", .literal("Waiting"))])
    case .joined: noteJoined(call)
    case .connectionLost: handle(.connectionLost)
    case .rosterChanged(let roster): take(roster)
    case .chat(let name, let text):
      publisher.tell(.event("Conference Chat", [("Text", .string(text.tame(65_536))), ("DisplayName", .name(name))]))
    case .reaction(let name, let reaction):
      publisher.tell(
        .event("Conference Reaction", [("Reaction", .literal(reaction)), ("DisplayName", .name(name))]))
    }
  }

  private func noteJoined(_ call: Call) {
    let wasInLobby = machine.state == .lobby
    handle(.joined)
    guard call.began == nil else { return }
    self.call?.began = clock()
    tell([
      ("Call \(call.number) AnswerState", .literal("Answered")),
      ("Conference Lobby State", .literal(wasInLobby ? "Admitted" : "None")),
    ])
    publisher.tell(
      .event(
        "CallSuccessful",
        [
          ("CallId", .integer(call.number)), ("Protocol", .string("WebRTC")), ("Direction", .string("Outgoing")),
          ("RemoteURI", .name(call.dialled)),
        ]))
    inputsWithSignal = []
  }

  private func end(_ ending: CallEnding) {
    guard let call else { return }
    if let roster = call.roster { take(CallRoster(others: [], own: .init(identity: "", name: roster.own.name))) }
    self.call = nil
    following = nil
    publisher.tell(.removal("Call \(call.number)"))
    publisher.tell(
      .event(
        "CallDisconnect",
        [
          ("CallId", .integer(call.number)), ("CauseValue", .integer(ending.cause.number)),
          ("CauseString", .name(ending.sentence)), ("CauseType", .literal(ending.cause.rawValue)),
          ("OrigCallDirection", .string("Outgoing")),
        ]))
    // Whoever meets next is heard and seen.
    (isMicrophoneMuted, isCameraMuted) = (false, false)
    alert = nil
    handle(.meetingEnded)
    tellMutes()
    let lobby: String? =
      switch ending.cause {
      case .refused: "Refused"
      case .unanswered: "Unanswered"
      default: "None"
      }
    tell([("Conference Lobby State", lobby.map { .literal($0) })])
  }

  func tellMutes() {
    tell([
      ("Audio Microphones Mute", .onOff(isMicrophoneMuted)), ("Video Input MainVideoMute", .onOff(isCameraMuted)),
    ])
  }
}

extension RoomState {
  /// A call's state in the control tree; nil without one.
  fileprivate var callStatus: String? {
    switch self {
    case .joining: "Connecting"
    case .lobby: "OnHold"
    case .inMeeting, .reconnecting: "Connected"
    case .leaving: "Disconnecting"
    case .starting, .idle, .standby, .fault: nil
    }
  }
}

extension ControlValue {
  /// What somebody chose to be called, as far as the tree takes it.
  static func name(_ text: String) -> ControlValue { .string(text.tame(255)) }
}

extension String {
  /// The text without control characters, and no longer than `limit`.
  func tame(_ limit: Int) -> String {
    let scalars = unicodeScalars.lazy.filter { scalar in
      scalar == "\t" || scalar == "\n" || !(scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value))
    }
    return String(String.UnicodeScalarView(scalars.prefix(limit)))
  }
}
