import LiveKitMessages
import Logging
import NIOCore
import Realtime
import SwiftProtobuf
import WebRTC

/// A client that joined over the network, as LiveKit's server with two peer connections treats it: the client offers on
/// the publisher's, the room offers on the subscriber's. Confined to the room's event loop.
final class ClientSession {
  /// A client whose primary connection isn't up by then is sent away.
  static let joinTimeout = TimeAmount.seconds(60)
  /// A new token goes out so often.
  static let tokenInterval = TimeAmount.minutes(5)
  /// A client that closes its media connection has so long to say that it leaves: its word travels by itself.
  static let farewellTime = TimeAmount.seconds(1)
  /// Wishes to negotiate that come together are offered together.
  static let negotiationDelay = TimeAmount.milliseconds(20)
  /// Reliable data that waits for the channel to open, bytes; more is dropped.
  static let pendingDataLimit = 100_000
  /// Trickled candidates that wait for their description.
  static let pendingCandidateLimit = 100

  let room: MeetingRoom
  let member: Member
  let parameters: JoinParameters
  let publisher: Peer
  let subscriber: Peer
  /// Whether neither side may learn the other's addresses, as if a firewall let signalling pass and nothing else.
  let isMediaBlocked: Bool
  let logger: Logger
  /// Writes to the client; nil once it is gone.
  var write: ((LKSignalResponse.OneOf_Message) -> Void)?
  /// Closes the signalling socket.
  var closeSocket: (() -> Void)?
  /// Called once when the session is over.
  var onEnd: (() -> Void)?

  // Publishing.
  var pendingTracks: [PublishedTrack] = []
  var publishedTracks: [TransceiverID: ClientTrack] = [:]
  /// The client's own identifiers of tracks, by SID.
  var cids: [String: String] = [:]
  /// What our last answer says, by mid.
  var formats: [String: ClientTrack.Format] = [:]

  // Subscribing.
  private(set) var subscriptions: [String: Subscription] = [:]
  private var isOfferOutstanding = false
  private var needsOffer = false
  private var isOfferScheduled = false
  private var offerID = UInt32.random(in: 2...257)
  private var channels: (reliable: DataChannelID, lossy: DataChannelID)?
  private var openChannels: Set<DataChannelID> = []
  private var pendingData: [[UInt8]] = []
  private var pendingDataSize = 0

  // Signalling.
  private var remoteCandidates: [LKSignalTarget: [String]] = [:]
  private var describedTargets: Set<LKSignalTarget> = []
  private var isEnded = false
  private var joinTimer: Scheduled<Void>?
  private var tokenTimer: RepeatedTask?
  private var farewellTimer: Scheduled<Void>?

  init(
    room: MeetingRoom, member: Member, parameters: JoinParameters, publisher: Peer, subscriber: Peer,
    isMediaBlocked: Bool, logger: Logger
  ) {
    self.room = room
    self.member = member
    self.parameters = parameters
    self.publisher = publisher
    self.subscriber = subscriber
    self.isMediaBlocked = isMediaBlocked
    self.logger = logger
  }

  // MARK: Joining

  /// Answers the join: what is in the room, the token, and the first offer.
  /// - Parameter makeToken: makes a new token for the client.
  func start(makeToken: @escaping () -> String) {
    write?(.join(joinResponse()))
    write?(.refreshToken(makeToken()))
    let tokens = NIOLoopBound(makeToken, eventLoop: room.eventLoop)
    openDataChannels()
    if parameters.autoSubscribe {
      for other in room.members where other !== member {
        for track in other.tracks where track.isAnnounced { subscribe(to: track) }
      }
    }
    needsOffer = true
    negotiateSoon()
    let session = NIOLoopBound(self, eventLoop: room.eventLoop)
    tokenTimer = room.eventLoop.scheduleRepeatedTask(
      initialDelay: Self.tokenInterval, delay: Self.tokenInterval
    ) { _ in
      session.value.write?(.refreshToken(tokens.value()))
    }
    joinTimer = room.eventLoop.scheduleTask(in: Self.joinTimeout) {
      session.value.room.remove(session.value.member, reason: .joinFailure)
    }
  }

