/// Reads one media section (RFC 8866 §5.14).
struct SDPMediaParser {
  private var media: MediaDescription
  private var lines = SDPLineCounter()
  private var hasDirection = false
  private var feedbackForAll: [String] = []
  private var sourceIndices: [UInt32: Int] = [:]

  /// Begins with the value of an `m=` line.
  init(_ value: Substring, number: Int) throws(SDPError) {
    let fields = SDPText.fields(value)
    guard fields.count >= 3,
      let port = SDPText.number(SDPText.halves(fields[1], at: SDPText.slash).0, as: UInt16.self)
    else { throw .malformedValue(line: number) }
    media = MediaDescription(kind: .init(String(fields[0])), port: port, transportProtocol: String(fields[2]))
    guard media.carriesRTP else {
      media.otherFormats = fields.dropFirst(3).map { String($0) }
      return
    }
    var seen = Set<UInt8>()
    for field in fields.dropFirst(3) {
      guard let type = SDPText.number(field, as: UInt8.self), type <= 127 else { throw .malformedValue(line: number) }
      guard seen.insert(type).inserted else { continue }
      media.codecs.append(RTPCodecParameters(payloadType: type, name: "", clockRate: 0))
    }
  }

  /// Reads one more line of the section.
  mutating func parse(_ line: Substring, value: Substring, number: Int) throws(SDPError) {
    try lines.count(number)
    var isUnderstood = false
    switch line.utf8.first {
    case UInt8(ascii: "c"):
      if let connection = SDPAttribute.connection(value) {
        media.connection = media.connection ?? connection
        isUnderstood = true
      }
    case UInt8(ascii: "b"):
      isUnderstood = parseBandwidth(value)
    case UInt8(ascii: "a"):
      let attribute = SDPAttribute(value)
      if parseFlag(attribute) { return }
      isUnderstood = try parseValue(attribute, number: number)
    default:
      break
    }
    if !isUnderstood { media.otherLines.append(String(line)) }
  }

  /// The section, completed by what `session` says for all.
  func finished(in session: SessionDescription) -> MediaDescription {
    var media = media
    media.connection = media.connection ?? session.connection
    media.transport = media.transport.inheriting(session.transport)
    if !hasDirection, let direction = session.direction { media.direction = direction }
    for shared in session.headerExtensions where !media.headerExtensions.contains(where: { $0.id == shared.id }) {
      media.headerExtensions.append(shared)
    }
    media.headerExtensions.sort { $0.id < $1.id }
    for index in media.codecs.indices {
      media.codecs[index].nameStaticPayloadType()
      for feedback in feedbackForAll where !media.codecs[index].feedback.contains(feedback) {
        guard media.codecs[index].feedback.count < SDPAttribute.maximumValues else { break }
        media.codecs[index].feedback.append(feedback)
      }
    }
    media.otherLines = SDPLineOrder.sorted(media.otherLines)
    return media
  }

  private mutating func parseBandwidth(_ value: Substring) -> Bool {
    let (type, limit) = SDPText.halves(value, at: SDPText.colon)
    guard let limit, !type.isEmpty, let number = SDPText.number(limit, as: UInt64.self) else { return false }
    media.bandwidths.append(.init(type: String(type), value: number))
    return true
  }

  private mutating func parseFlag(_ attribute: SDPAttribute) -> Bool {
    guard attribute.value == nil else { return false }
    switch attribute.name {
    case "rtcp-mux": media.multiplexesRTCP = true
    case "rtcp-rsize": media.allowsReducedSizeRTCP = true
    case "extmap-allow-mixed": media.allowsMixedExtensions = true
    case "end-of-candidates": media.hasEndOfCandidates = true
    case "bundle-only": media.isBundleOnly = true
    default:
      guard let direction = MediaDirection(rawValue: String(attribute.name)) else { return false }
      if !hasDirection { media.direction = direction }
      hasDirection = true
    }
    return true
  }

