import LiveKitMessages
import SwiftProtobuf
import Realtime
import WebRTC

/// Our tracks on their way to being published, and those that are.
struct Publications: Sendable {
  /// How long the server may take to accept a track.
  static let acceptanceTimeout = Duration.seconds(10)
  /// The most tracks at once; the server takes no more than 20 that aren't negotiated yet.
  static let maximumTracks = 20

  private struct Publication {
    enum Stage {
      /// `add_track` is sent; `deadline` is when that has taken too long.
      case requested
      /// It waits for an offer.
      case accepted
      /// An offer that contains it waits for its answer.
      case offered
      /// The answer is applied.
      case published
    }

    let local: LocalTrack
    var published: PublishedTrack
    var request: RequestID?
    var stage = Stage.requested
    var deadline: Instant
    /// The mute state that the server knows.
    var announcedMute: Bool
    /// Declared, but not sent until a subscriber needs it.
    var backup: PublishedVariant?
    /// The backup's cid while the server is asked to accept it.
    var isBackupRequested = false
  }

  private var publications: [Publication] = []

  /// All tracks that are published.
  var tracks: [PublishedTrack] { publications.filter { $0.stage == .published }.map(\.published) }

  var nextDeadline: Instant {
    publications.filter { $0.stage == .requested }.map(\.deadline).min() ?? .distantFuture
  }

  private func index(cid: String) -> Int? { publications.firstIndex { $0.local.cid == cid } }
  private func index(sid: String) -> Int? {
    sid.isEmpty ? nil : publications.firstIndex { $0.published.sid == sid }
  }

  // MARK: Publishing

  /// Asks the server to accept `track`, sent in one of `codecs` when it's video.
  mutating func publish(
    _ track: LocalTrack, codecs: Set<VideoCodec>, request: RequestID, at now: Instant
  ) -> [SessionAction] {
    guard publications.count < Self.maximumTracks, index(cid: track.cid) == nil, !track.cid.isEmpty else {
      return [.finish(request, .failed(.limitExceeded))]
    }
    var backup: PublishedVariant?
    let variant: PublishedVariant
    switch track.media {
    case .audio(let audio):
      let layer = PublishedLayer(
        rid: nil, spatialLayer: 0, width: 0, height: 0, bitrate: audio.isStereo ? 64_000 : 48_000, framesPerSecond: 0,
        quality: .high)
      variant = PublishedVariant(cid: track.cid, codec: nil, layers: [layer])
    case .video(let video):
      guard let codec = codecs.contains(video.codec) ? video.codec : codecs.contains(.vp8) ? .vp8 : nil else {
        return [.finish(request, .failed(.refused("the server takes none of our video codecs")))]
      }
      variant = Self.variant(cid: track.cid, video: video, source: track.source, codec: codec)
      if codec == .vp9, let backupCodec = video.backupCodec, backupCodec != codec, codecs.contains(backupCodec) {
        backup = Self.variant(
          cid: track.cid + "-backup", video: video, source: track.source, codec: backupCodec)
      }
    }
    let published = PublishedTrack(
      cid: track.cid, sid: "", source: track.source, kind: track.kind, isMuted: track.isMuted, variants: [variant])
    publications.append(
      Publication(
        local: track, published: published, request: request, deadline: now + Self.acceptanceTimeout,
        announcedMute: track.isMuted, backup: backup))
    return [.send(.with { $0.addTrack = Self.message(track, variant: variant, backup: backup) })]
  }

  private static func variant(
    cid: String, video: LocalVideo, source: TrackSource, codec: VideoCodec
  ) -> PublishedVariant {
    PublishedVariant(
      cid: cid, codec: codec, layers: VideoLayering.layers(of: video, source: source, codec: codec))
  }

  private static func message(
    _ track: LocalTrack, variant: PublishedVariant, backup: PublishedVariant?
  ) -> LKAddTrackRequest {
    .with {
      $0.cid = track.cid
      $0.name = track.name
      $0.source = track.source.message
      $0.stream = track.source.streamName
      $0.muted = track.isMuted
      switch track.media {
      case .audio(let audio):
        $0.type = .audio
        $0.stereo = audio.isStereo
        $0.disableDtx = audio.isStereo || !audio.usesDiscontinuousTransmission
        $0.disableRed = !audio.usesRedundancy
        $0.audioFeatures = audio.messages
      case .video(let video):
        $0.type = .video
        $0.width = UInt32(clamping: video.width)
        $0.height = UInt32(clamping: video.height)
        $0.layers = variant.layers.map(\.message)
        $0.simulcastCodecs = [variant.message]
        if let backup {
          // Without a cid: declared, not sent.
          var declared = backup.message
          declared.cid = ""
          $0.simulcastCodecs.append(declared)
        }
      }
    }
  }

