import Realtime

// Messages from and to the network (RFC 8445 section 7).

extension ICEAgent {
  // MARK: Receiving

  /// Takes a datagram that came in on `path`. True if it was a STUN message for this agent, and then nobody else needs to
  /// see it. Messages that aren't authentic are dropped unanswered, so that strangers can't use us as a reflector.
  public func handle(_ datagram: UnsafeRawBufferPointer, on path: TransportPath, at now: Instant) -> Bool {
    guard state != .closed, path.transport == .udp, STUNMessage.looksLikeSTUN(datagram),
      let message = try? STUNMessage(parsing: datagram), message.method == STUNMessage.binding
    else { return false }
    let isOurs: Bool
    switch message.messageClass {
    case .request: isOurs = handleRequest(message, on: path, at: now)
    // A keepalive (RFC 8445 section 11): its arrival is all it says, and nothing authenticates it.
    case .indication: return true
    case .successResponse, .errorResponse: isOurs = handleResponse(message, on: path, at: now)
    }
    if isOurs { advance(at: now) }
    return isOurs
  }

  private func handleRequest(_ message: STUNMessage, on path: TransportPath, at now: Instant) -> Bool {
    guard let socket = sockets.first(where: { $0.address == path.local }), let username = message.username,
      let session = addressedSession(username), message.isAuthentic(key: session.localKey)
    else { return false }
    noteHeard(on: path, at: now)
    if let unknown = message.unknownRequiredAttribute {
      refuse(message, session, path, code: 420, unknownAttribute: unknown)
    } else if message.priority == nil || (message.iceControlling == nil && message.iceControlled == nil) {
      refuse(message, session, path, code: 400)
    } else if settleRoleConflict(message) {
      refuse(message, session, path, code: 487)
    } else {
      enqueue(.success(message.transactionID, generation: session.generation), path)
      if session.generation == self.session.generation { learn(from: message, on: socket, path, at: now) }
    }
    return true
  }

  private func addressedSession(_ username: UnsafeRawBufferPointer) -> ICESession? {
    if session.isAddressed(by: username) { return session }
    guard let previousSession, previousSession.isAddressed(by: username) else { return nil }
    return previousSession
  }

  private func refuse(
    _ message: STUNMessage, _ session: ICESession, _ path: TransportPath, code: Int, unknownAttribute: UInt16? = nil
  ) {
    enqueue(
      .failure(
        message.transactionID, generation: session.generation, code: code, unknownAttribute: unknownAttribute), path)
  }

  /// RFC 8445 section 7.3.1.1: when both have the same role, the greater tie-breaker controls. True when the peer has to
  /// change its role.
  private func settleRoleConflict(_ message: STUNMessage) -> Bool {
    if role == .controlling, let theirs = message.iceControlling {
      if tieBreaker >= theirs { return true }
      changeRole(to: .controlled)
    } else if role == .controlled, let theirs = message.iceControlled {
      if tieBreaker < theirs { return true }
      changeRole(to: .controlling)
    }
    return false
  }

  /// Learns of the peer's address and will from its check (RFC 8445 sections 7.3.1.3 to 7.3.1.5).
  private func learn(from message: STUNMessage, on socket: LocalSocket, _ path: TransportPath, at now: Instant) {
    guard let priority = message.priority, path.remote.port != 0, path.remote.ip.isUsableAsPeer else { return }
    let candidate: RemoteCandidate
    if let known = remoteCandidates.first(where: { $0.address == path.remote }) {
      candidate = known
    } else {
      guard remoteCandidates.count < Self.maximumRemoteCandidates else { return }
      candidate = RemoteCandidate(address: path.remote, priority: priority, kind: .peerReflexive)
      remoteCandidates.append(candidate)
    }
    guard let index = pairs.firstIndex(where: { $0.path == path }) ?? addPair(socket, candidate) else { return }
    let isNomination = message.useCandidate && role == .controlled
    if isNomination { pairs[index].isPeerNominated = true }
    if pairs[index].state == .succeeded {
      if isNomination { nominate(index, at: now) }
    } else if isNomination || !isNominated {
      trigger(index, at: now)
    }
  }

  private func handleResponse(_ message: STUNMessage, on path: TransportPath, at now: Instant) -> Bool {
    let id = message.transactionID
    let asked = gatheringRequests.firstIndex { !$0.isDone && $0.check?.transactionID == id && $0.path == path }
    if let index = asked {
      let isGranted = message.messageClass == .successResponse && message.unknownRequiredAttribute == nil
      finishGathering(index, mapped: isGranted ? message.mappedAddress : nil)
      return true
    }
    // An answer that comes back another way than the check went makes the path useless (RFC 8445 section 7.2.5.2.1):
    // it isn't counted, and the check fails by itself.
    if let index = pairs.firstIndex(where: { $0.check?.transactionID == id && $0.path == path }) {
      guard let key = session.remoteKey, message.isAuthentic(key: key), message.unknownRequiredAttribute == nil else {
        return false
      }
      noteHeard(on: path, at: now)
      finishCheck(index, message, at: now)
      return true
    }
    return handleConsentResponse(message, on: path, at: now)
  }

