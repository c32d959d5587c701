import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// The transport over async-http-client: TLS verified against the system's certificate authorities, HTTP/1.1 or 2,
/// connections kept between requests. One for the whole process; `shutdown()` ends it.
public final class AsyncHTTPTransport: HTTPTransport {
  private let client: HTTPClient

  /// A transport with its own TLS settings, such as further certificate authorities.
  public init(tls: TLSConfiguration = .makeClientConfiguration(), connectTimeout: Duration = .seconds(10)) {
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow,
      timeout: .init(connect: .nanoseconds(connectTimeout.wholeNanoseconds)))
    // The caller repeats what may be repeated; a silent retry would only hide for how long the network is down.
    configuration.connectionPool.retryConnectionEstablishment = false
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// Closes all connections. Call once, when no request is under way.
  public func shutdown() async {
    try? await client.shutdown()
  }

  /// Sends `request` and waits for the whole answer.
  public func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    do {
      let deadline = NIODeadline.now() + .nanoseconds(request.timeout.wholeNanoseconds)
      let response = try await client.execute(Self.clientRequest(request), deadline: deadline)
      let body = try await response.body.collect(upTo: request.maximumResponseLength)
      return HTTPResponse(
        status: Int(response.status.code), headers: response.headers.map { HTTPField($0.name, $0.value) },
        body: Array(body.readableBytesView))
    } catch {
      throw Self.transportError(error)
    }
  }

  private static func clientRequest(_ request: HTTPRequest) -> HTTPClientRequest {
    var clientRequest = HTTPClientRequest(url: request.url)
    clientRequest.method = HTTPMethod(rawValue: request.method.rawValue)
    for field in request.headers { clientRequest.headers.add(name: field.name, value: field.value) }
    if !request.body.isEmpty { clientRequest.body = .bytes(ByteBuffer(bytes: request.body)) }
    return clientRequest
  }

  private static func transportError(_ error: any Error) -> HTTPTransportError {
    switch error {
    case is CancellationError: return .cancelled
    case let error as HTTPClientError: return transportError(error)
    case let error as NIOConnectionError:
      let isUnresolved = error.connectionErrors.isEmpty && (error.dnsAError != nil || error.dnsAAAAError != nil)
      return isUnresolved ? .nameNotResolved : .unreachable
    case is NIOTooManyBytesError: return .responseTooLong
    case let error as NIOSSLExtraError:
      return error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch
        ? .untrustedCertificate : .tlsFailed
    case let error as NIOSSLError:
      // BoringSSL's reasons have no public code.
      return "\(error)".contains("CERTIFICATE_VERIFY_FAILED") ? .untrustedCertificate : .tlsFailed
    case is NIOSSLCloseTimedOutError: return .unreachable
    default: return .unreachable
    }
  }

  private static func transportError(_ error: HTTPClientError) -> HTTPTransportError {
    switch error {
    case .cancelled: .cancelled
    case .readTimeout, .writeTimeout, .connectTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout: .timedOut
    case .tlsHandshakeTimeout: .tlsFailed
    default: .unreachable
    }
  }
}

extension Duration {
  /// Whole nanoseconds; the largest `Int64` for what doesn't fit.
  fileprivate var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product &+ attoseconds / 1_000_000_000
  }
}
