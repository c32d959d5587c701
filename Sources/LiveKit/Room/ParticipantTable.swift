import LiveKitMessages

/// Keeps `Room` in step with what the server says, and tells what changed.
struct ParticipantTable: Sendable {
  /// The most participants that are kept; Visio's rooms are limited far below. The rest are left out.
  static let maximumParticipants = 2_048
  /// The most tracks of one participant that are kept; clients publish up to about five.
  static let maximumTracks = 64

  private(set) var room: Room

  init(_ join: LKJoinResponse) {
    room = Room(localParticipant: RoomParticipant(join.participant))
    describe(join.room)
    admit(join.otherParticipants)
  }

  /// Everything new after a move to another room.
  mutating func move(_ moved: LKRoomMovedResponse) -> [RoomEvent] {
    var events: [RoomEvent] = []
    for participant in room.remoteParticipants.values.sorted(by: { $0.identity < $1.identity }) {
      events += remove(participant, reason: .migration)
    }
    if moved.hasParticipant { room.localParticipant.update(moved.participant) }
    describe(moved.room)
    events.append(.roomChanged(room))
    return events + update(moved.otherParticipants)
  }

  /// A `room_update`.
  mutating func update(_ message: LKRoom) -> [RoomEvent] {
    let before = room
    describe(message)
    return before == room ? [] : [.roomChanged(room)]
  }

  private mutating func describe(_ message: LKRoom) {
    if !message.sid.isEmpty { room.sid = message.sid }
    room.name = message.name
    room.metadata = message.metadata
    room.isRecording = message.activeRecording
    room.participantCount = Int(clamping: message.numParticipants)
  }

  private mutating func admit(_ messages: [LKParticipantInfo]) {
    for message in messages where message.state != .disconnected && !message.identity.isEmpty {
      guard room.remoteParticipants.count < Self.maximumParticipants else { return }
      room.remoteParticipants[message.identity] = RoomParticipant(message)
    }
  }

  /// A `ParticipantUpdate`, ourselves included.
  mutating func update(_ messages: [LKParticipantInfo]) -> [RoomEvent] {
    var events: [RoomEvent] = []
    for message in messages { events += update(message) }
    return events
  }

  private mutating func update(_ message: LKParticipantInfo) -> [RoomEvent] {
    let isLocal = message.identity == room.localParticipant.identity || message.sid == room.localParticipant.sid
    if isLocal { return updateLocal(message) }
    guard !message.identity.isEmpty else { return [] }
    guard let known = room.remoteParticipants[message.identity] else {
      guard message.state != .disconnected, room.remoteParticipants.count < Self.maximumParticipants else { return [] }
      let participant = RoomParticipant(message)
      room.remoteParticipants[participant.identity] = participant
      return [.participantJoined(participant)]
        + sorted(participant.tracks).map { .trackPublished($0, by: participant.identity) }
    }
    if message.state == .disconnected {
      // The end of an earlier stay, told after the next one began, isn't the end of this one.
      guard message.sid == known.sid else { return [] }
      return remove(known, reason: DisconnectReason(message.disconnectReason))
    }
    guard !known.isOutdated(message) else { return [] }
    var participant = known
    participant.update(message)
    room.remoteParticipants[participant.identity] = participant
    return changes(from: known, to: participant)
  }

  private mutating func updateLocal(_ message: LKParticipantInfo) -> [RoomEvent] {
    let before = room.localParticipant
    guard message.sid == before.sid, message.state != .disconnected, !before.isOutdated(message) else { return [] }
    room.localParticipant.update(message)
    return withoutVersion(before) == withoutVersion(room.localParticipant)
      ? [] : [.localParticipantChanged(room.localParticipant)]
  }

