extension VisioClient {
  /// Asks to be let into a meeting and waits for the decision; also the one way into every registered room, as a
  /// public one lets us in with the first answer. Ends early when its task is cancelled.
  ///
  /// - Parameters:
  ///   - participantID: A UUID to be known by, so that the room keeps its identity and colour; nil to be given one.
  ///   - clock: The clock that paces the requests.
  ///   - show: Called with each change of progress, and waited for.
  public func waitForAdmission(
    to code: MeetingCode, username: String, participantID: String? = nil,
    clock: some Clock<Duration> = ContinuousClock(), show: @Sendable (Lobby.Progress) async -> Void = { _ in }
  ) async -> Lobby.Outcome {
    var client = self
    // The instance forgets us after three seconds: better a new request soon than a long wait for a lost one.
    client.timeout = min(timeout, .seconds(5))
    var lobby = Lobby(participantID: participantID)
    let start = clock.now
    func now() -> Duration { start.duration(to: clock.now) }
    var actions = lobby.handle(.start, at: .zero)[...]
    while let action = actions.popFirst() {
      switch action {
      case .show(let progress):
        await show(progress)
      case .finish(let outcome):
        return outcome
      case .request(let participantID):
        let event = await client.entryEvent(code, username: username, participantID: participantID)
        actions += lobby.handle(Task.isCancelled ? .cancel : event, at: now())
      case .wait(let time):
        let isElapsed = (try? await clock.sleep(until: start.advanced(by: time), tolerance: nil)) != nil
        actions += lobby.handle(isElapsed && !Task.isCancelled ? .timer : .cancel, at: max(now(), time))
      }
    }
    return .cancelled
  }

  private func entryEvent(_ code: MeetingCode, username: String, participantID: String?) async -> Lobby.Event {
    do {
      return .answer(try await requestEntry(code, username: username, participantID: participantID))
    } catch {
      return .failure(error)
    }
  }
}
