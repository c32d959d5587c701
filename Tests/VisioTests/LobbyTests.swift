import HTTPExchange
import Synchronization
import Testing

@testable import Visio

@Suite("The lobby")
struct LobbyTests {
  static let credentials = LiveKitCredentials(url: "https://lk.example/", room: "r", token: "t")
  static let waiting = Lobby.Event.answer(EntryAnswer(participantID: "me", status: .waiting))
  static let accepted = Lobby.Event.answer(
    EntryAnswer(participantID: "me", status: .accepted, liveKit: credentials))
  static let unreachable = Lobby.Event.failure(.instanceUnreachable(host: "h"))

  /// Each step: when, what happens, what is to be done.
  typealias Step = (time: Double, event: Lobby.Event, actions: [Lobby.Action])

  private func run(_ steps: [Step], participantID: String? = nil) {
    var lobby = Lobby(participantID: participantID)
    for step in steps {
      #expect(lobby.handle(step.event, at: .seconds(step.time)) == step.actions, "\(step.event) at \(step.time) s")
    }
  }

  @Test("who waits asks each second in its own place, and enters when accepted")
  func accepted() {
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (0.2, Self.waiting, [.show(.waiting), .wait(until: .seconds(1))]),
      (1, .timer, [.request(participantID: "me")]),
      (1.1, Self.waiting, [.wait(until: .seconds(2))]),
      (2, .timer, [.request(participantID: "me")]),
      (2.1, Self.accepted, [.finish(.admitted(Self.credentials, participantID: "me"))]),
      (3, .timer, []), (3, Self.waiting, []), (3, .cancel, []),
    ])
  }

  @Test("a public room, or one that becomes public meanwhile, lets in with the next answer")
  func publicRoom() {
    run(
      [
        (0, .start, [.show(.asking), .request(participantID: "own")]),
        (
          0.1, .answer(EntryAnswer(participantID: nil, status: .accepted, liveKit: Self.credentials)),
          [.finish(.admitted(Self.credentials, participantID: "own"))]
        ),
      ], participantID: "own")
  }

  @Test("a refusal ends it at once")
  func denied() {
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (0.1, .answer(EntryAnswer(participantID: "me", status: .denied)), [.finish(.refused)]),
      (1.1, .timer, []),
    ])
  }

  @Test("after ten minutes without an answer it ends")
  func unanswered() {
    var lobby = Lobby()
    var time = Duration.zero
    var requests = 0
    var queue = lobby.handle(.start, at: time)
    while let action = queue.first {
      queue.removeFirst()
      switch action {
      case .request:
        requests += 1
        queue += lobby.handle(Self.waiting, at: time + .milliseconds(50))
      case .wait(let until):
        time = until
        queue += lobby.handle(.timer, at: time)
      case .show: break
      case .finish(let outcome):
        #expect(outcome == .unanswered)
      }
    }
    #expect(time == .seconds(600))
    #expect(requests == 600)
  }

  @Test("the network may fail for a while; the place is asked for again, soon")
  func blip() {
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (0.1, Self.waiting, [.show(.waiting), .wait(until: .seconds(1))]),
      (1, .timer, [.request(participantID: "me")]),
      (1.1, Self.unreachable, [.show(.reconnecting), .wait(until: .seconds(2))]),
      (2, .timer, [.request(participantID: "me")]),
      (7, .failure(.timedOut(host: "h")), [.wait(until: .seconds(7.5))]),
      (7.5, .timer, [.request(participantID: "me")]),
      (7.6, Self.waiting, [.show(.waiting), .wait(until: .seconds(8.5))]),
    ])
  }

  @Test("a failure that lasts is told")
  func outage() {
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (0.1, Self.waiting, [.show(.waiting), .wait(until: .seconds(1))]),
      (1, .timer, [.request(participantID: "me")]),
      (60, Self.unreachable, [.show(.reconnecting), .wait(until: .seconds(60.5))]),
      (60.5, .timer, [.request(participantID: "me")]),
      (61, Self.unreachable, [.finish(.failed(.instanceUnreachable(host: "h")))]),
    ])
  }

  @Test("a server that asks for time gets it, and never more than the whole wait")
  func throttled() {
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (0.1, Self.waiting, [.show(.waiting), .wait(until: .seconds(1))]),
      (1, .timer, [.request(participantID: "me")]),
      (2, .failure(.throttled(host: "h", retryAfter: .seconds(30))), [.wait(until: .seconds(32))]),
      (32, .timer, [.request(participantID: "me")]),
      (33, .failure(.throttled(host: "h", retryAfter: nil)), [.wait(until: .seconds(38))]),
      (38, .timer, [.request(participantID: "me")]),
      (39, .failure(.throttled(host: "h", retryAfter: .zero)), [.wait(until: .seconds(40))]),
      (40, .timer, [.request(participantID: "me")]),
      (41, .failure(.throttled(host: "h", retryAfter: .seconds(3_600))), [.wait(until: .seconds(600))]),
      (600, .timer, [.finish(.unanswered)]),
    ])
  }

  @Test(
    "what can't get better ends it at once",
    arguments: [
      (VisioError.noSuchMeeting, Lobby.Outcome.failed(.noSuchMeeting), Lobby.Outcome.meetingDeleted),
      (
        .untrustedCertificate(host: "h"), .failed(.untrustedCertificate(host: "h")),
        .failed(.untrustedCertificate(host: "h"))
      ),
      (.rejected(detail: "x"), .failed(.rejected(detail: "x")), .failed(.rejected(detail: "x"))),
      (.redirectRefused(host: "h"), .failed(.redirectRefused(host: "h")), .failed(.redirectRefused(host: "h"))),
      (.cancelled, .cancelled, .cancelled),
    ])
  func permanent(error: VisioError, atFirst: Lobby.Outcome, later: Lobby.Outcome) {
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]), (0.1, .failure(error), [.finish(atFirst)]),
    ])
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (0.1, Self.waiting, [.show(.waiting), .wait(until: .seconds(1))]),
      (1, .timer, [.request(participantID: "me")]), (1.1, .failure(error), [.finish(later)]),
    ])
  }

  @Test("a page in place of an answer is fatal at first, and a passing trouble later")
  func page() {
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (0.1, .failure(.notVisio(host: "h")), [.finish(.failed(.notVisio(host: "h")))]),
    ])
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (0.1, Self.waiting, [.show(.waiting), .wait(until: .seconds(1))]),
      (1, .timer, [.request(participantID: "me")]),
      (1.1, .failure(.notVisio(host: "h")), [.show(.reconnecting), .wait(until: .seconds(2))]),
    ])
  }

  @Test("acceptance without credentials and unknown statuses mean waiting on")
  func oddAnswers() {
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]),
      (
        0.1, .answer(EntryAnswer(participantID: "me", status: .accepted)), [.show(.waiting), .wait(until: .seconds(1))]
      ),
      (1, .timer, [.request(participantID: "me")]),
      (1.1, .answer(EntryAnswer(participantID: "new", status: .other("unknown"))), [.wait(until: .seconds(2))]),
      (2, .timer, [.request(participantID: "new")]),
    ])
  }

  @Test("giving up ends it in any state, and events out of turn are ignored")
  func cancel() {
    run([(0, .timer, []), (0, Self.waiting, []), (0, .cancel, [.finish(.cancelled)]), (0, .start, [])])
    run([
      (0, .start, [.show(.asking), .request(participantID: nil)]), (0, .start, []), (0, .timer, []),
      (0.1, Self.waiting, [.show(.waiting), .wait(until: .seconds(1))]), (0.2, Self.waiting, []),
      (0.3, .cancel, [.finish(.cancelled)]),
    ])
  }
}

