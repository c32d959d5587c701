import LiveKitMessages
import Realtime

/// Where what the room has to tell a member goes: a client's signalling socket, or a participant inside of the room.
/// Called on the room's event loop.
protocol MemberLink: AnyObject {
  /// A message of the room.
  func send(_ message: LKSignalResponse.OneOf_Message)
  /// A data packet of another member.
  func receive(_ packet: LKDataPacket, isReliable: Bool)
  /// A track that the member is to receive was announced.
  func subscribe(to track: PublishedTrack)
  /// A track that the member receives is over.
  func unsubscribe(from track: PublishedTrack)
  /// The publisher of a track changed its mind on who may receive it.
  func permissionChanged(of track: PublishedTrack, publisher: Member)
  /// Some time has passed.
  func tick(at now: Instant)
  /// The member is no longer in the room.
  func end(_ leave: LKLeaveRequest?)
}

/// A participant as the room knows it. Confined to the room's event loop.
final class Member {
  /// What others are told about it, its tracks excepted.
  private(set) var info: LKParticipantInfo
  let grant: AccessToken.Grant
  var tracks: [PublishedTrack] = []
  weak var link: (any MemberLink)?
  /// How loud it is, from its own measurements.
  var speech = SpeechMeter()
  /// Who may receive its tracks; nil: everybody.
  var permission: LKSubscriptionPermission?
  /// The highest number of its reliable data packets.
  var lastDataSequence: UInt32 = 0

  init(
    sid: String, identity: String, name: String, metadata: String, attributes: [String: String],
    grant: AccessToken.Grant
  ) {
    self.grant = grant
    info = LKParticipantInfo()
    info.sid = sid
    info.identity = identity
    info.name = name
    info.metadata = metadata
    info.attributes = attributes
    info.state = .joining
    info.version = 1
    info.joinedAtMs = WallClock.milliseconds
    info.joinedAt = info.joinedAtMs / 1_000
    info.permission = Self.permission(grant)
  }

  var sid: String { info.sid }
  var identity: String { info.identity }

  /// Changes what others are told; the version rises.
  func update(_ change: (inout LKParticipantInfo) -> Void) {
    change(&info)
    info.version += 1
  }

  /// What others are told about it.
  var description: LKParticipantInfo {
    var result = info
    result.tracks = tracks.filter(\.isAnnounced).map(\.info)
    result.isPublisher = !result.tracks.isEmpty
    return result
  }

  /// Whether it may publish from `source`.
  func mayPublish(_ source: LKTrackSource) -> Bool {
    guard grant.canPublish ?? true else { return false }
    guard let sources = grant.canPublishSources, !sources.isEmpty else { return true }
    return Self.name(of: source).map(sources.contains) ?? false
  }

  /// Whether it lets `subscriber` receive its track `sid`.
  func allows(_ subscriber: Member, toReceive sid: String) -> Bool {
    guard let permission, !permission.allParticipants else { return true }
    return permission.trackPermissions.contains { entry in
      let isMeant =
        entry.participantIdentity.isEmpty
        ? entry.participantSid == subscriber.sid : entry.participantIdentity == subscriber.identity
      return isMeant && (entry.allTracks || entry.trackSids.contains(sid))
    }
  }

  private static func name(of source: LKTrackSource) -> String? {
    switch source {
    case .camera: "camera"
    case .microphone: "microphone"
    case .screenShare: "screen_share"
    case .screenShareAudio: "screen_share_audio"
    default: nil
    }
  }

  private static func permission(_ grant: AccessToken.Grant) -> LKParticipantPermission {
    var permission = LKParticipantPermission()
    permission.canSubscribe = grant.canSubscribe ?? true
    permission.canPublish = grant.canPublish ?? true
    permission.canPublishData = grant.canPublishData ?? true
    permission.canUpdateMetadata = grant.canUpdateOwnMetadata ?? false
    permission.canPublishSources = (grant.canPublishSources ?? []).compactMap { name in
      [.camera, .microphone, .screenShare, .screenShareAudio].first { Self.name(of: $0) == name }
    }
    return permission
  }
}
