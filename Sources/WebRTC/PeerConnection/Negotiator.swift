import Realtime

/// Offer and answer (RFC 9429, RFC 8829) for one bundled transport: keeps the session's sections in their order, writes
/// our descriptions and takes the peer's. Knows nothing of packets; the connection asks it what was agreed.
struct Negotiator {
  /// Whose turn it is.
  enum State: Hashable {
    /// Nothing is under way.
    case stable
    /// Our offer waits for its answer.
    case haveLocalOffer
    /// The peer's offer waits for our answer.
    case haveRemoteOffer
  }

  /// The transport's facts that go into every section.
  struct Transport {
    var credentials: ICECredentials
    var fingerprint: TransportDescription.Fingerprint
    var candidates: [String]
    var isGatheringComplete: Bool
  }

  /// Most sections of ours; a peer's description is bounded by `SessionDescription.maximumMediaCount`.
  static let maximumSections = SessionDescription.maximumMediaCount

  /// Bytes of the largest data channel message that we take, as LiveKit's server says of itself.
  static let maximumMessageSize: UInt64 = 65_535

  private(set) var state = State.stable
  private(set) var sections: [MediaSection] = []
  /// Whether we are to be the DTLS client; nil until an answer says so (RFC 8842 §5).
  private(set) var isDTLSClient: Bool?
  private let sessionID: UInt64
  /// CNAME of all our sources (RFC 7022).
  let canonicalName: String
  private var sessionVersion: UInt64 = 0
  private var random: SeededRandom
  private var nextID = 0

  init(random: SeededRandom) {
    self.random = random
    // RFC 9429 §5.2.1: 63 random bits.
    sessionID = self.random.next() >> 1
    canonicalName = ICECredentials(using: &self.random).usernameFragment
  }

  // MARK: Sections

  /// Adds a section to be offered; returns its identifier.
  mutating func add(_ kind: MediaKind, _ parameters: TransceiverParameters) throws(PeerConnectionError) -> Int {
    guard sections.count < Self.maximumSections else { throw .tooManySections }
    var section = makeSection(.media(kind, parameters))
    section.sources = parameters.encodings.map { _ in makeSource() }
    sections.append(section)
    return section.id
  }

  /// Adds the section of the data channels unless there is one.
  mutating func addData() {
    guard dataIndex == nil else { return }
    sections.append(makeSection(.data))
  }

  /// The index of the data channels' section.
  var dataIndex: Int? {
    sections.firstIndex { if case .data = $0.content { true } else { false } }
  }

  /// Changes which way a section's media shall flow from the next description on.
  mutating func setDirection(_ direction: MediaDirection, of id: Int) {
    guard let index = sections.firstIndex(where: { $0.id == id }),
      case .media(let kind, var parameters) = sections[index].content
    else { return }
    parameters.direction = direction
    sections[index].content = .media(kind, parameters)
  }

  /// Puts a track into a section in which we send nothing, with sources of its own; nil when there is none of its kind.
  ///
  /// Between a peer's offer and our answer that is one in which the peer offers to receive only; else one whose media
  /// ended in both descriptions (RFC 9429 §5.2.2). A section whose end the peer hasn't been told yet isn't taken: it
  /// would never hear that the former track is over.
  mutating func reuse(_ kind: MediaKind, _ parameters: TransceiverParameters) -> Int? {
    let isAnswering = state == .haveRemoteOffer
    let index = sections.firstIndex { section in
      isAnswering ? section.isVacant(kind) : section.isEnded(kind)
    }
    guard let index else { return nil }
    sections[index].content = .media(kind, parameters)
    sections[index].sources = parameters.encodings.map { _ in makeSource() }
    return sections[index].id
  }

  private mutating func makeSection(_ content: MediaSection.Content) -> MediaSection {
    defer { nextID += 1 }
    return MediaSection(id: nextID, content: content)
  }

  private mutating func makeSource() -> MediaSection.SendSource {
    MediaSection.SendSource(ssrc: makeSSRC(), retransmissionSSRC: makeSSRC())
  }

  // 0 means bandwidth probe to some servers; two equal sources are too unlikely to look for among 2³².
  private mutating func makeSSRC() -> UInt32 { UInt32.random(in: 1...UInt32.max, using: &random) }

  // MARK: Ours

  /// An offer of all sections.
  mutating func makeOffer(_ transport: Transport) throws(PeerConnectionError) -> SessionDescription {
    guard state != .haveRemoteOffer else { throw .wrongState }
    for index in sections.indices {
      if sections[index].mid.isEmpty { sections[index].mid = unusedMid(for: index) }
      sections[index].isPlaced = true
      sections[index].local = offerSection(sections[index], transport)
    }
    state = .haveLocalOffer
    return describe(transport)
  }

