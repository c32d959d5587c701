import DequeModule
import Realtime

/// The data channels of one peer connection: an SCTP association (RFC 9260) over DTLS (RFC 8261, RFC 8831) and the
/// protocol that opens channels in it (RFC 8832), without I/O or clock.
///
/// After every call that may change something, poll `pollTransmit` and `pollEvent` until they give nil, then call
/// `handleTimeout(at:)` when `nextDeadline` has come. Confined to one thread at a time; several associations may live
/// on several threads, they take turns at one lock (`SCTPStack`).
public final class SCTPAssociation {
  /// What happened, in order.
  public enum Event: Hashable, Sendable {
    /// The association is up.
    case connected
    /// A channel can be used: one of ours, or a new one that the peer opened.
    case opened(DataChannelID)
    /// A message came.
    case message(DataChannelID, bytes: [UInt8], isBinary: Bool)
    /// So much was sent that `bufferedAmount` fell to the threshold.
    case bufferedAmountLow(DataChannelID)
    /// The channel is closed and forgotten; with the reason unless one side wanted it.
    case closed(DataChannelID, SCTPError?)
    /// The association is over; all channels were closed.
    case failed(SCTPError)
  }

  /// Bytes of all messages that wait to be sent, at most.
  public static let sendQueueLimit = 16 * 1_024 * 1_024
  /// Packets kept until `start`: a peer that is ahead of us sends its INIT.
  static let earlyPacketLimit = 8
  private static let activeInterval = Duration.milliseconds(10)
  private static let idleInterval = Duration.milliseconds(250)
  private static let activePeriod = Duration.seconds(1)

  /// Whether channels can be used.
  public private(set) var isConnected = false
  /// The instant at which to call `handleTimeout(at:)`.
  public private(set) var nextDeadline = Instant.distantFuture

  private struct OutgoingMessage {
    let bytes: [UInt8]
    let protocolIdentifier: SCTPMessage.ProtocolIdentifier
    /// What `bufferedAmount` counts for it.
    let payloadLength: Int
    var sent = 0
  }

  private let socket: SCTPSocket
  private var events = Deque<Event>()
  private var channels: [DataChannelID: DataChannel] = [:]
  private var identifiers: [UInt16: DataChannelID] = [:]
  private var queues: [DataChannelID: Deque<OutgoingMessage>] = [:]
  /// Channels with something to send, in the order of their turn. Only the first may have sent part of a message.
  private var turns = Deque<DataChannelID>()
  private var queuedBytes = 0
  private var early = Deque<[UInt8]>()
  private var lastIdentifier: UInt32 = 0
  private var role: DTLSTransport.Role?
  private var isOver = false
  private var streamCount = SCTPSocket.streamCount
  private var remoteMaximumMessageSize = 65_536
  private var lastActivity = Instant(nanoseconds: .min)
  /// Whether something happened since there was nothing to send: asking usrsctp costs a lock that is the process's.
  private var mayHavePackets = false

  /// An association that isn't started.
  /// - Parameter maximumReceiveSize: bytes of the longest message taken (what our `a=max-message-size` says); a channel
  ///   on which a longer one comes is closed.
  public init(maximumReceiveSize: Int = 262_144) {
    socket = SCTPSocket(maximumReceiveSize: maximumReceiveSize)
  }

  deinit {
    SCTPStack.run { socket.close() }
  }

  // MARK: - Life

  /// Starts the association, once DTLS is connected.
  /// - Parameters:
  ///   - role: ours in DTLS; the client's channels have even streams, the server's odd ones (RFC 8832 §6).
  ///   - remoteMaximumMessageSize: the peer's `a=max-message-size`; 65 536 when it has none, 0 when it takes any
  ///     (RFC 8841 §6).
  /// - Throws: `invalidState` when started already, `library`.
  public func start(
    role: DTLSTransport.Role, remoteMaximumMessageSize: Int = 65_536, at now: Instant
  ) throws(SCTPError) {
    guard self.role == nil, !isOver else { throw .invalidState }
    self.role = role
    self.remoteMaximumMessageSize = remoteMaximumMessageSize <= 0 ? .max : remoteMaximumMessageSize
    do {
      try SCTPStack.run(socket, at: now) { () throws(SCTPError) in try socket.connect() }
    } catch {
      fail(error)
      throw error
    }
    while let packet = early.popFirst() { packet.withUnsafeBytes { handle($0, at: now) } }
    settle(at: now)
  }

