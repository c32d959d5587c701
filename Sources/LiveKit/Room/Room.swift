/// The room and everyone in it, at one moment.
public struct Room: Hashable, Sendable {
  /// The server's identifier of this meeting of the room; may be empty at first.
  public internal(set) var sid = ""
  /// The room's name; for Visio its UUID.
  public internal(set) var name = ""
  /// Free text: for Visio a JSON object, or empty.
  public internal(set) var metadata = ""
  /// Whether the server records now.
  public internal(set) var isRecording = false
  /// How many take part, the hidden ones left out.
  public internal(set) var participantCount = 0
  /// Ourselves.
  public internal(set) var localParticipant: RoomParticipant
  /// The others, by identity.
  public internal(set) var remoteParticipants: [String: RoomParticipant] = [:]

  /// The participant, ourselves included, whose present stay has the identifier `sid`.
  public func participant(sid: String) -> RoomParticipant? {
    if localParticipant.sid == sid { return localParticipant }
    return remoteParticipants.values.first { $0.sid == sid }
  }

  /// The others' track with the identifier `sid`, and its publisher.
  public func remoteTrack(sid: String) -> (track: TrackPublication, participant: RoomParticipant)? {
    for participant in remoteParticipants.values {
      if let track = participant.tracks[sid] { return (track, participant) }
    }
    return nil
  }
}

/// Somebody who speaks.
public struct ActiveSpeaker: Hashable, Sendable {
  /// Who.
  public let identity: String
  /// How loud, 0 to 1.
  public let level: Float
}
