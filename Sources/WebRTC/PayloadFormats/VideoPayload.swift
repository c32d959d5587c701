/// What the payload descriptor of a VP8 or VP9 packet says, in the form the frame assembler works with.
struct VideoPayload {
  var codec = VideoCodec.vp8
  /// Where the codec's own bytes begin in the payload.
  var offset = 0
  /// Whether a frame (VP9: a layer frame) begins or, as far as the descriptor tells, ends here.
  var startsFrame = false
  var endsFrame = false
  /// Whether decoding may start here. Known where a frame starts.
  var isKeyFrame = false
  var isNonReference = false
  var pictureID: UInt16?
  var pictureIDIsLong = true
  var hasTemporalLayer = false
  var temporalLayer: UInt8 = 0
  var temporalBaseIndex: UInt8?
  /// VP8's Y or VP9's U.
  var isSwitchingPoint = false
  var spatialLayer: UInt8 = 0
  var isInterLayerPredicted = false
  var isInterPicturePredicted = true
  var isFlexible = false
  var references = VP9References()
  var structure: Range<Int>?

  init() {}

  init(parsing payload: UnsafeRawBufferPointer, codec: VideoCodec) throws(PayloadFormatError) {
    self.codec = codec
    switch codec {
    case .vp8: try parseVP8(payload)
    case .vp9: try parseVP9(payload)
    }
  }

  private mutating func parseVP8(_ payload: UnsafeRawBufferPointer) throws(PayloadFormatError) {
    let descriptor = try VP8Descriptor(parsing: payload, count: &offset)
    startsFrame = descriptor.startsFrame
    if startsFrame {
      let header = try VP8PayloadHeader(parsing: UnsafeRawBufferPointer(rebasing: payload[offset...]))
      isKeyFrame = header.isKeyFrame
      isInterPicturePredicted = !isKeyFrame
    }
    isNonReference = descriptor.isNonReference
    pictureID = descriptor.pictureID
    pictureIDIsLong = descriptor.pictureIDIsLong
    hasTemporalLayer = descriptor.temporalLayer != nil
    temporalLayer = descriptor.temporalLayer ?? 0
    temporalBaseIndex = descriptor.temporalBaseIndex
    isSwitchingPoint = descriptor.isLayerSync
  }

  private mutating func parseVP9(_ payload: UnsafeRawBufferPointer) throws(PayloadFormatError) {
    let descriptor = try VP9Descriptor(parsing: payload, count: &offset)
    startsFrame = descriptor.startsFrame
    endsFrame = descriptor.endsFrame
    pictureID = descriptor.pictureID
    pictureIDIsLong = descriptor.pictureIDIsLong
    hasTemporalLayer = descriptor.hasLayerIndices
    temporalLayer = descriptor.temporalLayer
    temporalBaseIndex = descriptor.hasLayerIndices && !descriptor.isFlexible ? descriptor.temporalBaseIndex : nil
    isSwitchingPoint = descriptor.isSwitchingUpPoint
    spatialLayer = descriptor.spatialLayer
    isInterLayerPredicted = descriptor.isInterLayerPredicted
    isInterPicturePredicted = descriptor.isInterPicturePredicted
    isFlexible = descriptor.isFlexible
    references = descriptor.references
    structure = descriptor.scalabilityStructure
    guard startsFrame, spatialLayer == 0, !isInterPicturePredicted else { return }
    // Senders of the one-byte descriptor (without picture id) leave P clear on every frame: believe the bitstream there.
    isKeyFrame = pictureID != nil || Self.isVP9KeyFrame(payload[offset])
    isInterPicturePredicted = !isKeyFrame
  }

  /// Whether the first byte of a VP9 frame (its uncompressed header, VP9 bitstream specification 6.2) is a key frame's:
  /// frame marker 2, neither an existing frame shown again nor an interframe. Profile 3 isn't sent by anyone here.
  static func isVP9KeyFrame(_ first: UInt8) -> Bool {
    first >> 6 == 0b10 && first & 0b1100 == 0
  }
}
