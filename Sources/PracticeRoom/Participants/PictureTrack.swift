import LiveKitMessages
import Realtime
import WebRTC

/// A synthetic participant's picture in the room: cuts encoded pictures into packets and has the encoder follow what
/// receivers want. Confined to the room's event loop.
final class PictureTrack: TrackOrigin {
  /// Bytes of a payload, so that packets with all their headers stay below 1,200 bytes.
  static let maximumPayloadSize = 1_100

  private struct Layer {
    var sequenceNumber: Int64 = 0
    var pictureID = UInt16.random(in: 0..<0x4000)
    var lastCapture: Instant?
  }

  private let feed: PictureFeed
  private(set) var track: PublishedTrack?
  private var layers = [Layer](repeating: Layer(), count: SimulcastForwarder.maximumLayerCount)
  private let scratch = PacketBuffer()

  init(feed: PictureFeed) {
    self.feed = feed
  }

  /// Begins as a track of `publisher`.
  func publish(by publisher: PracticePublisher, codec: VideoCodec, sizes: [LayerChoice.Size]) {
    track = publisher.publish(
      .video, mimeType: codec == .vp8 ? "video/VP8" : "video/VP9", layers: sizes, isScalable: codec == .vp9,
      origin: self)
  }

  /// Hands on what the encoder made.
  func pump(at now: Instant) {
    feed.drain { frame in
      switch frame.codec {
      case .vp8: sendVP8(frame, at: now)
      case .vp9: sendVP9(frame, at: now)
      }
    }
  }

  /// Tells receivers the clock: all layers share it.
  func synchronize(at now: Instant) {
    guard let track else { return }
    let ntp = RoomServer.clock.time(at: now)
    for layer in 0..<(track.isScalable ? 1 : track.layerCount) {
      track.synchronize(layer: layer, timestamp: Self.timestamp(now), ntp: ntp, at: now)
    }
  }

  // 90 kHz since the clock's epoch.
  private static func timestamp(_ time: Instant) -> UInt32 {
    let (seconds, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt32(truncatingIfNeeded: seconds &* 90_000 &+ rest * 9 / 100_000)
  }

  private func beginPicture(_ frame: OutgoingVideoFrame) {
    guard layers[frame.encoding].lastCapture != frame.captureTime else { return }
    layers[frame.encoding].lastCapture = frame.captureTime
    layers[frame.encoding].pictureID = (layers[frame.encoding].pictureID + 1) & 0x7FFF
  }

  private func sendVP8(_ frame: OutgoingVideoFrame, at now: Instant) {
    guard layers.indices.contains(frame.encoding) else { return }
    beginPicture(frame)
    var descriptor = VP8Descriptor()
    descriptor.isNonReference = frame.isDiscardable
    descriptor.pictureID = layers[frame.encoding].pictureID
    var packetizer = VP8Packetizer(
      frame: frame.bytes, descriptor: descriptor, maximumPayloadSize: Self.maximumPayloadSize)
    while !packetizer.isFinished {
      let count = packetizer.next(into: scratch.memory)
      guard count > 0 else { return }
      send(frame, count, marker: packetizer.isFinished, at: now)
    }
  }

  private func sendVP9(_ frame: OutgoingVideoFrame, at now: Instant) {
    beginPicture(frame)
    var descriptor = VP9Descriptor()
    descriptor.pictureID = layers[0].pictureID
    descriptor.hasLayerIndices = true
    descriptor.isFlexible = true
    descriptor.temporalLayer = frame.temporalLayer
    descriptor.spatialLayer = frame.spatialLayer
    descriptor.isSwitchingUpPoint = frame.isSwitchingUpPoint
    descriptor.isInterLayerPredicted = frame.isInterLayerPredicted
    descriptor.isNotReferenceForUpperLayers = !frame.isInterLayerReference
    let (first, second, third) = frame.references
    if first > 0 { descriptor.references.append(first) }
    if second > 0 { descriptor.references.append(second) }
    if third > 0 { descriptor.references.append(third) }
    descriptor.isInterPicturePredicted = descriptor.references.count > 0
    var packetizer = VP9Packetizer(
      frame: frame.bytes, descriptor: descriptor, structure: Self.structure(of: frame),
      maximumPayloadSize: Self.maximumPayloadSize)
    while !packetizer.isFinished {
      let count = packetizer.next(into: scratch.memory)
      guard count > 0 else { return }
      send(frame, count, marker: packetizer.isFinished && frame.isLastLayerOfPicture, at: now)
    }
  }

  // On the base layer of key pictures; each layer has half the size of the one above it.
  private static func structure(of frame: OutgoingVideoFrame) -> VP9ScalabilityStructure? {
    guard frame.isKeyFrame, frame.spatialLayer == 0 else { return nil }
    var structure = VP9ScalabilityStructure(layerCount: Int(frame.spatialLayerCount))
    for layer in 0..<structure.layerCount {
      structure.setSize(width: frame.width << layer, height: frame.height << layer, ofLayer: layer)
    }
    return structure
  }

  private func send(_ frame: OutgoingVideoFrame, _ count: Int, marker: Bool, at now: Instant) {
    scratch.count = count
    let number = layers[frame.encoding].sequenceNumber
    layers[frame.encoding].sequenceNumber += 1
    track?.receive(
      MediaPacket(
        codec: .video(frame.codec), layer: frame.encoding, sequenceNumber: number,
        timestamp: Self.timestamp(frame.captureTime), marker: marker, payload: scratch.bytes, arrival: now))
  }

  // MARK: TrackOrigin

  func requestKeyFrame(layer: Int, at now: Instant) {
    feed.requestKeyFrame(layer: layer)
  }

  func layerLimitChanged(to layer: Int?) {
    feed.setLayerLimit(layer)
  }
}

/// A synthetic participant's voice in the room. Confined to the room's event loop.
final class VoiceTrack: TrackOrigin {
  private let feed: SoundFeed
  private let member: Member
  private(set) var track: PublishedTrack?
  private var sequenceNumber: Int64 = 0

  init(feed: SoundFeed, publisher: PracticePublisher) {
    self.feed = feed
    member = publisher.member
    track = publisher.publish(.audio, mimeType: "audio/opus", origin: self)
  }

  /// Hands on what the encoder made.
  func pump(at now: Instant) {
    feed.drain { packet in
      member.speech.add(packet.level)
      // A silence that needs no sending.
      guard packet.count > 0 else { return }
      packet.bytes.withUnsafeBytes { bytes in
        track?.receive(
          MediaPacket(
            codec: .opus, sequenceNumber: sequenceNumber, timestamp: packet.timestamp,
            marker: packet.startsTalkspurt, payload: UnsafeRawBufferPointer(rebasing: bytes[..<packet.count]),
            arrival: now))
      }
      sequenceNumber += 1
    }
  }

  /// Tells receivers the clock.
  func synchronize(at now: Instant) {
    track?.synchronize(
      layer: 0, timestamp: Self.timestamp(now), ntp: RoomServer.clock.time(at: now), at: now)
  }

  /// 48 kHz since the clock's epoch.
  static func timestamp(_ time: Instant) -> UInt32 {
    let (seconds, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt32(truncatingIfNeeded: seconds &* 48_000 &+ rest * 48 / 1_000_000)
  }

  func requestKeyFrame(layer: Int, at now: Instant) {}
  func layerLimitChanged(to layer: Int?) {}
}
