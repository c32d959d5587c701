import Foundation

/// Name and password, as clients give them when they open a WebSocket.
public struct ControlCredentials: Hashable, Sendable {
  /// The name.
  public let name: String
  /// The password.
  public let password: String

  /// What a header `Authorization` holds: `Basic` and name and password in Base64 (RFC 7617); nil when it doesn't.
  public init?(authorization: String) {
    let parts = authorization.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "basic", authorization.utf8.count <= 1_024 else { return nil }
    self.init(base64: String(parts[1]))
  }

  /// What a header `Sec-WebSocket-Protocol` holds: among its parts one of `auth-` and name and password in Base64 for
  /// URLs without padding (RFC 4648 section 5), for browsers, which can't send the other header; nil when it doesn't.
  /// - Returns: also the part, which the answer has to name again (RFC 6455 section 4.2.2).
  public static func find(inSubprotocols header: String) -> (credentials: ControlCredentials, subprotocol: String)? {
    guard header.utf8.count <= 2_048 else { return nil }
    for part in header.split(separator: ",") {
      let subprotocol = String(part).trimmed
      guard subprotocol.hasPrefix("auth-") else { continue }
      var text = String(subprotocol.dropFirst(5)).replacing("-", with: "+").replacing("_", with: "/")
      text += String(repeating: "=", count: (4 - text.count % 4) % 4)
      if let credentials = ControlCredentials(base64: text) { return (credentials, subprotocol) }
    }
    return nil
  }

  private init?(base64: String) {
    guard let data = Data(base64Encoded: base64), let text = String(data: data, encoding: .utf8),
      let colon = text.firstIndex(of: ":")
    else { return nil }
    name = String(text[..<colon])
    password = String(text[text.index(after: colon)...])
  }
}