  /// Aborts the association: an ABORT is left to be sent, all channels are gone without further events.
  public func close(at now: Instant) {
    SCTPStack.run(socket, at: now) { socket.close() }
    mayHavePackets = true
    isOver = true
    forgetChannels()
    nextDeadline = .distantFuture
  }

  /// Takes in what DTLS delivers.
  public func handle(_ packet: UnsafeRawBufferPointer, at now: Instant) {
    guard !isOver else { return }
    guard role != nil else {
      if early.count < Self.earlyPacketLimit, packet.count <= PacketBuffer.capacity { early.append(Array(packet)) }
      return
    }
    SCTPStack.run(socket, at: now) { socket.handle(packet) }
    settle(at: now)
  }

  /// The next packet for DTLS, in a buffer of `pool`; nil when there is none.
  public func pollTransmit(into pool: PacketPool) -> PacketBuffer? {
    guard mayHavePackets else { return nil }
    let packet = SCTPStack.run { socket.pollTransmit(into: pool) }
    mayHavePackets = packet != nil
    return packet
  }

  /// The next event; nil when there is none.
  public func pollEvent() -> Event? {
    events.isEmpty ? nil : events.removeFirst()
  }

  /// Lets the timers run.
  public func handleTimeout(at now: Instant) {
    guard role != nil, !isOver, now >= nextDeadline else { return }
    let (hasActivity, hasNews) = SCTPStack.run(socket, at: now) {
      (socket.takeActivity(), !socket.notifications.isEmpty)
    }
    schedule(hasActivity: hasActivity, at: now)
    // Mostly no timer of usrsctp was due.
    if hasActivity || hasNews || !turns.isEmpty || hasResetWanted { settle(at: now) }
  }

  // MARK: - Channels

  /// Opens a channel; may be called before `start`.
  /// - Throws: `invalidOptions`, `noFreeStream`, `notConnected` when the association is over.
  public func open(
    label: String, options: DataChannelOptions = DataChannelOptions(), at now: Instant
  ) throws(SCTPError) -> DataChannelID {
    guard !isOver else { throw .notConnected }
    guard label.utf8.count <= DataChannel.maximumTextLength,
      options.subprotocol.utf8.count <= DataChannel.maximumTextLength
    else { throw .invalidOptions }
    guard channels.count < streamCount else { throw .noFreeStream }
    if let stream = options.negotiatedStream {
      guard identifiers[stream] == nil, Int(stream) < streamCount else { throw .noFreeStream }
    }
    let stream = options.negotiatedStream ?? (isConnected ? freeStream() : nil)
    if isConnected, stream == nil { throw .noFreeStream }
    let id = addChannel(label: label, options: options, stream: stream)
    if isConnected { announce(id) }
    if role != nil { settle(at: now) }
    return id
  }

  /// What is known about a channel; nil once it is closed.
  public func channel(_ id: DataChannelID) -> DataChannel? {
    channels[id]
  }

  /// Sets when `bufferedAmountLow` is told, in bytes.
  public func setBufferedAmountLowThreshold(_ threshold: Int, of id: DataChannelID) {
    channels[id]?.bufferedAmountLowThreshold = max(0, threshold)
  }

  /// Sends a message: text in UTF-8, or bytes when `isBinary`.
  /// - Throws: `noSuchChannel`, `notOpen`, `messageTooLong`, `bufferFull`.
  public func send(
    _ message: UnsafeRawBufferPointer, isBinary: Bool, on id: DataChannelID, at now: Instant
  ) throws(SCTPError) {
    guard let channel = channels[id], channel.state != .closing else { throw .noSuchChannel }
    guard channel.state == .open else { throw .notOpen }
    guard message.count <= remoteMaximumMessageSize else { throw .messageTooLong(message.count) }
    guard message.count <= Self.sendQueueLimit - queuedBytes else { throw .bufferFull }
    let isEmpty = message.isEmpty
    enqueue(
      OutgoingMessage(
        bytes: isEmpty ? [0] : Array(message),
        protocolIdentifier: isBinary ? (isEmpty ? .emptyBinary : .binary) : (isEmpty ? .emptyString : .string),
        payloadLength: message.count), on: id)
    settle(at: now)
  }

  /// Closes a channel once what was sent on it is out (RFC 8831 §6.7); `closed` follows when the peer did the same.
  public func close(_ id: DataChannelID, at now: Instant) {
    guard channels[id] != nil else { return }
    beginClosing(id)
    settle(at: now)
  }

