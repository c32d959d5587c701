import FoundationEssentials

/// A trickled candidate as browsers write it (W3C `RTCIceCandidateInit`), in JSON.
struct CandidateInit: Codable {
  var candidate: String
  var sdpMid: String?
  var sdpMLineIndex: Int?
  var usernameFragment: String?

  init(candidate: String, sdpMid: String?, sdpMLineIndex: Int?, usernameFragment: String?) {
    self.candidate = candidate
    self.sdpMid = sdpMid
    self.sdpMLineIndex = sdpMLineIndex
    self.usernameFragment = usernameFragment
  }

  /// Nil when `json` isn't a candidate.
  init?(json: String) {
    guard let result = try? JSONDecoder().decode(CandidateInit.self, from: Data(json.utf8)) else { return nil }
    self = result
  }

  /// As JSON.
  var json: String {
    // Texts and numbers can always be encoded.
    (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
