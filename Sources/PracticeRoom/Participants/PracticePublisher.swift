import LiveKitMessages
import Realtime
import SwiftProtobuf
import WebRTC

/// A participant inside of the room: it publishes straight into the forwarding, without sockets. Confined to the room's
/// event loop.
class PracticePublisher: MemberLink {
  let room: MeetingRoom
  let member: Member

  /// Puts a participant into the room; the others don't hear of one that is hidden.
  init(identity: String, name: String, room: MeetingRoom, isHidden: Bool = false) {
    self.room = room
    var grant = AccessToken.Grant()
    grant.room = room.info.name
    grant.roomJoin = true
    grant.hidden = isHidden
    member = Member(
      sid: "PA_" + RandomText.make(count: 12), identity: identity, name: name, metadata: "",
      attributes: [
        "color": VisioServer.colour(of: identity), "is_authenticated": "false", "room_role": "",
      ], grant: grant)
    member.link = self
    member.update { $0.state = .active }
    _ = room.add(member)
  }

  /// Publishes a track.
  func publish(
    _ kind: MediaKind, mimeType: String, layers: [LayerChoice.Size] = [], isScalable: Bool = false,
    origin: any TrackOrigin
  ) -> PublishedTrack {
    let source: LKTrackSource = kind == .audio ? .microphone : .camera
    var info = LKTrackInfo()
    info.type = kind == .audio ? .audio : .video
    info.sid = room.makeTrackSID(source, info.type)
    info.name = kind == .audio ? "microphone" : "camera"
    info.source = source
    info.stream = "camera"
    info.mimeType = mimeType
    info.width = UInt32(layers.last?.width ?? 0)
    info.height = UInt32(layers.last?.height ?? 0)
    info.simulcast = !isScalable && layers.count > 1
    info.layers = layers.enumerated().map { index, size in
      .with {
        $0.quality = LKVideoQuality(rawValue: LayerChoice.quality(ofLayer: index, count: layers.count)) ?? .high
        $0.width = UInt32(size.width)
        $0.height = UInt32(size.height)
        $0.spatialLayer = isScalable ? Int32(index) : 0
      }
    }
    let codec = LKSimulcastCodecInfo.with {
      $0.mimeType = mimeType
      $0.layers = info.layers
      $0.videoLayerMode =
        kind == .audio ? .unused : isScalable ? .multipleSpatialLayersPerStream : .oneSpatialLayerPerStream
    }
    info.codecs = [codec]
    let track = PublishedTrack(kind: kind, info: info, publisher: member.identity)
    track.layerSizes = layers
    track.layerCount = max(layers.count, 1)
    track.isScalable = isScalable
    track.origin = origin
    member.tracks.append(track)
    room.announce(track, of: member)
    return track
  }

  /// Writes in the chat, as browsers do: a text stream with the topic `lk.chat`.
  func chat(_ text: String) {
    let id = RandomText.uuid()
    let bytes = Array(text.utf8)
    let header = LKDataStream.Header.with {
      $0.streamID = id
      $0.timestamp = WallClock.milliseconds
      $0.topic = "lk.chat"
      $0.mimeType = "text/plain"
      $0.totalLength = UInt64(bytes.count)
      $0.contentHeader = .textHeader(.with { $0.operationType = .create })
    }
    send(.streamHeader(header))
    send(
      .streamChunk(
        .with {
          $0.streamID = id
          $0.content = .init(bytes)
        }))
    send(.streamTrailer(.with { $0.streamID = id }))
  }

  /// Shows a reaction, as Visio's browsers do.
  func react(_ emoji: String) {
    let json = #"{"type":"reactionReceived","data":{"emoji":"\#(emoji)"}}"#
    send(.user(.with { $0.payload = .init(json.utf8) }))
  }

  private func send(_ value: LKDataPacket.OneOf_Value) {
    room.distribute(.with { $0.value = value }, isReliable: true, from: member)
  }

  // MARK: MemberLink

  func send(_ message: LKSignalResponse.OneOf_Message) {}
  func receive(_ packet: LKDataPacket, isReliable: Bool) {}
  func subscribe(to track: PublishedTrack) {}
  func unsubscribe(from track: PublishedTrack) {}
  func permissionChanged(of track: PublishedTrack, publisher: Member) {}
  func tick(at now: Instant) {}
  func end(_ leave: LKLeaveRequest?) {}
}