  /// The answer to the peer's offer.
  mutating func makeAnswer(_ transport: Transport) throws(PeerConnectionError) -> SessionDescription {
    guard state == .haveRemoteOffer else { throw .wrongState }
    var setup = TransportDescription.Setup.active
    for index in sections.indices {
      guard let remote = sections[index].remote else { continue }
      switch isDTLSClient {
      case true?: setup = .active
      case false?: setup = .passive
      case nil: setup = remote.transport.setup == .active ? .passive : .active
      }
      sections[index].local = answerSection(sections[index], to: remote, transport, setup: setup)
    }
    isDTLSClient = setup == .active
    state = .stable
    return describe(transport)
  }

  // RFC 9429 §5.2.1 asks for identifications of at most three bytes, so that they fit in a one-byte header extension.
  private func unusedMid(for index: Int) -> String {
    var number = index
    while sections.contains(where: { $0.mid == String(number) }) { number += 1 }
    return String(number)
  }

  private mutating func describe(_ transport: Transport) -> SessionDescription {
    sessionVersion += 1
    var description = SessionDescription(
      origin: SessionDescription.Origin(sessionID: sessionID, sessionVersion: sessionVersion))
    description.media = sections.filter(\.isPlaced).compactMap(\.local)
    description.groups = [.init(mids: description.media.filter { !$0.isRejected }.compactMap(\.mid))]
    description.allowsMixedExtensions = true
    description.mediaStreamSemantic = "WMS *"
    if let first = description.media.firstIndex(where: { !$0.isRejected }) {
      description.media[first].candidates = transport.candidates
      description.media[first].hasEndOfCandidates = transport.isGatheringComplete
    }
    return description
  }

  private func transportDescription(
    _ transport: Transport, setup: TransportDescription.Setup
  ) -> TransportDescription {
    var result = TransportDescription()
    result.iceUsernameFragment = transport.credentials.usernameFragment
    result.icePassword = transport.credentials.password
    result.iceOptions = ["trickle"]
    result.fingerprints = [transport.fingerprint]
    result.setup = setup
    return result
  }

  private func offerSection(_ section: MediaSection, _ transport: Transport) -> MediaDescription {
    var result: MediaDescription
    switch section.content {
    case .data: result = MediaDescription(sctpPort: 5_000, maximumMessageSize: Self.maximumMessageSize)
    case .rejected(let description): return description
    case .media(let kind, let parameters):
      result = MediaDescription(
        kind: kind == .audio ? .audio : .video, codecs: SupportedCodecs.offer(parameters.codecs))
      result.headerExtensions = SupportedHeaderExtensions.offer(kind)
      result.direction = parameters.direction
      describeSending(section, parameters, in: &result)
    }
    // Once a role is taken it stays, but an offer always leaves the choice open (RFC 8842 §5.5).
    complete(&result, section, transport, setup: .eitherActiveOrPassive)
    return result
  }

  private func answerSection(
    _ section: MediaSection, to remote: MediaDescription, _ transport: Transport, setup: TransportDescription.Setup
  ) -> MediaDescription {
    var result: MediaDescription
    switch section.content {
    case .data: result = MediaDescription(sctpPort: 5_000, maximumMessageSize: Self.maximumMessageSize)
    case .rejected: return rejection(of: remote)
    case .media(let kind, let parameters):
      let codecs = remote.answerCodecs(supporting: SupportedCodecs.offer(parameters.codecs))
      guard !codecs.isEmpty, !remote.isRejected else { return rejection(of: remote) }
      result = MediaDescription(kind: remote.kind, codecs: codecs)
      result.headerExtensions = remote.answerHeaderExtensions(supporting: SupportedHeaderExtensions.uris(kind))
      result.direction = parameters.direction.intersection(remote.direction.reversed)
      if let offered = remote.simulcast?.send, !offered.isEmpty, result.direction.receives {
        result.restrictions = offered.joined().map { RTPStreamRestriction(rid: $0.rid, direction: .receive) }
        result.simulcast = SimulcastDescription(receive: offered.map { $0.map { .init(rid: $0.rid) } })
      }
      if result.direction.sends { describeSending(section, parameters, in: &result) }
    }
    complete(&result, section, transport, setup: setup)
    result.transportProtocol = remote.transportProtocol
    return result
  }

