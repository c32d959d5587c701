import Catalogue

/// What a terminal session has to know of its line and of the room.
public struct TerminalOptions: Hashable, Sendable {
  /// Whether the line ends with the session, as a network connection does. A serial line stays: there, what would end the
  /// session begins it anew.
  public var endsWithSession: Bool
  /// Who the peer is without being asked; nil to ask for name and password.
  public var role: ControlRole?
  /// The language of help.
  public var language: Language
  /// The room's name.
  public var name: String
  /// The program's version.
  public var version: String

  /// Options.
  public init(
    endsWithSession: Bool, role: ControlRole? = nil, language: Language = .french, name: String, version: String
  ) {
    self.endsWithSession = endsWithSession
    self.role = role
    self.language = language
    self.name = name
    self.version = version
  }
}

/// What a terminal session bounds, so that no peer can make it grow or hang.
enum TerminalLimits {
  /// The longest command, bytes.
  static let lineLength = 65_536
  /// The longest name or password, bytes.
  static let credentialLength = 256
  /// The longest text that follows a command, bytes.
  static let bodyLength = 8 * 1_048_576
  /// What may wait while a command is being done, bytes; from a quarter of it on the session asks for no more.
  static let waitingLength = 1_048_576
  /// Feedback expressions a session.
  static let subscriptionCount = 50
  /// The longest tag of an answer, bytes.
  static let resultIDLength = 256
  /// How long whoever connects may take to sign in.
  static let loginTime = Duration.seconds(60)
  /// The wait after the first wrong password; it doubles each time.
  static let loginPause = Duration.seconds(1)
  /// The longest wait after a wrong password.
  static let longestLoginPause = Duration.seconds(64)
  /// Wrong passwords until a connection ends.
  static let loginAttempts = 3
  /// How long a command may take.
  static let commandTime = Duration.seconds(10)
  /// How long a text that has begun may pause.
  static let bodyPause = Duration.seconds(30)
}