  private func addChannel(label: String, options: DataChannelOptions, stream: UInt16?) -> DataChannelID {
    lastIdentifier += 1
    let id = DataChannelID(rawValue: lastIdentifier)
    channels[id] = DataChannel(id: id, label: label, options: options, stream: stream)
    if let stream { identifiers[stream] = id }
    return id
  }

  private func freeStream() -> UInt16? {
    let first = role == .server ? 1 : 0
    return stride(from: first, to: streamCount, by: 2).lazy.map { UInt16($0) }.first { self.identifiers[$0] == nil }
  }

  /// Makes a channel of ours usable, and tells the peer of it unless it was agreed upon.
  private func announce(_ id: DataChannelID) {
    guard var channel = channels[id] else { return }
    guard let stream = channel.stream ?? freeStream(), Int(stream) < streamCount else {
      return finish(id, .noFreeStream)
    }
    channel.stream = stream
    identifiers[stream] = id
    channel.state = channel.state == .closing ? .closing : .open
    channel.isAcknowledged = channel.options.negotiatedStream != nil
    channels[id] = channel
    if channel.options.negotiatedStream == nil {
      let message = DataChannelEstablishment.open(label: channel.label, options: channel.options)
      enqueue(OutgoingMessage(bytes: message.bytes, protocolIdentifier: .establishment, payloadLength: 0), on: id)
    }
    events.append(.opened(id))
  }

  private func beginClosing(_ id: DataChannelID) {
    guard channels[id]?.state != .closing else { return }
    if channels[id]?.state == .connecting, !isConnected { return finish(id, nil) }
    channels[id]?.state = .closing
    channels[id]?.outgoingReset = .wanted
  }

  private func finish(_ id: DataChannelID, _ error: SCTPError?) {
    guard let channel = channels.removeValue(forKey: id) else { return }
    if let stream = channel.stream { identifiers[stream] = nil }
    for message in queues.removeValue(forKey: id) ?? [] { queuedBytes -= message.bytes.count }
    turns.removeAll { $0 == id }
    events.append(.closed(id, error ?? channel.closeReason))
  }

  private func fail(_ error: SCTPError) {
    guard !isOver else { return }
    isOver = true
    nextDeadline = .distantFuture
    for id in channels.keys.sorted(by: { $0.rawValue < $1.rawValue }) { finish(id, error) }
    events.append(.failed(error))
    SCTPStack.run { socket.close() }
    mayHavePackets = true
    forgetChannels()
  }

  private func forgetChannels() {
    isConnected = false
    channels = [:]
    identifiers = [:]
    queues = [:]
    turns = []
    early = []
    queuedBytes = 0
  }

  // MARK: - Work after every call

  private func settle(at now: Instant) {
    mayHavePackets = true
    while let notification = SCTPStack.run({ socket.notifications.popFirst() }) { handle(notification) }
    guard !isOver else { return }
    if isConnected {
      flush(at: now)
      resetStreams(at: now)
    }
    schedule(hasActivity: SCTPStack.run { socket.takeActivity() }, at: now)
  }

  private func schedule(hasActivity: Bool, at now: Instant) {
    if hasActivity { lastActivity = now }
    let isActive = !isConnected || !turns.isEmpty || now < lastActivity + Self.activePeriod
    nextDeadline = now + (isActive ? Self.activeInterval : Self.idleInterval)
  }

  private func enqueue(_ message: OutgoingMessage, on id: DataChannelID) {
    queuedBytes += message.bytes.count
    channels[id]?.bufferedAmount += message.payloadLength
    if queues[id, default: []].isEmpty { turns.append(id) }
    queues[id, default: []].append(message)
  }

  /// Hands messages to usrsctp, channels in turn, until it takes no more.
  private func flush(at now: Instant) {
    while let id = turns.first {
      guard let channel = channels[id], let stream = channel.stream, var message = queues[id]?.popFirst() else {
        turns.removeFirst()
        continue
      }
      let delivery = delivery(of: message, on: channel)
      let result = SCTPStack.run(socket, at: now) {
        message.bytes.withUnsafeBytes { bytes in
          socket.send(
            UnsafeRawBufferPointer(rebasing: bytes[message.sent...]), stream: stream,
            protocolIdentifier: message.protocolIdentifier, delivery: delivery)
        }
      }
      guard case .success(let taken) = result else {
        if case .failure(let error) = result { fail(error) }
        return
      }
      message.sent += taken
      guard message.sent == message.bytes.count else {
        queues[id]?.prepend(message)
        return
      }
      turns.removeFirst()
      if queues[id]?.isEmpty == false { turns.append(id) }
      didSend(message, on: id)
    }
  }

