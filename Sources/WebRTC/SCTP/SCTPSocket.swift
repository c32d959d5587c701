import CUSRSCTP
import DequeModule
import Glibc
import Realtime

/// One socket of usrsctp: an association over packets, in messages on streams. All of it is used inside
/// `SCTPStack.run` only.
final class SCTPSocket {
  /// What usrsctp tells.
  enum Notification {
    case connected(streamCount: Int)
    case lost
    case message(SCTPMessage)
    /// A message was longer than we take; what came of it is gone.
    case oversized(stream: UInt16)
    case incomingReset([UInt16])
    case outgoingReset([UInt16])
    case resetFailed([UInt16])
  }

  /// How far a message is to be delivered (RFC 3758, RFC 7496).
  struct Delivery {
    var isOrdered = true
    var reliability = DataChannelOptions.Reliability.reliable
  }

  /// SCTP port of both sides (`a=sctp-port`).
  static let port: UInt16 = 5_000
  /// Streams in each direction.
  static let streamCount = 1_024
  /// Bytes that usrsctp keeps until they are acknowledged: 10 Mbit/s at 100 ms.
  private static let sendBuffer: Int32 = 128 * 1_024
  /// Bytes that a peer may have in flight to us.
  private static let receiveBuffer: Int32 = 512 * 1_024
  /// Packets that wait to be polled; more than the largest window in flight. Beyond it packets are lost as on a
  /// network.
  private static let outgoingLimit = 512

  /// From the time of the owner to that of the stack.
  var clockShift: Duration?
  var notifications = Deque<Notification>()
  private(set) var outgoing = Deque<PacketBuffer>()
  /// When a packet last came or went, for the owner's timers.
  private(set) var hasActivity = false

  private let pool = PacketPool()
  let maximumReceiveSize: Int
  private var identifier: SCTPStack.Identifier?
  private var socket: OpaquePointer?
  private var partial: [UInt8] = []
  private var isOversized = false

  init(maximumReceiveSize: Int) {
    self.maximumReceiveSize = maximumReceiveSize
  }

  // MARK: - Opening and closing

