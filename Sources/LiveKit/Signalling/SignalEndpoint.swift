import LiveKitMessages
import SwiftProtobuf

/// Where a signalling connection goes: a WebSocket URL taken apart, and the credentials for it.
public struct SignalEndpoint: Hashable, Sendable {
  /// The signalling protocol's number that we speak: 16 has every response that this client handles.
  static let signallingProtocol = 16

  /// Whether TLS is used (`wss`).
  public let isSecure: Bool
  /// Host name or address, without brackets.
  public let host: String
  /// TCP port.
  public let port: Int
  /// Path and query, as in the request line.
  public let target: String
  /// The access token for the `Authorization` header; empty for none.
  public let token: String
  /// What `User-Agent` says.
  public let userAgent: String

  /// The value of the `Host` header.
  public var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  /// The endpoint that `options` ask for: `…/rtc` with its query for two peer connections, `…/rtc/v1` with a
  /// `join_request` for one.
  /// - Throws: `SignalConnectionError.invalidURL`.
  public init(_ options: ConnectOptions) throws(SignalConnectionError) {
    let parts = try Self.parse(options.url)
    isSecure = parts.isSecure
    host = parts.host
    port = parts.port
    token = options.token
    userAgent = "\(options.client.product)/\(options.client.version)"
    guard Self.isVisible(token), userAgent.utf8.allSatisfy({ (32...126).contains($0) }) else {
      throw .invalidURL("the token or the client's description holds characters that a header can't")
    }
    var path = parts.path
    while path.hasSuffix("/") { path.removeLast() }
    switch options.topology {
    case .twoPeerConnections:
      target = path + "/rtc?" + Self.query(Self.parameters(options))
    case .onePeerConnection:
      target = path + "/rtc/v1?" + Self.query([("join_request", Self.joinRequest(options))])
    }
  }

  private static func parameters(_ options: ConnectOptions) -> [(String, String)] {
    // No `sdk`: we're none of the kits that the server knows, and it then assumes nothing about us.
    [
      ("protocol", "\(signallingProtocol)"),
      ("client_protocol", "0"),
      ("version", options.client.version),
      ("os", options.client.operatingSystem),
      ("device_model", options.client.deviceModel),
      ("auto_subscribe", options.subscribesAutomatically ? "1" : "0"),
      ("adaptive_stream", options.adaptsStreams ? "1" : "0"),
    ].filter { !$0.1.isEmpty }
  }

  /// Padded base64url of a `WrappedJoinRequest`. Its booleans are false unless set, `auto_subscribe` too.
  private static func joinRequest(_ options: ConnectOptions) -> String {
    let request = LKJoinRequest.with {
      $0.clientInfo.version = options.client.version
      $0.clientInfo.protocol = Int32(signallingProtocol)
      $0.clientInfo.os = options.client.operatingSystem
      $0.clientInfo.deviceModel = options.client.deviceModel
      $0.connectionSettings.autoSubscribe = options.subscribesAutomatically
      $0.connectionSettings.adaptiveStream = options.adaptsStreams
    }
    guard let bytes: [UInt8] = try? request.serializedBytes() else { return "" }
    var wrapped = LKWrappedJoinRequest()
    wrapped.joinRequest.append(contentsOf: bytes)
    let wrappedBytes: [UInt8] = (try? wrapped.serializedBytes()) ?? []
    return Base64URL.encode(wrappedBytes)
  }

  private static func query(_ parameters: [(String, String)]) -> String {
    parameters.map { "\($0.0)=\(percentEncoded($0.1))" }.joined(separator: "&")
  }

  /// RFC 3986 §2.1: everything but the unreserved characters is written as `%XX`.
  private static func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
    return result
  }

  private static func isVisible(_ text: String) -> Bool {
    text.utf8.allSatisfy { (33...126).contains($0) }
  }

  private static func parse(
    _ url: String
  ) throws(SignalConnectionError) -> (isSecure: Bool, host: String, port: Int, path: String) {
    guard url.utf8.count <= 2_048, isVisible(url), let separator = url.firstRange(of: "://") else {
      throw .invalidURL("not a URL")
    }
    let isSecure: Bool
    switch url[..<separator.lowerBound].lowercased() {
    case "wss", "https": isSecure = true
    case "ws", "http": isSecure = false
    default: throw .invalidURL("its scheme is neither http, https, ws nor wss")
    }
    var rest = url[separator.upperBound...]
    // The query and fragment of a configured URL would only get in the way of ours.
    rest = rest.prefix { $0 != "?" && $0 != "#" }
    let authority = rest.prefix { $0 != "/" }
    let path = String(rest[authority.endIndex...])
    guard !authority.contains("@") else { throw .invalidURL("it holds a user name") }
    let (host, portText) = try split(authority)
    guard !host.isEmpty else { throw .invalidURL("it has no host") }
    guard let portText, !portText.isEmpty else { return (isSecure, host, isSecure ? 443 : 80, path) }
    guard let port = UInt16(portText), port > 0 else { throw .invalidURL("its port isn't one") }
    return (isSecure, host, Int(port), path)
  }

  private static func split(
    _ authority: Substring
  ) throws(SignalConnectionError) -> (host: String, port: Substring?) {
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { throw .invalidURL("its address isn't closed by ]") }
      let host = authority[authority.index(after: authority.startIndex)..<end]
      let after = authority[authority.index(after: end)...]
      guard after.isEmpty || after.hasPrefix(":") else { throw .invalidURL("its port isn't one") }
      return (String(host), after.isEmpty ? nil : after.dropFirst())
    }
    let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count > 1 ? parts[1] : nil)
  }
}

/// Base 64 with the alphabet for URLs, padded (RFC 4648 §5).
enum Base64URL {
  static func encode(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    var result = ""
    var index = 0
    while index < bytes.count {
      let group = bytes[index..<min(index + 3, bytes.count)]
      let value = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
      for place in 0..<4 {
        result.append(place <= group.count ? alphabet[Int(value >> (18 - 6 * UInt32(place)) & 63)] : "=")
      }
      index += 3
    }
    return result
  }
}
