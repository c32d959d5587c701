import WebRTC
import WebRTCNIO

/// One peer connection, as the session's actions see it.
public protocol MediaConnection: Sendable {
  /// Makes the data channels, one of each label.
  func createDataChannels(_ labels: [DataChannelLabel]) async throws
  /// Makes `count` receiving transceivers.
  func addReceivers(_ kind: MediaKind, count: Int) async throws
  /// Makes a sending transceiver.
  func addSender(_ sender: SendingTransceiver) async throws
  /// Makes the sender with this cid inactive.
  func stopSender(cid: String) async throws
  /// Makes an offer and sets it as the local description.
  func createOffer() async throws -> String
  /// Makes an answer and sets it as the local description.
  func createAnswer() async throws -> String
  /// Applies the server's offer.
  func setRemoteOffer(_ sdp: String) async throws
  /// Applies the server's answer.
  func setRemoteAnswer(_ sdp: String) async throws
  /// Adds a candidate of the server's.
  func addRemoteCandidate(_ candidate: String) async throws
  /// Sends a message.
  /// - Throws: `LiveKitError.dataChannelUnavailable` when the channel isn't open or holds too much already.
  func send(_ message: [UInt8], on label: DataChannelLabel) async throws
  /// Where the track that arrives on the m-line `mid` can be taken; nil when there is none.
  func receiver(mid: String) async -> MediaEndpoint?
  /// Where the media of the sender `cid` can be put in; nil when there is none.
  func sender(cid: String) async -> MediaEndpoint?
  /// Closes the connection.
  func close() async
}

/// Makes peer connections.
public protocol MediaConnector: Sendable {
  /// Makes the peer connection for `role`. `onEvent` is called from its event loop.
  func open(
    _ role: PeerConnectionRole, _ configuration: TransportConfiguration,
    onEvent: @escaping @Sendable (MediaConnectionEvent) -> Void
  ) async throws -> any MediaConnection
}

/// What a peer connection tells the session.
public enum MediaConnectionEvent: Sendable {
  /// A local address was found.
  case localCandidate(String, mid: String, usernameFragment: String)
  /// The transports are up.
  case connected
  /// The connection failed for good.
  case failed
  /// A track arrives.
  case trackAdded(IncomingTrack)
  /// Nothing arrives on the m-line any more.
  case trackRemoved(mid: String)
  /// A receiver of the sender `cid` needs a key frame.
  case keyFrameRequested(cid: String, encoding: Int)
  /// A message came on a data channel.
  case message([UInt8], DataChannelLabel)
}

/// Where media is attached: a transceiver of a running peer connection.
public struct MediaEndpoint: Sendable {
  /// Runs the peer connection; attach sinks and sources with its `perform`.
  public let driver: PeerConnectionDriver
  /// The transceiver.
  public let transceiver: TransceiverID
}
