extension ICECandidate: LosslessStringConvertible {
  /// Longest candidate line read; a real one has some 100 to 250 bytes.
  static let maximumLineLength = 1_024

  /// The candidate as `candidate:…` (RFC 8839 section 5.1), without `a=`.
  public var description: String {
    let name =
      switch host {
      case .address(let ip): ip.description
      case .name(let name): name
      }
    let protocolName = transport == .udp ? "udp" : "tcp"
    var line = "candidate:\(foundation) \(component) \(protocolName) \(priority) \(name) \(port) typ \(kind.rawValue)"
    if let relatedAddress { line += " raddr \(relatedAddress.ip) rport \(relatedAddress.port)" }
    if let tcpType { line += " tcptype \(tcpType.rawValue)" }
    if let generation { line += " generation \(generation)" }
    if let usernameFragment { line += " ufrag \(usernameFragment)" }
    return line
  }

  /// Reads `candidate:…`, with or without `a=` before it or a line end behind it.
  ///
  /// Nil for a line that breaks RFC 8839's grammar and for a transport or type that isn't known: the caller skips it, as
  /// the peer may offer more than we understand. Unknown extensions are passed over.
  public init?(_ line: String) {
    guard line.utf8.count <= Self.maximumLineLength else { return nil }
    var text = line[...]
    while let last = text.unicodeScalars.last, last == "\r" || last == "\n" { text.unicodeScalars.removeLast() }
    // Spaces and visible ASCII alone (RFC 8839 section 5.1): a space that carries an accent would not part two fields.
    guard text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
    for prefix in ["a=", "candidate:"] where text.hasPrefix(prefix) { text = text.dropFirst(prefix.count) }
    let fields = text.split(separator: " ")
    guard fields.count >= 8, fields[6] == "typ", let kind = Kind(rawValue: String(fields[7])),
      let component = Int(fields[1]), (1...256).contains(component),
      let priority = UInt32(fields[3]), (1...0x7FFF_FFFF).contains(priority), let port = UInt16(fields[5]),
      (1...32).contains(fields[0].utf8.count), fields[0].utf8.allSatisfy(ICECredentials.isICECharacter)
    else { return nil }
    let transport: TransportProtocol
    switch fields[2].lowercased() {
    case "udp": transport = .udp
    case "tcp": transport = .tcp
    default: return nil
    }
    self.init(
      foundation: String(fields[0]), component: component, transport: transport, priority: priority,
      host: IPAddress(String(fields[4])).map { .address($0) } ?? .name(String(fields[4])), port: port, kind: kind)
    readExtensions(fields[8...])
    // RFC 6544 section 4.5: a TCP candidate without type can't be used.
    if (transport == .tcp) != (tcpType != nil) { return nil }
  }

  /// Reads the name–value pairs behind the type.
  private mutating func readExtensions(_ fields: ArraySlice<Substring>) {
    var relatedIP: IPAddress?
    var relatedPort: UInt16?
    var index = fields.startIndex
    while index + 1 < fields.endIndex {
      let value = String(fields[index + 1])
      switch fields[index] {
      case "raddr": relatedIP = IPAddress(value)
      case "rport": relatedPort = UInt16(value)
      case "tcptype": tcpType = TCPType(rawValue: value)
      case "generation": generation = Int(value)
      case "ufrag": usernameFragment = value
      default: break
      }
      index += 2
    }
    if let relatedIP, let relatedPort { relatedAddress = SocketAddress(ip: relatedIP, port: relatedPort) }
  }
}
