import LiveKitMessages
import Logging
import Realtime
import SwiftProtobuf
import WebRTC

extension ClientSession {
  /// The client wants tracks, or wants them no longer.
  func updateSubscription(_ request: LKUpdateSubscription) {
    let sids = request.trackSids + request.participantTracks.flatMap(\.trackSids)
    for sid in sids {
      guard let track = room.track(sid: sid), track.isAnnounced else {
        if request.subscribe {
          write?(
            .subscriptionResponse(
              .with {
                $0.trackSid = sid
                $0.err = .seTrackNotfound
              }))
        }
        continue
      }
      if request.subscribe { begin(track) } else { unsubscribe(from: track) }
    }
  }

  /// How the client shows tracks.
  func updateSettings(_ settings: LKUpdateTrackSettings) {
    var choice = LayerChoice()
    choice.isDisabled = settings.disabled
    choice.height = settings.width > 0 ? Int(clamping: settings.height) : 0
    choice.quality = settings.quality == .off ? 0 : settings.quality.rawValue
    choice.framesPerSecond = Int(clamping: settings.fps)
    let now = MonotonicClock.now
    for sid in settings.trackSids {
      guard let subscription = subscriptions[sid] else { continue }
      subscription.choice = choice
      subscription.track.updateLayerLimit(at: now)
      subscription.requestMissingKeyFrame(at: now)
    }
  }

  /// The client shall receive `track`, unless it does already or may not.
  private func begin(_ track: PublishedTrack) {
    guard subscriptions[track.info.sid] == nil, member.grant.canSubscribe ?? true,
      let publisher = room.member(identity: track.publisher)
    else { return }
    let sid = track.info.sid
    guard publisher.allows(member, toReceive: sid) else { return refuse(track, of: publisher) }
    refusedTracks.remove(sid)
    let subscription = Subscription(track: track, peer: subscriber)
    // With one connection it waits for a section in an offer of the client's.
    if !usesOneConnection { place(subscription, of: publisher) }
    if !usesOneConnection && subscription.transceiver == nil {
      return logger.warning("no further track can be sent to a participant")
    }
    if parameters.adaptiveStream, track.kind == .video { subscription.choice.quality = 0 }
    subscriptions[sid] = subscription
    track.add(subscription)
    track.updateLayerLimit(at: MonotonicClock.now)
    needsOffer = true
    negotiateSoon()
    if track.listeners.count == 1 {
      publisher.link?.send(.trackSubscribed(.with { $0.trackSid = sid }))
    }
  }

  /// Gives a subscription a section: one that was used before if there is such a one.
  private func place(_ subscription: Subscription, of publisher: Member) {
    let track = subscription.track
    let sid = track.info.sid
    let codecs: [MediaCodec]
    switch track.kind {
    case .audio: codecs = track.info.disableRed ? [.opus] : [.red, .opus]
    case .video:
      codecs =
        track.info.mimeType.lowercased() == "video/vp9" ? [.video(.vp9), .video(.vp8)] : [.video(.vp8), .video(.vp9)]
    }
    let isJoined = joinsStreams && Self.isIdentifier(track.info.stream)
    let parameters = TransceiverParameters(
      direction: .sendOnly, streamID: "\(publisher.sid)|\(isJoined ? track.info.stream : sid)", trackID: sid,
      codecs: codecs)
    subscription.transceiver = subscriber.connection.reuseTransceiver(track.kind, parameters)
    if subscription.transceiver == nil, !usesOneConnection {
      subscription.transceiver = try? subscriber.connection.addTransceiver(track.kind, parameters)
    }
  }

  /// Whether a publisher's name of a stream may stand in a description (RFC 8830 §2).
  private static func isIdentifier(_ name: String) -> Bool {
    (1...32).contains(name.utf8.count) && name.utf8.allSatisfy { (33...126).contains($0) && $0 != UInt8(ascii: "|") }
  }

  /// Puts the subscriptions that wait into the sections of the client's offer, as many as there are.
  func placeSubscriptions() {
    for subscription in subscriptions.values where subscription.transceiver == nil {
      guard let publisher = room.member(identity: subscription.track.publisher) else { continue }
      place(subscription, of: publisher)
      if subscription.transceiver == nil { needsOffer = true }
    }
  }

  /// The client can't decode what it gets.
  func keyFrameRequested(_ transceiver: TransceiverID) {
    guard let subscription = subscriptions.values.first(where: { $0.transceiver == transceiver }) else { return }
    let layer = subscription.track.isScalable ? 0 : subscription.currentLayer ?? 0
    subscription.track.requestKeyFrame(layer: layer, at: MonotonicClock.now)
  }

  // MARK: Permission

  /// Tells the client that the publisher keeps a track from it.
  private func refuse(_ track: PublishedTrack, of publisher: Member) {
    refusedTracks.insert(track.info.sid)
    tellPermission(track, of: publisher, isAllowed: false)
  }

  private func tellPermission(_ track: PublishedTrack, of publisher: Member, isAllowed: Bool) {
    write?(
      .subscriptionPermissionUpdate(
        .with {
          $0.participantSid = publisher.sid
          $0.trackSid = track.info.sid
          $0.allowed = isAllowed
        }))
  }
}

extension ClientSession: MemberLink {
  func send(_ message: LKSignalResponse.OneOf_Message) {
    write?(message)
  }

  func subscribe(to track: PublishedTrack) {
    guard parameters.autoSubscribe else { return }
    begin(track)
  }

  func unsubscribe(from track: PublishedTrack) {
    let sid = track.info.sid
    refusedTracks.remove(sid)
    pausedTracks.remove(sid)
    guard let subscription = subscriptions.removeValue(forKey: sid) else { return }
    track.remove(subscription)
    guard let transceiver = subscription.transceiver else { return }
    subscriber.connection.setDirection(.inactive, of: transceiver)
    needsOffer = true
    negotiateSoon()
  }

  func permissionChanged(of track: PublishedTrack, publisher: Member) {
    let sid = track.info.sid
    let isAllowed = publisher.allows(member, toReceive: sid)
    if isAllowed, refusedTracks.contains(sid) {
      tellPermission(track, of: publisher, isAllowed: true)
      begin(track)
    } else if !isAllowed, subscriptions[sid] != nil {
      unsubscribe(from: track)
      refuse(track, of: publisher)
    }
  }

  func tick(at now: Instant) {
    var changes: [LKStreamStateInfo] = []
    for (sid, subscription) in subscriptions {
      subscription.updateTemporalLayer()
      let isStalled = subscription.isStalled(at: now)
      guard isStalled != pausedTracks.contains(sid), let publisher = room.member(identity: subscription.track.publisher)
      else { continue }
      if isStalled { pausedTracks.insert(sid) } else { pausedTracks.remove(sid) }
      changes.append(
        .with {
          $0.participantSid = publisher.sid
          $0.trackSid = sid
          $0.state = isStalled ? .paused : .active
        })
    }
    if !changes.isEmpty { write?(.streamStateUpdate(.with { $0.streamStates = changes })) }
  }

  func end(_ leave: LKLeaveRequest?) {
    finish(leave)
  }
}
