/// Reads a session description line by line (RFC 8866 §9, RFC 9429 §5.8).
///
/// Pure and bounded: time and memory grow with the text alone. A line that nothing here understands is kept whole, so
/// that printing and reading again gives the same description; of a line that may come once, the first holds.
struct SDPParser {
  private var origin: SessionDescription.Origin?
  // The origin is put in place when its line has been read.
  private var session = SessionDescription(origin: .init(sessionID: 0, sessionVersion: 0))
  private var lines = SDPLineCounter()
  private var hasName = false
  private var hasTiming = false
  private var section: SDPMediaParser?
  private var mids = Set<String>()

  mutating func parse(_ text: String) throws(SDPError) -> SessionDescription {
    guard text.utf8.count <= SessionDescription.maximumLength else { throw .tooLong }
    var number = 0
    var hasVersion = false
    for bytes in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = try Self.content(of: bytes, number: number)
      if line.isEmpty { continue }
      if !hasVersion {
        guard line == "v=0" else { throw .notASessionDescription }
        hasVersion = true
      } else {
        try parse(line, number: number)
      }
    }
    try finishSection(number: number)
    guard let origin else { throw .notASessionDescription }
    session.origin = origin
    session.headerExtensions.sort { $0.id < $1.id }
    session.otherLines = SDPLineOrder.sorted(session.otherLines)
    return session
  }

  /// A line without its end, checked for the form `x=` and for bytes that RFC 8866's byte-string excludes.
  private static func content(of bytes: Substring.UTF8View, number: Int) throws(SDPError) -> Substring {
    var bytes = bytes
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    if bytes.isEmpty { return Substring(bytes) }
    let isWellFormed =
      bytes.dropFirst().first == SDPText.equals
      && !bytes.contains { $0 == 0 || $0 == UInt8(ascii: "\r") }
    guard isWellFormed else { throw .malformedLine(line: number) }
    return Substring(bytes)
  }

  private mutating func parse(_ line: Substring, number: Int) throws(SDPError) {
    let value = Substring(line.utf8.dropFirst(2))
    if line.utf8.first == UInt8(ascii: "m") {
      try finishSection(number: number)
      guard session.media.count < SessionDescription.maximumMediaCount else { throw .tooMany(line: number) }
      section = try SDPMediaParser(value, number: number)
    } else if section != nil {
      try section?.parse(line, value: value, number: number)
    } else {
      try parseSession(line, value: value, number: number)
    }
  }

  private mutating func finishSection(number: Int) throws(SDPError) {
    guard let finished = section?.finished(in: session) else { return }
    section = nil
    if let mid = finished.mid, !mids.insert(mid).inserted { throw .malformedValue(line: number) }
    session.media.append(finished)
  }

  private mutating func parseSession(_ line: Substring, value: Substring, number: Int) throws(SDPError) {
    try lines.count(number)
    var isUnderstood = false
    switch line.utf8.first {
    case UInt8(ascii: "o") where origin == nil:
      guard let read = Self.origin(value) else { throw .malformedValue(line: number) }
      origin = read
      isUnderstood = true
    case UInt8(ascii: "s"):
      if !hasName { session.name = String(value) }
      hasName = true
      isUnderstood = true
    case UInt8(ascii: "t"):
      if !hasTiming { session.timing = String(value) }
      hasTiming = true
      isUnderstood = true
    case UInt8(ascii: "c"):
      if let connection = SDPAttribute.connection(value) {
        session.connection = session.connection ?? connection
        isUnderstood = true
      }
    case UInt8(ascii: "a"):
      isUnderstood = try parseSessionAttribute(SDPAttribute(value), number: number)
    default:
      break
    }
    if !isUnderstood { session.otherLines.append(String(line)) }
  }

  private static func origin(_ value: Substring) -> SessionDescription.Origin? {
    let fields = SDPText.fields(value)
    guard fields.count == 6, let id = SDPText.number(fields[1], as: UInt64.self),
      let version = SDPText.number(fields[2], as: UInt64.self)
    else { return nil }
    return SessionDescription.Origin(
      sessionID: id, sessionVersion: version, username: String(fields[0]),
      connection: .init(addressType: String(fields[4]), address: String(fields[5])))
  }

  /// Whether the attribute was understood.
  private mutating func parseSessionAttribute(_ attribute: SDPAttribute, number: Int) throws(SDPError) -> Bool {
    switch (attribute.name, attribute.value) {
    case ("group", let value?):
      let fields = SDPText.fields(value)
      guard let semantics = fields.first else { throw .malformedValue(line: number) }
      session.groups.append(.init(semantics: String(semantics), mids: fields.dropFirst().map { String($0) }))
      return true
    case ("extmap-allow-mixed", nil):
      session.allowsMixedExtensions = true
      return true
    case ("ice-lite", nil):
      session.isICELite = true
      return true
    case ("msid-semantic", let value?) where session.mediaStreamSemantic == nil:
      session.mediaStreamSemantic = String(SDPText.trimmed(value))
      return true
    case ("extmap", let value?):
      return try SDPAttribute.addExtension(value, to: &session.headerExtensions, number: number)
    case (let name, nil):
      guard let direction = MediaDirection(rawValue: String(name)) else { return false }
      session.direction = session.direction ?? direction
      return true
    default:
      return try attribute.parseTransport(into: &session.transport, number: number)
    }
  }
}

/// Counts the lines of a section against the limit.
struct SDPLineCounter {
  private var lineCount = 0

  mutating func count(_ number: Int) throws(SDPError) {
    lineCount += 1
    guard lineCount <= SessionDescription.maximumSectionLines else { throw .tooMany(line: number) }
  }
}

/// The order that RFC 8866 §5 prescribes for the lines of a section, attributes last.
enum SDPLineOrder: Int, CaseIterable {
  case heading, connection, bandwidth, timing, repetition, attributes

  init(_ line: String) {
    switch line.utf8.first {
    case UInt8(ascii: "v"), UInt8(ascii: "o"), UInt8(ascii: "s"), UInt8(ascii: "i"), UInt8(ascii: "u"),
      UInt8(ascii: "e"), UInt8(ascii: "p"):
      self = .heading
    case UInt8(ascii: "c"): self = .connection
    case UInt8(ascii: "b"): self = .bandwidth
    case UInt8(ascii: "t"): self = .timing
    case UInt8(ascii: "r"), UInt8(ascii: "z"), UInt8(ascii: "k"): self = .repetition
    default: self = .attributes
    }
  }

  static func sorted(_ lines: [String]) -> [String] {
    allCases.flatMap { order in lines.filter { SDPLineOrder($0) == order } }
  }
}
