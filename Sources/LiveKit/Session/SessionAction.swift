import LiveKitMessages
import WebRTC

/// What peer connections are made with; from the server, anew with each connection.
public struct TransportConfiguration: Hashable, Sendable {
  /// A STUN or TURN server.
  public struct Server: Hashable, Sendable {
    /// `stun:`, `turn:` and `turns:` URLs.
    public let urls: [String]
    /// For TURN.
    public let username: String
    /// For TURN.
    public let credential: String
  }

  /// The servers to use.
  public let servers: [Server]
  /// Whether only relayed candidates may be used: the server saw direct ones fail.
  public let isRelayOnly: Bool

  init(servers: [LKICEServer], configuration: LKClientConfiguration) {
    // A dozen is more than anyone configures.
    self.servers = servers.prefix(16).map {
      Server(urls: Array($0.urls.prefix(16)), username: $0.username, credential: $0.credential)
    }
    isRelayOnly = configuration.forceRelay == .enabled
  }
}

/// How a request ended.
public enum RequestOutcome: Hashable, Sendable {
  /// The track is published.
  case published(PublishedTrack)
  /// Done.
  case done
  /// Refused or failed.
  case failed(LiveKitError)
}

/// What a session wants done, in the order given; each is one call of the signalling connection or a peer connection.
public enum SessionAction: Hashable, Sendable {
  /// Open the WebSocket: then `signalOpened` or `signalClosed`.
  case openSignal(SignalEndpoint)
  /// Send a request.
  case send(LKSignalRequest)
  /// Close the WebSocket with code 1000, after what was sent.
  case closeSignal
  /// Make the peer connections.
  case openPeerConnections([PeerConnectionRole], TransportConfiguration)
  /// Make the data channels `_reliable`, `_lossy` and `_data_track`.
  case createDataChannels(PeerConnectionRole)
  /// Make receiving transceivers, for the next offer.
  case addReceivers(PeerConnectionRole, MediaKind, count: Int)
  /// Make a sending transceiver on the publisher's peer connection, for the next offer. Always a new m-line: the server
  /// doesn't recognise a track on an old one.
  case addSender(SendingTransceiver)
  /// Stop the sending transceiver of a variant; its m-line stays, inactive, from the next offer on.
  case stopSender(cid: String)
  /// Make an offer: then `offerCreated` or `negotiationFailed`.
  case createOffer(PeerConnectionRole)
  /// Make an answer: then `answerCreated` or `negotiationFailed`.
  case createAnswer(PeerConnectionRole, offerID: UInt32)
  /// Apply the server's offer.
  case setRemoteOffer(PeerConnectionRole, sdp: String)
  /// Apply the server's answer.
  case setRemoteAnswer(PeerConnectionRole, sdp: String)
  /// Add a candidate of the server's, an SDP attribute value.
  case addCandidate(PeerConnectionRole, String)
  /// Close the peer connections.
  case closePeerConnections
  /// Tell the application.
  case emit(RoomEvent)
  /// Answer a request.
  case finish(RequestID, RequestOutcome)
  /// Write to the log; something that is worth a look later.
  case log(String)
}
