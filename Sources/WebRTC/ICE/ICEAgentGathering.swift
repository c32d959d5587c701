import Realtime

// Local candidates (RFC 8445 section 5.1.1).

extension ICEAgent {
  /// Whether every STUN server has answered or been given up.
  var isGatheringComplete: Bool { gatheringRequests.allSatisfy(\.isDone) }

  /// Signals the host candidate of `socket` and lines up requests to the STUN servers of its family.
  func gather(on socket: LocalSocket) {
    isGatheringAnnounced = false
    emitCandidate(.host, socket.address, base: socket, server: nil)
    guard !socket.address.ip.isLoopback, !(socket.address.ip.isIPv6 && socket.address.ip.isLinkLocal) else { return }
    for server in configuration.stunServers.prefix(Self.maximumServers)
    where server.ip.isIPv6 == socket.address.ip.isIPv6 && server.port != 0 && server.ip.isUsableAsPeer {
      gatheringRequests.append(
        GatheringRequest(
          path: TransportPath(local: socket.address, remote: server), localPreference: socket.localPreference))
    }
  }

  /// Starts requests as pacing allows and sends unanswered ones again.
  func advanceGathering(at now: Instant) {
    for index in gatheringRequests.indices where !gatheringRequests[index].isDone {
      if var check = gatheringRequests[index].check {
        guard check.deadline <= now else { continue }
        if check.transmissions >= configuration.maximumGatheringTransmissions {
          gatheringRequests[index].isDone = true
          continue
        }
        check.transmissions += 1
        check.sentAt = now
        check.timeout = max(check.timeout, min(check.timeout * 2, configuration.maximumRetransmissionTimeout))
        gatheringRequests[index].check = check
        enqueue(.gathering(check.transactionID), gatheringRequests[index].path)
      } else if mayStart(at: now) {
        let check = ConnectivityCheck(
          transactionID: STUNTransactionID(using: &random), role: role, isNominating: false, sentAt: now,
          timeout: configuration.minimumRetransmissionTimeout)
        gatheringRequests[index].check = check
        enqueue(.gathering(check.transactionID), gatheringRequests[index].path)
        takeSlot(at: now)
      }
    }
  }

  /// A server answered the request at `index`; nil when it refused or told no address.
  func finishGathering(_ index: Int, mapped: SocketAddress?) {
    gatheringRequests[index].isDone = true
    let request = gatheringRequests[index]
    let base = request.path.local
    // Without NAT it is the host candidate, and two servers may see the same (RFC 8445 section 5.1.3).
    guard let mapped, mapped != base, mapped.ip.isIPv6 == base.ip.isIPv6,
      !reflexiveAddresses.contains(where: { $0.base == base && $0.mapped == mapped })
    else { return }
    reflexiveAddresses.append((base, mapped))
    emitCandidate(
      .serverReflexive, mapped, base: LocalSocket(address: base, localPreference: request.localPreference),
      server: request.path.remote.ip)
  }

  /// What our side of a pair is, if the peer sees `base` as `mapped`.
  func localKind(of mapped: SocketAddress, base: SocketAddress) -> ICECandidate.Kind {
    if mapped == base { return .host }
    return reflexiveAddresses.contains { $0.base == base && $0.mapped == mapped } ? .serverReflexive : .peerReflexive
  }

  private func emitCandidate(
    _ kind: ICECandidate.Kind, _ address: SocketAddress, base: LocalSocket, server: IPAddress?
  ) {
    emit(
      .localCandidate(
        ICECandidate(
          foundation: foundation(kind, base.address.ip, server),
          priority: ICECandidate.priority(kind: kind, localPreference: base.localPreference),
          host: .address(address.ip), port: address.port, kind: kind,
          relatedAddress: kind == .host ? nil : base.address,
          usernameFragment: session.local.usernameFragment)))
  }

  /// Equal for candidates of equal type, base address and server (RFC 8445 section 5.1.1.3): their FNV-1a hash.
  private func foundation(_ kind: ICECandidate.Kind, _ base: IPAddress, _ server: IPAddress?) -> String {
    var hash: UInt32 = 0x811C_9DC5
    for byte in "\(kind.rawValue) \(base) \(server?.description ?? "")".utf8 {
      hash = (hash ^ UInt32(byte)) &* 0x0100_0193
    }
    return String(hash)
  }
}
