import Control

/// How somebody who stands in the room signs in on the page without a name: by what the room's screen shows.
public struct WebEntrance: Sendable {
  /// What becomes of a first PIN.
  public enum SetupAnswer: Hashable, Sendable {
    /// It is set; whoever set it may do this.
    case set(ControlRole)
    /// There is one already.
    case over
    /// The code isn't the one on the screen.
    case wrongCode
    /// Wrong codes came too fast.
    case later
    /// It can't be a PIN.
    case refused
  }

  /// What somebody may do who has this token from the screen; nil when it isn't one.
  public var pair: @Sendable (_ token: String) async -> ControlRole?
  /// Whether nobody can sign in yet.
  public var needsSetup: @Sendable () async -> Bool
  /// Sets the first PIN.
  public var setUp: @Sendable (_ code: String, _ pin: String) async -> SetupAnswer

  /// An entrance by what these say.
  public init(
    pair: @escaping @Sendable (_ token: String) async -> ControlRole?,
    needsSetup: @escaping @Sendable () async -> Bool,
    setUp: @escaping @Sendable (_ code: String, _ pin: String) async -> SetupAnswer
  ) {
    self.pair = pair
    self.needsSetup = needsSetup
    self.setUp = setUp
  }

  /// A closed door: only names and passwords count.
  public static let closed = WebEntrance(pair: { _ in nil }, needsSetup: { false }, setUp: { _, _ in .over })
}
