import LiveKitMessages
import Logging
import NIOCore
import Realtime
import SwiftProtobuf
import WebRTC

/// A client that joined over the network, as LiveKit's server treats it. With two peer connections the client offers on
/// the publisher's, and the room offers on the subscriber's. With one the client makes all the offers, and the room asks
/// it for sections to send in. Confined to the room's event loop.
final class ClientSession {
  /// A client whose primary connection isn't up by then is sent away.
  static let joinTimeout = TimeAmount.seconds(60)
  /// A client that closes its media connection has so long to say that it leaves: its word travels by itself.
  static let farewellTime = TimeAmount.seconds(1)
  /// A new token goes out so often.
  static let tokenInterval = TimeAmount.minutes(5)
  /// Wishes to negotiate that come together are offered together.
  static let negotiationDelay = TimeAmount.milliseconds(20)
  /// Reliable data that waits for the channel to open, bytes; more is dropped.
  static let pendingDataLimit = 100_000
  /// Trickled candidates that wait for their description.
  static let pendingCandidateLimit = 100

  let room: MeetingRoom
  let member: Member
  let parameters: JoinParameters
  /// The connection on which the client publishes.
  let publisher: Peer
  /// The connection on which it receives; it may be the same.
  let subscriber: Peer
  /// Whether neither side may learn the other's addresses, as if a firewall let signalling pass and nothing else.
  let isMediaBlocked: Bool
  /// Whether a participant's tracks that belong together are told to be one stream.
  let joinsStreams: Bool
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

  // Subscribing. (An extension can't hold what it needs.)
  var subscriptions: [String: Subscription] = [:]
  /// Tracks that the client would receive if their publisher let it.
  var refusedTracks: Set<String> = []
  /// Tracks of which the client was told that nothing comes.
  var pausedTracks: Set<String> = []

  // Negotiating what the client receives.
  /// Whether an offer is under way: ours, or with one connection the client's that we asked for.
  var isOfferOutstanding = false
  var needsOffer = false
  var isOfferScheduled = false
  var offerID = UInt32.random(in: 2...257)

  // Candidates that wait for their description.
  var remoteCandidates: [LKSignalTarget: [String]] = [:]
  var describedTargets: Set<LKSignalTarget> = []

  // Data to the client.
  var reliableChannel: DataChannelID?
  var lossyChannel: DataChannelID?
  var openChannels: Set<DataChannelID> = []
  var pendingData: [[UInt8]] = []
  var pendingDataSize = 0

  private(set) var isEnded = false
  private var joinTimer: Scheduled<Void>?
  private var farewellTimer: Scheduled<Void>?
  private var tokenTimer: RepeatedTask?

  init(
    room: MeetingRoom, member: Member, parameters: JoinParameters, publisher: Peer, subscriber: Peer,
    isMediaBlocked: Bool, joinsStreams: Bool, logger: Logger
  ) {
    self.room = room
    self.member = member
    self.parameters = parameters
    self.publisher = publisher
    self.subscriber = subscriber
    self.isMediaBlocked = isMediaBlocked
    self.joinsStreams = joinsStreams
    self.logger = logger
  }

  /// Whether there is one peer connection for both directions.
  var usesOneConnection: Bool { publisher === subscriber }

  // MARK: Joining

  /// Answers the join: what is in the room, the token, and the first offer.
  /// - Parameter makeToken: makes a new token for the client.
  func start(makeToken: @escaping () -> String) {
    write?(.join(joinResponse()))
    write?(.refreshToken(makeToken()))
    let tokens = NIOLoopBound(makeToken, eventLoop: room.eventLoop)
    if usesOneConnection {
      // The client's first offer comes unasked, perhaps with the join.
      isOfferOutstanding = true
    } else {
      openDataChannels()
      needsOffer = true
    }
    if parameters.autoSubscribe {
      for other in room.members where other !== member {
        for track in other.tracks where track.isAnnounced { subscribe(to: track) }
      }
    }
    for track in parameters.tracks { addTrack(track) }
    if let offer = parameters.offer { receiveOffer(offer) }
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
    response.subscriberPrimary = !usesOneConnection && member.grant.canSubscribe ?? true
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

  // MARK: Events of the connections

  /// An event of the connection on which the client publishes.
  func handlePublisher(_ event: PeerConnectionEvent) {
    switch event {
    case .stateChanged(.connected) where usesOneConnection: becomeActive()
    case .stateChanged(let state):
      if case .failed(let failure) = state { connectionFailed("publisher", failure) }
    case .localCandidate(let line, let mid, let fragment):
      trickle(line, mid: mid, fragment: fragment, target: .publisher)
    case .trackAdded(let track): trackAdded(track)
    case .trackRemoved(let transceiver): trackRemoved(transceiver)
    case .dataChannelMessage(let channel, let bytes, _): receiveData(bytes, publisher, channel)
    case .dataChannelOpened(let channel, let label) where usesOneConnection: channelOffered(channel, label)
    case .keyFrameRequested(let transceiver, _) where usesOneConnection: keyFrameRequested(transceiver)
    case .gatheringComplete, .keyFrameRequested, .dataChannelOpened, .dataChannelBufferedAmountLow,
      .dataChannelClosed:
      break
    }
  }

  /// An event of the connection on which the client receives, where it is one of its own.
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

  // MARK: Inner works

  func finish(_ leave: LKLeaveRequest?) {
    guard !isEnded else { return }
    isEnded = true
    joinTimer?.cancel()
    farewellTimer?.cancel()
    tokenTimer?.cancel()
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
