import Control
import Yams

/// All settings as one YAML file, for people to keep and to carry to another room. Passwords are no settings, and so
/// aren't in it.
///
///     salle: 1
///     settings:
///       Audio DefaultVolume: 50
///       Video Input Connector 1 Name: Computer
public enum SettingsFile {
  /// The largest file that is read, bytes. With every setting at its longest it isn't half as large.
  public static let maximumLength = 262_144

  /// Why a file isn't taken. Nothing of it is applied then.
  public enum Failure: Error, Hashable, Sendable {
    /// It is too long, too deep, or not YAML at all; what is wrong where.
    case unreadable(String)
    /// It isn't of the form above; what is wrong where.
    case malformed(String)
    /// It is of another version.
    case version(String)
    /// These settings don't exist, or are there twice.
    case unknown([String])
    /// These settings can't have the values given.
    case illegal([String])
  }

  /// The file of these settings.
  public static func text(_ settings: [ControlLeaf]) throws(Failure) -> String {
    let pairs = settings.map { setting in
      (Node(setting.path.description), scalar(setting.value))
    }
    let root = Node([(Node("salle"), Node("1", Tag(.int))), (Node("settings"), Node(pairs))])
    do {
      return try Yams.serialize(node: root, width: -1, allowUnicode: true)
    } catch {
      throw .unreadable("\(error)")
    }
  }

  // What would be taken for a number or for yes or no is quoted, so that other programs see text as well.
  private static func scalar(_ value: ControlValue) -> Node {
    if case .integer = value { return Node(value.text, Tag(.int)) }
    return Node(value.text, Tag(.str), .doubleQuoted)
  }

  /// The settings in `text`, each checked against the tree.
  public static func settings(_ text: String, tree: ControlTree) throws(Failure) -> [ControlLeaf] {
    guard let entries = try root(text).mapping else { throw .malformed("the file is no mapping") }
    var version: String?
    var settings: Node.Mapping?
    for (key, value) in entries {
      switch key.string {
      case "salle": version = value.scalar?.string
      case "settings":
        guard let mapping = value.mapping else { throw .malformed("“settings” is no mapping") }
        settings = mapping
      default: throw .malformed("“\(shown(key.string))” isn't known")
      }
    }
    guard let version else { throw .malformed("“salle”, the version, is missing") }
    guard version == "1" else { throw .version(shown(version)) }
    guard let settings else { throw .malformed("“settings” is missing") }
    return try check(settings, tree)
  }

  private static func check(_ settings: Node.Mapping, _ tree: ControlTree) throws(Failure) -> [ControlLeaf] {
    let store = ControlStore(tree: tree)
    var leaves: [ControlLeaf] = []
    var seen: Set<ControlPath> = []
    var unknown: [String] = []
    var illegal: [String] = []
    for (key, node) in settings {
      guard let text = key.string, let path = ControlPath(text), let setting = store.setting(at: path),
        seen.insert(setting.path).inserted
      else {
        unknown.append(shown(key.string))
        continue
      }
      guard let value = node.scalar.flatMap({ setting.space.value(of: $0.string) }) else {
        illegal.append(setting.path.description)
        continue
      }
      leaves.append(ControlLeaf(setting.path, value))
    }
    guard unknown.isEmpty else { throw .unknown(unknown) }
    guard illegal.isEmpty else { throw .illegal(illegal) }
    return leaves
  }

  private static func root(_ text: String) throws(Failure) -> Node {
    guard text.utf8.count <= maximumLength else { throw .unreadable("longer than \(maximumLength) bytes") }
    guard !isDeep(text) else { throw .unreadable("nested too deep") }
    do {
      guard let node = try Yams.compose(yaml: text) else { throw Failure.malformed("the file is empty") }
      return node
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .unreadable(shown("\(error)"))
    }
  }

  // A general parser calls itself for each level, and would overflow its stack. Blocks nest by what a line begins with,
  // flows by brackets; closing ones aren't looked at, as they may be text.
  private static func isDeep(_ text: String) -> Bool {
    let limit = 64
    var isLeading = true
    var leading = 0
    var brackets = 0
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
        isLeading = true
        leading = 0
      case " ", "\t", "-", "?", ":", "\u{FEFF}": if isLeading { leading += 1 }
      default:
        if scalar == "[" || scalar == "{" { brackets += 1 }
        isLeading = false
      }
      if leading > limit || brackets > limit { return true }
    }
    return false
  }

  /// What a file holds, as far as it can stand in a message.
  private static func shown(_ text: String?) -> String {
    guard let text else { return "?" }
    return String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 }.prefix(120)))
  }
}
