import LiveKitMessages
import Logging
import NIOCore
import Realtime
import SwiftProtobuf
import WebRTC

/// The meeting: its members, their tracks, and what each is told. It is what LiveKit calls a room. Confined to one event
/// loop, as all that it holds.
final class MeetingRoom {
  /// Speakers are told so often.
  static let speakerInterval = TimeAmount.milliseconds(400)
  /// How well members are connected is told so often, where it has changed.
  static let qualityInterval = Duration.seconds(5)
  /// The most members; further ones are refused.
  static let maximumMembers = 64
  /// The most tracks of a member.
  static let maximumTracksPerMember = 20

  let eventLoop: any EventLoop
  let logger: Logger
  private(set) var info: LKRoom
  private(set) var members: [Member] = []
  private var timer: RepeatedTask?
  private(set) var isOver = false
  private var nextQuality = Instant(nanoseconds: .min)
  private var toldQualities: Set<String> = []
  /// Told of who comes (state ACTIVE) and goes, for participants inside of the room.
  var onMembersChanged: (() -> Void)?
  /// Told when somebody leaves or is made to leave.
  var onLeft: ((_ identity: String, _ reason: LKDisconnectReason) -> Void)?

  init(name: String, on eventLoop: any EventLoop, logger: Logger) {
    self.eventLoop = eventLoop
    self.logger = logger
    info = LKRoom()
    info.sid = "RM_" + RandomText.make(count: 12)
    info.name = name
    info.emptyTimeout = 300
    info.departureTimeout = 20
    info.creationTimeMs = WallClock.milliseconds
    info.creationTime = info.creationTimeMs / 1_000
  }

  /// Begins the regular work.
  func start() {
    let room = NIOLoopBound(self, eventLoop: eventLoop)
    timer = eventLoop.scheduleRepeatedTask(initialDelay: Self.speakerInterval, delay: Self.speakerInterval) { _ in
      room.value.tick()
    }
  }

  /// Sends everybody away and ends the regular work.
  func end(_ reason: LKDisconnectReason) {
    timer?.cancel()
    timer = nil
    isOver = true
    for member in members { remove(member, reason: reason) }
  }

  // MARK: Members

  func member(identity: String) -> Member? { members.first { $0.identity == identity } }
  func member(sid: String) -> Member? { members.first { $0.sid == sid } }

  /// Lets a member in; one of the same identity has to go. False when the room is full.
  func add(_ member: Member) -> Bool {
    if let former = self.member(identity: member.identity) { remove(former, reason: .duplicateIdentity) }
    guard !isOver, members.count < Self.maximumMembers else { return false }
    members.append(member)
    info.numParticipants = UInt32(members.count)
    if member.info.state == .active { announce(member) }
    return true
  }

  /// A member's media connection is up, or its description changed: tells everybody.
  func announce(_ member: Member) {
    guard !(member.grant.hidden ?? false) else { return }
    broadcast(.update(.with { $0.participants = [member.description] }))
    onMembersChanged?()
  }

  /// Changes a member and tells everybody.
  func update(_ member: Member, _ change: (inout LKParticipantInfo) -> Void) {
    member.update(change)
    announce(member)
  }

  /// Removes a member; it is told unless it left by itself.
  func remove(_ member: Member, reason: LKDisconnectReason, tells: Bool = true) {
    guard members.contains(where: { $0 === member }) else { return }
    members.removeAll { $0 === member }
    info.numParticipants = UInt32(members.count)
    for track in member.tracks { end(track) }
    member.tracks.removeAll()
    member.update {
      $0.state = .disconnected
      $0.disconnectReason = reason
    }
    for track in allTracks { member.link?.unsubscribe(from: track) }
    let leave = LKLeaveRequest.with {
      $0.reason = reason
      $0.action = .disconnect
    }
    member.link?.end(tells ? leave : nil)
    broadcast(.update(.with { $0.participants = [member.description] }))
    onLeft?(member.identity, reason)
    onMembersChanged?()
  }

  /// Everybody but `member`, as it is told on joining.
  func others(than member: Member) -> [LKParticipantInfo] {
    members.filter { $0 !== member && !($0.grant.hidden ?? false) && $0.info.state == .active }.map(\.description)
  }

  /// Sends a message to all members.
  func broadcast(_ message: LKSignalResponse.OneOf_Message) {
    for member in members { member.link?.send(message) }
  }