  /// `track_published`: the server accepted a track or a backup codec. Returns the senders to add.
  mutating func accepted(cid: String, track: LKTrackInfo) -> (changes: [SessionAction], actions: [SessionAction])? {
    if let index = index(cid: cid), publications[index].stage == .requested {
      publications[index].stage = .accepted
      publications[index].deadline = .distantFuture
      publications[index].published.sid = track.sid
      let publication = publications[index]
      let sender = Self.sender(publication.local, variant: publication.published.variants[0])
      return ([.addSender(sender)], announceMute(at: index))
    }
    guard let index = publications.firstIndex(where: { $0.isBackupRequested && $0.backup?.cid == cid }),
      let backup = publications[index].backup
    else { return nil }
    publications[index].isBackupRequested = false
    publications[index].backup = nil
    publications[index].published.variants.append(backup)
    return (
      [.addSender(Self.sender(publications[index].local, variant: backup))],
      [.emit(.localTrackChanged(publications[index].published, byServer: false))]
    )
  }

  private static func sender(_ track: LocalTrack, variant: PublishedVariant) -> SendingTransceiver {
    let codecs: [MediaCodec]
    if let codec = variant.codec {
      codecs = [.video(codec)]
    } else if case .audio(let audio) = track.media, audio.usesRedundancy {
      codecs = [.red, .opus]
    } else {
      codecs = [.opus]
    }
    return SendingTransceiver(
      cid: variant.cid, streamID: track.source.streamName, kind: track.kind, codecs: codecs,
      rids: variant.layers.compactMap(\.rid))
  }

  /// An offer is made: it contains every track accepted so far.
  mutating func offered() {
    for index in publications.indices where publications[index].stage == .accepted {
      publications[index].stage = .offered
    }
  }

  /// The offer was answered.
  mutating func answered() -> [SessionAction] {
    var actions: [SessionAction] = []
    for index in publications.indices where publications[index].stage == .offered {
      publications[index].stage = .published
      let published = publications[index].published
      actions.append(.emit(.localTrackPublished(published)))
      if let request = publications[index].request { actions.append(.finish(request, .published(published))) }
      publications[index].request = nil
    }
    return actions
  }

  /// The server refused, or took too long with, the track `cid`.
  mutating func refused(cid: String, error: LiveKitError) -> [SessionAction] {
    if let index = index(cid: cid), publications[index].stage == .requested {
      let publication = publications.remove(at: index)
      return publication.request.map { [.finish($0, .failed(error))] } ?? []
    }
    if let index = publications.firstIndex(where: { $0.isBackupRequested && $0.backup?.cid == cid }) {
      publications[index].backup = nil
      publications[index].isBackupRequested = false
      return [.log("the server refused the backup codec: \(error)")]
    }
    return []
  }

  /// The server will accept the track once an earlier one with the same cid is gone: wait on.
  mutating func queued(cid: String, at now: Instant) {
    guard let index = index(cid: cid), publications[index].stage == .requested else { return }
    publications[index].deadline = now + Self.acceptanceTimeout
  }

  /// Gives up on the tracks that the server neither accepted nor refused.
  mutating func expire(at now: Instant) -> [SessionAction] {
    let late = publications.filter { $0.stage == .requested && $0.deadline <= now }.map(\.local.cid)
    return late.flatMap { refused(cid: $0, error: .timedOut) }
  }

  // MARK: Unpublishing

  /// Ends a track. Returns the senders to stop and what to tell; nil when there is none with this cid.
  mutating func unpublish(cid: String) -> (changes: [SessionAction], actions: [SessionAction])? {
    index(cid: cid).map { remove(at: $0, byServer: false) }
  }

  /// `track_unpublished`: the server ended a track.
  mutating func unpublished(sid: String) -> (changes: [SessionAction], actions: [SessionAction])? {
    index(sid: sid).map { remove(at: $0, byServer: true) }
  }

  private mutating func remove(
    at index: Int, byServer: Bool
  ) -> (changes: [SessionAction], actions: [SessionAction]) {
    let publication = publications.remove(at: index)
    var actions: [SessionAction] = []
    if let request = publication.request {
      actions.append(.finish(request, .failed(byServer ? .notAllowed : .unknownTrack)))
    }
    if publication.stage == .published {
      actions.append(.emit(.localTrackUnpublished(publication.published, byServer: byServer)))
    }
    guard publication.stage != .requested else { return ([], actions) }
    return (publication.published.variants.map { .stopSender(cid: $0.cid) }, actions)
  }

  /// The session is over: nobody will answer any more.
  mutating func close(_ reason: ClosureReason) -> [SessionAction] {
    defer { publications = [] }
    return publications.compactMap { publication in
      publication.request.map { .finish($0, .failed(.closed(reason))) }
    }
  }

  // MARK: Muting

