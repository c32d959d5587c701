/// How well a participant's connection does.
public enum ConnectionMark: Hashable, Sendable {
  /// Nothing to say.
  case good
  /// Picture and sound may suffer.
  case weak
  /// Nothing comes through at present.
  case lost
}

/// What is written and drawn on a tile. All text is ready for people to read.
public struct TileModel: Hashable, Sendable {
  /// Which tile.
  public var id: TileID
  /// The label: a participant's name, or "Partage d'écran de …".
  public var label: String
  /// Up to two letters in place of a picture; empty to take them from the label.
  public var initials: String
  /// Whether it is a shared screen: shown whole, never cropped, without microphone.
  public var isScreenShare: Bool
  /// Whether there is video. Without, the tile shows initials, whatever frames come.
  public var hasVideo: Bool
  /// Whether the microphone is muted.
  public var isMuted: Bool
  /// Whether the participant speaks.
  public var isSpeaking: Bool
  /// Whether the hand is raised.
  public var isHandRaised: Bool
  /// The connection's mark.
  public var connection: ConnectionMark

  /// A tile's text and marks.
  public init(
    id: TileID, label: String, initials: String = "", isScreenShare: Bool = false, hasVideo: Bool = true,
    isMuted: Bool = false, isSpeaking: Bool = false, isHandRaised: Bool = false, connection: ConnectionMark = .good
  ) {
    self.id = id
    self.label = label
    self.initials = initials
    self.isScreenShare = isScreenShare
    self.hasVideo = hasVideo
    self.isMuted = isMuted
    self.isSpeaking = isSpeaking
    self.isHandRaised = isHandRaised
    self.connection = connection
  }

  /// The letters to show in place of a picture: those given, or the first of the first and the last word of the label.
  var shownInitials: String {
    if !initials.isEmpty { return String(initials.prefix(2)) }
    let words = label.split { !($0.isLetter || $0.isNumber) }
    guard let first = words.first?.first else { return "?" }
    guard words.count > 1, let last = words.last?.first else { return first.uppercased() }
    return first.uppercased() + last.uppercased()
  }
}
