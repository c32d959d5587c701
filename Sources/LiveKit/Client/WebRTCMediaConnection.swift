import Logging
import NIOCore
import Realtime
import WebRTC
import WebRTCNIO

/// Makes the session's peer connections with `WebRTC`, all on one event loop and with one identity and one NTP clock.
///
/// The server is found by host candidates and by the addresses that its checks come from, so its STUN servers aren't
/// asked; TURN servers aren't used yet.
public struct WebRTCMediaConnector: MediaConnector {
  private let interfaces: NetworkInterfaces
  private let certificate: Certificate
  private let ntpClock: NTPClock
  private let eventLoop: any EventLoop
  private let logger: Logger

  /// A connector.
  /// - Parameters:
  ///   - interfaces: the addresses to use.
  ///   - certificate: who we are in DTLS.
  ///   - ntpClock: the clock of all our sender reports.
  public init(
    interfaces: NetworkInterfaces = .all, certificate: Certificate, ntpClock: NTPClock, eventLoop: any EventLoop,
    logger: Logger
  ) {
    self.interfaces = interfaces
    self.certificate = certificate
    self.ntpClock = ntpClock
    self.eventLoop = eventLoop
    self.logger = logger
  }

  /// Makes the peer connection for `role` and binds its sockets.
  /// - Throws: `PeerConnectionDriverError`.
  public func open(
    _ role: PeerConnectionRole, _ configuration: TransportConfiguration,
    onEvent: @escaping @Sendable (MediaConnectionEvent) -> Void
  ) async throws -> any MediaConnection {
    if configuration.isRelayOnly { logger.warning("the server asks for relayed media, which isn't possible yet") }
    let settings = PeerConnection.Configuration(
      certificate: certificate, ntpClock: ntpClock, seed: UInt64.random(in: 0...(.max)))
    let names = MediaNames(eventLoop: eventLoop)
    let driver = try await PeerConnectionDriver.start(
      configuration: settings, interfaces: interfaces, on: eventLoop, logger: logger
    ) { event in
      if let event = names.translate(event) { onEvent(event) }
    }
    return WebRTCMediaConnection(driver: driver, names: names)
  }
}

/// The names that the session uses for what a peer connection numbers. Lives on the event loop.
private struct MediaNames: Sendable {
  struct Tables {
    var senders: [String: TransceiverID] = [:]
    var receivers: [String: TransceiverID] = [:]
    var sendingChannels: [DataChannelLabel: DataChannelID] = [:]
    var labels: [DataChannelID: DataChannelLabel] = [:]
    var opened: [DataChannelLabel: EventLoopPromise<Void>] = [:]
  }

  let eventLoop: any EventLoop
  let tables: NIOLoopBoundBox<Tables>

  init(eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    tables = .makeBoxSendingValue(Tables(), eventLoop: eventLoop)
  }

  func translate(_ event: PeerConnectionEvent) -> MediaConnectionEvent? {
    switch event {
    case .stateChanged(.connected): return .connected
    case .stateChanged(.failed):
      endChannels()
      return .failed
    case .stateChanged(.closed):
      endChannels()
      return nil
    case .localCandidate(let candidate, let mid, let fragment):
      return .localCandidate(candidate, mid: mid, usernameFragment: fragment)
    case .trackAdded(let track):
      tables.value.receivers[track.mid] = track.transceiver
      return .trackAdded(
        IncomingTrack(mid: track.mid, kind: track.kind, streamID: track.streamID, trackID: track.trackID))
    case .trackRemoved(let transceiver):
      guard let mid = tables.value.receivers.first(where: { $0.value == transceiver })?.key else { return nil }
      tables.value.receivers[mid] = nil
      return .trackRemoved(mid: mid)
    case .keyFrameRequested(let transceiver, let encoding):
      guard let cid = tables.value.senders.first(where: { $0.value == transceiver })?.key else { return nil }
      return .keyFrameRequested(cid: cid, encoding: encoding)
    case .dataChannelOpened(let id, let label):
      guard let label = DataChannelLabel(rawValue: label) else { return nil }
      tables.value.labels[id] = label
      if tables.value.sendingChannels[label] == id { tables.value.opened[label]?.succeed(()) }
      return nil
    case .dataChannelMessage(let id, let bytes, _):
      guard let label = tables.value.labels[id] else { return nil }
      return .message(bytes, label)
    case .dataChannelClosed(let id):
      guard let label = tables.value.labels.removeValue(forKey: id) else { return nil }
      if tables.value.sendingChannels[label] == id { tables.value.sendingChannels[label] = nil }
      return nil
    case .stateChanged, .gatheringComplete, .dataChannelBufferedAmountLow: return nil
    }
  }

