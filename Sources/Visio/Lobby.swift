/// The wait for admission to a meeting, as a state machine without clock or network.
///
/// Time is the duration since the wait began. The owner feeds each event and performs the actions that come back, in
/// order; after `finish` nothing more comes.
///
/// The instance forgets who hasn't asked for three seconds, so one asks each second, and goes on through failures of
/// the network: whoever asks again takes its place again. A refusal ends it at once, since asking on would ring again.
/// That the room's access level changes meanwhile needs no rule: each answer is the instance's verdict anew.
public struct Lobby: Sendable {
  /// The time from one request to the next.
  public static let pollInterval = Duration.seconds(1)
  /// How long to wait for somebody to answer; Visio's own page gives up after the same time.
  public static let limit = Duration.seconds(600)
  /// How long to ask on while every request fails, before the failure is told: longer than a router's restart.
  public static let patience = Duration.seconds(60)
  /// How long to leave an instance alone that asks for it without saying how long.
  public static let defaultRetryAfter = Duration.seconds(5)

  /// What happens to the wait.
  public enum Event: Hashable, Sendable {
    /// It begins.
    case start
    /// A request was answered.
    case answer(EntryAnswer)
    /// A request failed.
    case failure(VisioError)
    /// The time of `wait` has come.
    case timer
    /// Somebody in the room has given up.
    case cancel
  }

  /// What the owner is to do.
  public enum Action: Hashable, Sendable {
    /// Ask to be let in, as this participant, and report the outcome with `answer` or `failure`.
    case request(participantID: String?)
    /// Send `timer` at this time.
    case wait(until: Duration)
    /// Show where the wait stands: its progress has changed.
    case show(Progress)
    /// The wait is over.
    case finish(Outcome)
  }

  /// Where the wait stands.
  public enum Progress: Hashable, Sendable {
    /// The request is on its way for the first time.
    case asking
    /// The request stands; somebody in the meeting must answer.
    case waiting
    /// The instance can't be reached just now.
    case reconnecting
  }

  /// How the wait ended.
  public enum Outcome: Hashable, Sendable {
    /// Let in, with what is needed to join and our identity.
    case admitted(LiveKitCredentials, participantID: String?)
    /// An organiser has refused.
    case refused
    /// Nobody has answered within `limit`.
    case unanswered
    /// The meeting was deleted while we waited.
    case meetingDeleted
    /// The instance didn't do its part.
    case failed(VisioError)
    /// Somebody in the room has given up. The instance forgets the request after three seconds.
    case cancelled
  }

  private enum State: Sendable {
    case idle, requesting(since: Duration), pausing, finished
  }

  /// Who we are in the lobby, from the latest answer.
  public private(set) var participantID: String?
  private var state = State.idle
  private var progress: Progress?
  /// When the last answer came; the beginning, before any.
  private var lastAnswer = Duration.zero
  private var hasBeenAnswered = false

  /// A wait that hasn't begun.
  ///
  /// - Parameter participantID: A UUID to be known by, or nil to be given one.
  public init(participantID: String? = nil) {
    self.participantID = participantID
  }

  /// Takes an event at `now`, a duration since `start` that never decreases.
  public mutating func handle(_ event: Event, at now: Duration) -> [Action] {
    switch (state, event) {
    case (.finished, _): return []
    case (_, .cancel): return finish(.cancelled)
    case (.idle, .start): return show(.asking) + request(at: now)
    case (.pausing, .timer): return now >= Self.limit ? finish(.unanswered) : request(at: now)
    case (.requesting(let sent), .answer(let answer)): return handle(answer, sentAt: sent, at: now)
    case (.requesting(let sent), .failure(let error)): return handle(error, sentAt: sent, at: now)
    default: return []
    }
  }

  private mutating func handle(_ answer: EntryAnswer, sentAt sent: Duration, at now: Duration) -> [Action] {
    participantID = answer.participantID ?? participantID
    lastAnswer = now
    hasBeenAnswered = true
    switch answer.status {
    case .accepted:
      // Without credentials, as if the decision were still being made.
      guard let credentials = answer.liveKit else { return show(.waiting) + pause(for: Self.pollInterval, after: sent) }
      return finish(.admitted(credentials, participantID: participantID))
    case .denied: return finish(.refused)
    case .waiting, .other: return show(.waiting) + pause(for: Self.pollInterval, after: sent)
    }
  }

  private mutating func handle(_ error: VisioError, sentAt sent: Duration, at now: Duration) -> [Action] {
    switch error {
    case .cancelled: return finish(.cancelled)
    case .noSuchMeeting: return finish(hasBeenAnswered ? .meetingDeleted : .failed(error))
    case .throttled(_, let wait):
      // The instance works and speaks to us; only the limit of the whole wait counts.
      lastAnswer = now
      return pause(for: max(wait ?? Self.defaultRetryAfter, Self.pollInterval), after: now)
    case _ where now - lastAnswer >= Self.patience: return finish(.failed(error))
    case .notVisio where hasBeenAnswered: break  // A proxy's or maintenance page in between.
    case _ where !error.isTransient: return finish(.failed(error))
    default: break
    }
    return show(.reconnecting) + pause(for: Self.pollInterval, after: max(sent, now - Self.pollInterval / 2))
  }

  private mutating func request(at now: Duration) -> [Action] {
    state = .requesting(since: now)
    return [.request(participantID: participantID)]
  }

  private mutating func pause(for interval: Duration, after instant: Duration) -> [Action] {
    state = .pausing
    return [.wait(until: min(instant + interval, Self.limit))]
  }

  private mutating func show(_ progress: Progress) -> [Action] {
    guard progress != self.progress else { return [] }
    self.progress = progress
    return [.show(progress)]
  }

  private mutating func finish(_ outcome: Outcome) -> [Action] {
    state = .finished
    return [.finish(outcome)]
  }
}
