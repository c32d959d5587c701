import Realtime

extension PeerConnection {
  /// Adds a transceiver, which is offered from the next `createOffer` on, or takes an offered section of its kind.
  public func addTransceiver(
    _ kind: MediaKind, _ parameters: TransceiverParameters
  ) throws(PeerConnectionError) -> TransceiverID {
    guard state != .closed else { throw .closed }
    let id = try negotiator.add(kind, parameters)
    transceivers[id] = Transceiver(id: id, kind: kind)
    return TransceiverID(index: id)
  }

  /// Puts a track into a transceiver that is there already and in which we send nothing, so that tracks that come and go
  /// don't make the descriptions longer and longer. It is sent from sources of its own.
  ///
  /// Between `setRemoteOffer` and `createAnswer` that is a transceiver in which the peer offers to receive (an answerer
  /// can't add any); else one whose media has ended, for both sides. Nil when there is none of its kind.
  public func reuseTransceiver(_ kind: MediaKind, _ parameters: TransceiverParameters) -> TransceiverID? {
    guard state != .closed else { return nil }
    return negotiator.reuse(kind, parameters).map { TransceiverID(index: $0) }
  }

  /// In how many transceivers of `kind` the peer offered to receive and we don't send.
  public func vacantTransceiverCount(_ kind: MediaKind) -> Int {
    negotiator.sections.count { $0.isVacant(kind) }
  }

  /// Changes which way a transceiver's media shall flow, from the next description on.
  public func setDirection(_ direction: MediaDirection, of transceiver: TransceiverID) {
    negotiator.setDirection(direction, of: transceiver.index)
  }

  /// The m-line's identification of a transceiver; nil until it is described.
  public func mid(of transceiver: TransceiverID) -> String? {
    negotiator.sections.first { $0.id == transceiver.index && $0.isPlaced }?.mid
  }

  /// Makes an offer and sets it as the local description (RFC 9429 §4.1.8, §4.1.10).
  /// - Parameter restartICE: whether new ICE credentials shall find a new path; DTLS and media go on.
  /// - Throws: `wrongState` while an offer of the peer waits for its answer.
  public func createOffer(restartICE: Bool = false, at now: Instant) throws(PeerConnectionError) -> String {
    guard state != .closed else { throw .closed }
    if restartICE {
      ice.restart(at: now)
      localCandidates.removeAll()
      isGatheringComplete = false
    }
    let offer = try negotiator.makeOffer(transportFacts)
    advance(at: now)
    return offer.description
  }

  /// Makes the answer to the peer's offer and sets it as the local description.
  /// - Throws: `wrongState` without an offer.
  public func createAnswer(at now: Instant) throws(PeerConnectionError) -> String {
    guard state != .closed else { throw .closed }
    let answer = try negotiator.makeAnswer(transportFacts)
    applyNegotiation(at: now)
    advance(at: now)
    return answer.description
  }

  /// Takes the peer's offer; `createAnswer` is to follow.
  /// - Throws: `invalidDescription`, `sectionsMissing`, `transportMissing`, `wrongState`, `tooManySections`; the
  ///   connection then is as before.
  public func setRemoteOffer(_ text: String, at now: Instant) throws(PeerConnectionError) {
    guard state != .closed else { throw .closed }
    let offer = try parse(text)
    let isFirst = negotiator.sections.allSatisfy { $0.remote == nil }
    let transport = try remoteTransport(of: offer)
    try negotiator.setRemoteOffer(offer)
    for section in negotiator.sections where transceivers[section.id] == nil {
      if case .media(let kind, _) = section.content {
        transceivers[section.id] = Transceiver(id: section.id, kind: kind)
      }
    }
    // RFC 8445 §6.1.1: the offerer controls, unless it is lite.
    if isFirst { ice.setRole(offer.isICELite ? .controlling : .controlled) }
    apply(transport, isLite: offer.isICELite, isOffer: true, at: now)
    advance(at: now)
  }

  /// Takes the peer's answer to our offer.
  /// - Throws: as `setRemoteOffer`.
  public func setRemoteAnswer(_ text: String, at now: Instant) throws(PeerConnectionError) {
    guard state != .closed else { throw .closed }
    let answer = try parse(text)
    let transport = try remoteTransport(of: answer)
    try negotiator.setRemoteAnswer(answer)
    apply(transport, isLite: answer.isICELite, isOffer: false, at: now)
    applyNegotiation(at: now)
    advance(at: now)
  }

