import LiveKitMessages
import WebRTC
import Realtime

extension Session {
  /// Handles one response of the server: every variant, by effect or by its name in the log.
  mutating func receive(_ response: LKSignalResponse, at now: Instant) -> [SessionAction] {
    heard(at: now)
    guard let message = response.message else {
      return [.log("ignored \(SignalDecoder.name(of: response))")]
    }
    switch message {
    case .join(let join):
      return joined(join, at: now)
    case .leave(let leave):
      return left(leave)
    case .refreshToken(let token):
      refreshToken(token)
      return []
    case .pong:
      return []
    case .pongResp(let pong):
      pongReceived(pong, at: now)
      return []
    default:
      // Everything else is about a room that we're in.
      guard isJoined else { return [.log("ignored \(SignalDecoder.name(of: response)) before joining")] }
      return receiveInRoom(message, name: SignalDecoder.name(of: response), at: now)
    }
  }

  private mutating func receiveInRoom(
    _ message: LKSignalResponse.OneOf_Message, name: String, at now: Instant
  ) -> [SessionAction] {
    switch message {
    case .offer(let offer): return offerReceived(offer)
    case .answer(let answer): return answerReceived(answer, at: now)
    case .trickle(let trickle): return trickled(trickle)
    case .trackPublished(let response): return accepted(response)
    case .trackUnpublished(let response):
      guard let (changes, actions) = publications.unpublished(sid: response.trackSid) else { return [] }
      return actions + (changes.isEmpty ? [] : negotiate(changes))
    case .mute(let mute):
      let allowsUnmute = options?.allowsRemoteUnmute == true
      if mute.muted || allowsUnmute { table?.setLocalTrackMuted(sid: mute.sid, mute.muted) }
      return publications.muted(sid: mute.sid, mute.muted, allowsUnmute: allowsUnmute)
    case .requestResponse(let response): return answered(response, at: now)
    case .subscribedQualityUpdate(let update): return publications.update(update)
    case .trackSubscribed(let response):
      guard let track = publishedTracks.first(where: { $0.sid == response.trackSid }) else { return [] }
      return [.emit(.localTrackSubscribed(cid: track.cid))]
    case .mediaSectionsRequirement(let requirement): return sectionsRequired(requirement)
    case .update, .speakersChanged, .roomUpdate, .roomMoved, .connectionQuality, .streamStateUpdate,
      .subscriptionPermissionUpdate, .subscriptionResponse:
      return describeRoom(message)
    case .reconnect, .subscribedAudioCodecUpdate, .join, .leave, .refreshToken, .pong, .pongResp:
      return [.log("ignored \(name)")]
    }
  }

  // MARK: The room

  private mutating func describeRoom(_ message: LKSignalResponse.OneOf_Message) -> [SessionAction] {
    guard var table else { return [] }
    var events: [RoomEvent] = []
    switch message {
    case .update(let update): events = table.update(update.participants)
    case .speakersChanged(let change): events = table.update(change.speakers)
    case .roomUpdate(let update): events = table.update(update.room)
    case .roomMoved(let moved):
      refreshToken(moved.token)
      events = table.move(moved)
    case .connectionQuality(let update): events = table.update(update.updates)
    case .streamStateUpdate(let update):
      for stream in update.streamStates.prefix(Subscriptions.maximumTracks) {
        events += table.modifyTrack(sid: stream.trackSid) { $0.isPaused = stream.state == .paused }
      }
    case .subscriptionPermissionUpdate(let update):
      events = table.modifyTrack(sid: update.trackSid) { $0.isAllowed = update.allowed }
    case .subscriptionResponse(let response):
      events = table.modifyTrack(sid: response.trackSid) { $0.failure = SubscriptionFailure(response.err) }
    default: break
    }
    self.table = table
    for case .trackUnpublished(let track, _) in events { subscriptions.forget(sid: track.sid) }
    return inOrder(events, with: reconcile())
  }

