/// A value of a setting, a state, or a field of a command or event.
public enum ControlValue: Hashable, Sendable {
  /// A whole number.
  case integer(Int)
  /// One of the words that the value space lists, written as it is there.
  case literal(String)
  /// Text.
  case string(String)

  /// The bare text, without quotation marks.
  public var text: String {
    switch self {
    case .integer(let number): String(number)
    case .literal(let word): word
    case .string(let text): text
    }
  }

  /// The word for yes or no in states that know only these.
  public static func onOff(_ isOn: Bool) -> ControlValue { .literal(isOn ? "On" : "Off") }
}
