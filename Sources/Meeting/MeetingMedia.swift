import Audio
import LiveKit
import Logging
import Realtime
import Video
import WebRTC
import WebRTCNIO

/// The media of one meeting: ties the room's devices to the tracks that are published and subscribed, and the tracks to
/// the screen.
actor MeetingMedia {
  /// How often the scene is looked at without an event: speakers fall silent, notices go.
  static let sceneInterval = Duration.milliseconds(250)
  private static let linkTime = Duration.seconds(30)
  /// How much a line of text on the screen matters: one that matters less doesn't take its place.
  enum NoticeRank: Int {
    /// Who comes and goes, hands, reactions.
    case passing
    /// What is said to the room.
    case told
    /// What an operator wants to be read.
    case lasting

    /// How long it stands there; nil until it is taken off.
    var time: Duration? {
      switch self {
      case .passing: .seconds(3)
      case .told: .seconds(5)
      case .lasting: nil
      }
    }
  }

  /// The longest notice shown; the rest would not be read.
  private static let noticeLimit = 160
  /// Pictures a second of what the room presents: enough for a slide that moves, and few enough to be sharp.
  private static let presentationRate = 15
  /// What the room publishes, and the size that every Visio page can show.
  private static let pictureSize = (width: 1_280, height: 720, framesPerSecond: 30)

  /// What belongs to one participant. Camera and microphone play in step, and so do a shared screen and its sound.
  private struct Remote {
    let camera = LipSync()
    let screen = LipSync()
    var audio: [String: Received<RemoteAudio>] = [:]
    var video: [String: Received<RemoteVideo>] = [:]
  }

  /// A track that is taken in, and where it arrives.
  private struct Received<Sink> {
    let sink: Sink
    let endpoint: MediaEndpoint
  }

  /// Whether somebody spoke in vain when `takeMutedSpeech` was asked last.
  private var spokeWhileMuted = false
  private let options: MeetingOptions
  private let client: LiveKitClient
  private let logger: Logger
  private let camera: CameraPublisher?
  private let microphone: MicrophonePublisher
  private let screen: ScreenPresenter?
  private let contentScreen: ScreenPresenter?
  private let decoders: DecoderPool?
  private var presentation: CameraPublisher?
  private var audioThread: RealtimeThread?
  private var scene: RoomScene?
  private var remotes: [String: Remote] = [:]
  private var published: [TrackSource: String] = [:]
  private var attachedVariants: Set<String> = []
  private var settings: [String: TrackSettings] = [:]
  private var raisedHands: Set<String> = []
  private var notice: (text: String, rank: NoticeRank, until: Instant)?
  /// What phones may open, and until when that stands on the screen.
  private var link: (text: String, until: Instant)?
  private var isMicrophoneMuted = false
  private var isCameraMuted = false
  private var isStopped = false

  init(options: MeetingOptions, client: LiveKitClient, logger: Logger) {
    self.options = options
    self.client = client
    self.logger = logger
    let size = Self.pictureSize
    camera = options.camera.map {
      CameraPublisher(camera: $0, width: size.width, height: size.height)
    }
    microphone = MicrophonePublisher(pipeline: options.audio)
    screen = options.screen.map { ScreenPresenter(screen: $0) }
    contentScreen = options.contentScreen.map { ScreenPresenter(screen: $0, name: "content-screen") }
    // Without threads to decode in, the room still hears and is seen.
    decoders = try? DecoderPool()
    scene = options.screen.map {
      RoomScene(
        language: options.language, size: RoomScene.Size($0.mode),
        contentSize: options.contentScreen.map { RoomScene.Size($0.mode) }, mode: options.layout)
    }
    scene?.selfView = options.selfView
    isMicrophoneMuted = options.isMicrophoneMuted
    isCameraMuted = options.isCameraMuted
    options.audio.isMicrophoneMuted = options.isMicrophoneMuted
  }

  // MARK: Life

  /// Starts the threads of sound, camera and screen.
  func start() throws {
    audioThread = try options.audio.startThread()
    try screen?.start()
    try contentScreen?.start()
    try camera?.start()
  }

  /// Stops all threads and lets go of the devices.
  func stop() async {
    guard !isStopped else { return }
    isStopped = true
    // The screen first: it keeps its last picture rather than show everybody's going.
    await screen?.stop()
    await contentScreen?.stop()
    await microphone.stop()
    await camera?.stop()
    await presentation?.stop()
    for identity in Array(remotes.keys) { await removeAll(of: identity) }
    await decoders?.stop()
    audioThread?.stop()
    audioThread = nil
  }

  /// What has happened so far.
  var statistics: MeetingStatistics {
    var statistics = MeetingStatistics()
    statistics.audio = options.audio.currentStatistics
    statistics.camera = camera?.statistics
    statistics.screen = screen?.statistics
    for remote in remotes.values {
      for (sid, video) in remote.video { statistics.videos[sid] = video.sink.currentStatistics }
      statistics.audioTrackCount += remote.audio.count
    }
    return statistics
  }

  // MARK: What the room sends

  /// Publishes microphone and camera, as far as the room may.
  func publish() async {
    guard let permissions = await client.room?.localParticipant.permissions else { return }
    if permissions.allowsPublishing(.microphone) {
      let isMuted = isMicrophoneMuted
      await publish("microphone") { try await self.client.publishMicrophone(isMuted: isMuted) }
    }
    if camera != nil, permissions.allowsPublishing(.camera) {
      let size = Self.pictureSize
      let video = LocalVideo(
        width: size.width, height: size.height, framesPerSecond: size.framesPerSecond, codec: options.videoCodec)
      let isMuted = isCameraMuted
      await publish("camera") { try await self.client.publishCamera(video, isMuted: isMuted) }
    }
  }

  // A refused track must not end a meeting in which the room can still listen.
  private func publish(_ name: String, _ body: () async throws -> PublishedTrack) async {
    do {
      let track = try await body()
      published[track.source] = track.cid
      await attach(track)
    } catch {
      logger.warning("can't publish", metadata: ["track": "\(name)", "error": "\(error)"])
    }
  }

  /// Puts the media into a published track; safe to call again for a track that is attached.
  func attach(_ track: PublishedTrack) async {
    published[track.source] = track.cid
    for variant in track.variants where attachedVariants.insert(variant.cid).inserted {
      guard let endpoint = await client.sender(cid: variant.cid) else {
        attachedVariants.remove(variant.cid)
        continue
      }
      do {
        switch track.kind {
        case .audio: try await microphone.attach(to: endpoint)
        case .video: try await publisher(of: track)?.attach(variant, at: endpoint)
        }
      } catch {
        logger.warning("can't send", metadata: ["track": "\(track.cid)", "error": "\(error)"])
      }
    }
    note(track)
  }

  /// Follows a published track: muted by a host, layers switched on or off.
  func update(_ track: PublishedTrack) async {
    await attach(track)
  }

  private func note(_ track: PublishedTrack) {
    switch track.kind {
    case .audio:
      isMicrophoneMuted = track.isMuted
      options.audio.isMicrophoneMuted = track.isMuted
    case .video:
      if track.source == .camera { isCameraMuted = track.isMuted }
      publisher(of: track)?.update(track)
    }
  }

  /// Whose pictures a published track carries.
  private func publisher(of track: PublishedTrack) -> CameraPublisher? {
    track.source == .screenShare ? presentation : camera
  }

  /// The track is no longer published.
  func detach(_ track: PublishedTrack) async {
    published[track.source] = nil
    for variant in track.variants { attachedVariants.remove(variant.cid) }
    switch track.kind {
    case .audio: await microphone.detach()
    case .video: for variant in track.variants { await publisher(of: track)?.detach(cid: variant.cid) }
    }
  }

  /// Passes a receiver's wish on to the encoder.
  func requestKeyFrame(cid: String, encoding: Int) {
    camera?.requestKeyFrame(cid: cid, encoding: encoding)
    presentation?.requestKeyFrame(cid: cid, encoding: encoding)
  }

  // MARK: What the room presents

  /// Shows the others what `source` gives, such as a computer at the HDMI input, in place of what was presented before.
  func present(_ source: any CameraSource) async throws(LiveKitError) {
    await endPresentation()
    let format = source.format
    // Text must stay legible, and so isn't scaled down; what is more than this costs more than it shows.
    let scale = min(1, 1_920 / Double(max(format.width, 1)), 1_080 / Double(max(format.height, 1)))
    let width = max(Int(Double(format.width) * scale) & ~1, 2)
    let height = max(Int(Double(format.height) * scale) & ~1, 2)
    let rate = min(max(Int(format.framesPerSecond.rounded()), 1), Self.presentationRate)
    let publisher = CameraPublisher(
      camera: source, width: width, height: height, fitting: .contain, name: "presentation",
      onFailure: { [weak self] error in Task { await self?.presentationFailed(error) } })
    presentation = publisher
    do {
      try publisher.start()
    } catch {
      presentation = nil
      throw .notConnected
    }
    let video = LocalVideo(width: width, height: height, framesPerSecond: rate, codec: options.videoCodec)
    do throws(LiveKitError) {
      await attach(try await client.publishScreen(video))
    } catch {
      await endPresentation()
      throw error
    }
    await refresh()
  }

  /// Presents nothing any more.
  func endPresentation() async {
    guard let ended = presentation else { return }
    presentation = nil
    if let cid = published.removeValue(forKey: .screenShare) { try? await client.unpublish(cid: cid) }
    await ended.stop()
    await refresh()
  }

  private func presentationFailed(_ error: CameraError) async {
    logger.warning("the presentation ended", metadata: ["error": "\(error)"])
    await endPresentation()
  }

  /// Mutes or unmutes the room's microphone or camera.
  func setMuted(_ isMuted: Bool, source: TrackSource) async throws(LiveKitError) {
    // First here, so that nothing more leaves the room whatever the server says.
    if source == .microphone {
      isMicrophoneMuted = isMuted
      options.audio.isMicrophoneMuted = isMuted
    } else if source == .camera {
      isCameraMuted = isMuted
    }
    guard let cid = published[source] else { throw .unknownTrack }
    try await client.setMuted(isMuted, cid: cid)
  }

  // MARK: What the room receives

  /// Takes in a track that arrives.
  func subscribe(_ track: SubscribedTrack) async {
    guard let endpoint = await client.receiver(of: track), !isStopped else { return }
    var remote = remotes[track.participantIdentity] ?? Remote()
    let isScreen = track.source == .screenShare || track.source == .screenShareAudio
    let lipSync = isScreen ? remote.screen : remote.camera
    do {
      switch track.kind {
      case .audio:
        let audio = try RemoteAudio(lipSync: lipSync)
        options.audio.add(audio.stream)
        remote.audio[track.sid] = Received(sink: audio, endpoint: endpoint)
        remotes[track.participantIdentity] = remote
        try await audio.attach(to: endpoint)
      case .video:
        guard let decoders else { return }
        let video = RemoteVideo(decoders: decoders, lipSync: lipSync)
        remote.video[track.sid] = Received(sink: video, endpoint: endpoint)
        remotes[track.participantIdentity] = remote
        try await video.attach(to: endpoint)
      }
    } catch {
      logger.warning("can't receive", metadata: ["track": "\(track.sid)", "error": "\(error)"])
    }
  }

  /// Lets go of a track that no longer arrives.
  func unsubscribe(_ track: SubscribedTrack) async {
    settings[track.sid] = nil
    guard var remote = remotes[track.participantIdentity] else { return }
    let audio = remote.audio.removeValue(forKey: track.sid)
    let video = remote.video.removeValue(forKey: track.sid)
    let isEmpty = remote.audio.isEmpty && remote.video.isEmpty
    remotes[track.participantIdentity] = isEmpty ? nil : remote
    if let audio { await end(audio) }
    if let video { await video.sink.detach(from: video.endpoint) }
  }

  private func removeAll(of identity: String) async {
    guard let remote = remotes.removeValue(forKey: identity) else { return }
    for audio in remote.audio.values { await end(audio) }
    for video in remote.video.values { await video.sink.detach(from: video.endpoint) }
  }

  private func end(_ audio: Received<RemoteAudio>) async {
    await audio.sink.detach(from: audio.endpoint)
    options.audio.remove(audio.sink.stream)
    options.audio.releaseRetired()
  }

  // MARK: What the screen shows

  /// Notes who speaks.
  func note(speakers: [ActiveSpeaker]) {
    scene?.note(speakers: speakers, at: MonotonicClock.now)
  }

  /// Notes a hand; whether that is news.
  func noteHand(of identity: String, isRaised: Bool) -> Bool {
    if isRaised { return raisedHands.insert(identity).inserted }
    return raisedHands.remove(identity) != nil
  }

  /// Tells the log how receiving goes.
  func logStatistics() {
    for (identity, remote) in remotes {
      for (sid, video) in remote.video {
        logger.debug(
          "receiving", metadata: ["from": "\(identity)", "track": "\(sid)", "video": "\(video.sink.currentStatistics)"])
      }
    }
    if let camera { logger.debug("sending", metadata: ["camera": "\(camera.statistics)"]) }
    if let screen { logger.debug("showing", metadata: ["screen": "\(screen.statistics)"]) }
    logger.debug("sound", metadata: ["audio": "\(options.audio.currentStatistics)"])
  }

  /// Whether somebody in the room has begun to speak although its microphone is muted, since this was asked last.
  func takeMutedSpeech() -> Bool {
    let speaks = options.audio.currentStatistics.speaksWhileMuted != 0
    defer { spokeWhileMuted = speaks }
    return speaks && !spokeWhileMuted
  }

  /// Shows a line of text for a while, unless one that matters more stands there.
  func setNotice(_ text: String, _ rank: NoticeRank = .told) {
    let now = MonotonicClock.now
    if let notice, notice.until > now, notice.rank.rawValue > rank.rawValue { return }
    let shown = text.count > Self.noticeLimit ? text.prefix(Self.noticeLimit - 1) + "…" : text[...]
    notice = (String(shown), rank, rank.time.map { now + $0 } ?? .distantFuture)
  }

  /// Shows a link as a QR code for long enough to take a phone out.
  func setLink(_ link: String) { self.link = (link, MonotonicClock.now + Self.linkTime) }

  /// Shows a line of text until it is replaced or `nil` takes it off.
  func setMessage(_ text: String?) async {
    if let text { setNotice(text, .lasting) } else if notice?.rank == .lasting { notice = nil }
    await refresh()
  }

  /// Arranges the screen in another way.
  func setLayout(_ mode: LayoutMode) async {
    scene?.mode = mode
    await refresh()
  }

  /// Puts the room's own picture elsewhere.
  func setSelfView(_ selfView: SelfView) async {
    scene?.selfView = selfView
    await refresh()
  }

  /// What the room itself does at present.
  var ownState: (isMicrophoneMuted: Bool, isCameraMuted: Bool, isPresenting: Bool) {
    (isMicrophoneMuted, isCameraMuted, presentation != nil)
  }

  /// Brings the screen, and what is asked of the server, to what the room is now.
  func refresh() async {
    guard let room = await client.room, !isStopped, scene != nil, let screen else { return }
    let now = MonotonicClock.now
    if let until = notice?.until, until <= now { notice = nil }
    if let until = link?.until, until <= now { link = nil }
    let showsCamera = camera != nil && !isCameraMuted
    // A display may have been changed for one of another size.
    scene?.size = RoomScene.Size(screen.mode)
    scene?.contentSize = contentScreen.map { RoomScene.Size($0.mode) }
    guard
      let result = scene?.arrange(
        room, ownName: options.name, showsCamera: showsCamera, isPresenting: presentation != nil,
        isMicrophoneMuted: isMicrophoneMuted, notice: notice?.text, at: now)
    else { return }
    var sources: [TileID: any FrameSource] = [:]
    for (id, content) in result.contents {
      switch content {
      case .ownCamera: if showsCamera { sources[id] = camera?.selfView }
      case .ownPresentation: sources[id] = presentation?.selfView
      case .camera(let identity): sources[id] = video(of: identity, source: .camera, in: room)
      case .screen(let identity, let sid): sources[id] = remotes[identity]?.video[sid]?.sink
      }
    }
    screen.show(
      Scene(
        arrangement: result.arrangement, tiles: result.models, banner: result.banner, link: link?.text,
        sources: sources))
    if let content = result.contentArrangement {
      contentScreen?.show(Scene(arrangement: content, tiles: result.models, sources: sources))
    }
    for (sid, wanted) in result.settings where settings[sid] != wanted && room.remoteTrack(sid: sid) != nil {
      settings[sid] = wanted
      await client.updateTrackSettings(wanted, of: sid)
    }
  }

  private func video(of identity: String, source: TrackSource, in room: Room) -> (any FrameSource)? {
    guard
      let sid = room.remoteParticipants[identity]?.tracks.values.first(where: {
        $0.source == source && $0.kind == .video
      })?.sid
    else { return nil }
    return remotes[identity]?.video[sid]?.sink
  }
}
