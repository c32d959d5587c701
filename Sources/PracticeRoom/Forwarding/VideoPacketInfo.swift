import WebRTC

/// What the payload descriptor of a video packet tells a forwarder.
struct VideoPacketInfo {
  /// Whether decoding may start with this packet.
  let isKeyFrame: Bool
  /// The temporal layer of its picture.
  let temporalLayer: Int
  /// What its picture allows a receiver that doesn't get all temporal layers.
  let switching: TemporalFilter.Switching
  /// The descriptor, with VP8.
  let vp8: VP8Descriptor?

  /// Nil when the payload isn't what its codec says.
  init?(_ packet: MediaPacket) {
    var count = 0
    switch packet.codec {
    case .video(.vp8):
      guard let descriptor = try? VP8Descriptor(parsing: packet.payload, count: &count) else { return nil }
      let frame = UnsafeRawBufferPointer(rebasing: packet.payload[count...])
      self.init(descriptor, frame)
    case .video(.vp9):
      guard let descriptor = try? VP9Descriptor(parsing: packet.payload, count: &count) else { return nil }
      self.init(descriptor)
    case .opus, .red:
      return nil
    }
  }

  /// What a VP8 packet's descriptor tells, and the bytes after it.
  private init(_ descriptor: VP8Descriptor, _ frame: UnsafeRawBufferPointer) {
    isKeyFrame = descriptor.startsFrame && (try? VP8PayloadHeader(parsing: frame))?.isKeyFrame == true
    temporalLayer = Int(descriptor.temporalLayer ?? 0)
    switching = isKeyFrame ? .allLayers : descriptor.isLayerSync ? .ownLayer : .nothing
    vp8 = descriptor
  }

  /// What a VP9 packet's descriptor tells.
  init(_ descriptor: VP9Descriptor) {
    isKeyFrame = descriptor.startsFrame && descriptor.spatialLayer == 0 && !descriptor.isInterPicturePredicted
    temporalLayer = Int(descriptor.temporalLayer)
    switching = isKeyFrame ? .allLayers : descriptor.isSwitchingUpPoint ? .layersAbove : .nothing
    vp8 = nil
  }
}
