/// French text, typeset as it is read from a literal: a narrow no-break space (U+202F) where the literal has a space
/// before `?`, `!`, `:`, `;` and `»` or after `«`, and the curved apostrophe. Sources thus stay free of invisible
/// characters.
///
/// What is interpolated, such as a person's name, is left as it is.
public struct FrenchText: ExpressibleByStringInterpolation, Hashable, Sendable {
  /// The typeset text.
  public let text: String

  /// The text of a literal without interpolation.
  public init(stringLiteral value: String) {
    text = Self.typeset(value)
  }

  /// The text of a literal with interpolation.
  public init(stringInterpolation: StringInterpolation) {
    text = stringInterpolation.text
  }

  /// Gathers literals, typeset, and values, as they are.
  public struct StringInterpolation: StringInterpolationProtocol {
    var text = ""

    /// An empty text with room for what comes.
    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity)
    }

    /// Appends a part of the literal.
    public mutating func appendLiteral(_ literal: String) {
      text += FrenchText.typeset(literal)
    }

    /// Appends a value such as a name.
    public mutating func appendInterpolation(_ value: String) {
      text += value
    }

    /// Appends a number.
    public mutating func appendInterpolation(_ value: Int) {
      text += String(value)
    }
  }

  private static func typeset(_ literal: String) -> String {
    var typeset = ""
    var previous: Character?
    for character in literal {
      switch character {
      case "?", "!", ":", ";", "»":
        if previous == " " {
          typeset.removeLast()
          typeset.append("\u{202F}")
        }
        typeset.append(character)
      case " " where previous == "«":
        typeset.append("\u{202F}")
      case "'":
        typeset.append("\u{2019}")
      default:
        typeset.append(character)
      }
      previous = character
    }
    return typeset
  }
}
