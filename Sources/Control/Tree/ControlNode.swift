import Catalogue

/// A part of a command's arguments or result, or of an event.
public struct ControlField: Sendable {
  /// Its name; in results also a path with lists.
  public let path: NodePath
  /// What it may be.
  public let space: ValueSpace
  /// Whether a command can't do without it. In results and events: whether it is always there.
  public let isRequired: Bool
  /// What it means.
  public let text: Sentence

  /// A field that is always there.
  public static func required(_ path: NodePath, _ space: ValueSpace, _ french: FrenchText, _ english: String) -> Self {
    ControlField(path: path, space: space, isRequired: true, text: Sentence(french: french, english: english))
  }

  /// A field that may be missing.
  public static func optional(_ path: NodePath, _ space: ValueSpace, _ french: FrenchText, _ english: String) -> Self {
    ControlField(path: path, space: space, isRequired: false, text: Sentence(french: french, english: english))
  }
}

/// Something of the room that can be told, set, asked or heard of, declared once for all faces.
public struct ControlNode: Sendable {
  /// What it is, with what belongs to that alone.
  public enum Kind: Sendable {
    /// The room does something. With a body, lines of text follow the command.
    case command(parameters: [ControlField], results: [ControlField], takesBody: Bool)
    /// Lasts until it is set to something else. `items` are the numbers of its list, if it is in one.
    case setting(ValueSpace, standard: ControlValue, items: ClosedRange<Int>?)
    /// Is so at the moment. Without a value to begin with it isn't there until the room says so.
    case state(ValueSpace, initially: ControlValue?)
    /// Happens.
    case event([ControlField])
  }

  /// Where it is in its document.
  public let path: NodePath
  /// What it is.
  public let kind: Kind
  /// The least role that may use it: run it, set it, read it or hear of it. Settings may be read by every role.
  public let role: ControlRole
  /// Whether it tells who meets whom, or what is said: such values stay out of logs, diagnostics and telemetry.
  public let isPersonal: Bool
  /// What it is, for people.
  public let text: Sentence

  /// The document it is in.
  public var document: ControlDocument {
    switch kind {
    case .command: .command
    case .setting: .configuration
    case .state: .status
    case .event: .event
    }
  }

  /// What its value may be; nil for commands and events.
  public var space: ValueSpace? {
    switch kind {
    case .setting(let space, _, _), .state(let space, _): space
    case .command, .event: nil
    }
  }

  /// The fields of a command's arguments, or of an event.
  public var fields: [ControlField] {
    switch kind {
    case .command(let parameters, _, _): parameters
    case .event(let fields): fields
    case .setting, .state: []
    }
  }

  /// What a command answers besides that it has been done.
  public var results: [ControlField] {
    if case .command(_, let results, _) = kind { results } else { [] }
  }

  /// Whether lines of text follow the command.
  public var takesBody: Bool {
    if case .command(_, _, let takesBody) = kind { takesBody } else { false }
  }

  /// Whether `role` may read its value or hear of it.
  public func isReadable(by role: ControlRole) -> Bool { document == .configuration || role >= self.role }
}

extension ControlNode {
  /// A command.
  public static func command(
    _ path: NodePath, _ french: FrenchText, _ english: String, role: ControlRole = .user, isPersonal: Bool = false,
    takesBody: Bool = false, _ parameters: [ControlField] = [], results: [ControlField] = []
  ) -> ControlNode {
    ControlNode(
      path: path, kind: .command(parameters: parameters, results: results, takesBody: takesBody), role: role,
      isPersonal: isPersonal, text: Sentence(french: french, english: english))
  }

  /// A setting.
  public static func setting(
    _ path: NodePath, _ space: ValueSpace, standard: ControlValue, items: ClosedRange<Int>? = nil,
    role: ControlRole = .admin, isPersonal: Bool = false, _ french: FrenchText, _ english: String
  ) -> ControlNode {
    ControlNode(
      path: path, kind: .setting(space, standard: standard, items: items), role: role, isPersonal: isPersonal,
      text: Sentence(french: french, english: english))
  }

  /// A state.
  public static func state(
    _ path: NodePath, _ space: ValueSpace, initially: ControlValue? = nil, role: ControlRole = .user,
    isPersonal: Bool = false, _ french: FrenchText, _ english: String
  ) -> ControlNode {
    ControlNode(
      path: path, kind: .state(space, initially: initially), role: role, isPersonal: isPersonal,
      text: Sentence(french: french, english: english))
  }

  /// An event.
  public static func event(
    _ path: NodePath, _ french: FrenchText, _ english: String, role: ControlRole = .user, isPersonal: Bool = false,
    _ fields: [ControlField]
  ) -> ControlNode {
    ControlNode(
      path: path, kind: .event(fields), role: role, isPersonal: isPersonal,
      text: Sentence(french: french, english: english))
  }
}
