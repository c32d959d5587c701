import RoomCalendar
import Catalogue
import Control
import Foundation

/// The room's bookings as the control tree shows them: does `Bookings List` and `Bookings Put`, keeps what is put, and
/// tells when meetings begin and end.
///
/// The time is given: `tick` does what is due, and wants to be called twice a second.
public actor BookingDesk {
  private let center: ControlCenter
  private let storage: RoomStorage?
  private let clock: @Sendable () -> Date
  private var list = BookingList()
  private var current: Booking?
  private var isFetched = false
  /// Since when the room's calendar can't be had; nil while it can, or there is none.
  public private(set) var calendarLostSince: Date?

  /// A desk without bookings.
  /// - Parameters:
  ///   - storage: keeps the bookings over a restart; nil to forget them.
  ///   - clock: the date; a test gives its own.
  public init(center: ControlCenter, storage: RoomStorage?, clock: @escaping @Sendable () -> Date = { Date() }) {
    self.center = center
    self.storage = storage
    self.clock = clock
  }

  /// Takes the tree's commands, and begins with the bookings that were kept.
  public func start() async {
    list = BookingList((try? storage?.bookings()) ?? [])
    // Commands that the tree doesn't have are a defect that tests find.
    try? await center.handle("Bookings List") { call throws(ControlError) in await self.answer(call) }
    try? await center.handle("Bookings Put") { call throws(ControlError) in
      try await self.put(call.body ?? "")
      return []
    }
    await tick()
  }

  /// Tells what the time has changed.
  public func tick() async {
    let now = clock()
    let next = list.current(at: now)
    let (status, until): (String, Date?) =
      switch list.availability(at: now) {
      case .free: ("Free", nil)
      case .freeUntil(let date): ("FreeUntil", date)
      case .bookedUntil(let date): ("BookedUntil", date)
      }
    try? await center.update([
      (ControlPath([.init("Bookings"), .init("Availability"), .init("Status")]), .literal(status)),
      (
        ControlPath([.init("Bookings"), .init("Availability"), .init("TimeStamp")]),
        .string(until.map(Self.text) ?? "")
      ),
      (
        ControlPath([.init("Bookings"), .init("Current"), .init("Id")]),
        .string(Self.line(next?.identity ?? ""))
      ),
    ])
    guard next?.identity != current?.identity else { return }
    let last = current
    current = next
    if let last { await raise("Bookings End", last) }
    if let next { await raise("Bookings Start", next) }
  }

  /// Says whether the bookings are those of the room's calendar: nobody else puts them then.
  func setFetched(_ isFetched: Bool) { self.isFetched = isFetched }

  /// Says whether the room's calendar can be had.
  func setCalendarReachable(_ isReachable: Bool, at date: Date) {
    calendarLostSince = isReachable ? nil : calendarLostSince ?? date
  }

  /// What the room is booked for.
  public var bookings: BookingList { list }

  /// Replaces the bookings, which are kept before this returns.
  public func replace(with bookings: [Booking]) async throws(RoomStorageError) {
    let next = BookingList(bookings)
    guard next != list else { return }
    try storage?.store(next.bookings)
    list = next
    try? await center.raise("Bookings Updated", [])
    await tick()
  }

  // MARK: Commands

  private func put(_ text: String) async throws(ControlError) {
    guard !isFetched else { throw .failed(reason: "The bookings are those of the room's calendar") }
    let bookings: [Booking]
    do throws(BookingsDocument.Failure) {
      bookings = try BookingsDocument.bookings(in: text)
    } catch {
      throw .failed(reason: error.reason)
    }
    do throws(RoomStorageError) {
      try await replace(with: bookings)
    } catch {
      throw .failed(reason: "The bookings couldn't be stored")
    }
  }

  private func answer(_ call: ControlCall) async -> [ControlLeaf] {
    let today = Calendar(identifier: .gregorian).startOfDay(for: clock())
    let day = 86_400.0
    let start = today.addingTimeInterval(Double(call.integer("DayOffset") ?? 0) * day)
    let found = list.bookings(
      in: DateInterval(start: start, duration: Double(call.integer("Days") ?? 1) * day))
    let language = await center.value(.configuration, ControlPath([.init("UserInterface"), .init("Language")]))
    let shown = found.dropFirst(call.integer("Offset") ?? 0).prefix(call.integer("Limit") ?? found.count)
    var leaves = [
      ControlLeaf(ControlPath([.init("ResultInfo"), .init("TotalRows")]), .integer(found.count))
    ]
    for (index, booking) in shown.enumerated() {
      leaves += Self.leaves(booking, item: index + 1, language == .literal("English") ? .english : .french)
    }
    return leaves
  }

  /// What is told of a booking: of a private one nothing but that the room is taken, and how to join.
  private static func leaves(_ booking: Booking, item: Int, _ language: Language) -> [ControlLeaf] {
    let place = ControlPath.Component("Booking", item: item)
    func leaf(_ words: String..., value: ControlValue) -> ControlLeaf {
      ControlLeaf(ControlPath([place] + words.map { .init($0) }), value)
    }
    var leaves = [
      leaf("Id", value: .string(line(booking.identity))),
      leaf(
        "Title",
        value: .string(line(booking.isPrivate ? BookingLabels.reserved[language] : booking.title))),
      leaf("Privacy", value: .literal(booking.isPrivate ? "Private" : "Public")),
    ]
    if !booking.isPrivate, !booking.organizer.isEmpty {
      // Calendars don't say which part of a name is which.
      leaves.append(leaf("Organizer", "FirstName", value: .string("")))
      leaves.append(leaf("Organizer", "LastName", value: .string(line(booking.organizer))))
    }
    leaves.append(leaf("Time", "StartTime", value: .string(text(booking.start))))
    leaves.append(leaf("Time", "EndTime", value: .string(text(booking.end))))
    if let address = booking.address, address.count <= 255 {
      let call = [place, .init("DialInfo"), .init("Calls"), ControlPath.Component("Call", item: 1)]
      leaves.append(ControlLeaf(ControlPath(call + [.init("Number")]), .string(address)))
      leaves.append(ControlLeaf(ControlPath(call + [.init("Protocol")]), .literal("WebRTC")))
    }
    return leaves
  }

  private func raise(_ event: NodePath, _ booking: Booking) async {
    try? await center.raise(event, [("Id", .string(Self.line(booking.identity)))])
  }

  /// A time as RFC 3339 has it, UTC.
  private static func text(_ date: Date) -> String { date.formatted(.iso8601) }

  /// What fits into a line of the tree.
  private static func line(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 }.prefix(255))
  }
}

extension BookingsDocument.Failure {
  /// What integrators read.
  fileprivate var reason: String {
    switch self {
    case .unreadable(let place): place.isEmpty ? "Not the JSON of bookings" : "Missing or wrong: \(place)"
    case .tooMany: "More than \(BookingList.maximumCount) bookings"
    case .wrongTime(let identity): "Wrong time of booking \(identity.prefix(64))"
    case .repeated(let identity): "Repeated booking \(identity.prefix(64))"
    }
  }
}
