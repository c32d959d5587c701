import Realtime

/// One encoded picture to send: a VP8 frame of one encoding, or one spatial layer of a VP9 picture, lowest first.
///
/// Not thread-safe; it travels between threads in a `RecyclingRing`, owned by one side at a time.
public final class OutgoingVideoFrame: FrameBuffer {
  /// The codec; must be the one that was negotiated (`PeerConnection.sendCodec`).
  public var codec = VideoCodec.vp8
  /// Index into the transceiver's encodings; 0 with VP9, whose layers share one.
  public var encoding = 0
  /// When the picture was captured. Its RTP timestamp follows from it, equal for all layers of a picture.
  public var captureTime = Instant(nanoseconds: 0)
  /// Whether decoding may start here.
  public var isKeyFrame = false
  /// Pixels.
  public var width = 0
  /// Pixels.
  public var height = 0
  /// The temporal layer, 0 to 7.
  public var temporalLayer: UInt8 = 0
  /// How many temporal layers the stream has.
  public var temporalLayerCount: UInt8 = 1
  /// From here on a receiver may take higher temporal layers (VP8's Y bit, VP9's U bit).
  public var isSwitchingUpPoint = false
  /// Whether no later picture refers to this one.
  public var isDiscardable = false
  /// VP9: the spatial layer, 0 to 7.
  public var spatialLayer: UInt8 = 0
  /// VP9: how many spatial layers the stream has now.
  public var spatialLayerCount: UInt8 = 1
  /// VP9: whether this is the picture's last layer.
  public var isLastLayerOfPicture = true
  /// VP9: whether the layer refers to the one below in the same picture.
  public var isInterLayerPredicted = false
  /// VP9: whether the layer above refers to this one in the same picture.
  public var isInterLayerReference = false
  /// VP9: the earlier pictures of the same layer that it refers to, as differences of the picture id; 0 for none. An
  /// interframe that names nothing is taken to refer to the picture before.
  public var references: (UInt8, UInt8, UInt8) = (0, 0, 0)
}

extension OutgoingVideoFrame {
  /// The frame as a layer frame of a VP9 stream.
  var vp9Layer: VP9StreamDescriber.Layer {
    var differences = VP9References()
    if references.0 > 0 { differences.append(references.0) }
    if references.1 > 0 { differences.append(references.1) }
    if references.2 > 0 { differences.append(references.2) }
    // The picture before stands for all before it, where the encoder doesn't tell: none of them was left out.
    if differences.count == 0 && !isKeyFrame && !isInterLayerPredicted { differences.append(1) }
    return VP9StreamDescriber.Layer(
      isKeyPicture: isKeyFrame, spatialLayer: spatialLayer, temporalLayer: temporalLayer,
      spatialLayerCount: Int(spatialLayerCount), temporalLayerCount: Int(temporalLayerCount),
      isSwitchingUpPoint: isSwitchingUpPoint, isInterLayerPredicted: isInterLayerPredicted,
      isInterLayerReference: isInterLayerReference, references: differences, width: width, height: height)
  }
}
