import LiveKit

/// Who is in a meeting and what they do, as people would list it.
public struct MeetingRoster: Hashable, Sendable {
  /// Somebody in the meeting.
  public struct Member: Hashable, Sendable {
    /// Who it is; stays the same when they reconnect.
    public let identity: String
    /// The name to show.
    public let name: String
    /// Whether the microphone is muted, or there is none.
    public let isMicrophoneMuted: Bool
    /// Whether the camera is off, or there is none.
    public let isCameraMuted: Bool
    /// Whether the hand is raised.
    public let isHandRaised: Bool
    /// Whether a screen is shared.
    public let isPresenting: Bool
  }

  /// The others, in the order in which they came.
  public let others: [Member]
  /// The room itself.
  public let own: Member
  /// Whether the meeting is recorded.
  public let isRecording: Bool

  init(_ room: Room, isMicrophoneMuted: Bool, isCameraMuted: Bool, isPresenting: Bool) {
    others = room.remoteParticipants.values
      .filter { !$0.permissions.isHidden && $0.state != .disconnected }
      .sorted { ($0.joinedAt, $0.identity) < ($1.joinedAt, $1.identity) }
      .map { participant in
        let tracks = participant.tracks.values
        return Member(
          identity: participant.identity, name: participant.displayName,
          isMicrophoneMuted: !tracks.contains { $0.source == .microphone && !$0.isMuted },
          isCameraMuted: !tracks.contains { $0.source == .camera && !$0.isMuted },
          isHandRaised: Self.isHandRaised(participant),
          isPresenting: tracks.contains { $0.source == .screenShare && !$0.isMuted })
      }
    let local = room.localParticipant
    own = Member(
      identity: local.identity, name: local.displayName, isMicrophoneMuted: isMicrophoneMuted,
      isCameraMuted: isCameraMuted, isHandRaised: Self.isHandRaised(local), isPresenting: isPresenting)
    isRecording = room.isRecording
  }

  private static func isHandRaised(_ participant: RoomParticipant) -> Bool {
    participant.attributes["handRaisedAt"]?.isEmpty == false
  }
}
