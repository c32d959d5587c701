/// One m-line of the session, from its first appearance on: sections are never removed or moved (RFC 9429 §5.2.2).
struct MediaSection {
  /// What the section carries.
  enum Content {
    /// Sound or pictures of one transceiver.
    case media(MediaKind, TransceiverParameters)
    /// Data channels.
    case data
    /// A section that the peer offered and we can't use: it stays, rejected.
    case rejected(MediaDescription)
  }

  /// Which transceiver it is; its place in the session may still move until it is described.
  let id: Int
  /// What the section carries.
  var content: Content
  /// Its identification; empty until the section is first described.
  var mid = ""
  /// Whether the section stands in a description already, so that its place is fixed.
  var isPlaced = false
  /// The sources that we send from, one an encoding; announced only without `rid`s.
  var sources: [SendSource] = []
  /// Our half of the section as last described.
  var local: MediaDescription?
  /// The peer's half of the section as last described.
  var remote: MediaDescription?

  /// An encoding's synchronisation sources.
  struct SendSource: Hashable {
    let ssrc: UInt32
    let retransmissionSSRC: UInt32
  }

  /// Takes the peer's half, with what `description` says for all sections (RFC 8285 section 6).
  mutating func setRemote(_ media: MediaDescription, of description: SessionDescription) {
    remote = media
    remote?.allowsMixedExtensions = media.allowsMixedExtensions || description.allowsMixedExtensions
  }

  /// Whether the peer would only receive in the section, media of `kind`, and we neither send in it nor want to.
  func isVacant(_ kind: MediaKind) -> Bool {
    isUnused(kind) && remote?.direction == .receiveOnly
  }

  /// Whether the section's media, of `kind`, has ended in both sides' descriptions.
  func isEnded(_ kind: MediaKind) -> Bool {
    isUnused(kind) && local?.direction == .inactive && remote?.direction == .inactive
  }

  private func isUnused(_ kind: MediaKind) -> Bool {
    guard isPlaced, case .media(kind, let parameters) = content, !parameters.direction.sends else { return false }
    guard let remote, !remote.isRejected else { return false }
    return local?.direction.sends != true && local?.isRejected != true
  }

  /// Which way media flows now that both sides have spoken, as we see it.
  var negotiatedDirection: MediaDirection {
    guard let local, let remote, !local.isRejected, !remote.isRejected else { return .inactive }
    return local.direction.intersection(remote.direction.reversed)
  }
}

/// What offer and answer (RFC 9429) fixed for one media section, as its transceiver needs it.
struct NegotiatedMedia {
  /// The section's identification.
  let mid: String
  /// Sound or pictures.
  let kind: MediaKind
  /// Which way media flows, as we see it.
  let direction: MediaDirection
  /// What we may send, with the peer's payload types, its preferred codec first.
  let sendCodecs: [RTPCodecParameters]
  /// What the peer may send, with our payload types.
  let receiveCodecs: [RTPCodecParameters]
  /// The header extensions agreed, under their identifiers.
  let extensions: RTPHeaderExtensionMap
  /// Our encodings' sources.
  let sources: [MediaSection.SendSource]
  /// The identifiers of our encodings, where the peer takes simulcast.
  let rids: [String]
  /// The peer's sources, each with the one that retransmits for it.
  let remoteSources: [(ssrc: UInt32, retransmissionSSRC: UInt32?)]
  /// The peer's stream and track (RFC 8830).
  let remoteStream: MediaDescription.MediaStreamIdentification?

  /// Nil for a section without media, or without both halves.
  init?(_ section: MediaSection) {
    guard case .media(let kind, let parameters) = section.content, let local = section.local,
      let remote = section.remote
    else { return nil }
    mid = section.mid
    self.kind = kind
    direction = section.negotiatedDirection
    receiveCodecs = local.codecs
    sendCodecs = remote.codecs.filter { codec in
      if codec.isRetransmission { return true }
      guard let media = SupportedCodecs.codec(of: codec) else { return false }
      return parameters.codecs.contains(media)
    }
    var map = RTPHeaderExtensionMap()
    for agreed in local.headerExtensions where agreed.id <= 255 {
      guard let kind = RTPHeaderExtensionKind(uri: agreed.uri),
        remote.headerExtensions.contains(where: { $0.uri == agreed.uri })
      else { continue }
      // Its structures are longer than the one-byte form allows (RFC 8285 section 4.1.2).
      if kind == .dependencyDescriptor && !remote.allowsMixedExtensions { continue }
      map.map(kind, to: UInt8(agreed.id))
    }
    extensions = map
    sources = section.sources
    let accepted = Set(remote.simulcast?.receive.joined().map(\.rid) ?? [])
    rids = parameters.encodings.compactMap(\.rid).filter(accepted.contains)
    remoteSources = remote.mediaSources.map { ($0, remote.retransmissionSource(for: $0)) }
    remoteStream = remote.mediaStreams.first
  }
}
