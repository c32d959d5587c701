/// Why something wasn't done. `code` is what JSON-RPC answers; the texts are those that drivers know.
public enum ControlError: Error, Hashable, Sendable {
  /// The command was understood and tried, but not done; says why.
  case failed(reason: String)
  /// The value isn't in the setting's value space. Look at the space and send another.
  case illegalValue
  /// There is nothing at `xpath`.
  case invalidPath(reason: String, xpath: String)
  /// Arguments are wrong: their names, and what is wrong with each.
  case parameters([ParameterFault])
  /// The device answered a command with what it doesn't declare: a defect of the device.
  case invalidResponse
  /// The device has said a state or event that it doesn't declare: a defect of the device.
  case invalidStatus
  /// There is no such method.
  case unknownMethod
  /// The role may not do that. Sign in as another.
  case forbidden
  /// There are as many subscriptions as a session may have. Remove some.
  case tooManySubscriptions
  /// Nothing stands behind the command yet. Try again later.
  case notReady

  /// What is wrong with an argument.
  public struct ParameterFault: Hashable, Sendable {
    /// The argument's name.
    public let name: String
    /// What is wrong with it.
    public let reason: String

    static func missing(_ name: String) -> Self { ParameterFault(name: name, reason: "Missing value") }
    static func invalid(_ name: String) -> Self { ParameterFault(name: name, reason: "Invalid value") }
    static func unknown(_ name: String) -> Self { ParameterFault(name: name, reason: "Unknown parameter") }
    static func repeated(_ name: String) -> Self { ParameterFault(name: name, reason: "Repeated parameter") }
  }

  /// There is no such command.
  static func unknownCommand(_ words: [String]) -> ControlError {
    .invalidPath(reason: "Unknown command", xpath: "/" + words.joined(separator: "/"))
  }

  /// Nothing is declared at `xpath`, which begins with the document's name.
  static func noMatch(_ xpath: String) -> ControlError {
    .invalidPath(reason: "No match on address expression", xpath: xpath)
  }

  /// The number of the error.
  public var code: Int {
    switch self {
    case .failed: 1
    case .illegalValue: 2
    case .invalidPath: 3
    case .parameters: 4
    case .invalidResponse: 5
    case .invalidStatus: 6
    case .unknownMethod: -32_601
    case .forbidden: -31_999
    case .tooManySubscriptions: -31_998
    case .notReady: -31_997
    }
  }

  /// The error in words.
  public var reason: String {
    switch self {
    case .failed(let reason), .invalidPath(let reason, _): reason
    case .illegalValue: "Illegal value"
    case .parameters: "Invalid or missing parameters"
    case .invalidResponse: "Invalid command response"
    case .invalidStatus: "Invalid status"
    case .unknownMethod: "Method not found"
    case .forbidden: "Permission denied"
    case .tooManySubscriptions: "Subscription limit reached"
    case .notReady: "Not ready"
    }
  }
}