  /// A track's decoder goes before the track does, and comes after it did.
  private func inOrder(_ events: [RoomEvent], with receiving: [SessionAction]) -> [SessionAction] {
    let ended = receiving.filter { if case .emit(.trackUnsubscribed) = $0 { true } else { false } }
    let begun = receiving.filter { if case .emit(.trackUnsubscribed) = $0 { false } else { true } }
    return ended + events.map { .emit($0) } + begun
  }

  // MARK: Negotiation

  private mutating func offerReceived(_ offer: LKSessionDescription) -> [SessionAction] {
    guard topology == .twoPeerConnections else {
      return [.log("ignored an offer: with one peer connection only we make them")]
    }
    subscriptions.describe(offer.midToTrackID)
    return subscriber.offerReceived(offer)
  }

  private mutating func answerReceived(_ answer: LKSessionDescription, at now: Instant) -> [SessionAction] {
    if topology == .onePeerConnection { subscriptions.describe(answer.midToTrackID) }
    guard let actions = publisher.answerReceived(answer, at: now) else {
      return [.log("ignored the answer to an earlier offer")]
    }
    let published = publications.answered()
    noteOffer(actions)
    return actions + published
  }

  private mutating func trickled(_ trickle: LKTrickleRequest) -> [SessionAction] {
    guard let candidate = ICECandidateMessage(json: trickle.candidateInit) else {
      return [.log("dropped an unreadable candidate")]
    }
    if trickle.target == .subscriber, topology == .twoPeerConnections { return subscriber.remoteCandidate(candidate) }
    return publisher.remoteCandidate(candidate)
  }

  private mutating func sectionsRequired(_ requirement: LKMediaSectionsRequirement) -> [SessionAction] {
    guard topology == .onePeerConnection else { return [.log("ignored media_sections_requirement")] }
    var changes: [SessionAction] = []
    let audios = Int(min(requirement.numAudios, UInt32(Subscriptions.maximumTracks)))
    let videos = Int(min(requirement.numVideos, UInt32(Subscriptions.maximumTracks)))
    if audios > 0 { changes.append(.addReceivers(.publisher, .audio, count: audios)) }
    if videos > 0 { changes.append(.addReceivers(.publisher, .video, count: videos)) }
    // Without a number the sections suffice, but the server can put its tracks into them only when it answers an offer.
    return negotiate(changes)
  }

  // MARK: Answers to requests

  private mutating func accepted(_ response: LKTrackPublishedResponse) -> [SessionAction] {
    guard let (changes, actions) = publications.accepted(cid: response.cid, track: response.track) else {
      return [.log("ignored track_published for a track that isn't asked for")]
    }
    return actions + negotiate(changes)
  }

  private mutating func answered(_ response: LKRequestResponse, at now: Instant) -> [SessionAction] {
    if let waiting = metadataRequests.removeValue(forKey: response.requestID) {
      let outcome: RequestOutcome = LiveKitError(response).map { .failed($0) } ?? .done
      return [.finish(waiting.request, outcome)]
    }
    guard case .addTrack(let request)? = response.request else {
      guard response.reason != .ok else { return [] }
      return [.log("a request failed: \(response.reason) \(response.message.prefix(200))")]
    }
    if response.reason == .queued {
      publications.queued(cid: request.cid, at: now)
      return []
    }
    guard let error = LiveKitError(response) else { return [] }
    return publications.refused(cid: request.cid, error: error)
  }

  private mutating func left(_ leave: LKLeaveRequest) -> [SessionAction] {
    let reason = DisconnectReason(leave.reason)
    switch leave.action {
    case .resume: return lost(.serverRequest(reason, newSession: false))
    case .reconnect: return lost(.serverRequest(reason, newSession: true))
    case .disconnect, .UNRECOGNIZED: return close(.disconnected(reason))
    }
  }
}

extension LiveKitError {
  /// The error that an answer reports, or nil when it reports success.
  init?(_ response: LKRequestResponse) {
    switch response.reason {
    case .ok, .queued: return nil
    case .notAllowed: self = .notAllowed
    case .limitExceeded: self = .limitExceeded
    case .notFound: self = .unknownTrack
    default: self = .refused("\(response.reason) \(response.message.prefix(200))")
    }
  }
}
