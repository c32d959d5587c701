extension SessionDescription: CustomStringConvertible {
  /// The description as text (RFC 8866 §5) with lines ended by CRLF. What a section shares with the session part is
  /// written there alone. Strings set by the caller must not contain line ends.
  public var description: String {
    var printer = SDPPrinter()
    printer.write(self)
    return printer.text
  }
}

extension MediaDescription: CustomStringConvertible {
  /// The section alone, as it stands in a description that says nothing for all sections.
  public var description: String {
    var printer = SDPPrinter()
    printer.write(self, in: SessionDescription(origin: .init(sessionID: 0, sessionVersion: 0)))
    return printer.text
  }
}

/// Writes the lines of a description in the order of RFC 8866 §5, the attributes in the order usual with WebRTC.
private struct SDPPrinter {
  var text = ""

  private mutating func line(_ content: some StringProtocol) {
    text += content
    text += "\r\n"
  }

  private mutating func lines(_ others: [String], _ order: SDPLineOrder) {
    for other in others where SDPLineOrder(other) == order { line(other) }
  }

  mutating func write(_ session: SessionDescription) {
    let origin = session.origin
    line("v=0")
    line(
      "o=\(origin.username) \(origin.sessionID) \(origin.sessionVersion) IN "
        + "\(origin.connection.addressType) \(origin.connection.address)")
    line("s=\(session.name)")
    lines(session.otherLines, .heading)
    write(session.connection)
    lines(session.otherLines, .connection)
    lines(session.otherLines, .bandwidth)
    line("t=\(session.timing)")
    lines(session.otherLines, .timing)
    lines(session.otherLines, .repetition)
    for group in session.groups { line("a=group:" + ([group.semantics] + group.mids).joined(separator: " ")) }
    if session.allowsMixedExtensions { line("a=extmap-allow-mixed") }
    if let semantic = session.mediaStreamSemantic { line("a=msid-semantic:\(semantic)") }
    if session.isICELite { line("a=ice-lite") }
    write(session.transport, unlike: TransportDescription())
    if let direction = session.direction { line("a=\(direction.rawValue)") }
    for item in session.headerExtensions { write(item) }
    lines(session.otherLines, .attributes)
    for media in session.media { write(media, in: session) }
  }

  mutating func write(_ media: MediaDescription, in session: SessionDescription) {
    let formats = media.carriesRTP ? media.codecs.map { String($0.payloadType) } : media.otherFormats
    line(
      (["m=\(media.kind.name)", String(media.port), media.transportProtocol] + formats).joined(separator: " "))
    lines(media.otherLines, .heading)
    if media.connection != session.connection { write(media.connection) }
    lines(media.otherLines, .connection)
    for bandwidth in media.bandwidths { line("b=\(bandwidth.type):\(bandwidth.value)") }
    lines(media.otherLines, .bandwidth)
    lines(media.otherLines, .timing)
    lines(media.otherLines, .repetition)
    for candidate in media.candidates { line("a=\(candidate)") }
    if media.hasEndOfCandidates { line("a=end-of-candidates") }
    write(media.transport, unlike: session.transport)
    if let mid = media.mid { line("a=mid:\(mid)") }
    if media.isBundleOnly { line("a=bundle-only") }
    if media.allowsMixedExtensions { line("a=extmap-allow-mixed") }
    for item in media.headerExtensions where !session.headerExtensions.contains(item) { write(item) }
    if media.carriesRTP || media.direction != session.direction ?? .sendReceive {
      line("a=\(media.direction.rawValue)")
    }
    writeStreams(of: media)
    for codec in media.codecs { write(codec) }
    writeSources(of: media)
    writeSCTP(of: media)
    lines(media.otherLines, .attributes)
  }

  private mutating func write(_ connection: SessionDescription.Connection?) {
    if let connection { line("c=IN \(connection.addressType) \(connection.address)") }
  }