  private func finishCheck(_ index: Int, _ message: STUNMessage, at now: Instant) {
    guard let check = pairs[index].check else { return }
    if message.messageClass == .errorResponse {
      pairs[index].check = nil
      if message.errorCode == 487 {
        if check.role == role { changeRole(to: role.opposite) }
        if pairs[index].state == .inProgress {
          pairs[index].state = .waiting
          pairs[index].isTriggered = true
        }
      } else {
        fail(index, at: now)
      }
      return
    }
    guard let mapped = message.mappedAddress else { return }
    pairs[index].check = nil
    pairs[index].localKind = localKind(of: mapped, base: pairs[index].path.local)
    if !check.isRepeated { pairs[index].roundTripTime = check.sentAt.duration(to: now) }
    if let selected, selected.generation == session.generation, selected.pair.path == pairs[index].path {
      renewConsent(roundTripTime: pairs[index].roundTripTime, at: now)
    }
    succeed(index, isNominating: check.isNominating && check.role == role, at: now)
  }

  private func handleConsentResponse(_ message: STUNMessage, on path: TransportPath, at now: Instant) -> Bool {
    guard let selected, selected.pair.path == path,
      let check = consentChecks.first(where: { $0.transactionID == message.transactionID }),
      let key = keeper(of: selected.generation)?.remoteKey, message.isAuthentic(key: key),
      message.unknownRequiredAttribute == nil
    else { return false }
    noteHeard(on: path, at: now)
    if message.messageClass == .successResponse {
      renewConsent(roundTripTime: check.sentAt.duration(to: now), at: now)
    } else if message.errorCode == 487, check.role == role {
      changeRole(to: role.opposite)
    }
    return true
  }

  /// An authentic message came in on `path`.
  private func noteHeard(on path: TransportPath, at now: Instant) {
    lastReceivedAt = max(lastReceivedAt, now)
    if selected?.pair.path == path { selected?.heardAt = now }
  }

  /// The session that has `generation`, if it still counts.
  private func keeper(of generation: Int) -> ICESession? {
    if session.generation == generation { return session }
    return previousSession?.generation == generation ? previousSession : nil
  }

  // MARK: Sending

  func enqueue(_ message: OutgoingMessage, _ path: TransportPath) {
    if outgoing.count < Self.maximumOutgoing { outgoing.append((message, path)) }
  }

  /// Whether `pollTransmit` may have something.
  var hasOutgoing: Bool { !outgoing.isEmpty }

  /// The next packet to send, in a buffer from `pool` that the caller recycles; nil when there is none.
  public func pollTransmit(into pool: PacketPool) -> OutgoingPacket? {
    while outgoingStart < outgoing.count {
      let (message, path) = outgoing[outgoingStart]
      outgoingStart += 1
      let buffer = pool.take()
      buffer.count = write(message, path, to: buffer.memory)
      if buffer.count > 0 { return OutgoingPacket(buffer, on: path) }
      pool.recycle(buffer)
    }
    outgoing.removeAll(keepingCapacity: true)
    outgoingStart = 0
    return nil
  }

  /// Writes `message`; its length, or zero if its session is over.
  private func write(
    _ message: OutgoingMessage, _ path: TransportPath, to memory: UnsafeMutableRawBufferPointer
  ) -> Int {
    switch message {
    case .gathering(let id):
      var writer = STUNMessageWriter(memory, .request, transactionID: id)
      if let software = configuration.software { writer.append(.software, software) }
      writer.appendFingerprint()
      return writer.finishedCount
    case .check(let id, let generation, let priority, let role, let isNominating):
      guard let session = keeper(of: generation), let key = session.remoteKey else { return 0 }
      var writer = STUNMessageWriter(memory, .request, transactionID: id)
      writer.append(.username, session.outgoingUsername)
      writer.append(.priority, priority)
      writer.append(role == .controlling ? .iceControlling : .iceControlled, tieBreaker)
      if isNominating { writer.append(.useCandidate) }
      return finish(&writer, key)
    case .success(let id, let generation):
      guard let session = keeper(of: generation) else { return 0 }
      var writer = STUNMessageWriter(memory, .successResponse, transactionID: id)
      writer.appendXORMappedAddress(path.remote)
      return finish(&writer, session.localKey)
    case .failure(let id, let generation, let code, let unknownAttribute):
      guard let session = keeper(of: generation) else { return 0 }
      var writer = STUNMessageWriter(memory, .errorResponse, transactionID: id)
      switch code {
      case 420: writer.appendErrorCode(code, "Unknown Attribute")
      case 487: writer.appendErrorCode(code, "Role Conflict")
      default: writer.appendErrorCode(code, "Bad Request")
      }
      if let unknownAttribute { writer.appendUnknownAttribute(unknownAttribute) }
      return finish(&writer, session.localKey)
    }
  }

  private func finish(_ writer: inout STUNMessageWriter, _ key: STUNKey) -> Int {
    writer.appendIntegrity(key: key)
    writer.appendFingerprint()
    return writer.finishedCount
  }
}
