import LiveKitMessages
import Realtime
import SwiftProtobuf
import WebRTC

@testable import LiveKit

/// Drives a session in virtual time and plays the peer connections: every description asked for is made at once.
struct SessionHarness {
  var session = Session()
  var now = Instant(nanoseconds: 1_000_000_000)
  var actions: [SessionAction] = []
  private var descriptions = 0

  static let unixTime: Int64 = 1_790_000_000_000

  /// Handles `event` and whatever follows from it at once. Returns the actions.
  @discardableResult
  mutating func handle(_ event: SessionEvent, answersItself: Bool = true) -> [SessionAction] {
    var all: [SessionAction] = []
    var waiting = [event]
    while !waiting.isEmpty {
      let actions = session.handle(waiting.removeFirst(), at: now)
      all += actions
      guard answersItself else { continue }
      for action in actions {
        descriptions += 1
        switch action {
        case .createOffer(let role): waiting.append(.offerCreated(role, sdp: "offer \(descriptions)"))
        case .createAnswer(let role, let id):
          waiting.append(.answerCreated(role, offerID: id, sdp: "answer \(descriptions)"))
        default: break
        }
      }
    }
    actions += all
    return all
  }

  @discardableResult
  mutating func receive(_ response: LKSignalResponse, answersItself: Bool = true) -> [SessionAction] {
    handle(.signalReceived(response), answersItself: answersItself)
  }

  /// Lets time pass until `duration` is over, handling each timeout when it's due.
  @discardableResult
  mutating func pass(_ duration: Duration) -> [SessionAction] {
    let end = now + duration
    var all: [SessionAction] = []
    while session.nextDeadline <= end {
      now = max(now, session.nextDeadline)
      all += handle(.timeout)
    }
    now = end
    return all
  }

  static let options = ConnectOptions(
    url: "https://visio.example/livekit/", token: "first-token", client: ClientDescription(version: "1.2.3"))

  static func join(_ change: (inout LKJoinResponse) -> Void = { _ in }) -> LKSignalResponse {
    .with {
      $0.join.room.sid = "RM_1"
      $0.join.room.name = "salle"
      $0.join.participant = .with {
        $0.sid = "PA_me"
        $0.identity = "me"
        $0.version = 1
        $0.permission.canPublish = true
        $0.permission.canSubscribe = true
        $0.permission.canPublishData = true
      }
      $0.join.otherParticipants = [participant("b", tracks: [("TR_AMx", .audio), ("TR_VCy", .video)])]
      $0.join.subscriberPrimary = true
      $0.join.pingInterval = 5
      $0.join.pingTimeout = 15
      $0.join.fastPublish = true
      $0.join.enabledPublishCodecs = ["audio/opus", "audio/red", "video/VP8", "video/VP9"].map { mime in
        .with { $0.mime = mime }
      }
      change(&$0.join)
    }
  }

  static func participant(
    _ identity: String, sid: String? = nil, version: UInt32 = 1, tracks: [(String, LKTrackType)] = []
  ) -> LKParticipantInfo {
    .with {
      $0.identity = identity
      $0.sid = sid ?? "PA_\(identity)"
      $0.version = version
      $0.state = .active
      $0.tracks = tracks.map { sid, type in
        .with {
          $0.sid = sid
          $0.type = type
          $0.source = type == .audio ? .microphone : .camera
        }
      }
    }
  }

  /// A session in which `join` has been received; `isConnected`: and both peer connections negotiated and up.
  static func joined(
    options: ConnectOptions = SessionHarness.options, isConnected: Bool = false,
    _ change: (inout LKJoinResponse) -> Void = { _ in }
  ) -> SessionHarness {
    var harness = SessionHarness()
    harness.handle(.connect(options, unixTime: unixTime))
    harness.handle(.signalOpened)
    harness.receive(join(change))
    guard isConnected else { return harness }
    harness.receive(answer(id: 1))
    harness.receive(offer(id: 117))
    harness.handle(.transportConnected(.subscriber))
    harness.handle(.transportConnected(.publisher))
    harness.actions = []
    return harness
  }

  static func answer(id: UInt32, sdp: String = "v=0\r\na=ice-ufrag:srv1\r\n") -> LKSignalResponse {
    .with {
      $0.answer.type = "answer"
      $0.answer.id = id
      $0.answer.sdp = sdp
    }
  }

  static func offer(id: UInt32, sdp: String = "v=0\r\na=ice-ufrag:srv2\r\n") -> LKSignalResponse {
    .with {
      $0.offer.type = "offer"
      $0.offer.id = id
      $0.offer.sdp = sdp
    }
  }

  static func trickle(
    _ candidate: String, to target: LKSignalTarget, fragment: String? = nil
  ) -> LKSignalResponse {
    .with {
      $0.trickle.candidateInit =
        ICECandidateMessage(candidate: candidate, sdpMid: "0", usernameFragment: fragment).json
      $0.trickle.target = target
    }
  }

  static func published(_ cid: String, _ sid: String) -> LKSignalResponse {
    .with {
      $0.trackPublished.cid = cid
      $0.trackPublished.track.sid = sid
    }
  }
}

extension [SessionAction] {
  /// The requests sent to the server.
  var sent: [LKSignalRequest] { compactMap { if case .send(let request) = $0 { request } else { nil } } }
  /// What the application is told.
  var events: [RoomEvent] { compactMap { if case .emit(let event) = $0 { event } else { nil } } }
  /// The answers to the application's requests.
  var outcomes: [RequestOutcome] { compactMap { if case .finish(_, let outcome) = $0 { outcome } else { nil } } }
  /// The names of the kinds of requests sent.
  var sentNames: [String] {
    sent.map { request in
      switch request.message {
      case .offer: "offer"
      case .answer: "answer"
      case .trickle: "trickle"
      case .addTrack: "add_track"
      case .mute: "mute"
      case .subscription: "subscription"
      case .trackSetting: "track_setting"
      case .leave: "leave"
      case .ping: "ping"
      case .pingReq: "ping_req"
      case .updateMetadata: "update_metadata"
      default: "other"
      }
    }
  }
}
