/// The four trees that every face shows, under the names that control systems know.
public enum ControlDocument: String, CaseIterable, Hashable, Sendable {
  /// What the room can be told to do.
  case command = "Command"
  /// What lasts: it is set once, and survives a restart.
  case configuration = "Configuration"
  /// What is so at the moment; only the room itself changes it.
  case status = "Status"
  /// What happens, and then is over.
  case event = "Event"

  /// The document of that name, in any case; nil when there is none.
  public init?(name: some StringProtocol) {
    let lowercase = name.lowercased()
    guard let document = Self.allCases.first(where: { $0.rawValue.lowercased() == lowercase }) else { return nil }
    self = document
  }
}