  private func complete(
    _ description: inout MediaDescription, _ section: MediaSection, _ transport: Transport,
    setup: TransportDescription.Setup
  ) {
    // An offer may have a section without identification; an empty one isn't a token (RFC 5888 §4).
    description.mid = section.mid.isEmpty ? nil : section.mid
    description.connection = .unspecified
    description.multiplexesRTCP = description.carriesRTP
    description.allowsReducedSizeRTCP = description.carriesRTP
    description.transport = transportDescription(transport, setup: setup)
  }

  private func describeSending(
    _ section: MediaSection, _ parameters: TransceiverParameters, in description: inout MediaDescription
  ) {
    guard parameters.direction.sends else { return }
    let stream = parameters.streamID.isEmpty ? "-" : parameters.streamID
    description.mediaStreams = [.init(stream: stream, track: parameters.trackID)]
    let rids = parameters.encodings.compactMap(\.rid)
    if !rids.isEmpty {
      description.restrictions = rids.map { RTPStreamRestriction(rid: $0, direction: .send) }
      description.simulcast = SimulcastDescription(send: rids.map { [.init(rid: $0)] })
      return
    }
    guard let source = section.sources.first else { return }
    let hasRetransmission = description.codecs.contains(where: \.isRetransmission)
    let ssrcs = hasRetransmission ? [source.ssrc, source.retransmissionSSRC] : [source.ssrc]
    description.sources = ssrcs.map { SourceAttributes(ssrc: $0, canonicalName: canonicalName) }
    if hasRetransmission { description.sourceGroups = [SourceGroup(semantics: "FID", ssrcs: ssrcs)] }
  }

  private func rejection(of remote: MediaDescription) -> MediaDescription {
    var result = remote
    result.port = 0
    result.isBundleOnly = false
    result.direction = .inactive
    result.transport = TransportDescription()
    result.candidates = []
    result.sources = []
    result.sourceGroups = []
    result.mediaStreams = []
    result.restrictions = []
    result.simulcast = nil
    return result
  }

  // MARK: The peer's

  /// Takes the peer's offer: sections that are new to us get a transceiver, one of ours that waits for an offer of its
  /// kind if there is one (RFC 9429 §5.10), else one that receives.
  mutating func setRemoteOffer(_ offer: SessionDescription) throws(PeerConnectionError) {
    guard state != .haveLocalOffer else { throw .wrongState }
    let placed = sections.filter(\.isPlaced).count
    guard offer.media.count >= placed, !offer.media.isEmpty else { throw .sectionsMissing }
    for (index, remote) in offer.media.enumerated() {
      if index >= placed { try place(remote, at: index) }
      sections[index].setRemote(remote, of: offer)
      if let mid = remote.mid { sections[index].mid = mid }
    }
    state = .haveRemoteOffer
  }

  /// Takes the peer's answer to our offer.
  mutating func setRemoteAnswer(_ answer: SessionDescription) throws(PeerConnectionError) {
    guard state == .haveLocalOffer else { throw .wrongState }
    let placed = sections.filter(\.isPlaced).count
    guard answer.media.count == placed else { throw .sectionsMissing }
    for (index, remote) in answer.media.enumerated() { sections[index].setRemote(remote, of: answer) }
    // A role, once taken, stays: DTLS doesn't begin anew (RFC 8842 §5.5).
    if isDTLSClient == nil, let setup = answer.media.first(where: { !$0.isRejected })?.transport.setup {
      isDTLSClient = setup == .passive
    }
    state = .stable
  }

  private mutating func place(_ remote: MediaDescription, at index: Int) throws(PeerConnectionError) {
    guard index < Self.maximumSections else { throw .tooManySections }
    var section = takeUnplaced(for: remote) ?? newSection(for: remote)
    section.isPlaced = true
    sections.insert(section, at: index)
  }

  private mutating func takeUnplaced(for remote: MediaDescription) -> MediaSection? {
    let index = sections.firstIndex { section in
      guard !section.isPlaced else { return false }
      switch (section.content, remote.kind) {
      case (.data, .application), (.media(.audio, _), .audio), (.media(.video, _), .video): return true
      default: return false
      }
    }
    return index.map { sections.remove(at: $0) }
  }

  private mutating func newSection(for remote: MediaDescription) -> MediaSection {
    switch remote.kind {
    case .audio:
      makeSection(.media(.audio, TransceiverParameters(direction: .receiveOnly, codecs: [.red, .opus])))
    case .video:
      makeSection(.media(.video, TransceiverParameters(direction: .receiveOnly, codecs: [.video(.vp9), .video(.vp8)])))
    case .application where remote.effectiveSCTPPort != nil: makeSection(.data)
    case .application, .other: makeSection(.rejected(remote))
    }
  }
}
