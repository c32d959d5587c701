import FoundationEssentials

/// The JSON that a trickled candidate travels in: an RTCIceCandidateInit (W3C WebRTC §4.8.1).
struct ICECandidateMessage: Codable, Hashable, Sendable {
  /// An SDP attribute value, `candidate:…`; empty says that there are no more.
  var candidate: String
  /// The m-line's identification.
  var sdpMid: String?
  /// The m-line's place.
  var sdpMLineIndex: Int?
  /// The ICE generation that it belongs to.
  var usernameFragment: String?

  /// The most characters of the JSON; real ones have about 300.
  static let maximumLength = 4_096

  init(candidate: String, sdpMid: String, usernameFragment: String?) {
    self.candidate = candidate
    self.sdpMid = sdpMid
    sdpMLineIndex = 0
    self.usernameFragment = usernameFragment
  }

  /// The candidate that `json` describes, or nil when it describes none.
  init?(json: String) {
    guard json.utf8.count <= Self.maximumLength,
      let message = try? JSONDecoder().decode(Self.self, from: Data(json.utf8))
    else { return nil }
    self = message
    if usernameFragment == nil || usernameFragment == "" {
      usernameFragment = Self.fragment(in: candidate)
    }
  }

  /// As JSON.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  /// The value of the candidate's own `ufrag` extension (RFC 8839 §5.1).
  private static func fragment(in candidate: String) -> String? {
    let words = candidate.split(separator: " ")
    guard let place = words.lastIndex(of: "ufrag"), place + 1 < words.count else { return nil }
    return String(words[place + 1])
  }
}
