import Catalogue
import LiveKit
import Realtime
import Video
import WebRTC

/// What the screen shows of a room: decides tiles, their places, labels and marks. Pure; the meeting feeds it and hands
/// the result to the screen's thread.
struct RoomScene {
  /// What a tile shows.
  enum Content: Hashable {
    /// The room's own camera.
    case ownCamera
    /// Somebody's camera, by identity.
    case camera(String)
    /// Somebody's shared screen, by identity and track SID.
    case screen(String, sid: String)
  }

  /// What is to be shown, and what each remote video track is wanted for.
  struct Result {
    /// Tiles in their places.
    var arrangement: Arrangement
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
  private let width: Int
  private let height: Int
  private var layout: Layout
  private var selector = SpeakerSelector()
  private var ids: [Content: TileID] = [:]
  private var lastNumber = 0
  private var lastSpoke: [String: Instant] = [:]

  /// A scene for a screen of this size in pixels.
  init(language: Language, width: Int, height: Int, mode: LayoutMode = .grid) {
    self.language = language
    self.width = width
    self.height = height
    layout = Layout(mode: mode)
  }

  /// The layout's mode.
  var mode: LayoutMode {
    get { layout.mode }
    set { layout.mode = newValue }
  }

  /// Notes who speaks at `now`.
  mutating func note(speakers: [ActiveSpeaker], at now: Instant) {
    for speaker in speakers { lastSpoke[speaker.identity] = now }
  }

  /// The scene of `room` at `now`.
  /// - Parameters:
  ///   - ownName: the room's name.
  ///   - showsCamera: whether the room's own camera is on.
  ///   - isMicrophoneMuted: of the room itself.
  ///   - notice: a line to show for a while, such as chat.
  mutating func arrange(
    _ room: Room, ownName: String, showsCamera: Bool, isMicrophoneMuted: Bool, notice: String?, at now: Instant
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
    let arrangement = layout.arrange(candidates, speaker: speaker, width: width, height: height)
    forgetAbsent(contents)
    return Result(
      arrangement: arrangement, models: models, banner: banner(room, notice: notice), contents: contents,
      settings: settings(arrangement, tracks))
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

  private func settings(_ arrangement: Arrangement, _ tracks: [TileID: String]) -> [String: TrackSettings] {
    var result: [String: TrackSettings] = [:]
    for tile in arrangement.tiles {
      guard let sid = tracks[tile.id] else { continue }
      result[sid] = TrackSettings(width: tile.rectangle.width, height: tile.rectangle.height)
    }
    for id in arrangement.hidden {
      if let sid = tracks[id] { result[sid] = TrackSettings(isDisabled: true) }
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
