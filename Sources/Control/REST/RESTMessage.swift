/// A request to the REST face, as far as that looks at it.
public struct RESTRequest: Hashable, Sendable {
  /// The method, in capitals.
  public var method: String
  /// The path, with its escapes.
  public var path: String
  /// What follows the question mark, with its escapes; nil when there is none.
  public var query: String?
  /// The body's media type, with its parameters.
  public var contentType: String?
  /// The header `If-Match`.
  public var ifMatch: String?
  /// The header `If-None-Match`.
  public var ifNoneMatch: String?
  /// The body.
  public var body: [UInt8]

  /// A request.
  /// - Parameter target: path and query as the request's first line has them (RFC 9112 section 3.2.1).
  public init(
    method: String, target: String, contentType: String? = nil, ifMatch: String? = nil, ifNoneMatch: String? = nil,
    body: [UInt8] = []
  ) {
    self.method = method
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    query = parts.count > 1 ? String(parts[1]) : nil
    self.contentType = contentType
    self.ifMatch = ifMatch
    self.ifNoneMatch = ifNoneMatch
    self.body = body
  }

  /// The words of the path, without escapes; nil when these aren't right.
  var words: [String]? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    guard parts.count <= 2 * ControlQuery.maximumComponentCount else { return nil }
    let words = parts.compactMap { Self.unescaped($0, plusIsSpace: false) }
    return words.count == parts.count ? words : nil
  }

  /// The values of that name in the query; nil when escapes aren't right.
  public func values(_ name: String) -> [String]? {
    var values: [String] = []
    for part in (query ?? "").split(separator: "&") {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let key = Self.unescaped(sides[0], plusIsSpace: true) else { return nil }
      guard key == name else { continue }
      guard let value = Self.unescaped(sides.count > 1 ? sides[1] : "", plusIsSpace: true) else { return nil }
      values.append(value)
    }
    return values
  }

  /// Text without escapes (RFC 3986 section 2.1); nil when they aren't right, or don't make UTF-8.
  private static func unescaped(_ text: Substring, plusIsSpace: Bool) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        rest = rest.dropFirst(2)
        bytes.append(value)
      } else {
        bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

/// What the REST face answers.
public struct RESTResponse: Hashable, Sendable {
  /// The status (RFC 9110 section 15).
  public var status: Int
  /// Headers besides those that every answer has.
  public var headers: [Header] = []
  /// The body's media type; nil without a body.
  public var contentType: String?
  /// The body.
  public var body: [UInt8] = []

  /// A header.
  public struct Header: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its value.
    public let value: String

    /// A header.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// An answer in place of what was asked for.
  public struct Refusal: Error, Hashable, Sendable {
    /// The answer.
    public let response: RESTResponse
  }

  /// What an answer with a stream of events begins with.
  public static var eventStream: RESTResponse {
    var response = RESTResponse(200)
    response.contentType = "text/event-stream"
    return response
  }

  init(_ status: Int) { self.status = status }

  /// A value as JSON with its tag.
  static func value(_ value: JSONValue) -> RESTResponse {
    var response = RESTResponse(200)
    response.contentType = "application/json"
    response.body = Array(value.compact.utf8)
    response.headers = [Header(name: "ETag", value: tag(response.body))]
    return response
  }

  /// A file with its tag.
  public static func file(_ bytes: [UInt8], _ contentType: String) -> RESTResponse {
    var response = RESTResponse(200)
    response.contentType = contentType
    response.body = bytes
    response.headers = [Header(name: "ETag", value: tag(bytes))]
    return response
  }

  /// That what has the tag is still so.
  public static func unchanged(_ tag: String) -> RESTResponse {
    var response = RESTResponse(304)
    response.headers = [Header(name: "ETag", value: tag)]
    return response
  }

  /// A value that nobody is to keep; nil for none.
  public static func json(_ value: JSONValue?) -> RESTResponse {
    var response = RESTResponse(value == nil ? 204 : 200)
    guard let value else { return response }
    response.contentType = "application/json"
    response.body = Array(value.compact.utf8)
    return response
  }

  /// A text in XML with its tag.
  static func xml(_ text: String) -> RESTResponse {
    var response = RESTResponse(200)
    response.contentType = "text/xml; charset=utf-8"
    response.body = Array(text.utf8)
    response.headers = [Header(name: "ETag", value: tag(response.body))]
    return response
  }

  /// A failure as a problem report (RFC 9457).
  /// - Parameters:
  ///   - code: the number that the other faces give it.
  public static func problem(
    _ status: Int, _ title: String, code: Int? = nil, headers: [Header] = [], _ members: [JSONValue.Member] = []
  ) -> RESTResponse {
    var all: [JSONValue.Member] = [
      .init("type", "about:blank"), .init("title", .string(title)), .init("status", .integer(status)),
    ]
    if let code { all.append(.init("code", .integer(code))) }
    var response = RESTResponse(status)
    response.headers = headers
    response.contentType = "application/problem+json"
    response.body = Array(JSONValue.object(all + members).compact.utf8)
    return response
  }

  static func problem(_ error: ControlError) -> RESTResponse {
    let title = error.reason
    switch error {
    case .invalidPath(_, let xpath): return problem(404, title, code: error.code, [.init("xpath", .string(xpath))])
    case .parameters(let faults):
      let parameters = JSONValue.object(faults.map { .init($0.name, .string($0.reason)) })
      return problem(422, title, code: error.code, [.init("parameters", parameters)])
    case .illegalValue: return problem(422, title, code: error.code)
    case .failed, .tooManySubscriptions: return problem(409, title, code: error.code)
    case .forbidden: return problem(403, title, code: error.code)
    case .unknownMethod: return problem(404, title, code: error.code)
    case .notReady:
      return problem(503, title, code: error.code, headers: [Header(name: "Retry-After", value: "10")])
    case .invalidResponse, .invalidStatus: return problem(500, title, code: error.code)
    }
  }

  /// The strong tag of a body (RFC 9110 section 8.8.3), by FNV-1a with 64 bits: it only has to tell apart what a peer saw
  /// from what is now.
  static func tag(_ body: [UInt8]) -> String {
    let hash = body.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return "\"\(String(hash, radix: 16))\""
  }

  /// Whether a header `If-Match` or `If-None-Match` names the tag.
  static func names(_ header: String, _ tag: String) -> Bool {
    header.split(separator: ",").map { String($0).trimmed }.contains { part in
      part == "*" || part == tag || part == "W/" + tag
    }
  }
}
