import LiveKitMessages
import SwiftProtobuf

/// What a client asks for in the URL of its signalling socket: in single parameters (LiveKit's `/rtc`), or in a
/// `join_request`, which also means that one peer connection shall do (`/rtc/v1`).
struct JoinParameters: Hashable, Sendable {
  var autoSubscribe = true
  var adaptiveStream = false
  var isReconnect = false
  /// The client's session identifier, when it reconnects.
  var participantSID = ""
  var clientProtocol: Int32 = 0
  /// The token in the query, which browsers put there.
  var accessToken = ""
  /// Whether the client publishes and receives on one peer connection, on which it offers.
  var usesOneConnection = false
  /// Tracks that are announced with the join.
  var tracks: [LKAddTrackRequest] = []
  /// The first offer, when it comes with the join.
  var offer: LKSessionDescription?
  /// What the client wants to be known of itself, beyond what its token says.
  var metadata = ""
  var attributes: [String: String] = [:]

  /// Bytes of a request's URI, at most, and of a join request.
  static let maximumLength = 1_048_576

  /// Reads the query of `uri`; nil when its join request can't be read.
  init?(uri: String) {
    guard let mark = uri.firstIndex(of: "?") else { return }
    var request: String?
    for pair in uri[uri.index(after: mark)...].split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? PercentEncoding.decode(parts[1]) : ""
      if parts[0] == "join_request" { request = value } else { set(String(parts[0]), value) }
    }
    if let request {
      guard let join = Self.joinRequest(request) else { return nil }
      set(join)
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

  private mutating func set(_ join: LKJoinRequest) {
    usesOneConnection = true
    // Here they are false unless set.
    autoSubscribe = join.connectionSettings.autoSubscribe
    adaptiveStream = join.connectionSettings.adaptiveStream
    isReconnect = join.reconnect
    participantSID = join.participantSid
    clientProtocol = join.clientInfo.clientProtocol
    tracks = join.addTrackRequests
    offer = join.hasPublisherOffer ? join.publisherOffer : nil
    metadata = join.metadata
    attributes = join.participantAttributes
  }

  private static func joinRequest(_ text: String) -> LKJoinRequest? {
    guard let bytes = Base64URL.decode(text), let wrapped = try? LKWrappedJoinRequest(serializedBytes: bytes) else {
      return nil
    }
    let inner = [UInt8](wrapped.joinRequest)
    switch wrapped.compression {
    case .none: return try? LKJoinRequest(serializedBytes: inner)
    case .gzip:
      return Gzip.decompress(inner, limit: maximumLength).flatMap { try? LKJoinRequest(serializedBytes: $0) }
    case .UNRECOGNIZED: return nil
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