  private mutating func parseValue(_ attribute: SDPAttribute, number: Int) throws(SDPError) -> Bool {
    guard let value = attribute.value else { return false }
    switch attribute.name {
    case "mid":
      guard media.mid == nil, !value.isEmpty, !value.utf8.contains(SDPText.space) else {
        throw .malformedValue(line: number)
      }
      media.mid = String(value)
      return true
    case "candidate":
      media.candidates.append("candidate:\(value)")
      return true
    case "rtpmap": return try parseCodec(value, number: number)
    case "fmtp": return parseFormat(value)
    case "rtcp-fb": return try parseFeedback(value, number: number)
    case "extmap": return try SDPAttribute.addExtension(value, to: &media.headerExtensions, number: number)
    case "msid": return parseMediaStream(value)
    case "ssrc": return parseSource(value)
    case "ssrc-group": return parseSourceGroup(value)
    case "rid": return parseRestriction(value)
    case "simulcast": return parseSimulcast(value)
    case "sctp-port", "sctpmap", "max-message-size": return try parseSCTP(attribute.name, value, number: number)
    default: return try attribute.parseTransport(into: &media.transport, number: number)
    }
  }
}

// The payload types.
extension SDPMediaParser {
  private func codecIndex(_ field: Substring) -> Int? {
    guard let type = SDPText.number(field, as: UInt8.self) else { return nil }
    return media.codecs.firstIndex { $0.payloadType == type }
  }

  private mutating func parseCodec(_ value: Substring, number: Int) throws(SDPError) -> Bool {
    let (type, encoding) = SDPText.halves(value, at: SDPText.space)
    guard let index = codecIndex(type), media.codecs[index].name.isEmpty else { return false }
    let parts = SDPText.trimmed(encoding ?? "").utf8.split(separator: SDPText.slash).map { Substring($0) }
    guard (2...3).contains(parts.count), let rate = SDPText.number(parts[1], as: UInt32.self), rate > 0 else {
      throw .malformedValue(line: number)
    }
    var channels: UInt8 = 1
    if parts.count == 3 {
      guard let count = SDPText.number(parts[2], as: UInt8.self), count > 0 else {
        throw .malformedValue(line: number)
      }
      channels = count
    }
    media.codecs[index].name = String(parts[0])
    media.codecs[index].clockRate = rate
    media.codecs[index].channels = channels
    return true
  }

  private mutating func parseFormat(_ value: Substring) -> Bool {
    let (type, text) = SDPText.halves(value, at: SDPText.space)
    guard let text, let index = codecIndex(type), media.codecs[index].formatParameters.isEmpty else { return false }
    let parameters = Self.parameters(text)
    media.codecs[index].formatParameters = parameters
    return !parameters.isEmpty
  }

  /// Parameters separated by semicolons, with spaces as some peers put them.
  private static func parameters(_ text: Substring) -> [FormatParameter] {
    var parameters: [FormatParameter] = []
    for field in SDPText.fields(text, by: SDPText.semicolon) {
      let (name, value) = SDPText.halves(SDPText.trimmed(field), at: SDPText.equals)
      if name.isEmpty { continue }
      parameters.append(FormatParameter(String(name), value.map { String($0) }))
    }
    return parameters
  }

  private mutating func parseFeedback(_ value: Substring, number: Int) throws(SDPError) -> Bool {
    let (type, text) = SDPText.halves(value, at: SDPText.space)
    let feedback = String(SDPText.trimmed(text ?? ""))
    if feedback.isEmpty { return false }
    if type == "*" {
      guard feedbackForAll.count < SDPAttribute.maximumValues else { throw .tooMany(line: number) }
      feedbackForAll.append(feedback)
      return true
    }
    guard let index = codecIndex(type) else { return false }
    guard media.codecs[index].feedback.count < SDPAttribute.maximumValues else { throw .tooMany(line: number) }
    media.codecs[index].feedback.append(feedback)
    return true
  }
}

// The streams.
extension SDPMediaParser {
  private mutating func parseMediaStream(_ value: Substring) -> Bool {
    let fields = SDPText.fields(value)
    guard (1...2).contains(fields.count) else { return false }
    media.mediaStreams.append(
      .init(stream: String(fields[0]), track: fields.count > 1 ? String(fields[1]) : nil))
    return true
  }

  private mutating func parseSource(_ value: Substring) -> Bool {
    let (number, text) = SDPText.halves(value, at: SDPText.space)
    guard let ssrc = SDPText.number(number, as: UInt32.self) else { return false }
    let index = sourceIndices[ssrc] ?? media.sources.count
    if index == media.sources.count {
      sourceIndices[ssrc] = index
      media.sources.append(SourceAttributes(ssrc: ssrc))
    }
    guard let text, !text.isEmpty else { return true }
    let (name, content) = SDPText.halves(text, at: SDPText.colon)
    media.sources[index].attributes.append(.init(name: String(name), value: content.map { String($0) }))
    return true
  }

