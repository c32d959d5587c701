import LiveKitMessages
import Logging
import NIOPosix
import Realtime
import SwiftProtobuf
import Testing
import WebRTC
import WebRTCNIO

@testable import LiveKit

/// The media side of a LiveKit server, made of our own peer connections: answers the publisher, offers to the subscriber,
/// and hands data from the one to the other.
private actor MediaServer {
  private let connector: WebRTCMediaConnector
  private let respond: @Sendable (LKSignalResponse) -> Void
  private let topology: ConnectionTopology
  private var connections: [PeerConnectionRole: any MediaConnection] = [:]
  private(set) var problems: [String] = []
  private(set) var tracks: [IncomingTrack] = []

  init(
    connector: WebRTCMediaConnector, topology: ConnectionTopology,
    respond: @escaping @Sendable (LKSignalResponse) -> Void
  ) {
    self.topology = topology
    self.connector = connector
    self.respond = respond
  }

  func start() async {
    let isDual = topology == .twoPeerConnections
    respond(SessionHarness.join { $0.subscriberPrimary = isDual })
    do {
      for role: PeerConnectionRole in isDual ? [.publisher, .subscriber] : [.publisher] {
        let (events, sink) = AsyncStream<MediaConnectionEvent>.makeStream()
        connections[role] = try await connector.open(
          role, TransportConfiguration(servers: [], configuration: LKClientConfiguration())
        ) { sink.yield($0) }
        Task { for await event in events { await handle(event, on: role) } }
      }
      try await connections[.subscriber]?.createDataChannels(DataChannelLabel.allCases)
      if isDual { try await offer() }
    } catch {
      problems.append("\(error)")
    }
  }

  private func offer() async throws {
    guard let subscriber = connections[.subscriber] else { return }
    respond(SessionHarness.offer(id: 117, sdp: try await subscriber.createOffer()))
  }

  private func handle(_ event: MediaConnectionEvent, on role: PeerConnectionRole) async {
    switch event {
    case .localCandidate(let candidate, _, let fragment):
      respond(
        SessionHarness.trickle(candidate, to: role == .publisher ? .publisher : .subscriber, fragment: fragment))
    case .message(let bytes, let label):
      guard role == .publisher, var packet = try? LKDataPacket(serializedBytes: bytes) else { return }
      packet.participantIdentity = "b"
      packet.participantSid = "PA_b"
      guard let forwarded: [UInt8] = try? packet.serializedBytes() else { return }
      do {
        try await connections[.subscriber]?.send(forwarded, on: label)
      } catch {
        problems.append("\(error)")
      }
    case .trackAdded(let track): tracks.append(track)
    default: break
    }
  }

  func handle(_ request: LKSignalRequest) async {
    do {
      switch request.message {
      case .offer(let offer):
        try await connections[.publisher]?.setRemoteOffer(offer.sdp)
        if let sdp = try await connections[.publisher]?.createAnswer() {
          respond(SessionHarness.answer(id: offer.id, sdp: sdp))
        }
      case .answer(let answer):
        try await connections[.subscriber]?.setRemoteAnswer(answer.sdp)
      case .trickle(let trickle):
        guard let candidate = ICECandidateMessage(json: trickle.candidateInit) else { return }
        try await connections[trickle.target == .publisher ? .publisher : .subscriber]?
          .addRemoteCandidate(candidate.candidate)
      case .addTrack(let track):
        respond(SessionHarness.published(track.cid, "TR_" + track.cid))
      default: break
      }
    } catch {
      problems.append("\(error)")
    }
  }

  func stop() async {
    for connection in connections.values { await connection.close() }
  }
}

@Suite("A session over real peer connections", .timeLimit(.minutes(1)))
struct PeerConnectionSessionTests {
  @Test(
    "the peer connections come up, data crosses, tracks are negotiated, leaving closes everything",
    arguments: [ConnectionTopology.twoPeerConnections, .onePeerConnection])
  func session(topology: ConnectionTopology) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let logger = Logger(label: "test")
    func connector() throws -> WebRTCMediaConnector {
      WebRTCMediaConnector(
        interfaces: .loopback, certificate: try Certificate(),
        ntpClock: NTPClock(NTPTime(rawValue: 0xE000_0000_0000_0000), at: MonotonicClock.now), eventLoop: group.next(),
        logger: logger)
    }
    let serverConnector = try connector()
    let (mediaServers, mediaServerSink) = AsyncStream<MediaServer>.makeStream()
    let (requests, requestSink) = AsyncStream<(LKSignalRequest?, @Sendable (LKSignalResponse) -> Void)>.makeStream()
    let serving = Task {
      var media: MediaServer?
      for await (request, respond) in requests {
        if let request {
          await media?.handle(request)
        } else {
          let server = MediaServer(connector: serverConnector, topology: topology, respond: respond)
          media = server
          mediaServerSink.yield(server)
          await server.start()
        }
      }
    }
    let server = try await SignalServer.start(.live { requestSink.yield(($0, $1)) })
    let client = LiveKitClient(
      options: ConnectOptions(
        url: "http://127.0.0.1:\(server.port)", token: "t", topology: topology,
        client: ClientDescription(version: "1.0")),
      connector: try connector(), eventLoop: group.next(), logger: logger)
    try await client.connect()
    var events = client.events.makeAsyncIterator()
    while let event = await events.next(), event != .stateChanged(.connected) {}
    #expect(await client.state == .connected)

    if topology == .twoPeerConnections {
      let text = String(repeating: "Réunion à 14 h. ", count: 4_000)
      let id = try await client.sendText(text, topic: "notes")
      while let event = await events.next() {
        guard case .text(let message) = event else { continue }
        #expect(message.id == id)
        #expect(message.text == text)
        break
      }
    }

    let microphone = try await client.publishMicrophone()
    let camera = try await client.publishCamera()
    #expect(await client.sender(cid: microphone.cid) != nil)
    #expect(await client.sender(cid: camera.cid) != nil)
    var mediaServerIterator = mediaServers.makeAsyncIterator()
    let media = try #require(await mediaServerIterator.next())
    let tracks = await media.tracks
    #expect(Set(tracks.map(\.trackID)) == [microphone.cid, camera.cid])
    #expect(await media.problems.isEmpty)

    await client.leave()
    #expect(await client.state == .closed(.left))
    #expect(await client.sender(cid: camera.cid) == nil)
    await media.stop()
    requestSink.finish()
    await serving.value
    try await server.stop()
  }
}
