import LiveKitMessages
import Logging
import Realtime
import SwiftProtobuf
import WebRTC

extension ClientSession {
  /// The client announces a track that it is about to offer.
  func addTrack(_ request: LKAddTrackRequest) {
    guard member.mayPublish(request.source) else {
      return refuse(.notAllowed, "does not have permission to publish own track") { $0.addTrack = request }
    }
    guard request.type == .audio || request.type == .video else {
      return refuse(.unsupportedType, "unsupported track type") { $0.addTrack = request }
    }
    guard request.sid.isEmpty else {
      return refuse(.notFound, "no such track") { $0.addTrack = request }
    }
    guard member.tracks.count + pendingTracks.count < MeetingRoom.maximumTracksPerMember else {
      return refuse(.limitExceeded, "too many tracks") { $0.addTrack = request }
    }
    let track = PublishedTrack(
      kind: request.type == .audio ? .audio : .video, info: makeInfo(request), publisher: member.identity)
    let layers = request.layers.isEmpty ? request.simulcastCodecs.first?.layers ?? [] : request.layers
    track.layerSizes = layers.map { LayerChoice.Size(width: Int($0.width), height: Int($0.height)) }
      .sorted { $0.height < $1.height }
    track.layerCount = min(max(track.layerSizes.count, 1), SimulcastForwarder.maximumLayerCount)
    pendingTracks.append(track)
    cids[track.info.sid] = request.cid
    // Further codecs are for receivers that can't decode the first one; here nobody asks for them.
    if let codec = request.simulcastCodecs.first, !codec.cid.isEmpty { cids[track.info.sid] = codec.cid }
    send(
      .trackPublished(
        .with {
          $0.cid = request.cid
          $0.track = track.info
        }))
  }

  private func makeInfo(_ request: LKAddTrackRequest) -> LKTrackInfo {
    var info = LKTrackInfo()
    info.sid = room.makeTrackSID(request.source, request.type)
    info.type = request.type
    info.name = request.name
    info.muted = request.muted
    info.width = request.width
    info.height = request.height
    info.source = request.source
    info.layers = request.layers
    info.stereo = request.stereo
    info.disableDtx = request.disableDtx
    info.disableRed = request.disableRed
    info.encryption = request.encryption
    info.stream = request.stream
    info.audioFeatures = request.audioFeatures
    info.backupCodecPolicy = request.backupCodecPolicy
    info.simulcast = request.layers.count > 1
    switch request.type {
    case .audio: info.mimeType = "audio/opus"
    default: info.mimeType = "video/" + (request.simulcastCodecs.first?.codec.uppercased() ?? "VP8")
    }
    return info
  }

  /// The client mutes or unmutes a track of its own.
  func mute(_ request: LKMuteTrackRequest) {
    if let track = member.tracks.first(where: { $0.info.sid == request.sid }) {
      room.setMuted(request.muted, track, of: member)
    } else if let track = pendingTracks.first(where: { $0.info.sid == request.sid }) {
      track.info.muted = request.muted
    } else {
      refuse(.notFound, "no such track") { $0.mute = request }
    }
  }

  /// The client's sound changes its nature.
  func updateAudioTrack(_ request: LKUpdateLocalAudioTrack) {
    guard let track = member.tracks.first(where: { $0.info.sid == request.trackSid }) else {
      return refuse(.notFound, "no such track") { $0.updateAudioTrack = request }
    }
    track.info.audioFeatures = request.features
    room.update(member) { _ in }
  }

  /// The client's picture changes its size.
  func updateVideoTrack(_ request: LKUpdateLocalVideoTrack) {
    guard let track = member.tracks.first(where: { $0.info.sid == request.trackSid }) else {
      return refuse(.notFound, "no such track") { $0.updateVideoTrack = request }
    }
    track.info.width = request.width
    track.info.height = request.height
    room.update(member) { _ in }
  }