  private mutating func write(_ transport: TransportDescription, unlike session: TransportDescription) {
    if transport.iceUsernameFragment != session.iceUsernameFragment || transport.icePassword != session.icePassword {
      if let fragment = transport.iceUsernameFragment { line("a=ice-ufrag:\(fragment)") }
      if let password = transport.icePassword { line("a=ice-pwd:\(password)") }
    }
    if transport.iceOptions != session.iceOptions, !transport.iceOptions.isEmpty {
      line("a=ice-options:" + transport.iceOptions.joined(separator: " "))
    }
    if transport.fingerprints != session.fingerprints {
      for fingerprint in transport.fingerprints { line("a=fingerprint:\(fingerprint)") }
    }
    if transport.setup != session.setup, let setup = transport.setup { line("a=setup:\(setup.rawValue)") }
  }

  private mutating func write(_ item: RTPHeaderExtensionParameters) {
    let direction = item.direction.map { "/\($0.rawValue)" } ?? ""
    let attributes = item.attributes.map { " \($0)" } ?? ""
    line("a=extmap:\(item.id)\(direction) \(item.uri)\(attributes)")
  }

  private mutating func writeStreams(of media: MediaDescription) {
    for identification in media.mediaStreams {
      line("a=msid:\(identification.stream)" + (identification.track.map { " \($0)" } ?? ""))
    }
    if media.multiplexesRTCP { line("a=rtcp-mux") }
    if media.allowsReducedSizeRTCP { line("a=rtcp-rsize") }
  }

  private mutating func write(_ codec: RTPCodecParameters) {
    if !codec.name.isEmpty {
      let channels = codec.channels > 1 ? "/\(codec.channels)" : ""
      line("a=rtpmap:\(codec.payloadType) \(codec.name)/\(codec.clockRate)\(channels)")
    }
    for feedback in codec.feedback { line("a=rtcp-fb:\(codec.payloadType) \(feedback)") }
    if !codec.formatParameters.isEmpty {
      line("a=fmtp:\(codec.payloadType) \(Self.joined(codec.formatParameters))")
    }
  }

  private static func joined(_ parameters: [FormatParameter]) -> String {
    parameters.map { $0.name + ($0.value.map { "=\($0)" } ?? "") }.joined(separator: ";")
  }

  private mutating func writeSources(of media: MediaDescription) {
    for group in media.sourceGroups {
      line("a=ssrc-group:" + ([group.semantics] + group.ssrcs.map { String($0) }).joined(separator: " "))
    }
    for source in media.sources {
      if source.attributes.isEmpty { line("a=ssrc:\(source.ssrc)") }
      for attribute in source.attributes {
        line("a=ssrc:\(source.ssrc) \(attribute.name)" + (attribute.value.map { ":\($0)" } ?? ""))
      }
    }
    for restriction in media.restrictions {
      let parameters = restriction.parameters.isEmpty ? "" : " " + Self.joined(restriction.parameters)
      line("a=rid:\(restriction.rid) \(restriction.direction.rawValue)\(parameters)")
    }
    if let simulcast = media.simulcast {
      let send = simulcast.send.isEmpty ? [] : ["send", Self.joined(simulcast.send)]
      let receive = simulcast.receive.isEmpty ? [] : ["recv", Self.joined(simulcast.receive)]
      line("a=simulcast:" + (send + receive).joined(separator: " "))
    }
  }

  private static func joined(_ streams: [[SimulcastDescription.Stream]]) -> String {
    streams.map { alternatives in
      alternatives.map { ($0.isPaused ? "~" : "") + $0.rid }.joined(separator: ",")
    }.joined(separator: ";")
  }

  private mutating func writeSCTP(of media: MediaDescription) {
    if let port = media.sctpPort { line("a=sctp-port:\(port)") }
    if let map = media.sctpMap {
      line("a=sctpmap:\(map.port) \(map.application)" + (map.streamCount.map { " \($0)" } ?? ""))
    }
    if let size = media.maximumMessageSize { line("a=max-message-size:\(size)") }
  }
}

extension TransportDescription.Fingerprint: CustomStringConvertible {
  /// The hash function and the digest in upper-case hexadecimal, as `a=fingerprint` writes them.
  public var description: String {
    let digits = digest.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    return "\(hashFunction) " + digits.joined(separator: ":")
  }
}