  private func delivery(of message: OutgoingMessage, on channel: DataChannel) -> SCTPSocket.Delivery {
    if message.protocolIdentifier == .establishment { return SCTPSocket.Delivery() }
    return SCTPSocket.Delivery(
      isOrdered: channel.options.isOrdered || !channel.isAcknowledged, reliability: channel.options.reliability)
  }

  private func didSend(_ message: OutgoingMessage, on id: DataChannelID) {
    queuedBytes -= message.bytes.count
    guard var channel = channels[id], message.payloadLength > 0 else { return }
    let wasAbove = channel.bufferedAmount > channel.bufferedAmountLowThreshold
    channel.bufferedAmount -= message.payloadLength
    channels[id] = channel
    if wasAbove, channel.bufferedAmount <= channel.bufferedAmountLowThreshold { events.append(.bufferedAmountLow(id)) }
  }

  private var hasResetWanted: Bool { channels.values.contains { $0.outgoingReset == .wanted } }

  private func resetStreams(at now: Instant) {
    for (id, channel) in channels where channel.outgoingReset == .wanted && queues[id]?.isEmpty != false {
      guard let stream = channel.stream else { continue }
      switch SCTPStack.run(socket, at: now, { socket.resetOutgoing(stream) }) {
      case .requested: channels[id]?.outgoingReset = .requested
      case .busy: break
      case .unsupported: finish(id, nil)
      }
    }
  }

  // MARK: - What usrsctp tells

  private func handle(_ notification: SCTPSocket.Notification) {
    switch notification {
    case .connected(let streamCount):
      guard !isConnected else { return }
      isConnected = true
      self.streamCount = streamCount
      events.append(.connected)
      for id in channels.keys.sorted(by: { $0.rawValue < $1.rawValue }) { announce(id) }
    case .lost:
      fail(.associationLost)
    case .message(let message):
      handle(message)
    case .oversized(let stream):
      guard let id = identifiers[stream] else { return }
      channels[id]?.closeReason = .messageTooLong(socket.maximumReceiveSize)
      beginClosing(id)
    case .incomingReset(let streams):
      for stream in streams {
        guard let id = identifiers[stream] else { continue }
        channels[id]?.isIncomingReset = true
        beginClosing(id)
        finishIfReset(id)
      }
    case .outgoingReset(let streams):
      for stream in streams {
        guard let id = identifiers[stream], channels[id]?.outgoingReset == .requested else { continue }
        channels[id]?.outgoingReset = .done
        finishIfReset(id)
      }
    case .resetFailed(let streams):
      for stream in streams {
        guard let id = identifiers[stream], channels[id]?.outgoingReset == .requested else { continue }
        channels[id]?.outgoingReset = .wanted
      }
    }
  }

  private func finishIfReset(_ id: DataChannelID) {
    if let channel = channels[id], channel.isIncomingReset, channel.outgoingReset == .done { finish(id, nil) }
  }

  private func handle(_ message: SCTPMessage) {
    if message.protocolIdentifier == .establishment {
      return handleEstablishment(message)
    }
    guard let id = identifiers[message.stream], channels[id]?.state != .connecting else { return }
    // Data proves as well as an acknowledgement that the peer knows the channel.
    channels[id]?.isAcknowledged = true
    switch message.protocolIdentifier {
    case .string: events.append(.message(id, bytes: message.bytes, isBinary: false))
    case .binary: events.append(.message(id, bytes: message.bytes, isBinary: true))
    case .emptyString: events.append(.message(id, bytes: [], isBinary: false))
    case .emptyBinary: events.append(.message(id, bytes: [], isBinary: true))
    default: break
    }
  }

  private func handleEstablishment(_ message: SCTPMessage) {
    switch DataChannelEstablishment(message.bytes) {
    case .acknowledgement:
      if let id = identifiers[message.stream] { channels[id]?.isAcknowledged = true }
    case .open(let label, let options):
      // A stream that is taken: the peer's mistake, of which the channel that is there must not suffer.
      guard identifiers[message.stream] == nil, Int(message.stream) < streamCount else { return }
      let id = addChannel(label: label, options: options, stream: message.stream)
      channels[id]?.state = .open
      channels[id]?.isAcknowledged = true
      enqueue(
        OutgoingMessage(
          bytes: DataChannelEstablishment.acknowledgement.bytes, protocolIdentifier: .establishment, payloadLength: 0),
        on: id)
      events.append(.opened(id))
    case nil:
      break
    }
  }
}
