import Control
import NIOCore
import NIOHTTP1

/// An answer as it goes out.
struct HTTPAnswer: Sendable {
  var response: RESTResponse
  /// Whether the connection ends with it.
  var closes = false
  /// What the body may load and ask, if a browser shows it (Content Security Policy).
  var policy = Self.strictPolicy

  init(_ response: RESTResponse, closes: Bool = false, policy: String = Self.strictPolicy) {
    self.response = response
    self.closes = closes
    self.policy = policy
  }

  /// Nothing at all.
  static let strictPolicy = "default-src 'none'; frame-ancestors 'none'"

  /// Headers of all answers: what comes is for programs and the device's own pages, is to be taken as what it says it is,
  /// and is shown and kept by nobody else.
  static let commonHeaders: HTTPHeaders = [
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
  ]

  /// The first part of the answer.
  /// - Parameter hasLength: false when the body's length isn't known yet.
  func head(hasLength: Bool = true) -> HTTPResponseHead {
    var headers = Self.commonHeaders
    headers.add(name: "Content-Security-Policy", value: policy)
    for header in response.headers { headers.add(name: header.name, value: header.value) }
    // What has a tag may be kept, if it is asked for each time whether it is still so.
    let isTagged = headers.contains(name: "ETag")
    headers.add(name: "Cache-Control", value: isTagged ? "private, no-cache" : "no-store")
    if let type = response.contentType { headers.add(name: "Content-Type", value: type) }
    if hasLength, response.status != 204, response.status != 304 {
      headers.add(name: "Content-Length", value: String(response.body.count))
    }
    if closes { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(version: .http1_1, status: .init(statusCode: response.status), headers: headers)
  }

  /// The parts of the answer.
  /// - Parameter isHead: whether the body is left out.
  func parts(isHead: Bool = false) -> [HTTPServerResponsePart] {
    var parts: [HTTPServerResponsePart] = [.head(head())]
    if !isHead, !response.body.isEmpty { parts.append(.body(.byteBuffer(ByteBuffer(bytes: response.body)))) }
    parts.append(.end(nil))
    return parts
  }

  /// Sends the answer and ends the connection.
  func send(on channel: any Channel) async throws {
    var closing = self
    closing.closes = true
    for part in closing.parts() { try await channel.writeAndFlush(part) }
    channel.close(promise: nil)
  }
}
