import LiveKitMessages
import NIOCore
import Realtime
import SwiftProtobuf
import WebRTC

/// A track that a client publishes: takes its packets from the publisher's connection into the room, and asks the client
/// for key frames. Confined to the room's event loop.
final class ClientTrack {
  /// What offer and answer say about the track's packets.
  struct Format {
    /// By payload type.
    var codecs = [MediaCodec?](repeating: nil, count: 128)
    /// The one to be expected, RED aside.
    var preferred: MediaCodec?
    /// Simulcast layers' identifiers, smallest first; empty without simulcast.
    var rids: [String] = []
  }

  let track: PublishedTrack
  let mid: String
  var format: Format
  /// Takes the packets.
  private(set) var sink: (any RTPPacketSink)?
  private unowned let session: ClientSession
  private let transceiver: TransceiverID

  init(
    _ track: PublishedTrack, session: ClientSession, transceiver: TransceiverID, mid: String, format: Format
  ) {
    self.track = track
    self.session = session
    self.transceiver = transceiver
    self.mid = mid
    self.format = format
    sink = Sink(NIOLoopBound(self, eventLoop: session.room.eventLoop))
  }

  /// The layer of an RTP stream identifier: LiveKit's order is low to high.
  private func layer(of rid: String) -> Int {
    format.rids.firstIndex(of: rid) ?? 0
  }

  fileprivate func deliver(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, sequenceNumber: Int64, rid: String, arrival: Instant
  ) {
    guard let codec = format.codecs[Int(header.payloadType & 0x7F)] else { return }
    if !track.isAnnounced { session.room.announce(track, of: session.member) }
    if let level = header.extensions.audioLevel { session.member.speech.add(level) }
    let noBytes = UnsafeRawBufferPointer(start: nil, count: 0)
    var extensions = RTPHeaderExtensions()
    extensions.absoluteCaptureTime = header.extensions.absoluteCaptureTime
    track.receive(
      MediaPacket(
        codec: codec, layer: layer(of: rid), sequenceNumber: sequenceNumber, timestamp: header.timestamp,
        marker: header.marker, payload: header.payload.bytes(of: packet),
        dependencyDescriptor: header.extensions.dependencyDescriptor?.bytes(of: packet) ?? noBytes,
        extensions: extensions, arrival: arrival))
  }

  fileprivate func synchronize(rid: String, timestamp: UInt32, ntp: NTPTime) {
    track.synchronize(layer: layer(of: rid), timestamp: timestamp, ntp: ntp, at: MonotonicClock.now)
  }

  /// The connection's end of it, which holds it: the connection holds the sink, the session holds the track.
  private final class Sink: RTPPacketSink {
    private let track: NIOLoopBound<ClientTrack>

    init(_ track: NIOLoopBound<ClientTrack>) {
      self.track = track
    }

    func deliver(
      _ header: RTPHeader, packet: UnsafeRawBufferPointer, sequenceNumber: Int64, rid: String, arrival: Instant
    ) {
      track.value.deliver(header, packet: packet, sequenceNumber: sequenceNumber, rid: rid, arrival: arrival)
    }

    func synchronize(rid: String, timestamp: UInt32, ntp: NTPTime) {
      track.value.synchronize(rid: rid, timestamp: timestamp, ntp: ntp)
    }
  }

  /// Lets go of the sink, which holds this.
  func detach() {
    sink = nil
  }
}

extension ClientTrack: TrackOrigin {
  func requestKeyFrame(layer: Int, at now: Instant) {
    let rid = format.rids.indices.contains(layer) ? format.rids[layer] : nil
    session.publisher.connection.requestKeyFrame(from: transceiver, rid: rid, at: now)
    session.publisher.flush()
  }

  /// Tells the client by a message which layers are worth encoding (dynacast).
  func layerLimitChanged(to layer: Int?) {
    var qualities: [LKSubscribedQuality] = []
    for index in 0..<track.layerCount {
      let quality = LayerChoice.quality(ofLayer: index, count: track.layerCount)
      qualities.append(
        .with {
          $0.quality = LKVideoQuality(rawValue: quality) ?? .high
          $0.enabled = index <= layer ?? -1
        })
    }
    let codec = track.info.mimeType.split(separator: "/").last.map { $0.lowercased() } ?? ""
    session.send(
      .subscribedQualityUpdate(
        .with {
          $0.trackSid = track.info.sid
          $0.subscribedQualities = qualities
          $0.subscribedCodecs = [
            .with {
              $0.codec = codec
              $0.qualities = qualities
            }
          ]
        }))
  }
}
