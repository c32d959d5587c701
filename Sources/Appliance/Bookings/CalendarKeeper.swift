import Control
import Foundation
import HTTPExchange
import Realtime
import RoomCalendar
import Visio

/// Asks the room's calendar for its meetings, every few minutes, and hands them to the desk. While the calendar can't be
/// had, those that are known stay.
///
/// The time is given: `tick` does what is due, and wants to be called once a second.
public actor CalendarKeeper {
  /// How often the calendar is asked.
  static let interval = Duration.seconds(120)
  /// How soon after it couldn't be had.
  static let retryInterval = Duration.seconds(30)
  /// How long one answer may take.
  static let timeout = Duration.seconds(20)
  /// How far ahead meetings are looked for, days.
  static let reach = 14
  /// The name under which the password is stored.
  private static let secret = "Bookings Calendar Password"

  /// Where the calendar is, as the settings have it.
  private struct Source: Hashable {
    var url: String
    var name: String
    var password: String
  }

  private let center: ControlCenter
  private let desk: BookingDesk
  private let storage: RoomStorage?
  private let transport: any HTTPTransport
  private let instance: VisioInstance?
  private let clock: @Sendable () -> Instant
  private let date: @Sendable () -> Date

  private var password = ""
  private var source: Source?
  private var due = Instant(nanoseconds: .min)
  private var tag: String?
  /// The day for which an unchanged file was read: the next one has other meetings in it.
  private var day: Date?
  private var isAsking = false

  /// A keeper that has asked nothing yet.
  /// - Parameters:
  ///   - storage: keeps the calendar's password; nil to forget it.
  ///   - transport: the way to the calendar's server.
  ///   - instance: where codes without a link are of.
  ///   - clock: the time; a test gives its own.
  ///   - date: the date; a test gives its own.
  public init(
    center: ControlCenter, desk: BookingDesk, storage: RoomStorage?, transport: any HTTPTransport,
    instance: VisioInstance?, clock: @escaping @Sendable () -> Instant = { MonotonicClock.now },
    date: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.center = center
    self.desk = desk
    self.storage = storage
    self.transport = transport
    self.instance = instance
    self.clock = clock
    self.date = date
  }

  /// Takes the tree's command for the password, and begins with the one that was stored.
  public func start() async {
    password = (try? storage?.secret(Self.secret)) ?? ""
    // A command that the tree doesn't have is a defect that tests find.
    try? await center.handle("Bookings Calendar SetPassword") { call throws(ControlError) in
      try await self.setPassword(call.text("Password") ?? "")
      return []
    }
    await tick()
  }

  private func setPassword(_ text: String) throws(ControlError) {
    do throws(RoomStorageError) {
      try storage?.storeSecret(text.isEmpty ? nil : text, name: Self.secret)
    } catch {
      throw .failed(reason: "The password couldn't be stored")
    }
    password = text
  }

  /// Asks the calendar if that is due, or if another one is set.
  public func tick() async {
    guard !isAsking else { return }
    let wanted = Source(
      url: await setting("Bookings Calendar Url"), name: await setting("Bookings Calendar UserName"),
      password: password)
    if wanted != source {
      (source, tag, day, due) = (wanted, nil, nil, clock())
      await desk.setFetched(!wanted.url.isEmpty)
      await tell(wanted.url.isEmpty ? "Off" : "Starting")
    }
    guard !wanted.url.isEmpty, clock() >= due else { return }
    isAsking = true
    let outcome = await ask(wanted)
    isAsking = false
    // Meanwhile another one may have been set.
    guard wanted == source else { return }
    due = clock() + (outcome == .had ? Self.interval : Self.retryInterval)
    await tell(outcome.word)
  }

  private enum Outcome {
    case had, unreachable, refused, notFound, unreadable, invalid

    /// The state's value in the control tree.
    var word: String {
      switch self {
      case .had: "OK"
      case .unreachable: "Unreachable"
      case .refused: "Refused"
      case .notFound: "NotFound"
      case .unreadable: "Unreadable"
      case .invalid: "InvalidUrl"
      }
    }
  }

  private func ask(_ source: Source) async -> Outcome {
    let credentials =
      source.name.isEmpty && source.password.isEmpty
      ? nil : CalendarAddress.Credentials(name: source.name, password: source.password)
    guard let address = CalendarAddress(source.url, credentials: credentials) else { return .invalid }
    let exchange = CalendarExchange(address)
    let calendar = Calendar.current
    let today = calendar.startOfDay(for: date())
    if today != day { tag = nil }
    let range = DateInterval(
      start: today,
      end: calendar.date(byAdding: .day, value: Self.reach, to: today) ?? today.addingTimeInterval(86_400))
    do throws(HTTPTransportError) {
      let response = try await transport.send(Self.request(exchange.request(range, tag: tag)))
      return try await take(response, exchange, range, calendar.timeZone)
    } catch {
      switch error {
      case .responseTooLong: return .unreadable
      case .untrustedCertificate, .tlsFailed: return .refused
      case .nameNotResolved, .unreachable, .timedOut, .cancelled: return .unreachable
      }
    }
  }

  private static func request(_ request: CalendarExchange.Request) -> HTTPRequest {
    var sent = HTTPRequest(
      method: request.method == "REPORT" ? .report : .get, url: request.url, timeout: timeout)
    sent.headers = request.headers.map { HTTPField($0.name, $0.value) }
    sent.body = Array(request.body.utf8)
    sent.maximumResponseLength = ICalendarReader.maximumLength
    return sent
  }

  private func take(
    _ response: HTTPResponse, _ exchange: CalendarExchange, _ range: DateInterval, _ timeZone: TimeZone
  ) async throws(HTTPTransportError) -> Outcome {
    let answer: CalendarExchange.Answer
    do throws(CalendarExchange.Failure) {
      answer = try exchange.answer(
        status: response.status, headers: response.headers.map { ($0.name, $0.value) }, body: response.body)
    } catch {
      switch error {
      case .notAllowed: return .refused
      case .notFound, .moved: return .notFound
      case .server: return .unreachable
      case .unreadable: return .unreadable
      }
    }
    guard case .calendars(let text, let newTag) = answer else { return .had }
    let bookings: [Booking]
    do throws(CalendarError) {
      // A collection without meetings is empty; a file never is.
      bookings =
        text.isEmpty && exchange.address.kind == .collection ? [] : try reader(range, timeZone).bookings(in: text)
    } catch {
      return .unreadable
    }
    // What can't be stored is shown all the same, and lost with the next restart only.
    try? await desk.replace(with: bookings)
    (tag, day) = (newTag, range.start)
    return .had
  }

  private func reader(_ range: DateInterval, _ timeZone: TimeZone) throws(CalendarError) -> ICalendarReader {
    let instance = instance
    let find: @Sendable (String) -> String? = { MeetingAddress.find(in: $0, instance: instance) }
    do throws(CalendarError) {
      return try ICalendarReader(range: range, timeZone: timeZone.identifier, findAddress: find)
    } catch {
      // The machine's zone has no name of the database.
      return try ICalendarReader(range: range, timeZone: "Europe/Paris", findAddress: find)
    }
  }

  private func setting(_ path: String) async -> String {
    guard let path = ControlPath(path) else { return "" }
    return await center.value(.configuration, path)?.text ?? ""
  }

  private func tell(_ word: String) async {
    var states: [(ControlPath, ControlValue?)] = []
    if let path = ControlPath("Bookings Calendar Status") { states.append((path, .literal(word))) }
    if let path = ControlPath("Bookings Calendar LastUpdate") {
      if word == "OK" { states.append((path, .string(date().formatted(.iso8601)))) }
      if word == "Off" { states.append((path, .string(""))) }
    }
    try? await center.update(states)
    await desk.setCalendarReachable(word == "OK" || word == "Off" || word == "Starting", at: date())
  }
}
