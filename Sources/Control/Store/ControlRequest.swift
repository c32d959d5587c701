/// What a session wants done.
public enum ControlRequest: Hashable, Sendable {
  /// Values of settings or states.
  case get(ControlQuery)
  /// A setting's new value.
  case set(ControlPath, String)
  /// A command.
  case run(ControlCall)
}

/// What came of a request.
public enum ControlAnswer: Hashable, Sendable {
  /// The values asked for.
  case values([ControlLeaf])
  /// The setting has been set.
  case set
  /// The command has been done; what it answers.
  case done([ControlLeaf])
}
