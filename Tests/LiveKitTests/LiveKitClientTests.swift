import LiveKitMessages
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Realtime
import SwiftProtobuf
import Synchronization
import Testing
import WebRTC
import WebRTCNIO

@testable import LiveKit

/// A peer connection that answers at once and writes down what is asked of it.
private final class RecordingConnection: MediaConnection {
  let calls = Mutex<[String]>([])
  let onEvent: @Sendable (MediaConnectionEvent) -> Void

  init(onEvent: @escaping @Sendable (MediaConnectionEvent) -> Void) {
    self.onEvent = onEvent
  }

  private func note(_ call: String) { calls.withLock { $0.append(call) } }

  func createDataChannels(_ labels: [DataChannelLabel]) { note("channels") }
  func addReceivers(_ kind: MediaKind, count: Int) { note("receivers") }
  func addSender(_ sender: SendingTransceiver) { note("sender \(sender.kind)") }
  func stopSender(cid: String) { note("stop") }
  func createOffer() -> String {
    note("offer")
    return "offer"
  }
  func createAnswer() -> String {
    note("answer")
    return "answer"
  }
  func setRemoteOffer(_ sdp: String) { note("remote offer") }
  func setRemoteAnswer(_ sdp: String) {
    note("remote answer")
    onEvent(.connected)
  }
  func addRemoteCandidate(_ candidate: String) { note("candidate") }
  func send(_ message: [UInt8], on label: DataChannelLabel) {
    note("send \(label)")
    // As a server would, to another participant.
    guard var packet = try? LKDataPacket(serializedBytes: message) else { return }
    packet.participantIdentity = "b"
    packet.participantSid = "PA_b"
    if let bytes: [UInt8] = try? packet.serializedBytes() { onEvent(.message(bytes, label)) }
  }
  func receiver(mid: String) -> MediaEndpoint? { nil }
  func sender(cid: String) -> MediaEndpoint? { nil }
  func close() { note("close") }
}

private final class RecordingConnector: MediaConnector {
  let connections = Mutex<[PeerConnectionRole: RecordingConnection]>([:])

  func open(
    _ role: PeerConnectionRole, _ configuration: TransportConfiguration,
    onEvent: @escaping @Sendable (MediaConnectionEvent) -> Void
  ) -> any MediaConnection {
    let connection = RecordingConnection(onEvent: onEvent)
    connections.withLock { $0[role] = connection }
    return connection
  }

  func calls(_ role: PeerConnectionRole) -> [String] {
    connections.withLock { $0[role] }?.calls.withLock { $0 } ?? []
  }
}

@Suite("The client", .timeLimit(.minutes(1)))
struct LiveKitClientTests {
  /// A server that lets everyone in, accepts every track and answers every offer.
  private static func start() async throws -> SignalServer {
    try await SignalServer.start(
      .webSocket(
        [.response(SessionHarness.join { $0.subscriberPrimary = false })],
        script: { frame in
          guard frame.opcode == .binary,
            let request = try? LKSignalRequest(serializedBytes: [UInt8](frame.unmaskedData.readableBytesView))
          else { return [] }
          switch request.message {
          case .offer(let offer): return [.response(SessionHarness.answer(id: offer.id))]
          case .addTrack(let track): return [.response(SessionHarness.published(track.cid, "TR_" + track.cid))]
          case .leave:
            var code = ByteBuffer()
            code.write(webSocketErrorCode: .normalClosure)
            return [WebSocketFrame(fin: true, opcode: .connectionClose, data: code)]
          default: return []
          }
        }))
  }

  private static func client(_ server: SignalServer, _ connector: any MediaConnector) -> LiveKitClient {
    LiveKitClient(
      options: ConnectOptions(
        url: "http://127.0.0.1:\(server.port)", token: "t", client: ClientDescription(version: "1.0")),
      connector: connector, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"))
  }

  @Test("joins, connects, publishes, chats and leaves, with nothing left behind")
  func session() async throws {
    let server = try await Self.start()
    let connector = RecordingConnector()
    let client = Self.client(server, connector)
    try await client.connect()
    #expect(await client.room?.remoteParticipants["b"] != nil)
    var events = client.events.makeAsyncIterator()
    while let event = await events.next(), event != .stateChanged(.connected) {}
    let microphone = try await client.publishMicrophone()
    #expect(microphone.sid == "TR_" + microphone.cid)
    #expect(
      connector.calls(.publisher) == ["channels", "offer", "remote answer", "sender audio", "offer", "remote answer"])
    try await client.setMuted(true, cid: microphone.cid)
    #expect(await client.publishedTracks.map(\.isMuted) == [true])
    let line = try await client.sendChat("bonjour")
    while let event = await events.next() {
      guard case .chatMessage(let received) = event else { continue }
      #expect(received.text == "bonjour")
      #expect(received.id == line.id)
      break
    }
    await client.leave()
    #expect(await client.state == .closed(.left))
    #expect(connector.calls(.publisher).last == "close")
    #expect(connector.calls(.subscriber).last == "close")
    var last: RoomEvent?
    while let event = await events.next() { last = event }
    #expect(last == .stateChanged(.closed(.left)))
    await #expect(throws: LiveKitError.closed(.left)) { try await client.publishCamera() }
    await #expect(throws: LiveKitError.closed(.left)) { try await client.sendChat("zu spät") }
    await #expect(throws: LiveKitError.alreadyStarted) { try await client.connect() }
    await client.leave()
    try await server.stop()
  }

  @Test("a refusal is thrown by connect with its reason")
  func refused() async throws {
    let server = try await SignalServer.start(.status(.unauthorized, "invalid token"))
    let client = Self.client(server, RecordingConnector())
    await #expect(
      throws: LiveKitError.closed(.notJoined(.rejected(status: 401, body: "invalid token")))
    ) {
      try await client.connect()
    }
    await client.leave()
    try await server.stop()
  }

  @Test("leaving while the server doesn't answer ends the attempt at once")
  func leaveEarly() async throws {
    let server = try await SignalServer.start(.silence)
    let client = Self.client(server, RecordingConnector())
    let start = MonotonicClock.now
    let joining = Task { try await client.connect() }
    while await client.state == .idle { await Task.yield() }
    await client.leave()
    await #expect(throws: LiveKitError.self) { try await joining.value }
    #expect(MonotonicClock.now - start < .seconds(5))
    try await server.stop()
  }

  @Test("the server's leave ends everything")
  func removed() async throws {
    let leave = LKSignalResponse.with { $0.leave.reason = .participantRemoved }
    let server = try await SignalServer.start(
      .webSocket([.response(SessionHarness.join()), .response(leave)], script: { _ in [] }))
    let client = Self.client(server, RecordingConnector())
    try? await client.connect()
    var last: RoomEvent?
    for await event in client.events { last = event }
    #expect(last == .stateChanged(.closed(.disconnected(.participantRemoved))))
    await client.leave()
    try await server.stop()
  }
}