/// A clock whose sleepers wake at once, having moved it on.
final class LeapingClock: Clock {
  struct Instant: InstantProtocol {
    var offset: Duration
    func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
    func duration(to other: Instant) -> Duration { other.offset - offset }
    static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
  }

  private let time = Mutex(Instant(offset: .zero))
  private let onSleep: @Sendable (Duration) -> Void

  init(onSleep: @escaping @Sendable (Duration) -> Void = { _ in }) {
    self.onSleep = onSleep
  }

  var now: Instant { time.withLock { $0 } }
  var minimumResolution: Duration { .nanoseconds(1) }

  func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    time.withLock { $0 = max($0, deadline) }
    onSleep(deadline.offset)
    try Task.checkCancellation()
  }
}

@Suite("Waiting for admission")
struct LobbyRunnerTests {
  private func client(_ transport: ScriptedTransport) throws -> VisioClient {
    VisioClient(instance: try #require(VisioInstance("https://visio.example")), transport: transport)
  }

  @Test("the wait goes through waiting and a lost network to admission")
  func admission() async throws {
    let transport = ScriptedTransport(
      .json(Answers.entry("waiting")), .failure(.unreachable), .json(Answers.entry("waiting")),
      .json(Answers.entry("accepted", liveKit: Answers.liveKit)))
    let clock = LeapingClock()
    let progress = Mutex<[Lobby.Progress]>([])
    let outcome = try await client(transport).waitForAdmission(
      to: MeetingCode(typed: "abcdefghij"), username: "Salle", clock: clock
    ) { step in progress.withLock { $0.append(step) } }
    guard case .admitted(let credentials, let participantID) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(credentials.token == "a.b.c")
    #expect(participantID == Answers.place)
    let shown = progress.withLock { $0 }
    #expect(shown == [.asking, .waiting, .reconnecting, .waiting])
    #expect(clock.now.offset == .seconds(3))
    #expect(
      transport.requests.map { $0.header("Cookie") }
        == [nil] + Array(repeating: "lobbyParticipantId=\(Answers.place)", count: 3))
  }

  @Test("nobody answering ends after ten minutes of the clock")
  func unanswered() async throws {
    let clock = LeapingClock()
    let outcome = try await client(ScriptedTransport(.json(Answers.entry("waiting")))).waitForAdmission(
      to: MeetingCode(typed: "abcdefghij"), username: "Salle", clock: clock)
    #expect(outcome == .unanswered)
    #expect(clock.now.offset == .seconds(600))
  }

  @Test("cancelling the task ends the wait")
  func cancellation() async throws {
    let transport = ScriptedTransport(.json(Answers.entry("waiting")))
    let client = try client(transport)
    let code = try MeetingCode(typed: "abcdefghij")
    let clock = LeapingClock { time in
      if time >= .seconds(3) { withUnsafeCurrentTask { $0?.cancel() } }
    }
    let outcome = await Task { await client.waitForAdmission(to: code, username: "Salle", clock: clock) }.value
    #expect(outcome == .cancelled)
    #expect(transport.requests.count == 3)
  }
}
