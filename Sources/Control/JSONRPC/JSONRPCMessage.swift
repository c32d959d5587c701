/// A request of JSON-RPC 2.0, section 4.
struct JSONRPCRequest: Hashable {
  /// What the answer is to carry; nil for notifications, which aren't answered.
  let id: JSONValue?
  /// What to do.
  let method: String
  /// With what: by name.
  let parameters: JSONValue

  /// Reads a request.
  /// - Throws: `invalidRequest` when it is JSON, but no request. Batches aren't: no client of this protocol sends any.
  init(_ value: JSONValue) throws(JSONRPCFailure) {
    guard value["jsonrpc"]?.string == "2.0", let method = value["method"]?.string else { throw .invalidRequest }
    switch value["id"] {
    case nil, .string, .integer, .number, .null: id = value["id"]
    default: throw .invalidRequest
    }
    switch value["params"] {
    case nil, .null: parameters = [:]
    case .object(let members): parameters = .object(members)
    default: throw .invalidParameters
    }
    self.method = method
  }
}

/// An error as JSON-RPC 2.0, section 5.1, has it.
struct JSONRPCFailure: Error, Hashable {
  let code: Int
  let message: String
  var data: JSONValue?

  /// The message isn't JSON.
  static let parseError = JSONRPCFailure(code: -32_700, message: "Parse error")
  /// The message is JSON, but no request.
  static let invalidRequest = JSONRPCFailure(code: -32_600, message: "Invalid request")
  /// The parameters aren't those of the method.
  static let invalidParameters = JSONRPCFailure(code: -32_602, message: "Invalid params")

  init(code: Int, message: String) {
    self.code = code
    self.message = message
  }

  init(_ error: ControlError) {
    code = error.code
    message = error.reason
    switch error {
    case .invalidPath(_, let xpath): data = ["xpath": .string(xpath)]
    case .parameters(let faults): data = .object(faults.map { .init($0.name, .string($0.reason)) })
    default: break
    }
  }

  /// The error object.
  var value: JSONValue {
    let members: [JSONValue.Member] = [.init("code", .integer(code)), .init("message", .string(message))]
    return .object(members + (data.map { [.init("data", $0)] } ?? []))
  }
}
