import Realtime

// Which pair carries data: validity, nomination (RFC 8445 section 8), consent (RFC 7675) and the state made from them.

extension ICEAgent {
  // MARK: Selection

  /// The check of the pair at `index` was answered.
  func succeed(_ index: Int, isNominating: Bool, at now: Instant) {
    pairs[index].state = .succeeded
    firstValidAt = firstValidAt ?? now
    if role == .controlling ? isNominating : pairs[index].isPeerNominated {
      nominate(index, at: now)
    } else if isBetterThanSelected(pairs[index]) {
      select(index, isNominated: false, at: now)
    }
  }

  private func isBetterThanSelected(_ pair: CandidatePair) -> Bool {
    guard let selected else { return true }
    return selected.generation == session.generation && !selected.pair.isNominated && pair.priority > selected.priority
  }

  /// The pair at `index`, which is valid, was nominated. When the peer nominates several (aggressively, as RFC 5245
  /// allowed), the one with the highest priority is used, unless nothing comes on it any more.
  func nominate(_ index: Int, at now: Instant) {
    if isNominated, let selected, selected.pair.path != pairs[index].path {
      let isQuiet = selected.heardAt + configuration.probeAfter + configuration.probeInterval * 2 < now
      guard pairs[index].priority > selected.priority || isQuiet else { return }
    }
    select(index, isNominated: true, at: now)
    previousSession = nil
    for other in pairs.indices where pairs[other].state != .succeeded {
      pairs[other].state = .stopped
      pairs[other].check = nil
    }
    // Nominations of other pairs under way are void too.
    for other in pairs.indices where other != index { pairs[other].check = nil }
  }

  private func select(_ index: Int, isNominated: Bool, at now: Instant) {
    let pair = pairs[index]
    let record = ICESelectedPair(
      path: pair.path, localKind: pair.localKind, remoteKind: pair.remoteKind, isNominated: isNominated,
      roundTripTime: pair.roundTripTime)
    if var selected, selected.generation == session.generation, selected.pair.path == pair.path {
      guard selected.pair.isNominated != isNominated else { return }
      selected.pair = record
      self.selected = selected
    } else {
      selected = SelectedPair(
        pair: record, generation: session.generation, priority: pair.priority, checkPriority: pair.checkPriority,
        heardAt: now, answeredAt: now, checkedAt: now, nextConsentAt: now + randomisedConsentInterval())
    }
    lastReceivedAt = max(lastReceivedAt, now)
    emit(.selectedPair(record))
  }

  /// The selected pair can't be used any more: the best valid pair of the present session takes over, if there is one.
  func abandonSelected(at now: Instant) {
    guard let lost = selected else { return }
    selected = nil
    previousSession = nil
    let valid = pairs.indices.filter { pairs[$0].state == .succeeded && pairs[$0].path != lost.pair.path }
    if let best = valid.max(by: { pairs[$0].priority < pairs[$1].priority }) {
      select(best, isNominated: false, at: now)
      return
    }
    firstValidAt = nil
    checkingSince = now
    for index in pairs.indices where pairs[index].state != .inProgress { pairs[index].state = .waiting }
  }

  // MARK: Nomination

  /// The controlling agent sends USE-CANDIDATE on the best valid pair once that isn't likely to be outdone.
  func nominateIfDue(at now: Instant) {
    guard let due = nominationDeadline(at: now), due <= now, let best = bestValidPair() else { return }
    startCheck(best, isNominating: true, at: now)
  }

  /// When to nominate; nil when there is nothing to nominate (yet).
  func nominationDeadline(at now: Instant) -> Instant? {
    guard role == .controlling, !isNominated, let firstValidAt, let best = bestValidPair(),
      !pairs.contains(where: { $0.check?.isNominating ?? false })
    else { return nil }
    let pair = pairs[best]
    let isBetterPossible = pairs.contains {
      $0.priority > pair.priority && ($0.state == .waiting || $0.state == .inProgress)
    }
    let wait: Duration
    switch (pair.localKind, pair.remoteKind) {
    case (.host, .host):
      if !isBetterPossible { return now }
      wait = configuration.hostNominationWait
    case (.relayed, _), (_, .relayed): wait = configuration.relayedNominationWait
    default: wait = configuration.reflexiveNominationWait
    }
    if !isBetterPossible, hasRemoteEnded, isGatheringComplete { return now }
    return firstValidAt + wait
  }

  private func bestValidPair() -> Int? {
    pairs.indices.filter { pairs[$0].state == .succeeded }.max { pairs[$0].priority < pairs[$1].priority }
  }

  // MARK: Consent

  private func randomisedConsentInterval() -> Duration {
    .nanoseconds(
      Int64(Double(configuration.consentInterval.nanoseconds) * Double.random(in: 0.8...1.2, using: &random)))
  }

  /// When the next check on the selected pair is due: at the interval of consent, or sooner when the peer is silent.
  /// RFC 7675 spaces consent checks widely; the extra ones are ordinary connectivity checks.
  private func nextConsentCheck(_ selected: SelectedPair) -> Instant {
    let probe = max(lastReceivedAt + configuration.probeAfter, selected.checkedAt + configuration.probeInterval)
    return min(selected.nextConsentAt, probe)
  }

  func advanceConsent(at now: Instant) {
    guard var selected else { return }
    if selected.answeredAt + configuration.consentTimeout <= now {
      expireConsent(of: selected, at: now)
      return
    }
    guard nextConsentCheck(selected) <= now else { return }
    let id = STUNTransactionID(using: &random)
    if consentChecks.count < 16 {
      consentChecks.append((id, role, now))
    } else {
      consentChecks[nextConsentSlot] = (id, role, now)
      nextConsentSlot = (nextConsentSlot + 1) % consentChecks.count
    }
    enqueue(
      .check(
        id, generation: selected.generation, priority: selected.checkPriority, role: role, isNominating: false),
      selected.pair.path)
    selected.checkedAt = now
    if selected.nextConsentAt <= now { selected.nextConsentAt = now + randomisedConsentInterval() }
    self.selected = selected
  }

  /// A check on the selected pair was answered after `roundTripTime`.
  func renewConsent(roundTripTime: Duration, at now: Instant) {
    selected?.answeredAt = now
    selected?.heardAt = now
    selected?.pair.roundTripTime = roundTripTime
  }

  private func expireConsent(of lost: SelectedPair, at now: Instant) {
    if lost.generation == session.generation {
      selected = nil
      previousSession = nil
      setState(.failed)
    } else {
      // A restart is under way; it has its own time limit.
      let since = checkingSince
      abandonSelected(at: now)
      checkingSince = since
    }
  }

  // MARK: State

  func updateState(at now: Instant) {
    guard state != .failed else { return }
    if let selected {
      if lastReceivedAt + configuration.disconnectedTimeout <= now {
        setState(.disconnected)
      } else {
        setState(isNominated && selected.pair.isNominated ? .completed : .connected)
      }
    } else if let checkingSince, checkingSince + configuration.failureTimeout <= now {
      setState(.failed)
    } else if session.remote != nil || session.generation > 0 {
      setState(.checking)
    }
  }

  /// The deadlines of the selected pair.
  func consentDeadline(after now: Instant) -> Instant {
    guard let selected else { return .distantFuture }
    var deadline = min(nextConsentCheck(selected), selected.answeredAt + configuration.consentTimeout)
    if state != .disconnected { deadline = min(deadline, lastReceivedAt + configuration.disconnectedTimeout) }
    return deadline
  }
}
