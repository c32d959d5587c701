import LiveKitMessages

/// What a client asks for in the URL of its signalling socket (LiveKit's `/rtc`).
struct JoinParameters: Hashable, Sendable {
  var autoSubscribe = true
  var adaptiveStream = false
  var isReconnect = false
  /// The client's session identifier, when it reconnects.
  var participantSID = ""
  var clientProtocol: Int32 = 0
  /// The token in the query, which browsers put there.
  var accessToken = ""

  /// Bytes of a request's URI, at most.
  static let maximumLength = 1_048_576

  /// Reads the query of `uri`.
  init(uri: String) {
    guard let mark = uri.firstIndex(of: "?") else { return }
    for pair in uri[uri.index(after: mark)...].split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? PercentEncoding.decode(parts[1]) : ""
      set(String(parts[0]), value)
    }
  }

  private mutating func set(_ name: String, _ value: String) {
    let isTrue = value == "1" || value == "true"
    switch name {
    case "auto_subscribe": autoSubscribe = isTrue
    case "adaptive_stream": adaptiveStream = isTrue
    case "reconnect": isReconnect = isTrue
    case "sid": participantSID = value
    case "client_protocol": clientProtocol = Int32(value) ?? 0
    case "access_token": accessToken = value
    default: break
    }
  }
}

/// The percent encoding of URLs (RFC 3986 §2.1).
enum PercentEncoding {
  /// The text that `text` stands for; wrong escapes stay as they are.
  static func decode(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    let source = Array(text.utf8)
    var index = 0
    while index < source.count {
      if source[index] == UInt8(ascii: "%"), index + 2 < source.count,
        let value = UInt8(String(decoding: source[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        index += 3
      } else {
        bytes.append(source[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : source[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `text` for a place in a URL's query.
  static func encode(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        result.append(byte)
      default:
        result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