  // MARK: Tracks of the publisher's connection

  /// Reads from our answer what each payload type and layer is.
  func learnFormats(_ answer: String) {
    guard let description = try? SessionDescription(parsing: answer) else { return }
    formats.removeAll()
    for media in description.media {
      guard let mid = media.mid else { continue }
      var format = ClientTrack.Format()
      for codec in media.codecs where codec.payloadType < 128 {
        let known = Self.codec(codec)
        format.codecs[Int(codec.payloadType)] = known
        if format.preferred == nil, let known, known != .red { format.preferred = known }
      }
      format.rids = Self.sorted(media.simulcast?.receive.joined().map(\.rid) ?? [])
      formats[mid] = format
      // A track that goes on may get other payload types.
      for track in publishedTracks.values where track.mid == mid { track.format = format }
    }
  }

  /// The layers' identifiers, smallest first: LiveKit's names tell, whatever the order; others are taken as listed.
  private static func sorted(_ rids: [String]) -> [String] {
    let known = ["q", "h", "f"]
    return rids.allSatisfy(known.contains) ? known.filter(rids.contains) : rids
  }

  private static func codec(_ parameters: RTPCodecParameters) -> MediaCodec? {
    switch parameters.name.lowercased() {
    case "opus": .opus
    case "red": .red
    case "vp8": .video(.vp8)
    case "vp9": .video(.vp9)
    default: nil
    }
  }

  /// The client's offer brought a track.
  func trackAdded(_ remote: RemoteTrack) {
    guard let index = pendingIndex(of: remote), let format = formats[remote.mid] else {
      return logger.warning("a track was offered that wasn't announced", metadata: ["cid": "\(remote.trackID)"])
    }
    let track = pendingTracks.remove(at: index)
    let isVP9 = format.preferred == .video(.vp9)
    track.isScalable = track.kind == .video && format.rids.isEmpty && isVP9
    track.layerCount =
      track.isScalable ? max(track.layerCount, 1) : max(min(format.rids.count, SimulcastForwarder.maximumLayerCount), 1)
    if track.layerSizes.count > track.layerCount {
      track.layerSizes.removeFirst(track.layerSizes.count - track.layerCount)
    }
    complete(track, remote.mid, isVP9 ? "video/VP9" : "video/VP8")
    let clientTrack = ClientTrack(
      track, session: self, transceiver: remote.transceiver, mid: remote.mid, format: format)
    publishedTracks[remote.transceiver] = clientTrack
    track.origin = clientTrack
    member.tracks.append(track)
    publisher.connection.setPacketSink(clientTrack.sink, of: remote.transceiver)
    publisher.flush()
    // A simulcast track is announced with its first packet: only then it is known that it works.
    if format.rids.isEmpty { room.announce(track, of: member) }
  }

  private func pendingIndex(of remote: RemoteTrack) -> Int? {
    pendingTracks.firstIndex { cids[$0.info.sid] == remote.trackID && $0.kind == remote.kind }
      ?? pendingTracks.firstIndex { $0.kind == remote.kind }
  }

  private func complete(_ track: PublishedTrack, _ mid: String, _ videoType: String) {
    track.info.mid = mid
    if track.kind == .video { track.info.mimeType = videoType }
    let cid = cids[track.info.sid] ?? ""
    track.info.codecs = [
      .with {
        $0.mimeType = track.info.mimeType
        $0.mid = mid
        $0.cid = cid
        $0.layers = track.info.layers
        $0.videoLayerMode =
          track.kind == .audio
          ? .unused : track.isScalable ? .multipleSpatialLayersPerStream : .oneSpatialLayerPerStream
      }
    ]
  }

  /// The client's offer ended a track.
  func trackRemoved(_ transceiver: TransceiverID) {
    guard let track = publishedTracks.removeValue(forKey: transceiver) else { return }
    room.unpublish(track.track, of: member)
  }
}