  private func joinResponse() -> LKJoinResponse {
    var response = LKJoinResponse()
    response.room = room.info
    response.participant = member.description
    response.otherParticipants = room.others(than: member)
    response.serverVersion = Self.serverVersion
    response.subscriberPrimary = member.grant.canSubscribe ?? true
    response.pingTimeout = 15
    response.pingInterval = 5
    response.serverInfo = .with {
      $0.version = Self.serverVersion
      $0.protocol = 17
      $0.nodeID = "practice"
    }
    response.enabledPublishCodecs = ["audio/opus", "audio/red", "video/VP8", "video/VP9", "video/rtx"].map { mime in
      .with { $0.mime = mime }
    }
    response.fastPublish = member.grant.canPublish ?? true
    return response
  }

  /// What the room calls itself; new enough for every feature that clients look at it for.
  static let serverVersion = "1.13.0"

  private func openDataChannels() {
    let now = MonotonicClock.now
    let lossyOptions = DataChannelOptions(isOrdered: false, reliability: .maximumRetransmits(0))
    guard let reliable = try? subscriber.connection.createDataChannel(label: "_reliable", at: now),
      let lossy = try? subscriber.connection.createDataChannel(label: "_lossy", options: lossyOptions, at: now)
    else { return }
    channels = (reliable, lossy)
  }

  // MARK: Events of the connections

  /// An event of the connection on which the client publishes.
  func handlePublisher(_ event: PeerConnectionEvent) {
    switch event {
    case .stateChanged(let state):
      if case .failed(let failure) = state { connectionFailed("publisher", failure) }
    case .localCandidate(let line, let mid, let fragment):
      trickle(line, mid: mid, fragment: fragment, target: .publisher)
    case .trackAdded(let track): trackAdded(track)
    case .trackRemoved(let transceiver): trackRemoved(transceiver)
    case .dataChannelMessage(let channel, let bytes, _): receiveData(bytes, publisher, channel)
    case .gatheringComplete, .keyFrameRequested, .dataChannelOpened, .dataChannelBufferedAmountLow,
      .dataChannelClosed:
      break
    }
  }

  /// An event of the connection on which the client receives.
  func handleSubscriber(_ event: PeerConnectionEvent) {
    switch event {
    case .stateChanged(.connected): becomeActive()
    case .stateChanged(let state):
      if case .failed(let failure) = state { connectionFailed("subscriber", failure) }
    case .localCandidate(let line, let mid, let fragment):
      trickle(line, mid: mid, fragment: fragment, target: .subscriber)
    case .keyFrameRequested(let transceiver, _): keyFrameRequested(transceiver)
    case .dataChannelOpened(let channel, _): channelOpened(channel)
    case .dataChannelMessage(let channel, let bytes, _): receiveData(bytes, subscriber, channel)
    case .gatheringComplete, .trackAdded, .trackRemoved, .dataChannelBufferedAmountLow, .dataChannelClosed: break
    }
  }

  private func becomeActive() {
    guard member.info.state != .active else { return }
    joinTimer?.cancel()
    logger.info("a participant is in the room", metadata: ["identity": "\(member.identity)"])
    room.update(member) { $0.state = .active }
  }

  private func connectionFailed(_ name: String, _ failure: PeerConnectionFailure) {
    guard !isEnded, farewellTimer == nil else { return }
    guard case .dtls = failure else { return giveUp(name) }
    let session = NIOLoopBound(self, eventLoop: room.eventLoop)
    farewellTimer = room.eventLoop.scheduleTask(in: Self.farewellTime) { session.value.giveUp(name) }
  }

  private func giveUp(_ name: String) {
    guard !isEnded else { return }
    logger.info("a participant's media connection failed", metadata: ["connection": "\(name)"])
    write?(
      .leave(
        .with {
          $0.reason = .connectionTimeout
          $0.action = .resume
          $0.canReconnect = true
        }))
    room.remove(member, reason: .connectionTimeout, tells: false)
  }

  // MARK: Candidates

  private func trickle(_ line: String, mid: String, fragment: String, target: LKSignalTarget) {
    guard !isMediaBlocked else { return }
    let candidate = CandidateInit(candidate: line, sdpMid: mid, sdpMLineIndex: 0, usernameFragment: fragment)
    write?(
      .trickle(
        .with {
          $0.candidateInit = candidate.json
          $0.target = target
        }))
  }

