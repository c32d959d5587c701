/// An `a=` line taken apart, and the readings that session part and media sections share.
struct SDPAttribute {
  /// The most feedback lines of a payload type, fingerprints and ICE options of a section: peers write up to ten.
  static let maximumValues = 16
  /// The most header extensions of a section: peers write up to twenty.
  static let maximumExtensions = 64

  let name: Substring
  let value: Substring?

  /// The attribute in `text`, which is what follows `a=`.
  init(_ text: Substring) {
    (name, value) = SDPText.halves(text, at: SDPText.colon)
  }

  static func connection(_ value: Substring) -> SessionDescription.Connection? {
    let fields = SDPText.fields(value)
    guard fields.count == 3, fields[0] == "IN" else { return nil }
    return .init(addressType: String(fields[1]), address: String(fields[2]))
  }

  /// Reads `extmap` (RFC 8285 §8); false when it is malformed. Of two with one number the first holds.
  static func addExtension(
    _ value: Substring, to extensions: inout [RTPHeaderExtensionParameters], number: Int
  ) throws(SDPError) -> Bool {
    let (head, tail) = SDPText.halves(value, at: SDPText.space)
    let (idText, directionText) = SDPText.halves(head, at: SDPText.slash)
    guard let id = SDPText.number(idText, as: UInt16.self), id > 0, let tail else {
      return false
    }
    var direction: MediaDirection?
    if let directionText {
      guard let read = MediaDirection(rawValue: String(directionText)) else { return false }
      direction = read
    }
    let (uri, attributes) = SDPText.halves(SDPText.trimmed(tail), at: SDPText.space)
    guard !uri.isEmpty else { return false }
    if extensions.contains(where: { $0.id == id }) { return true }
    guard extensions.count < maximumExtensions else { throw .tooMany(line: number) }
    extensions.append(
      RTPHeaderExtensionParameters(
        id: id, uri: String(uri), direction: direction,
        attributes: attributes.map { String(SDPText.trimmed($0)) }))
    return true
  }

  /// Reads the attributes of a transport; whether this is one. What decides about security must be
  /// readable; of two lines for one thing the first holds.
  func parseTransport(into transport: inout TransportDescription, number: Int) throws(SDPError) -> Bool {
    guard let value else { return false }
    switch name {
    case "ice-ufrag":
      let fragment = try Self.credential(value, length: 4...256, number: number)
      transport.iceUsernameFragment = transport.iceUsernameFragment ?? fragment
    case "ice-pwd":
      let password = try Self.credential(value, length: 22...256, number: number)
      transport.icePassword = transport.icePassword ?? password
    case "ice-options":
      let options = SDPText.fields(value)
      guard options.count <= Self.maximumValues else { throw .tooMany(line: number) }
      if transport.iceOptions.isEmpty { transport.iceOptions = options.map { String($0) } }
    case "fingerprint":
      guard let fingerprint = Self.fingerprint(value) else { throw .malformedValue(line: number) }
      guard transport.fingerprints.count < Self.maximumValues else { throw .tooMany(line: number) }
      transport.fingerprints.append(fingerprint)
    case "setup":
      guard let setup = TransportDescription.Setup(rawValue: String(SDPText.trimmed(value))) else {
        throw .malformedValue(line: number)
      }
      transport.setup = transport.setup ?? setup
    default:
      return false
    }
    return true
  }

  private static func credential(
    _ value: Substring, length: ClosedRange<Int>, number: Int
  ) throws(SDPError) -> String {
    // RFC 8839 §5.4 says ice-char alone; Microsoft's and old peers use others, which do no harm.
    let text = SDPText.trimmed(value)
    guard length.contains(text.utf8.count), !text.utf8.contains(SDPText.space) else {
      throw .malformedValue(line: number)
    }
    return String(text)
  }

  private static func fingerprint(_ value: Substring) -> TransportDescription.Fingerprint? {
    let fields = SDPText.fields(value)
    guard fields.count == 2 else { return nil }
    let pairs = fields[1].utf8.split(separator: SDPText.colon, omittingEmptySubsequences: false)
    guard (16...64).contains(pairs.count) else { return nil }
    var digest: [UInt8] = []
    for pair in pairs {
      guard pair.count == 2, pair.first != UInt8(ascii: "+"), let byte = UInt8(Substring(pair), radix: 16) else {
        return nil
      }
      digest.append(byte)
    }
    return .init(hashFunction: fields[0].lowercased(), digest: digest)
  }
}