  /// Whoever waits for a channel waits in vain.
  func endChannels() {
    for promise in tables.value.opened.values { promise.fail(LiveKitError.dataChannelUnavailable) }
  }
}

/// A peer connection as the session's actions see it.
private struct WebRTCMediaConnection: MediaConnection {
  /// How much may wait in the reliable channel, and in the lossy one, in bytes.
  static let maximumWaiting = (reliable: 1 << 20, lossy: 64 << 10)

  let driver: PeerConnectionDriver
  let names: MediaNames

  func createDataChannels(_ labels: [DataChannelLabel]) async throws {
    try await driver.perform { [names] connection, now in
      for label in labels where names.tables.value.opened[label] == nil {
        names.tables.value.opened[label] = names.eventLoop.makePromise()
        let reliability: DataChannelOptions.Reliability =
          label.maximumRetransmissions.map { .maximumRetransmits(UInt16(clamping: $0)) } ?? .reliable
        let id = try connection.createDataChannel(
          label: label.rawValue, options: DataChannelOptions(isOrdered: label.isOrdered, reliability: reliability),
          at: now)
        names.tables.value.sendingChannels[label] = id
        names.tables.value.labels[id] = label
      }
    }
  }

  func addReceivers(_ kind: MediaKind, count: Int) async throws {
    try await driver.perform { connection, _ in
      let codecs: [MediaCodec] = kind == .audio ? [.red, .opus] : [.video(.vp9), .video(.vp8)]
      for _ in 0..<count {
        _ = try connection.addTransceiver(kind, TransceiverParameters(direction: .receiveOnly, codecs: codecs))
      }
    }
  }

  func addSender(_ sender: SendingTransceiver) async throws {
    try await driver.perform { [names] connection, _ in
      let encodings = sender.rids.isEmpty ? [EncodingParameters()] : sender.rids.map { EncodingParameters(rid: $0) }
      names.tables.value.senders[sender.cid] = try connection.addTransceiver(
        sender.kind,
        TransceiverParameters(
          direction: .sendOnly, streamID: sender.streamID, trackID: sender.cid, codecs: sender.codecs,
          encodings: encodings))
    }
  }

  func stopSender(cid: String) async throws {
    try await driver.perform { [names] connection, _ in
      guard let transceiver = names.tables.value.senders.removeValue(forKey: cid) else { return }
      connection.setSource(nil, of: transceiver)
      connection.setDirection(.inactive, of: transceiver)
    }
  }

  func createOffer() async throws -> String {
    try await driver.perform { connection, now in try connection.createOffer(at: now) }
  }

  func createAnswer() async throws -> String {
    try await driver.perform { connection, now in try connection.createAnswer(at: now) }
  }

  func setRemoteOffer(_ sdp: String) async throws {
    try await driver.perform { connection, now in try connection.setRemoteOffer(sdp, at: now) }
  }

  func setRemoteAnswer(_ sdp: String) async throws {
    try await driver.perform { connection, now in try connection.setRemoteAnswer(sdp, at: now) }
  }

  func addRemoteCandidate(_ candidate: String) async throws {
    try await driver.perform { connection, now in try connection.addRemoteCandidate(candidate, at: now) }
  }

  func send(_ message: [UInt8], on label: DataChannelLabel) async throws {
    guard let opened = try await driver.perform({ [names] _, _ in names.tables.value.opened[label]?.futureResult })
    else { throw LiveKitError.dataChannelUnavailable }
    try await opened.get()
    try await driver.perform { [names] connection, now in
      let limit = label == .reliable ? Self.maximumWaiting.reliable : Self.maximumWaiting.lossy
      guard let id = names.tables.value.sendingChannels[label], let channel = connection.dataChannel(id),
        channel.bufferedAmount <= limit
      else { throw LiveKitError.dataChannelUnavailable }
      try message.withUnsafeBytes { try connection.send($0, isBinary: true, on: id, at: now) }
    }
  }

  func receiver(mid: String) async -> MediaEndpoint? {
    let transceiver = try? await driver.perform { [names] _, _ in names.tables.value.receivers[mid] }
    return transceiver.map { MediaEndpoint(driver: driver, transceiver: $0) }
  }

  func sender(cid: String) async -> MediaEndpoint? {
    let transceiver = try? await driver.perform { [names] _, _ in names.tables.value.senders[cid] }
    return transceiver.map { MediaEndpoint(driver: driver, transceiver: $0) }
  }

  func close() async {
    await driver.close()
    try? await driver.eventLoop.submit { [names] in names.endChannels() }.get()
  }
}