  /// Opens the socket and starts the association; both peers do (RFC 8841 §9.3).
  func connect() throws(SCTPError) {
    let identifier = SCTPStack.register(self)
    self.identifier = identifier
    guard
      let socket = usrsctp_socket(
        AF_CONN, Int32(SOCK_STREAM.rawValue), Int32(IPPROTO_SCTP), SCTPSocket.receive, nil, 0,
        SCTPStack.address(identifier))
    else { throw .library(errno) }
    self.socket = socket
    guard setOptions(socket) else { throw .library(errno) }
    var address = sockaddr_conn()
    address.sconn_family = UInt16(AF_CONN)
    address.sconn_port = Self.port.bigEndian
    address.sconn_addr = SCTPStack.address(identifier)
    let size = socklen_t(MemoryLayout<sockaddr_conn>.size)
    let status = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        usrsctp_bind(socket, address, size) == 0 ? usrsctp_connect(socket, address, size) : -1
      }
    }
    guard status == 0 || errno == EINPROGRESS else { throw .library(errno) }
  }

  /// Aborts the association (an ABORT is left to be sent) and frees the socket.
  func close() {
    if let socket { usrsctp_close(socket) }
    if let identifier { SCTPStack.unregister(identifier) }
    socket = nil
    identifier = nil
  }

  private func setOptions(_ socket: OpaquePointer) -> Bool {
    guard usrsctp_set_non_blocking(socket, 1) == 0 else { return false }
    // Closing aborts, so that nothing lingers in the stack.
    var abort = linger(l_onoff: 1, l_linger: 0)
    var sizes = (Self.sendBuffer, Self.receiveBuffer)
    var streams = sctp_initmsg()
    streams.sinit_num_ostreams = UInt16(Self.streamCount)
    streams.sinit_max_instreams = UInt16(Self.streamCount)
    var reset = sctp_assoc_value(assoc_id: 0, assoc_value: 1)
    var path = sctp_paddrparams()
    path.spp_address.ss_family = sa_family_t(AF_CONN)
    // A lost path is ICE's business (consent), which also knows how to restore it.
    path.spp_flags = UInt32(SPP_PMTUD_DISABLE | SPP_HB_DISABLE)
    // usrsctp counts the common header of 12 bytes apart.
    path.spp_pathmtu = UInt32(DTLSTransport.maximumApplicationDataSize - 12)
    return set(socket, SOL_SOCKET, SO_LINGER, &abort)
      && set(socket, SOL_SOCKET, SO_SNDBUF, &sizes.0)
      && set(socket, SOL_SOCKET, SO_RCVBUF, &sizes.1)
      && set(socket, SCTP_INITMSG, &streams)
      && set(socket, SCTP_ENABLE_STREAM_RESET, &reset)
      && set(socket, SCTP_PEER_ADDR_PARAMS, &path)
      && set(socket, SCTP_NODELAY, flag: 1)
      && set(socket, SCTP_EXPLICIT_EOR, flag: 1)
      && set(socket, SCTP_FRAGMENT_INTERLEAVE, flag: 0)
      && [SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_PARTIAL_DELIVERY_EVENT].allSatisfy { type in
        var event = sctp_event(se_assoc_id: UInt32(SCTP_ALL_ASSOC), se_type: UInt16(type), se_on: 1)
        return set(socket, SCTP_EVENT, &event)
      }
  }

  private func set(_ socket: OpaquePointer, _ option: Int32, flag: Int32) -> Bool {
    var flag = flag
    return set(socket, option, &flag)
  }

  private func set<Value: BitwiseCopyable>(_ socket: OpaquePointer, _ option: Int32, _ value: inout Value) -> Bool {
    set(socket, Int32(IPPROTO_SCTP), option, &value)
  }

  private func set<Value: BitwiseCopyable>(
    _ socket: OpaquePointer, _ level: Int32, _ option: Int32, _ value: inout Value
  ) -> Bool {
    withUnsafeBytes(of: &value) { value in
      usrsctp_setsockopt(socket, level, option, value.baseAddress, socklen_t(value.count)) == 0
    }
  }

  // MARK: - Packets

  /// Takes in a packet of the peer; usrsctp checks its checksum.
  func handle(_ packet: UnsafeRawBufferPointer) {
    // Common header and one chunk header (RFC 9260 §3).
    guard packet.count >= 16, packet.count <= PacketBuffer.capacity, let identifier else { return }
    hasActivity = true
    usrsctp_conninput(SCTPStack.address(identifier), packet.baseAddress, packet.count, 0)
  }

  /// Called by usrsctp with a packet to send.
  func transmit(_ packet: UnsafeRawBufferPointer) {
    guard outgoing.count < Self.outgoingLimit else { return }
    hasActivity = true
    let buffer = pool.take()
    if buffer.assign(packet) { outgoing.append(buffer) } else { pool.recycle(buffer) }
  }

  func pollTransmit(into pool: PacketPool) -> PacketBuffer? {
    guard let packet = outgoing.popFirst() else { return nil }
    let buffer = pool.take()
    buffer.assign(packet.bytes)
    self.pool.recycle(packet)
    return buffer
  }

  /// Whether packets came or went since the last time this was asked.
  func takeActivity() -> Bool {
    defer { hasActivity = false }
    return hasActivity
  }

  // MARK: - Messages

  /// Hands a message, or the rest of it, to usrsctp.
  /// - Returns: how many bytes were taken: fewer than there are, maybe 0, when the send buffer is full.
  func send(
    _ bytes: UnsafeRawBufferPointer, stream: UInt16, protocolIdentifier: SCTPMessage.ProtocolIdentifier,
    delivery: Delivery
  ) -> Result<Int, SCTPError> {
    guard let socket else { return .failure(.notConnected) }
    var information = sctp_sendv_spa()
    information.sendv_flags = UInt32(SCTP_SEND_SNDINFO_VALID)
    information.sendv_sndinfo.snd_sid = stream
    information.sendv_sndinfo.snd_ppid = protocolIdentifier.rawValue.bigEndian
    information.sendv_sndinfo.snd_flags = UInt16(SCTP_EOR) | (delivery.isOrdered ? 0 : UInt16(SCTP_UNORDERED))
    switch delivery.reliability {
    case .reliable: break
    case .maximumRetransmits(let count): setPolicy(&information, SCTP_PR_SCTP_RTX, UInt32(count))
    case .maximumLifetime(let milliseconds): setPolicy(&information, SCTP_PR_SCTP_TTL, UInt32(milliseconds))
    }
    let sent = usrsctp_sendv(
      socket, bytes.baseAddress, bytes.count, nil, 0, &information,
      socklen_t(MemoryLayout<sctp_sendv_spa>.size), UInt32(SCTP_SENDV_SPA), 0)
    if sent >= 0 { return .success(sent) }
    return errno == EWOULDBLOCK || errno == EAGAIN ? .success(0) : .failure(.library(errno))
  }

  private func setPolicy(_ information: inout sctp_sendv_spa, _ policy: Int32, _ value: UInt32) {
    information.sendv_flags |= UInt32(SCTP_SEND_PRINFO_VALID)
    information.sendv_prinfo.pr_policy = UInt16(policy)
    information.sendv_prinfo.pr_value = value
  }

  /// How a request to reset a stream was taken.
  enum ResetResult {
    /// The request is, or will be, on its way; a notification follows.
    case requested
    /// Another reset is under way: try again later.
    case busy
    /// The peer can't reset streams.
    case unsupported
  }

  /// Resets our direction of `stream` (RFC 6525 §4.1) once what was sent on it is acknowledged.
  func resetOutgoing(_ stream: UInt16) -> ResetResult {
    guard let socket else { return .busy }
    // The C structure ends in a list of which Swift sees nothing: the head is 8 bytes, then one stream.
    var request = (sctp_reset_streams(), stream)
    request.0.srs_assoc_id = UInt32(SCTP_ALL_ASSOC)
    request.0.srs_flags = UInt16(SCTP_STREAM_RESET_OUTGOING)
    request.0.srs_number_streams = 1
    let size = socklen_t(MemoryLayout<sctp_reset_streams>.size + MemoryLayout<UInt16>.size)
    if usrsctp_setsockopt(socket, Int32(IPPROTO_SCTP), SCTP_RESET_STREAMS, &request, size) == 0 { return .requested }
    return errno == EOPNOTSUPP ? .unsupported : .busy
  }

  // MARK: - Callback

  private static let receive:
    @convention(c) (
      OpaquePointer?, sctp_sockstore, UnsafeMutableRawPointer?, Int, sctp_rcvinfo, Int32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, _, data, count, information, flags, address in
      guard let data else { return 1 }
      let bytes = UnsafeRawBufferPointer(start: data, count: count)
      if let socket = SCTPStack.socket(at: address) {
        if flags & Int32(MSG_NOTIFICATION) != 0 {
          socket.handleNotification(bytes)
        } else {
          socket.handleData(bytes, information, isEnd: flags & Int32(MSG_EOR) != 0)
        }
      }
      free(data)
      return 1
    }

  /// Messages may come in pieces; with interleaving off, a message's pieces come without another's between them.
  private func handleData(_ bytes: UnsafeRawBufferPointer, _ information: sctp_rcvinfo, isEnd: Bool) {
    if bytes.count > maximumReceiveSize - partial.count { isOversized = true }
    if isOversized { partial = [] } else { partial.append(contentsOf: bytes) }
    guard isEnd else { return }
    if isOversized {
      notifications.append(.oversized(stream: information.rcv_sid))
    } else {
      notifications.append(
        .message(
          SCTPMessage(
            stream: information.rcv_sid, protocolIdentifier: .init(rawValue: UInt32(bigEndian: information.rcv_ppid)),
            bytes: partial)))
    }
    partial = []
    isOversized = false
  }

  private func handleNotification(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 8 else { return }
    switch Int32(bytes.loadUnaligned(as: UInt16.self)) {
    case SCTP_ASSOC_CHANGE:
      guard bytes.count >= MemoryLayout<sctp_assoc_change>.size else { return }
      let change = bytes.loadUnaligned(as: sctp_assoc_change.self)
      switch Int32(change.sac_state) {
      case SCTP_COMM_UP, SCTP_RESTART:
        notifications.append(
          .connected(streamCount: Int(min(change.sac_outbound_streams, change.sac_inbound_streams))))
      default:
        notifications.append(.lost)
      }
    case SCTP_PARTIAL_DELIVERY_EVENT:
      partial = []
      isOversized = false
    case SCTP_STREAM_RESET_EVENT:
      handleReset(bytes)
    default:
      break
    }
  }

  private func handleReset(_ bytes: UnsafeRawBufferPointer) {
    let head = MemoryLayout<sctp_stream_reset_event>.size
    guard bytes.count >= head else { return }
    let flags = Int32(bytes.loadUnaligned(as: sctp_stream_reset_event.self).strreset_flags)
    let streams = stride(from: head, to: bytes.count - 1, by: 2).map {
      bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self)
    }
    if flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED) != 0 {
      notifications.append(.resetFailed(streams))
    } else if flags & SCTP_STREAM_RESET_INCOMING_SSN != 0 {
      notifications.append(.incomingReset(streams))
    } else if flags & SCTP_STREAM_RESET_OUTGOING_SSN != 0 {
      notifications.append(.outgoingReset(streams))
    }
  }
}