  private func receive(_ trickle: LKTrickleRequest) {
    guard !isMediaBlocked else { return }
    guard let candidate = CandidateInit(json: trickle.candidateInit) else {
      return refuse(.unclassifiedError, "the candidate can't be read") { $0.trickle = trickle }
    }
    guard describedTargets.contains(trickle.target) else {
      guard (remoteCandidates[trickle.target]?.count ?? 0) < Self.pendingCandidateLimit else { return }
      remoteCandidates[trickle.target, default: []].append(candidate.candidate)
      return
    }
    add(candidate.candidate, to: trickle.target)
  }

  private func add(_ line: String, to target: LKSignalTarget) {
    let peer = target == .publisher ? publisher : subscriber
    // One that can't be used is passed over.
    try? peer.connection.addRemoteCandidate(line, at: MonotonicClock.now)
    peer.flush()
  }

  private func describe(_ target: LKSignalTarget) {
    describedTargets.insert(target)
    for line in remoteCandidates.removeValue(forKey: target) ?? [] { add(line, to: target) }
  }

  // MARK: Requests

  /// Does what the client asks.
  func handle(_ request: LKSignalRequest) {
    guard !isEnded, let message = request.message else { return }
    switch message {
    case .offer(let offer): receiveOffer(offer)
    case .answer(let answer): receiveAnswer(answer)
    case .trickle(let request): receive(request)
    case .addTrack(let request): addTrack(request)
    case .mute(let request): mute(request)
    case .subscription(let request): updateSubscription(request)
    case .trackSetting(let settings): updateSettings(settings)
    case .leave(let leave): room.remove(member, reason: Self.acceptedReason(leave.reason), tells: false)
    case .ping: write?(.pong(WallClock.milliseconds))
    case .pingReq(let ping):
      write?(
        .pongResp(
          .with {
            $0.lastPingTimestamp = ping.timestamp
            $0.timestamp = WallClock.milliseconds
          }))
    case .updateMetadata(let request): updateMetadata(request)
    case .updateAudioTrack(let request): updateAudioTrack(request)
    case .updateVideoTrack(let request): updateVideoTrack(request)
    case .simulate, .subscriptionPermission, .syncState: break
    }
  }

  private static func acceptedReason(_ reason: LKDisconnectReason) -> LKDisconnectReason {
    switch reason {
    case .clientInitiated, .userUnavailable, .userRejected, .agentError: reason
    default: .clientInitiated
    }
  }

  private func updateMetadata(_ request: LKUpdateParticipantMetadata) {
    guard member.grant.canUpdateOwnMetadata ?? false else {
      return refuse(.notAllowed, "does not have permission to update own metadata", id: request.requestID) {
        $0.updateMetadata = request
      }
    }
    room.update(member) { info in
      if !request.name.isEmpty { info.name = String(request.name.prefix(256)) }
      if !request.metadata.isEmpty { info.metadata = request.metadata }
      for (key, value) in request.attributes { info.attributes[key] = value.isEmpty ? nil : value }
    }
    write?(
      .requestResponse(
        .with {
          $0.requestID = request.requestID
          $0.reason = .ok
        }))
  }

  /// Answers that a request isn't fulfilled.
  func refuse(
    _ reason: LKRequestResponse.Reason, _ message: String, id: UInt32 = 0, _ fill: (inout LKRequestResponse) -> Void
  ) {
    write?(
      .requestResponse(
        .with {
          $0.requestID = id
          $0.reason = reason
          $0.message = message
          fill(&$0)
        }))
  }

  // MARK: Offer and answer

  private func receiveOffer(_ offer: LKSessionDescription) {
    let now = MonotonicClock.now
    do {
      try publisher.connection.setRemoteOffer(passing(Self.withoutDependencyDescriptor(offer.sdp)), at: now)
      let answer = passing(try publisher.connection.createAnswer(at: now))
      learnFormats(answer)
      write?(
        .answer(
          .with {
            $0.type = "answer"
            $0.sdp = answer
            $0.id = offer.id
          }))
      describe(.publisher)
      publisher.flush()
    } catch {
      negotiationFailed(error)
    }
  }

