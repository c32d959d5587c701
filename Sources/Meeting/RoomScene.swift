import Catalogue
import LiveKit
import Realtime
import Video
import WebRTC

/// What the room's screens show of a meeting: decides tiles, their places, labels and marks. Pure; the meeting feeds it
/// and hands the result to the screens' threads.
///
/// With one screen all is on it. With two, shared content is on the second; while nobody shares, those are there who don't
/// fit on the first, else the room's own picture.
struct RoomScene {
  /// What a tile shows.
  enum Content: Hashable {
    /// The room's own camera.
    case ownCamera
    /// What the room itself presents.
    case ownPresentation
    /// Somebody's camera, by identity.
    case camera(String)
    /// Somebody's shared screen, by identity and track SID.
    case screen(String, sid: String)
  }

  /// The size of a screen, in pixels.
  struct Size: Hashable {
    var width: Int
    var height: Int

    init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }

    init(_ mode: ScreenMode) { self.init(width: mode.width, height: mode.height) }
  }

  /// What is to be shown, and what each remote video track is wanted for.
  struct Result {
    /// Tiles in their places on the first screen.
    var arrangement: Arrangement
    /// The same for the second screen, if there is one.
    var contentArrangement: Arrangement?
    /// Their texts and marks.
    var models: [TileModel]
    /// A line of text over the picture.
    var banner: String?
    /// What each tile shows.
    var contents: [TileID: Content]
    /// For each remote video track, by SID, how it is shown.
    var settings: [String: TrackSettings]
  }

  private let language: Language
  /// The first screen's size.
  var size: Size
  /// The second screen's size; nil if there is none.
  var contentSize: Size?
  private var layout: Layout
  private var contentLayout = Layout(selfView: .automatic)
  private var selector = SpeakerSelector()
  private var ids: [Content: TileID] = [:]
  private var lastNumber = 0
  private var lastSpoke: [String: Instant] = [:]

  /// A scene for one or two screens of these sizes.
  init(language: Language, size: Size, contentSize: Size? = nil, mode: LayoutMode = .grid) {
    self.language = language
    self.size = size
    self.contentSize = contentSize
    layout = Layout(mode: mode)
  }

  /// The layout's mode.
  var mode: LayoutMode {
    get { layout.mode }
    set { layout.mode = newValue }
  }

  /// Where the room's own picture goes on the first screen.
  var selfView: SelfView {
    get { layout.selfView }
    set { layout.selfView = newValue }
  }

  /// Notes who speaks at `now`.
  mutating func note(speakers: [ActiveSpeaker], at now: Instant) {
    for speaker in speakers { lastSpoke[speaker.identity] = now }
  }

  /// The scene of `room` at `now`.
  /// - Parameters:
  ///   - ownName: the room's name.
  ///   - showsCamera: whether the room's own camera is on.
  ///   - isPresenting: whether the room presents something itself.
  ///   - isMicrophoneMuted: of the room itself.
  ///   - notice: a line to show for a while, such as chat.
  mutating func arrange(
    _ room: Room, ownName: String, showsCamera: Bool, isPresenting: Bool = false, isMicrophoneMuted: Bool,
    notice: String?, at now: Instant
  ) -> Result {
    var models: [TileModel] = []
    var candidates: [LayoutCandidate] = []
    var contents: [TileID: Content] = [:]
    var tracks: [TileID: String] = [:]
    func note(_ id: TileID, _ content: Content, _ model: TileModel, _ candidate: LayoutCandidate) {
      models.append(model)
      candidates.append(candidate)
      contents[id] = content
    }

    for participant in ordered(room) {
      for track in participant.tracks.values.sorted(by: { $0.sid < $1.sid })
      where track.source == .screenShare && track.kind == .video && !track.isMuted {
        let id = id(of: .screen(participant.identity, sid: track.sid))
        tracks[id] = track.sid
        note(
          id, .screen(participant.identity, sid: track.sid),
          TileModel(
            id: id, label: ScreenLabels.screenShare(of: participant.displayName)[language], isScreenShare: true,
            connection: Self.mark(participant.connectionQuality)),
          LayoutCandidate(id: id, isScreenShare: true))
      }
      let id = id(of: .camera(participant.identity))
      let camera = participant.tracks.values.first { $0.source == .camera && $0.kind == .video }
      if let camera { tracks[id] = camera.sid }
      note(
        id, .camera(participant.identity), model(id, of: participant, camera: camera),
        LayoutCandidate(id: id, lastSpoke: lastSpoke[participant.identity]))
    }
    if isPresenting {
      let id = id(of: .ownPresentation)
      note(
        id, .ownPresentation,
        TileModel(id: id, label: ScreenLabels.ownPresentation[language], isScreenShare: true),
        LayoutCandidate(id: id, isScreenShare: true))
    }
    let own = id(of: .ownCamera)
    let local = room.localParticipant
    note(
      own, .ownCamera,
      TileModel(
        id: own, label: ScreenLabels.ownPicture(name: ownName)[language], initials: Self.initials(of: ownName),
        hasVideo: showsCamera,
        isMuted: isMicrophoneMuted, isSpeaking: local.isSpeaking && !isMicrophoneMuted,
        isHandRaised: Self.isHandRaised(local), connection: Self.mark(local.connectionQuality)),
      LayoutCandidate(id: own, isSelf: true))

    let speaking = models.filter { $0.isSpeaking && $0.id != own }.map(\.id)
    let present = models.map(\.id).filter { $0 != own }
    let speaker = selector.update(speaking: speaking, present: present, at: now)
    let (arrangement, contentArrangement) = arrange(candidates, speaker: speaker)
    forgetAbsent(contents)
    return Result(
      arrangement: arrangement, contentArrangement: contentArrangement, models: models,
      banner: banner(room, notice: notice), contents: contents,
      settings: settings(arrangement, contentArrangement, tracks))
  }

  private mutating func arrange(
    _ candidates: [LayoutCandidate], speaker: TileID?
  ) -> (people: Arrangement, content: Arrangement?) {
    guard let contentSize else {
      return (layout.arrange(candidates, speaker: speaker, width: size.width, height: size.height), nil)
    }
    let shares = candidates.filter(\.isScreenShare)
    let people = candidates.filter { !$0.isScreenShare }
    let others = people.filter { !$0.isSelf }
    var first = layout.arrange(people, speaker: speaker, width: size.width, height: size.height)
    var content = shares
    if shares.isEmpty, !others.isEmpty {
      content = others.filter { first.hidden.contains($0.id) }
      if content.isEmpty {
        content = people.filter(\.isSelf)
        first = layout.arrange(others, speaker: speaker, width: size.width, height: size.height)
      }
      first.hidden = []
    }
    return (
      first, contentLayout.arrange(content, speaker: nil, width: contentSize.width, height: contentSize.height)
    )
  }

  private func banner(_ room: Room, notice: String?) -> String? {
    if let notice { return notice }
    if room.isRecording { return ScreenSentences.recording[language] }
    return room.remoteParticipants.isEmpty ? ScreenSentences.alone[language] : nil
  }

  /// In the order in which people came, so that nobody's place changes.
  private func ordered(_ room: Room) -> [RoomParticipant] {
    room.remoteParticipants.values
      .filter { !$0.permissions.isHidden && $0.state != .disconnected }
      .sorted { ($0.joinedAt, $0.identity) < ($1.joinedAt, $1.identity) }
  }

  private func model(_ id: TileID, of participant: RoomParticipant, camera: TrackPublication?) -> TileModel {
    let microphone = participant.tracks.values.first { $0.source == .microphone }
    // A picture that stands still because the server paused it would look like a person who does.
    let hasVideo = camera.map { !$0.isMuted && !$0.isPaused && $0.failure == nil && !$0.isEncrypted } ?? false
    return TileModel(
      id: id, label: participant.displayName, hasVideo: hasVideo, isMuted: microphone?.isMuted ?? true,
      isSpeaking: participant.isSpeaking, isHandRaised: Self.isHandRaised(participant),
      connection: camera?.isPaused == true ? .weak : Self.mark(participant.connectionQuality))
  }

  // Of the name alone, without the word that says "you".
  private static func initials(of name: String) -> String {
    let words = name.split { !($0.isLetter || $0.isNumber) }
    return [words.first, words.count > 1 ? words.last : nil].compactMap { $0?.first?.uppercased() }.joined()
  }

  private static func isHandRaised(_ participant: RoomParticipant) -> Bool {
    participant.attributes["handRaisedAt"]?.isEmpty == false
  }

  private static func mark(_ quality: ConnectionQuality) -> ConnectionMark {
    switch quality {
    case .unknown, .good, .excellent: .good
    case .poor: .weak
    case .lost: .lost
    }
  }

  // Each tile is on one screen at most.
  private func settings(
    _ arrangement: Arrangement, _ content: Arrangement?, _ tracks: [TileID: String]
  ) -> [String: TrackSettings] {
    var result: [String: TrackSettings] = [:]
    for id in arrangement.hidden + (content?.hidden ?? []) {
      if let sid = tracks[id] { result[sid] = TrackSettings(isDisabled: true) }
    }
    for tile in arrangement.tiles + (content?.tiles ?? []) {
      guard let sid = tracks[tile.id] else { continue }
      result[sid] = TrackSettings(width: tile.rectangle.width, height: tile.rectangle.height)
    }
    return result
  }

  private mutating func id(of content: Content) -> TileID {
    if let known = ids[content] { return known }
    lastNumber += 1
    let id = TileID(lastNumber)
    ids[content] = id
    return id
  }

  private mutating func forgetAbsent(_ contents: [TileID: Content]) {
    ids = ids.filter { contents[$0.value] != nil }
    let identities = Set(
      contents.values.compactMap { if case .camera(let identity) = $0 { identity } else { nil } })
    lastSpoke = lastSpoke.filter { identities.contains($0.key) }
  }
}
