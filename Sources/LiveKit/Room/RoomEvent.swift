/// Something that happened in the room. `LiveKitClient.room` is the truth; events say when to look, and carry what they
/// are about as it was then.
public enum RoomEvent: Hashable, Sendable {
  /// The session's state changed.
  case stateChanged(SessionState)
  /// We are in: who and what is there already. Tracks may be published from now on.
  case joined(Room)
  /// The room's name, metadata or recording mark changed, or the whole of it after a move to another room.
  case roomChanged(Room)
  /// Somebody came.
  case participantJoined(RoomParticipant)
  /// Somebody's name, metadata, attributes, permissions, state or connection quality changed.
  case participantChanged(RoomParticipant)
  /// Somebody left.
  case participantLeft(RoomParticipant, reason: DisconnectReason)
  /// Our own name, metadata, attributes, permissions, state or connection quality changed.
  case localParticipantChanged(RoomParticipant)
  /// Somebody published a track; it arrives with `trackSubscribed`.
  case trackPublished(TrackPublication, by: String)
  /// A track's description changed: muted, paused, size, codec.
  case trackChanged(TrackPublication, by: String)
  /// Somebody's track is gone.
  case trackUnpublished(TrackPublication, by: String)
  /// A track arrives: attach a decoder.
  case trackSubscribed(SubscribedTrack)
  /// A track no longer arrives: take its decoder away.
  case trackUnsubscribed(SubscribedTrack)
  /// Who speaks, loudest first, ourselves included.
  case speakersChanged([ActiveSpeaker])
  /// Our track is negotiated: attach an encoder to each of its variants.
  case localTrackPublished(PublishedTrack)
  /// Our track changed: muted (`byServer`: by a host), layers switched on or off, a backup codec added.
  case localTrackChanged(PublishedTrack, byServer: Bool)
  /// Our track is no longer published (`byServer`: a host took it away).
  case localTrackUnpublished(PublishedTrack, byServer: Bool)
  /// The first of the others receives our track, by cid.
  case localTrackSubscribed(cid: String)
  /// A receiver of our track needs a key frame: of the variant `cid`, the encoding with this index. Already throttled.
  case keyFrameRequested(cid: String, encoding: Int)
  /// An application's message.
  case userMessage(UserMessage)
  /// A line of chat.
  case chatMessage(ChatMessage)
  /// A complete text on another topic than chat.
  case text(TextMessage)
  /// What somebody said, in writing.
  case transcription(Transcription)
}
