import Realtime
import Testing
import Video
import WebRTC

/// A call in which one side sends what Salle's VP9 encoder makes, and what arrives is kept.
final class SVCCall {
  /// A layer frame as the encoder gave it out.
  struct Sent {
    var picture: Int
    var layer: Int
    var temporalLayer: Int
    var isKeyFrame: Bool
    var isInterLayerPredicted: Bool
    var isLastLayerOfPicture: Bool
    var references: [Int]
    var bytes: [UInt8]
  }

  let pair: ModelledPair
  let camera: TransceiverID
  let encoder: VP9SVCEncoder
  let frames = FrameCollector()
  let packets = SVCPacketCollector()
  private(set) var sent: [Sent] = []
  private(set) var keyFrameRequests = 0
  private let image = VideoFrame(width: 320, height: 180)
  private let outgoing = OutgoingVideoFrame()
  private var pictureCount = 0

  init(_ mode: VP9ScalabilityMode, bitrates: [Int] = [60_000, 150_000, 400_000], seed: UInt64 = 1) throws {
    pair = try ModelledPair(seed: seed)
    encoder = VP9SVCEncoder(mode: mode, bitrates: Array(bitrates.suffix(mode.spatialLayers)))
    camera = try pair.left.addTransceiver(
      .video, .init(direction: .sendOnly, streamID: "stream", trackID: "camera", codecs: [.video(.vp9)]))
    try pair.negotiate()
    pair.run(for: .seconds(5)) { [pair] in pair.isConnected }
    let track = try #require(pair.tracks(at: .right).first)
    pair.right.setVideoSink(frames, of: track.transceiver)
    pair.right.setPacketSink(packets, of: track.transceiver)
    // The sink's wish for a key frame.
    pair.run(for: .milliseconds(100))
    pair.onEvent = { [unowned self] side, event in
      if side == .left, case .keyFrameRequested = event { keyFrameRequests += 1 }
    }
  }

  /// Encodes and sends picture number `index` of a scene in which stripes move; with `isLost` the encoder's output never
  /// gets to the connection.
  func step(_ index: Int, isLost: Bool = false) throws {
    // Rows are alike in bands and copied: in a debug build drawing must not take longer than encoding.
    for row in 0..<image.height {
      let line = image.y + row * image.strideY
      if row % 20 != 0 {
        line.update(from: line - image.strideY, count: image.width)
        continue
      }
      for column in 0..<image.width { line[column] = UInt8(60 + (column + 3 * index + row) / 4 % 32 * 4) }
    }
    image.captureTime = pair.now
    let before = sent.count
    try encoder.encode(image) { picture in
      note(picture)
      if !isLost { send(picture) }
    }
    if sent.count > before { pictureCount += 1 }
    pair.drain()
    pair.run(for: .milliseconds(34))
  }

  private func note(_ picture: borrowing EncodedPicture) {
    let (told, isKeyFrame) = (picture.references, picture.isKeyFrame)
    var references = (0..<told.count).compactMap { told[$0].map(Int.init) }
    // Without layers libvpx doesn't tell: then each picture may refer to all that came before.
    if encoder.mode == .L1T1 && !isKeyFrame && references.isEmpty { references = [1] }
    sent.append(
      Sent(
        picture: pictureCount, layer: picture.layer, temporalLayer: picture.temporalLayer,
        isKeyFrame: isKeyFrame, isInterLayerPredicted: picture.isInterLayerPredicted,
        isLastLayerOfPicture: picture.isLastLayerOfPicture,
        references: references, bytes: [UInt8](picture.bytes)))
  }

  private func send(_ picture: borrowing EncodedPicture) {
    outgoing.removeAll()
    outgoing.append(picture.bytes)
    outgoing.codec = .vp9
    outgoing.captureTime = picture.captureTime
    outgoing.isKeyFrame = picture.isKeyFrame
    outgoing.width = picture.width
    outgoing.height = picture.height
    outgoing.temporalLayer = UInt8(picture.temporalLayer)
    outgoing.temporalLayerCount = UInt8(encoder.mode.temporalLayers)
    outgoing.isSwitchingUpPoint = picture.isSwitchingUpPoint
    outgoing.isDiscardable = picture.isDiscardable
    outgoing.spatialLayer = UInt8(picture.layer)
    outgoing.spatialLayerCount = UInt8(picture.spatialLayerCount)
    outgoing.isLastLayerOfPicture = picture.isLastLayerOfPicture
    outgoing.isInterLayerPredicted = picture.isInterLayerPredicted
    outgoing.isInterLayerReference = picture.isInterLayerReference
    outgoing.references = (picture.references[0] ?? 0, picture.references[1] ?? 0, picture.references[2] ?? 0)
    pair.left.send(outgoing, on: camera, at: pair.now)
  }
}

/// Keeps what the packets of a VP9 stream say. `@unchecked Sendable`: each test runs its connections on one thread.
final class SVCPacketCollector: RTPPacketSink, @unchecked Sendable {
  struct Packet {
    var number: Int64
    var size: Int
    var marker: Bool
    var descriptor: VP9Descriptor
    var structure: VP9ScalabilityStructure?
    var dependencies: [UInt8]
  }

  private var received: [Packet] = []
  /// In the order of sending.
  var packets: [Packet] { received.sorted { $0.number < $1.number } }
  /// The first packet of each layer frame.
  var layerFrames: [Packet] { packets.filter(\.descriptor.startsFrame) }

  func deliver(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, sequenceNumber: Int64, rid: String, arrival: Instant
  ) {
    let payload = header.payload.bytes(of: packet)
    var count = 0
    guard let descriptor = try? VP9Descriptor(parsing: payload, count: &count) else { return }
    let structure = descriptor.scalabilityStructure.flatMap {
      try? VP9ScalabilityStructure(parsing: UnsafeRawBufferPointer(rebasing: payload[$0]))
    }
    received.append(
      Packet(
        number: sequenceNumber, size: packet.count, marker: header.marker, descriptor: descriptor, structure: structure,
        dependencies: header.extensions.dependencyDescriptor.map { Array($0.bytes(of: packet)) } ?? []))
  }

  func synchronize(rid: String, timestamp: UInt32, ntp: NTPTime) {}
}
