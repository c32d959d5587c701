import Realtime

// The check list (RFC 8445 section 6.1): which pairs there are, and when each is checked.

extension ICEAgent {
  /// Does all that is due at `now` and computes the next deadline.
  func advance(at now: Instant) {
    guard state != .closed else { return }
    advanceGathering(at: now)
    if session.remote != nil, state != .failed {
      retransmitChecks(at: now)
      retryFailedPairs(at: now)
      startChecks(at: now)
      nominateIfDue(at: now)
    }
    advanceConsent(at: now)
    updateState(at: now)
    nextDeadline = deadline(after: now)
  }

  // MARK: Pairs

  /// The index of the pair of `socket` and `candidate`, made if they fit and there is room; nil otherwise.
  @discardableResult
  func addPair(_ socket: LocalSocket, _ candidate: RemoteCandidate) -> Int? {
    guard canPair(socket.address.ip, candidate.address.ip) else { return nil }
    var pair = CandidatePair(
      path: TransportPath(local: socket.address, remote: candidate.address),
      localPriority: ICECandidate.priority(kind: .host, localPreference: socket.localPreference),
      checkPriority: ICECandidate.priority(kind: .peerReflexive, localPreference: socket.localPreference),
      remotePriority: candidate.priority, remoteKind: candidate.kind)
    pair.updatePriority(role: role)
    if isNominated { pair.state = .stopped }
    if pairs.count < Self.maximumPairs {
      pairs.append(pair)
      return pairs.count - 1
    }
    // The worst pair that doesn't work gives way (RFC 8445 section 6.1.2.5).
    let worst = pairs.indices.filter { pairs[$0].state != .succeeded }.min { pairs[$0].priority < pairs[$1].priority }
    guard let worst, pairs[worst].priority < pair.priority else { return nil }
    pairs[worst] = pair
    return worst
  }

  /// Whether packets may get from `local` to `remote` (RFC 8445 section 6.1.2.2).
  private func canPair(_ local: IPAddress, _ remote: IPAddress) -> Bool {
    guard local.isIPv6 == remote.isIPv6 else { return false }
    if local.isIPv6, local.isLinkLocal != remote.isLinkLocal { return false }
    return remote.isLoopback || !local.isLoopback || configuration.pairsLoopbackWithOthers
  }

  /// Whether a pair of the present session was nominated: the search is over.
  var isNominated: Bool {
    selected.map { $0.generation == session.generation && $0.pair.isNominated } ?? false
  }

  // MARK: Checks

  /// Starts waiting checks, triggered ones first, then by priority, as pacing allows.
  private func startChecks(at now: Instant) {
    while mayStart(at: now), let index = nextWaitingPair() {
      pairs[index].state = .inProgress
      startCheck(index, isNominating: false, at: now)
      takeSlot(at: now)
    }
  }

  private func nextWaitingPair() -> Int? {
    var best: Int?
    for index in pairs.indices where pairs[index].state == .waiting {
      guard let other = best else {
        best = index
        continue
      }
      let (pair, rival) = (pairs[index], pairs[other])
      let isBetter = pair.isTriggered == rival.isTriggered ? pair.priority > rival.priority : pair.isTriggered
      if isBetter { best = index }
    }
    return best
  }

  /// Sends the first request of a check on the pair at `index`.
  func startCheck(_ index: Int, isNominating: Bool, at now: Instant) {
    let active = pairs.reduce(0) { $0 + ($1.state == .waiting || $1.state == .inProgress ? 1 : 0) }
    let check = ConnectivityCheck(
      transactionID: STUNTransactionID(using: &random), role: role, isNominating: isNominating, sentAt: now,
      timeout: max(configuration.minimumRetransmissionTimeout, configuration.checkInterval * active))
    pairs[index].isTriggered = false
    pairs[index].check = check
    send(check, on: pairs[index])
  }

  private func send(_ check: ConnectivityCheck, on pair: CandidatePair) {
    enqueue(
      .check(
        check.transactionID, generation: session.generation, priority: pair.checkPriority, role: check.role,
        isNominating: check.isNominating), pair.path)
  }

  /// Sends unanswered checks again or gives them up.
  private func retransmitChecks(at now: Instant) {
    for index in pairs.indices {
      guard var check = pairs[index].check, check.deadline <= now else { continue }
      if check.transmissions >= configuration.maximumTransmissions {
        fail(index, at: now)
        continue
      }
      check.transmissions += 1
      check.isRepeated = true
      check.sentAt = now
      check.timeout = max(check.timeout, min(check.timeout * 2, configuration.maximumRetransmissionTimeout))
      pairs[index].check = check
      send(check, on: pairs[index])
    }
  }

  /// A check was given up or refused.
  func fail(_ index: Int, at now: Instant) {
    pairs[index].check = nil
    pairs[index].state = .failed
    pairs[index].retryAt = now + configuration.maximumRetransmissionTimeout
    if let selected, selected.generation == session.generation, selected.pair.path == pairs[index].path,
      !selected.pair.isNominated
    {
      abandonSelected(at: now)
    }
  }

  /// Tries failed pairs again while nothing works. RFC 8445 would give up; but a firewall may open late, and a peer may
  /// learn our password late. `failureTimeout` bounds it.
  private func retryFailedPairs(at now: Instant) {
    guard firstValidAt == nil else { return }
    for index in pairs.indices where pairs[index].state == .failed && pairs[index].retryAt <= now {
      pairs[index].state = .waiting
    }
  }

  /// The peer checked the pair at `index`, so that a check of ours will get through: it goes out soon
  /// (RFC 8445 section 7.3.1.4). A check under way is sent again at once instead of being replaced: the answer to either
  /// transmission counts.
  func trigger(_ index: Int, at now: Instant) {
    switch pairs[index].state {
    case .succeeded: return
    case .inProgress:
      guard session.remote != nil, var check = pairs[index].check, check.sentAt + configuration.checkInterval <= now
      else { return }
      check.isRepeated = true
      check.sentAt = now
      pairs[index].check = check
      send(check, on: pairs[index])
    case .waiting, .failed, .stopped:
      pairs[index].state = .waiting
      pairs[index].isTriggered = true
    }
  }

  // MARK: Pacing (RFC 8445 section 14.2)

  private var pacingCredit: Duration { configuration.checkInterval * (max(configuration.checkBurst, 1) - 1) }

  /// Whether a transaction may start now.
  func mayStart(at now: Instant) -> Bool { pacingAt <= now + pacingCredit }

  /// Counts a started transaction.
  func takeSlot(at now: Instant) {
    pacingAt = max(pacingAt, now) + configuration.checkInterval
  }

  // MARK: Deadlines

  private func deadline(after now: Instant) -> Instant {
    var deadline = consentDeadline(after: now)
    var hasWaiting = false
    for request in gatheringRequests where !request.isDone {
      if let check = request.check { deadline = min(deadline, check.deadline) } else { hasWaiting = true }
    }
    if session.remote != nil, state != .failed {
      for pair in pairs {
        if let check = pair.check { deadline = min(deadline, check.deadline) }
        if pair.state == .waiting { hasWaiting = true }
        if pair.state == .failed, firstValidAt == nil { deadline = min(deadline, pair.retryAt) }
      }
      if let due = nominationDeadline(at: now) { deadline = min(deadline, due) }
    }
    if hasWaiting { deadline = min(deadline, pacingAt - pacingCredit) }
    if selected == nil, state != .failed, let checkingSince {
      deadline = min(deadline, checkingSince + configuration.failureTimeout)
    }
    return deadline
  }
}
