/// A link taken apart as people type and paste it: with or without a scheme, or a bare path.
struct LinkParts {
  /// `http` or `https`; nil when none is written.
  var scheme: String?
  /// The host in lower case; nil for a bare path.
  var host: String?
  var port: UInt16?
  /// The path without its first slash, still percent-encoded.
  var path: Substring
  /// What follows `#`, still percent-encoded.
  var fragment: String?

  /// Nil when a host is written that can't be one, or a scheme that isn't the web's.
  init?(_ text: String) {
    var rest = Substring(text)
    if let hash = rest.firstIndex(of: "#") {
      fragment = String(rest[rest.index(after: hash)...])
      rest = rest[..<hash]
    }
    if let question = rest.firstIndex(of: "?") { rest = rest[..<question] }
    if let separator = rest.range(of: "://") {
      let scheme = rest[..<separator.lowerBound].lowercased()
      guard scheme == "http" || scheme == "https" else { return nil }
      self.scheme = scheme
      rest = rest[separator.upperBound...]
    }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let first = rest[..<slash]
    path = rest[slash...].dropFirst()
    if scheme == nil && !Self.looksLikeHost(first) {
      path = rest.hasPrefix("/") ? rest.dropFirst() : rest
      return
    }
    guard let (host, port) = Self.hostAndPort(first) else { return nil }
    self.host = host
    self.port = port
  }

  /// Whether what stands before the first slash can only be a host: it has a dot, a port, or is this machine.
  private static func looksLikeHost(_ text: Substring) -> Bool {
    text.contains(".") || text.contains(":") || text.lowercased() == "localhost"
  }

  private static func hostAndPort(_ text: Substring) -> (String, UInt16?)? {
    var host = text
    var port: UInt16?
    let afterBracket = text.lastIndex(of: "]") ?? text.startIndex
    if let colon = text[afterBracket...].firstIndex(of: ":") {
      guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else { return nil }
      port = number
      host = text[..<colon]
    }
    let isAddress = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 3
    let name = isAddress ? host.dropFirst().dropLast() : host
    let isHost = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
        true
      case UInt8(ascii: "-"): !isAddress
      case UInt8(ascii: ":"): isAddress
      default: false
      }
    }
    guard isHost, !name.isEmpty, host.utf8.count <= 253, !host.hasPrefix("."), !host.hasPrefix("-") else { return nil }
    return (host.lowercased(), port)
  }
}

extension Substring {
  /// The first place of `pattern`, without regard to how characters combine.
  fileprivate func range(of pattern: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(pattern) { return start..<index(start, offsetBy: pattern.count) }
      start = index(after: start)
    }
    return nil
  }
}