  private mutating func parseSourceGroup(_ value: Substring) -> Bool {
    let fields = SDPText.fields(value)
    guard let semantics = fields.first else { return false }
    let ssrcs = fields.dropFirst().compactMap { SDPText.number($0, as: UInt32.self) }
    guard ssrcs.count == fields.count - 1 else { return false }
    media.sourceGroups.append(SourceGroup(semantics: String(semantics), ssrcs: ssrcs))
    return true
  }

  private mutating func parseRestriction(_ value: Substring) -> Bool {
    let (rid, rest) = SDPText.halves(value, at: SDPText.space)
    let (way, parameters) = SDPText.halves(rest ?? "", at: SDPText.space)
    guard Self.isRID(rid), let direction = RTPStreamRestriction.Direction(rawValue: String(way)) else { return false }
    media.restrictions.append(
      RTPStreamRestriction(
        rid: String(rid), direction: direction, parameters: parameters.map(Self.parameters) ?? []))
    return true
  }

  private mutating func parseSimulcast(_ value: Substring) -> Bool {
    let fields = SDPText.fields(value)
    guard media.simulcast == nil, fields.count == 2 || fields.count == 4 else { return false }
    var simulcast = SimulcastDescription()
    for index in stride(from: 0, to: fields.count, by: 2) {
      guard let streams = Self.simulcastStreams(fields[index + 1]) else { return false }
      switch fields[index] {
      case "send" where simulcast.send.isEmpty: simulcast.send = streams
      case "recv" where simulcast.receive.isEmpty: simulcast.receive = streams
      default: return false
      }
    }
    media.simulcast = simulcast
    return true
  }

  private static func simulcastStreams(_ text: Substring) -> [[SimulcastDescription.Stream]]? {
    var streams: [[SimulcastDescription.Stream]] = []
    for stream in SDPText.fields(text, by: SDPText.semicolon) {
      var alternatives: [SimulcastDescription.Stream] = []
      for field in SDPText.fields(stream, by: UInt8(ascii: ",")) {
        let isPaused = field.utf8.first == UInt8(ascii: "~")
        let rid = isPaused ? Substring(field.utf8.dropFirst()) : field
        guard isRID(rid) else { return nil }
        alternatives.append(.init(rid: String(rid), isPaused: isPaused))
      }
      if alternatives.isEmpty { return nil }
      streams.append(alternatives)
    }
    return streams.isEmpty ? nil : streams
  }

  private static func isRID(_ text: Substring) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private mutating func parseSCTP(_ name: Substring, _ value: Substring, number: Int) throws(SDPError) -> Bool {
    let fields = SDPText.fields(value)
    switch name {
    case "sctp-port" where media.sctpPort == nil:
      guard let port = SDPText.number(SDPText.trimmed(value), as: UInt16.self) else {
        throw .malformedValue(line: number)
      }
      media.sctpPort = port
    case "max-message-size" where media.maximumMessageSize == nil:
      guard let size = SDPText.number(SDPText.trimmed(value), as: UInt64.self) else { return false }
      media.maximumMessageSize = size
    case "sctpmap" where media.sctpMap == nil && fields.count >= 2:
      guard let port = SDPText.number(fields[0], as: UInt16.self) else { return false }
      media.sctpMap = .init(
        port: port, application: String(fields[1]),
        streamCount: fields.count > 2 ? SDPText.number(fields[2], as: UInt16.self) : nil)
    default:
      return false
    }
    return true
  }
}

extension MediaDescription.Kind {
  /// The kind of this name in an `m=` line.
  init(_ name: String) {
    switch name {
    case "audio": self = .audio
    case "video": self = .video
    case "application": self = .application
    default: self = .other(name)
    }
  }

  /// The name in an `m=` line.
  var name: String {
    switch self {
    case .audio: "audio"
    case .video: "video"
    case .application: "application"
    case .other(let name): name
    }
  }
}

extension RTPCodecParameters {
  /// Names a payload type that RFC 3551 §6 assigns, when the peer has left it to that.
  fileprivate mutating func nameStaticPayloadType() {
    guard name.isEmpty else { return }
    switch payloadType {
    case 0: name = "PCMU"
    case 8: name = "PCMA"
    case 9: name = "G722"
    case 13: name = "CN"
    default: return
    }
    clockRate = 8_000
  }
}