  /// Sets the room's metadata and whether it is being recorded.
  func updateRoom(metadata: String, isRecording: Bool) {
    info.metadata = metadata
    info.activeRecording = isRecording
    broadcast(.roomUpdate(.with { $0.room = info }))
  }

  // MARK: Tracks

  var allTracks: [PublishedTrack] { members.flatMap(\.tracks) }

  func track(sid: String) -> PublishedTrack? { allTracks.first { $0.info.sid == sid } }

  /// A new track identifier, as LiveKit makes them.
  func makeTrackSID(_ source: LKTrackSource, _ type: LKTrackType) -> String {
    let letters: String
    switch source {
    case .camera: letters = "VC"
    case .screenShare: letters = "VS"
    case .screenShareAudio: letters = "As"
    default: letters = type == .audio ? "AM" : "VC"
    }
    return "TR_\(letters)\(RandomText.make(count: 10))"
  }

  /// A track's media may flow: the others hear of it and receive it.
  func announce(_ track: PublishedTrack, of member: Member) {
    guard !track.isAnnounced else { return announce(member) }
    track.isAnnounced = true
    member.update { _ in }
    announce(member)
    for other in members where other !== member { other.link?.subscribe(to: track) }
  }

  /// A track is over.
  func unpublish(_ track: PublishedTrack, of member: Member) {
    guard member.tracks.contains(where: { $0 === track }) else { return }
    member.tracks.removeAll { $0 === track }
    end(track)
    member.update { _ in }
    announce(member)
  }

  private func end(_ track: PublishedTrack) {
    for member in members { member.link?.unsubscribe(from: track) }
  }

  /// A member says who may receive its tracks, in place of what it said before.
  func setPermission(_ permission: LKSubscriptionPermission, of publisher: Member) {
    publisher.permission = permission
    for member in members where member !== publisher {
      for track in publisher.tracks where track.isAnnounced {
        member.link?.permissionChanged(of: track, publisher: publisher)
      }
    }
  }

  /// A track falls silent or speaks again.
  func setMuted(_ muted: Bool, _ track: PublishedTrack, of member: Member) {
    guard track.info.muted != muted else { return }
    track.info.muted = muted
    member.update { _ in }
    announce(member)
  }

  // MARK: Data

  /// Hands a data packet of `sender` on; nil: of the server.
  func distribute(_ packet: LKDataPacket, isReliable: Bool, from sender: Member?) {
    var packet = packet
    if let sender {
      guard sender.grant.canPublishData ?? true else { return }
      if isReliable, packet.sequence > 0 {
        guard packet.sequence > sender.lastDataSequence else { return }
        sender.lastDataSequence = packet.sequence
      }
    }
    packet.participantIdentity = sender?.identity ?? ""
    packet.participantSid = sender?.sid ?? ""
    let destinations = packet.destinationIdentities
    for member in members where member !== sender {
      guard destinations.isEmpty || destinations.contains(member.identity) else { continue }
      member.link?.receive(packet, isReliable: isReliable)
    }
  }

  // MARK: Regular work

  private func tick() {
    let now = MonotonicClock.now
    for track in allTracks { track.tick(at: now) }
    for member in members { member.link?.tick(at: now) }
    tellSpeakers()
    if now >= nextQuality {
      nextQuality = now + Self.qualityInterval
      tellQualities()
    }
  }

  // On the loopback interface there is one quality only; what is tried here is that clients take the message.
  private func tellQualities() {
    let active = Set(members.filter { $0.info.state == .active }.map(\.sid))
    let isNew = !active.isSubset(of: toldQualities)
    toldQualities = active
    guard isNew else { return }
    let updates = active.sorted().map { sid in
      LKConnectionQualityInfo.with {
        $0.participantSid = sid
        $0.quality = .excellent
        $0.score = 5
      }
    }
    broadcast(.connectionQuality(.with { $0.updates = updates }))
  }

  private func tellSpeakers() {
    var speakers: [LKSpeakerInfo] = []
    for member in members where member.speech.endPeriod() {
      let level = member.speech.level
      speakers.append(
        .with {
          $0.sid = member.sid
          $0.level = level
          $0.active = level > 0
        })
    }
    guard !speakers.isEmpty else { return }
    broadcast(.speakersChanged(.with { $0.speakers = speakers }))
  }
}