  private func receiveAnswer(_ answer: LKSessionDescription) {
    guard isOfferOutstanding, answer.id == 0 || answer.id == offerID else { return }
    do {
      try subscriber.connection.setRemoteAnswer(passing(answer.sdp), at: MonotonicClock.now)
    } catch {
      return negotiationFailed(error)
    }
    isOfferOutstanding = false
    describe(.subscriber)
    subscriber.flush()
    let now = MonotonicClock.now
    for subscription in subscriptions.values where subscription.track.kind == .video {
      if let layer = subscription.missingKeyFrameLayer(at: now) {
        subscription.track.requestKeyFrame(layer: layer, at: now)
      }
    }
    if needsOffer { negotiateSoon() }
  }

  /// A description without the dependency descriptor extension. The room doesn't rewrite it, and a sender that may use it
  /// leaves out of the payload descriptors what stands in it.
  private static func withoutDependencyDescriptor(_ sdp: String) -> String {
    let lines = sdp.split(separator: "\r\n", omittingEmptySubsequences: false)
    return lines.filter { !($0.hasPrefix("a=extmap:") && $0.hasSuffix("#dependency-descriptor-rtp-header-extension")) }
      .joined(separator: "\r\n")
  }

  /// A description as it passes between room and client: without addresses where no media is to pass.
  private func passing(_ sdp: String) -> String {
    guard isMediaBlocked else { return sdp }
    let lines = sdp.split(separator: "\r\n", omittingEmptySubsequences: false)
    return lines.filter { !$0.hasPrefix("a=candidate:") }.joined(separator: "\r\n")
  }

  private func negotiationFailed(_ error: any Error) {
    logger.warning("a description can't be used", metadata: ["error": "\(error)"])
    write?(
      .leave(
        .with {
          $0.reason = .stateMismatch
          $0.action = .reconnect
        }))
    room.remove(member, reason: .stateMismatch, tells: false)
  }

  func negotiateSoon() {
    guard !isOfferScheduled, !isEnded else { return }
    isOfferScheduled = true
    let session = NIOLoopBound(self, eventLoop: room.eventLoop)
    room.eventLoop.scheduleTask(in: Self.negotiationDelay) { session.value.negotiate() }
  }

  private func negotiate() {
    isOfferScheduled = false
    guard needsOffer, !isOfferOutstanding, !isEnded else { return }
    guard let sdp = try? subscriber.connection.createOffer(at: MonotonicClock.now) else { return }
    needsOffer = false
    isOfferOutstanding = true
    offerID &+= 1
    var tracks: [String: String] = [:]
    for (sid, subscription) in subscriptions {
      if let mid = subscriber.connection.mid(of: subscription.transceiver) { tracks[mid] = sid }
    }
    write?(
      .offer(
        .with {
          $0.type = "offer"
          $0.sdp = passing(Self.withoutDependencyDescriptor(sdp))
          $0.id = offerID
          $0.midToTrackID = tracks
        }))
    subscriber.flush()
  }

  // MARK: Subscriptions

