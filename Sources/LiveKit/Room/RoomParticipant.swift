import LiveKitMessages

/// Somebody in the room, as far as the server has told.
public struct RoomParticipant: Hashable, Sendable {
  /// How far somebody has come in joining.
  public enum State: Hashable, Sendable {
    /// Signalling is up.
    case joining
    /// Media is being set up.
    case joined
    /// Media flows.
    case active
    /// Gone.
    case disconnected
  }

  /// What kind of program takes part.
  public enum Kind: Hashable, Sendable {
    /// A person's client, or a room.
    case standard
    /// A stream brought in by the server.
    case ingress
    /// A recorder.
    case egress
    /// A telephone.
    case sip
    /// A program such as a transcriber.
    case agent
    /// Another kind; `code` is the protocol's number.
    case other(code: Int)
  }

  /// Who it is; stays the same when it reconnects. Key what people see by this.
  public let identity: String
  /// The server's identifier of this stay; another one after a reconnection.
  public private(set) var sid: String
  /// The name to show; may be empty.
  public private(set) var name: String
  /// How far it has come in joining.
  public private(set) var state: State
  /// Free text. Visio may set it to the word `null`; assume nothing about it.
  public private(set) var metadata: String
  /// Free keys and values, such as Visio's `handRaisedAt`.
  public private(set) var attributes: [String: String]
  /// What kind of program it is.
  public private(set) var kind: Kind
  /// What it may do.
  public private(set) var permissions: ParticipantPermissions
  /// When it joined: Unix time in milliseconds; 0 when unknown.
  public private(set) var joinedAt: Int64
  /// What it publishes, by track SID.
  public internal(set) var tracks: [String: TrackPublication]
  /// Whether it speaks now.
  public internal(set) var isSpeaking = false
  /// How loud it is, 0 to 1, in steps of 1/8.
  public internal(set) var audioLevel: Float = 0
  /// How well its media gets through.
  public internal(set) var connectionQuality = ConnectionQuality.unknown
  /// The level of the client-to-client protocol that its program speaks (1: calls over data streams, 2: text in the
  /// header of a data stream).
  public private(set) var clientProtocol: Int

  private var version: UInt32

  /// The name to show: the participant's name, else its identity.
  public var displayName: String { name.isEmpty ? identity : name }

  init(_ message: LKParticipantInfo) {
    identity = message.identity
    sid = message.sid
    name = message.name
    state = State(message.state)
    metadata = message.metadata
    attributes = message.attributes
    kind = Kind(message.kind)
    permissions = message.hasPermission ? ParticipantPermissions(message.permission) : ParticipantPermissions()
    joinedAt = message.joinedAtMs != 0 ? message.joinedAtMs : message.joinedAt.multipliedClamping(by: 1_000)
    clientProtocol = Int(message.clientProtocol)
    version = message.version
    tracks = [:]
    for track in message.tracks.prefix(ParticipantTable.maximumTracks) {
      tracks[track.sid] = TrackPublication(track)
    }
  }

  /// Whether `message` tells nothing that isn't known: versions count up within one stay. 0 is a server that doesn't
  /// number.
  func isOutdated(_ message: LKParticipantInfo) -> Bool {
    message.sid == sid && message.version != 0 && message.version <= version
  }

  /// For comparing what people see.
  mutating func forgetVersion() { version = 0 }

  /// Replaces everything that the server describes, keeping what is learnt in other ways.
  mutating func update(_ message: LKParticipantInfo) {
    var updated = RoomParticipant(message)
    if updated.sid == sid {
      updated.isSpeaking = isSpeaking
      updated.audioLevel = audioLevel
      updated.connectionQuality = connectionQuality
      for (sid, track) in tracks { updated.tracks[sid]?.keepReceiverState(of: track) }
    }
    self = updated
  }
}

extension RoomParticipant.State {
  init(_ message: LKParticipantInfo.State) {
    self =
      switch message {
      case .joining, .UNRECOGNIZED: .joining
      case .joined: .joined
      case .active: .active
      case .disconnected: .disconnected
      }
  }
}

extension RoomParticipant.Kind {
  init(_ message: LKParticipantInfo.Kind) {
    self =
      switch message {
      case .standard: .standard
      case .ingress: .ingress
      case .egress: .egress
      case .sip: .sip
      case .agent: .agent
      case .connector, .bridge, .UNRECOGNIZED: .other(code: message.rawValue)
      }
  }
}

extension Int64 {
  func multipliedClamping(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? (self < 0 ? .min : .max) : product
  }
}
