extension RTPCodecParameters {
  /// Whether `other` is the same codec in a form that one decoder takes (RFC 3264 §6.1, RFC 9429 §5.3.1): name, clock
  /// rate, channels, and the parameters that distinguish incompatible streams. Payload types, feedback and all other
  /// parameters may differ. Retransmission and redundancy compare by name alone; what they refer to is compared by
  /// `MediaDescription`.
  public func isSameCodec(as other: RTPCodecParameters) -> Bool {
    guard !name.isEmpty, isNamed(other.name), clockRate == other.clockRate, channels == other.channels else {
      return false
    }
    if isNamed("VP9") {  // RFC 9628 §6.1.1
      return parameter("profile-id", default: "0") == other.parameter("profile-id", default: "0")
    }
    if isNamed("H264") {  // RFC 6184 §8.1; the level may differ
      return parameter("packetization-mode", default: "0") == other.parameter("packetization-mode", default: "0")
        && SDPText.equal(
          parameter("profile-level-id", default: "42e01f").prefix(4),
          other.parameter("profile-level-id", default: "42e01f").prefix(4))
    }
    if isNamed("AV1") {  // AV1 RTP specification §7.2
      return parameter("profile", default: "0") == other.parameter("profile", default: "0")
    }
    if isNamed("H265") {  // RFC 7798 §7.1
      return parameter("profile-id", default: "1") == other.parameter("profile-id", default: "1")
    }
    return true
  }

  private func parameter(_ name: String, default value: String) -> String { formatParameter(name) ?? value }
}

extension MediaDescription {
  /// The codec of a payload type.
  public func codec(payloadType: UInt8) -> RTPCodecParameters? {
    codecs.first { $0.payloadType == payloadType }
  }

  /// The codec that retransmits for `payloadType` (RFC 4588 §8.1).
  public func retransmissionCodec(for payloadType: UInt8) -> RTPCodecParameters? {
    codecs.first { $0.associatedPayloadType == payloadType }
  }

  /// The codec that wraps `payloadType` with redundancy of itself (RFC 2198).
  public func redundancyCodec(for payloadType: UInt8) -> RTPCodecParameters? {
    codecs.first { $0.isRedundancy && $0.redundantPayloadTypes.contains(payloadType) }
  }

  /// The codecs for the answer to this section, by a peer that supports `supported` (RFC 3264 §6.1, RFC 9429 §5.3.1).
  ///
  /// Payload types are the offer's, as RFC 9429 wants, in the offer's order; format parameters are `supported`'s own,
  /// with references to payload types made anew; feedback is what both know. Retransmission and redundancy stay only
  /// beside the codec they serve. `supported` is listed like the codecs of a section: payload types unique.
  public func answerCodecs(supporting supported: [RTPCodecParameters]) -> [RTPCodecParameters] {
    var local = MediaDescription(kind: kind, codecs: supported)
    local.transportProtocol = transportProtocol
    return codecs.compactMap { offered in
      guard let own = counterpart(of: offered, in: local) else { return nil }
      var answer = offered
      if !offered.isRetransmission && !offered.isRedundancy { answer.formatParameters = own.formatParameters }
      answer.feedback = offered.feedback.filter { own.feedback.contains($0) }
      return answer
    }
  }

  /// The codec of `other` that means the same as `codec` of this section; for retransmission and redundancy also that
  /// what they refer to means the same.
  public func counterpart(of codec: RTPCodecParameters, in other: MediaDescription) -> RTPCodecParameters? {
    other.codecs.first { candidate in
      guard codec.isSameCodec(as: candidate) else { return false }
      if codec.isRetransmission {
        return refersAlike(codec.associatedPayloadType, to: candidate.associatedPayloadType, in: other)
      }
      if codec.isRedundancy {
        let types = codec.redundantPayloadTypes
        let others = candidate.redundantPayloadTypes
        // Redundancy for video names no payload types; any codec of the section may be inside.
        guard let type = types.first, let otherType = others.first else { return types.isEmpty && others.isEmpty }
        return refersAlike(type, to: otherType, in: other)
      }
      return true
    }
  }

  private func refersAlike(_ type: UInt8?, to otherType: UInt8?, in other: MediaDescription) -> Bool {
    guard let type, let otherType, let mine = codec(payloadType: type),
      let theirs = other.codec(payloadType: otherType), !mine.isRetransmission
    else { return false }
    return mine.isSameCodec(as: theirs)
  }

  /// The number of the header extension `uri`, if it has one.
  public func headerExtensionID(uri: String) -> UInt16? {
    headerExtensions.first { $0.uri == uri }?.id
  }

  /// The header extensions for the answer to this section, by a peer that knows `uris` (RFC 8285 §6): the offer's
  /// numbers, the directions seen from the other side, and provisional numbers (4096 and up) left out.
  public func answerHeaderExtensions(supporting uris: Set<String>) -> [RTPHeaderExtensionParameters] {
    var answered = Set<String>()
    return headerExtensions.compactMap { offered in
      guard offered.id <= 255, uris.contains(offered.uri), answered.insert(offered.uri).inserted else { return nil }
      var answer = offered
      answer.direction = offered.direction?.reversed
      return answer
    }
  }
}