  private func updateSubscription(_ request: LKUpdateSubscription) {
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

  private func updateSettings(_ settings: LKUpdateTrackSettings) {
    var choice = LayerChoice()
    choice.isDisabled = settings.disabled
    choice.height = settings.width > 0 ? Int(clamping: settings.height) : 0
    choice.quality = settings.quality == .off ? 0 : settings.quality.rawValue
    let now = MonotonicClock.now
    for sid in settings.trackSids {
      guard let subscription = subscriptions[sid] else { continue }
      subscription.choice = choice
      subscription.track.updateLayerLimit(at: now)
      if let layer = subscription.missingKeyFrameLayer(at: now) {
        subscription.track.requestKeyFrame(layer: layer, at: now)
      }
    }
  }

  /// The client shall receive `track`, unless it does already.
  private func begin(_ track: PublishedTrack) {
    guard subscriptions[track.info.sid] == nil, member.grant.canSubscribe ?? true,
      let publisher = room.member(identity: track.publisher)
    else { return }
    let sid = track.info.sid
    let codecs: [MediaCodec]
    switch track.kind {
    case .audio: codecs = track.info.disableRed ? [.opus] : [.red, .opus]
    case .video:
      codecs =
        track.info.mimeType.lowercased() == "video/vp9" ? [.video(.vp9), .video(.vp8)] : [.video(.vp8), .video(.vp9)]
    }
    let parameters = TransceiverParameters(
      direction: .sendOnly, streamID: "\(publisher.sid)|\(sid)", trackID: sid, codecs: codecs)
    guard let transceiver = try? subscriber.connection.addTransceiver(track.kind, parameters) else {
      return logger.warning("no further track can be sent to a participant")
    }
    let subscription = Subscription(track: track, peer: subscriber, transceiver: transceiver)
    if parametersAdaptive, track.kind == .video { subscription.choice.quality = 0 }
    subscriptions[sid] = subscription
    track.add(subscription)
    track.updateLayerLimit(at: MonotonicClock.now)
    needsOffer = true
    negotiateSoon()
    if track.listeners.count == 1 {
      publisher.link?.send(.trackSubscribed(.with { $0.trackSid = sid }))
    }
  }

  private var parametersAdaptive: Bool { parameters.adaptiveStream }

  private func keyFrameRequested(_ transceiver: TransceiverID) {
    guard let subscription = subscriptions.values.first(where: { $0.transceiver == transceiver }) else { return }
    let now = MonotonicClock.now
    let layer = subscription.track.isScalable ? 0 : subscription.currentLayer ?? 0
    subscription.track.requestKeyFrame(layer: layer, at: now)
  }

  // MARK: Data

  private func channelOpened(_ channel: DataChannelID) {
    openChannels.insert(channel)
    guard let channels, channel == channels.reliable else { return }
    let waiting = pendingData
    pendingData.removeAll()
    pendingDataSize = 0
    for bytes in waiting { send(bytes, on: channel) }
  }

  private func receiveData(_ bytes: [UInt8], _ peer: Peer, _ channel: DataChannelID) {
    guard let label = peer.connection.dataChannel(channel)?.label,
      let packet = try? LKDataPacket(serializedBytes: bytes)
    else { return }
    room.distribute(packet, isReliable: label != "_lossy", from: member)
  }

  private func send(_ bytes: [UInt8], on channel: DataChannelID) {
    // What doesn't fit into the queue is lost to this client, which is too slow.
    try? bytes.withUnsafeBytes { bytes in
      try subscriber.connection.send(bytes, isBinary: true, on: channel, at: MonotonicClock.now)
    }
    subscriber.flush()
  }

  // MARK: Inner works

  fileprivate func finish(_ leave: LKLeaveRequest?) {
    guard !isEnded else { return }
    isEnded = true
    joinTimer?.cancel()
    tokenTimer?.cancel()
    farewellTimer?.cancel()
    if let leave { write?(.leave(leave)) }
    write = nil
    closeSocket?()
    closeSocket = nil
    for subscription in subscriptions.values { subscription.track.remove(subscription) }
    subscriptions.removeAll()
    onEnd?()
    onEnd = nil
  }
}

extension ClientSession: MemberLink {
  func send(_ message: LKSignalResponse.OneOf_Message) {
    write?(message)
  }

  func receive(_ packet: LKDataPacket, isReliable: Bool) {
    guard let channels, let bytes: [UInt8] = try? packet.serializedBytes() else { return }
    let channel = isReliable ? channels.reliable : channels.lossy
    if openChannels.contains(channel) { return send(bytes, on: channel) }
    guard isReliable, pendingDataSize + bytes.count <= Self.pendingDataLimit else { return }
    pendingData.append(bytes)
    pendingDataSize += bytes.count
  }

  func subscribe(to track: PublishedTrack) {
    guard parameters.autoSubscribe else { return }
    begin(track)
  }

  func unsubscribe(from track: PublishedTrack) {
    guard let subscription = subscriptions.removeValue(forKey: track.info.sid) else { return }
    track.remove(subscription)
    subscriber.connection.setDirection(.inactive, of: subscription.transceiver)
    needsOffer = true
    negotiateSoon()
  }

  func end(_ leave: LKLeaveRequest?) {
    finish(leave)
  }
}

extension ClientSession {
  /// The signalling socket is gone. Media goes on as long as the connections live; a client that never got so far is
  /// removed at once.
  func signalClosed() {
    write = nil
    closeSocket = nil
    guard member.info.state != .active else { return }
    room.remove(member, reason: .signalClose, tells: false)
  }
}
