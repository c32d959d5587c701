/// Carries one HTTP request to a server and its answer back. What asks a server does so by it, and is tested with another.
public protocol HTTPTransport: Sendable {
  /// Sends `request` and waits for the whole answer, whatever its status. Redirects are answers, not followed.
  ///
  /// - Throws: An `HTTPTransportError` when there is no answer.
  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse
}

/// An HTTP request with its body in memory.
public struct HTTPRequest: Hashable, Sendable {
  /// The methods that are needed.
  public enum Method: String, Hashable, Sendable {
    /// Reads.
    case get = "GET"
    /// Acts; never repeated elsewhere by a redirect.
    case post = "POST"
    /// Asks a collection (RFC 3253, section 3.6).
    case report = "REPORT"
  }

  /// What an answer may have where nobody says otherwise: those of Visio have a few kilobytes.
  public static let standardResponseLength = 1 << 20

  /// The method.
  public var method: Method
  /// The absolute URL.
  public var url: String
  /// The header fields.
  public var headers: [HTTPField] = []
  /// The body; empty for none.
  public var body: [UInt8] = []
  /// How long the whole exchange may take.
  public var timeout: Duration
  /// The longest answer that is taken, bytes. No compression is asked for, as a few kilobytes could unpack to gigabytes.
  public var maximumResponseLength = standardResponseLength

  /// A request without body.
  public init(method: Method, url: String, timeout: Duration) {
    self.method = method
    self.url = url
    self.timeout = timeout
  }

  /// The value of the first header field `name`, in either case.
  public func header(_ name: String) -> String? { headers.value(of: name) }
}

/// An HTTP answer with its body in memory.
public struct HTTPResponse: Hashable, Sendable {
  /// The status code.
  public var status: Int
  /// The header fields.
  public var headers: [HTTPField]
  /// The body.
  public var body: [UInt8]

  /// An answer.
  public init(status: Int, headers: [HTTPField] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The value of the first header field `name`, in either case.
  public func header(_ name: String) -> String? { headers.value(of: name) }
}

/// A header field.
public struct HTTPField: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its value.
  public var value: String

  /// The field `name`.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [HTTPField] {
  func value(of name: String) -> String? {
    first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// Why a request had no answer.
public enum HTTPTransportError: Error, Hashable, Sendable {
  /// The host's name can't be resolved.
  case nameNotResolved
  /// No connection could be made, or it broke.
  case unreachable
  /// The answer didn't come within the request's timeout.
  case timedOut
  /// The server's certificate isn't trusted, has expired, or is another host's.
  case untrustedCertificate
  /// TLS failed otherwise.
  case tlsFailed
  /// The answer is longer than the request's `maximumResponseLength`.
  case responseTooLong
  /// The task was cancelled.
  case cancelled
}