  /// Takes a trickled candidate of the peer, an attribute value `candidate:…`; an empty text means that no more come.
  /// Candidates that can't be used (another transport, an unresolved name) are passed over.
  /// - Throws: `invalidCandidate`; nothing is lost but that candidate.
  public func addRemoteCandidate(_ line: String, at now: Instant) throws(PeerConnectionError) {
    guard state != .closed else { throw .closed }
    guard !line.isEmpty else { return ice.endOfRemoteCandidates(at: now) }
    guard let candidate = ICECandidate(line) else { throw .invalidCandidate }
    ice.addRemoteCandidate(candidate, at: now)
    advance(at: now)
  }

  /// The codec to send on a transceiver, the first that the peer takes; nil while nothing is to be sent.
  public func sendCodec(of transceiver: TransceiverID) -> MediaCodec? {
    transceivers[transceiver.index]?.sender?.codec
  }

  // MARK: Inner works

  private var transportFacts: Negotiator.Transport {
    let fingerprint = configuration.certificate.fingerprint
    return Negotiator.Transport(
      credentials: ice.localCredentials,
      fingerprint: .init(hashFunction: fingerprint.hashFunction.rawValue, digest: fingerprint.bytes),
      candidates: localCandidates, isGatheringComplete: isGatheringComplete)
  }

  private func parse(_ text: String) throws(PeerConnectionError) -> SessionDescription {
    do {
      return try SessionDescription(parsing: text)
    } catch {
      throw .invalidDescription(error)
    }
  }

  /// The transport of the first section that is in use: all are bundled on it.
  private func remoteTransport(of description: SessionDescription) throws(PeerConnectionError) -> RemoteTransport {
    guard let media = description.media.first(where: { !$0.isRejected }) else { throw .sectionsMissing }
    let fingerprints = media.transport.fingerprints.compactMap { fingerprint in
      CertificateFingerprint.HashFunction(rawValue: fingerprint.hashFunction).flatMap {
        CertificateFingerprint(hashFunction: $0, bytes: fingerprint.digest)
      }
    }
    guard !fingerprints.isEmpty, let fragment = media.transport.iceUsernameFragment,
      let password = media.transport.icePassword
    else { throw .transportMissing }
    return RemoteTransport(
      credentials: ICECredentials(usernameFragment: fragment, password: password), fingerprints: fingerprints,
      candidates: description.media.flatMap(\.candidates),
      hasEndOfCandidates: description.media.contains(where: \.hasEndOfCandidates))
  }

  private struct RemoteTransport {
    let credentials: ICECredentials
    let fingerprints: [CertificateFingerprint]
    let candidates: [String]
    let hasEndOfCandidates: Bool
  }

  private func apply(_ transport: RemoteTransport, isLite: Bool, isOffer: Bool, at now: Instant) {
    if isLite { ice.setRole(.controlling) }
    let known = ice.remoteCredentials
    if known != transport.credentials {
      // New credentials in an offer ask for a restart (RFC 8839 §4.4.3.1.1); in an answer they end ours.
      if known != nil, isOffer {
        ice.restart(at: now)
        localCandidates.removeAll()
        isGatheringComplete = false
      }
      ice.setRemote(credentials: transport.credentials, isLite: isLite, at: now)
    }
    // A certificate can't change while its association lives; DTLS checked the first one.
    if dtls.state == .new { remoteFingerprints = transport.fingerprints }
    for line in transport.candidates {
      if let candidate = ICECandidate(line) { ice.addRemoteCandidate(candidate, at: now) }
    }
    if transport.hasEndOfCandidates { ice.endOfRemoteCandidates(at: now) }
  }

  /// Brings transceivers, routes and data channels to what offer and answer agreed on.
  private func applyNegotiation(at now: Instant) {
    router.beginNegotiation()
    for section in negotiator.sections {
      guard case .media(_, let parameters) = section.content, let agreed = NegotiatedMedia(section),
        let transceiver = transceivers[section.id]
      else { continue }
      let before = transceiver.remoteTrack
      transceiver.apply(agreed, parameters: parameters, random: &random)
      if agreed.receiveCodecs.contains(where: { $0.feedback.contains("goog-remb") }) { sendsBitrateEstimate = true }
      router.add(agreed, to: transceiver)
      report(before, transceiver.remoteTrack, of: transceiver)
    }
    sendStreams = transceivers.values.flatMap { $0.sender?.encodings.compactMap { $0?.stream } ?? [] }
    feedbackDeadline = now
    startDataIfPossible(at: now)
  }

  private func report(_ before: RemoteTrack?, _ after: RemoteTrack?, of transceiver: Transceiver) {
    guard before != after else { return }
    if before != nil { events.append(.trackRemoved(TransceiverID(index: transceiver.id))) }
    if let after { events.append(.trackAdded(after)) }
  }
}