  /// Mutes or unmutes a track of ours; nil when there is none with this cid.
  mutating func setMuted(cid: String, _ isMuted: Bool) -> [SessionAction]? {
    guard let index = index(cid: cid) else { return nil }
    guard publications[index].published.isMuted != isMuted else { return [] }
    publications[index].published.isMuted = isMuted
    let announcement = publications[index].stage == .requested ? [] : announceMute(at: index)
    return announcement + [.emit(.localTrackChanged(publications[index].published, byServer: false))]
  }

  /// `mute`: a host muted our track, or wants it open.
  mutating func muted(sid: String, _ isMuted: Bool, allowsUnmute: Bool) -> [SessionAction] {
    guard let index = index(sid: sid) else { return [.log("the server muted a track that isn't ours")] }
    guard isMuted || allowsUnmute else {
      // Nobody but those in the room opens its microphone. The server is told how things stand.
      publications[index].announcedMute = false
      return [.log("refused to be unmuted by the server")] + announceMute(at: index)
    }
    publications[index].announcedMute = isMuted
    guard publications[index].published.isMuted != isMuted else { return [] }
    publications[index].published.isMuted = isMuted
    return [.emit(.localTrackChanged(publications[index].published, byServer: true))]
  }

  private mutating func announceMute(at index: Int) -> [SessionAction] {
    let published = publications[index].published
    guard publications[index].announcedMute != published.isMuted else { return [] }
    publications[index].announcedMute = published.isMuted
    return [
      .send(
        .with {
          $0.mute.sid = published.sid
          $0.mute.muted = published.isMuted
        })
    ]
  }

  // MARK: Dynacast

  /// `subscribed_quality_update`: which layers anybody receives. What isn't named stays as it is.
  mutating func update(_ message: LKSubscribedQualityUpdate) -> [SessionAction] {
    guard let index = index(sid: message.trackSid) else { return [] }
    let before = publications[index].published
    var actions: [SessionAction] = []
    if message.subscribedCodecs.isEmpty {
      apply(message.subscribedQualities, toVariant: 0, at: index)
    }
    for codec in message.subscribedCodecs.prefix(8) {
      let name = codec.codec.lowercased()
      if let variant = publications[index].published.variants.firstIndex(where: { $0.codec?.liveKitName == name }) {
        apply(codec.qualities, toVariant: variant, at: index)
      } else if codec.qualities.contains(where: { $0.enabled && $0.quality != .off }) {
        actions += requestBackup(name, at: index)
      }
    }
    let after = publications[index].published
    if after != before { actions.append(.emit(.localTrackChanged(after, byServer: false))) }
    return actions
  }

  private mutating func apply(_ qualities: [LKSubscribedQuality], toVariant variant: Int, at index: Int) {
    var layers = publications[index].published.variants[variant].layers
    for (layer, described) in layers.enumerated() {
      for quality in qualities where quality.quality == described.quality {
        layers[layer].isActive = quality.enabled
      }
    }
    if publications[index].published.variants[variant].isScalable, let top = layers.lastIndex(where: \.isActive) {
      // A spatial layer needs those below it.
      for layer in layers.indices { layers[layer].isActive = layer <= top }
    }
    publications[index].published.variants[variant].layers = layers
  }

  private mutating func requestBackup(_ name: String, at index: Int) -> [SessionAction] {
    let publication = publications[index]
    guard let backup = publication.backup, backup.codec?.liveKitName == name, !publication.isBackupRequested,
      publication.stage != .requested
    else { return [] }
    publications[index].isBackupRequested = true
    var request = Self.message(publication.local, variant: backup, backup: nil)
    request.cid = backup.cid
    request.sid = publication.published.sid
    request.muted = publication.published.isMuted
    return [.send(.with { $0.addTrack = request })]
  }
}

extension PublishedVariant {
  /// As AddTrackRequest describes a codec.
  var message: LKSimulcastCodec {
    .with {
      $0.codec = codec?.liveKitName ?? ""
      $0.cid = cid
      $0.layers = layers.map(\.message)
      $0.videoLayerMode = codec == .vp9 ? .multipleSpatialLayersPerStream : .oneSpatialLayerPerStream
    }
  }
}

extension LocalAudio {
  /// As AddTrackRequest describes it.
  var messages: [LKAudioTrackFeature] {
    var features: [LKAudioTrackFeature] = []
    if isStereo { features.append(.tfStereo) }
    if isStereo || !usesDiscontinuousTransmission { features.append(.tfNoDtx) }
    for step in processing {
      switch step {
      case .echoCancellation: features.append(.tfEchoCancellation)
      case .noiseSuppression: features.append(.tfNoiseSuppression)
      case .automaticGainControl: features.append(.tfAutoGainControl)
      }
    }
    return features
  }
}

extension VideoCodec {
  /// The codec's short name in LiveKit's messages.
  var liveKitName: String {
    switch self {
    case .vp8: "vp8"
    case .vp9: "vp9"
    }
  }
}
