/// What a practice room is like.
public struct PracticeRoomOptions: Sendable {
  /// The room's name, as the instance tells it.
  public var name = "Practice room"
  /// The code of the room: three, four and three small letters.
  public var code = "pra-ctic-eze"
  /// TCP port of the instance's API on 127.0.0.1; 0: any free one.
  public var port = 0
  /// TCP port of the media server's signalling on 127.0.0.1; 0: any free one.
  public var mediaPort = 0
  /// Who gets in without waiting.
  public var accessLevel = AccessLevel.public
  /// What becomes of those who wait.
  public var lobbyPolicy = LobbyPolicy.unanswered
  /// What the instance does instead of what a healthy one does.
  public var behaviour = InstanceBehaviour.healthy
  /// Whether clients may join with one peer connection for both directions (LiveKit's `/rtc/v1`). Servers before 1.9.10
  /// don't know that.
  public var acceptsOneConnection = true
  /// Whether what a participant publishes as one stream (camera and microphone) is told to be one, so that libwebrtc
  /// plays sound and picture together (LiveKit's `sync_streams`). Servers do so where a room is set up like that.
  public var joinsStreams = false
  /// Who is in the room; all by default.
  public var participants: Set<PracticeParticipant> = Set(PracticeParticipant.allCases)
  /// Further synthetic participants, for measurements: VP8 simulcast like Camille's, without marks of their own.
  public var guestCount = 0
  /// Whether somebody whom nobody sees (as LiveKit's recorders) watches every camera in its best quality: then clients
  /// publish all layers all the time.
  public var hasSpectator = false
  /// Size of the synthetic participants' pictures, pixels.
  public var pictureWidth = 640
  /// Size of the synthetic participants' pictures, pixels.
  public var pictureHeight = 360
  /// Pictures a second of the synthetic participants.
  public var framesPerSecond = 25.0

  /// A public room with everybody in it.
  public init() {}
}

/// A participant that is part of the practice room.
public enum PracticeParticipant: String, Hashable, Sendable, CaseIterable {
  /// Moving picture in VP8 simulcast, three layers, and a speech-like voice. Flash and beep each second.
  case camille
  /// Moving picture in VP9 with spatial layers (L3T3_KEY) and a deeper voice. Flash and beep each second.
  case dominique
  /// Returns what it hears two seconds later.
  case echo
  /// Raises a hand now and then, and writes in the chat.
  case sacha
}

/// Why a practice room can't be started.
public enum PracticeRoomError: Error, Sendable {
  /// A port on 127.0.0.1 can't be had; another program uses it. Choose another, or 0. The text is for the log.
  case portUnavailable(String)
  /// No certificate or no socket for media could be made; the text is for the log.
  case mediaUnavailable(String)
}