  private func changes(from before: RoomParticipant, to after: RoomParticipant) -> [RoomEvent] {
    var events: [RoomEvent] = []
    let isNewStay = before.sid != after.sid
    for track in sorted(before.tracks) where isNewStay || after.tracks[track.sid] == nil {
      events.append(.trackUnpublished(track, by: after.identity))
    }
    var described = before
    described.tracks = after.tracks
    if withoutVersion(described) != withoutVersion(after) { events.append(.participantChanged(after)) }
    for track in sorted(after.tracks) {
      guard !isNewStay, let earlier = before.tracks[track.sid] else {
        events.append(.trackPublished(track, by: after.identity))
        continue
      }
      if earlier != track { events.append(.trackChanged(track, by: after.identity)) }
    }
    return events
  }

  private mutating func remove(_ participant: RoomParticipant, reason: DisconnectReason) -> [RoomEvent] {
    room.remoteParticipants[participant.identity] = nil
    return sorted(participant.tracks).map { .trackUnpublished($0, by: participant.identity) }
      + [.participantLeft(participant, reason: reason)]
  }

  /// `SpeakersChanged`: deltas; whoever isn't named is as before.
  mutating func update(_ speakers: [LKSpeakerInfo]) -> [RoomEvent] {
    for speaker in speakers.prefix(Self.maximumParticipants) {
      let isSpeaking = speaker.active
      let level = isSpeaking && speaker.level.isFinite ? min(max(speaker.level, 0), 1) : 0
      modify(sid: speaker.sid) {
        $0.isSpeaking = isSpeaking
        $0.audioLevel = level
      }
    }
    return [.speakersChanged(activeSpeakers)]
  }

  /// Who speaks now, loudest first.
  var activeSpeakers: [ActiveSpeaker] {
    ([room.localParticipant] + room.remoteParticipants.values).filter(\.isSpeaking)
      .sorted { ($1.audioLevel, $0.identity) < ($0.audioLevel, $1.identity) }
      .map { ActiveSpeaker(identity: $0.identity, level: $0.audioLevel) }
  }

  /// `ConnectionQualityUpdate`.
  mutating func update(_ qualities: [LKConnectionQualityInfo]) -> [RoomEvent] {
    qualities.prefix(Self.maximumParticipants).compactMap { quality in
      let changed = modify(sid: quality.participantSid) { $0.connectionQuality = ConnectionQuality(quality.quality) }
      guard let changed else { return nil }
      return changed.identity == room.localParticipant.identity
        ? .localParticipantChanged(changed) : .participantChanged(changed)
    }
  }

  /// Changes a remote track; tells it when it really changed.
  mutating func modifyTrack(sid: String, _ change: (inout TrackPublication) -> Void) -> [RoomEvent] {
    guard let (before, participant) = room.remoteTrack(sid: sid) else { return [] }
    var track = before
    change(&track)
    guard track != before else { return [] }
    room.remoteParticipants[participant.identity]?.tracks[sid] = track
    return [.trackChanged(track, by: participant.identity)]
  }

  /// Our own track's mute state, ahead of the server's update.
  mutating func setLocalTrackMuted(sid: String, _ isMuted: Bool) {
    room.localParticipant.tracks[sid]?.isMuted = isMuted
  }

  @discardableResult
  private mutating func modify(sid: String, _ change: (inout RoomParticipant) -> Void) -> RoomParticipant? {
    if room.localParticipant.sid == sid {
      change(&room.localParticipant)
      return room.localParticipant
    }
    guard let identity = room.remoteParticipants.values.first(where: { $0.sid == sid })?.identity,
      var participant = room.remoteParticipants[identity]
    else { return nil }
    change(&participant)
    room.remoteParticipants[identity] = participant
    return participant
  }

  private func sorted(_ tracks: [String: TrackPublication]) -> [TrackPublication] {
    tracks.values.sorted { $0.sid < $1.sid }
  }

  private func withoutVersion(_ participant: RoomParticipant) -> RoomParticipant {
    var participant = participant
    participant.forgetVersion()
    return participant
  }
}
