import Realtime

/// One layer of one picture as an encoder gave it out: a VP8 frame, or one spatial layer frame of a VP9 picture, with
/// what the RTP payload descriptor says about it (RFC 7741 §4.2, RFC 9628 §4.2).
///
/// It is handed to the visitor of `encode` and valid only until that returns: `bytes` is the encoder's own memory.
public struct EncodedPicture {
  /// The bitstream of this layer alone.
  public var bytes: UnsafeRawBufferPointer
  /// The simulcast stream, 0 the smallest; or the spatial layer (SID), 0 the base.
  public var layer: Int
  /// The layer's width in pixels.
  public var width: Int
  /// The layer's height in pixels.
  public var height: Int
  /// When the camera saw the picture.
  public var captureTime: Instant
  /// Whether decoding may start with this picture. With VP9, true of all spatial layers of a key picture.
  public var isKeyFrame: Bool
  /// The temporal layer (TID), 0 the base.
  public var temporalLayer = 0
  /// VP8's layer sync bit (Y), VP9's switching up point (U): from here on a receiver may take higher temporal layers.
  public var isSwitchingUpPoint = false
  /// Whether no later picture refers to this one, so that it may be lost (VP8's N bit, inverted sense).
  public var isDiscardable = false

  /// VP9: whether this is the last spatial layer of its picture (the RTP marker goes on its last packet).
  public var isLastLayerOfPicture = true
  /// VP9: how many spatial layers the picture's stream has at present.
  public var spatialLayerCount = 1
  /// VP9: whether the layer is predicted from the layer below in the same picture (D).
  public var isInterLayerPredicted = false
  /// VP9: whether the layer above may be predicted from this one in the same picture (inverse of Z).
  public var isInterLayerReference = false
  /// VP9: the earlier pictures of the same spatial layer that it refers to, as differences of picture ID (P_DIFF).
  public var references = PictureReferences()

  /// VP9: whether it refers to any earlier picture (P).
  public var isInterPicturePredicted: Bool { references.count > 0 }
}

/// Up to three differences of picture ID (RFC 9628's P_DIFF), without an array.
public struct PictureReferences: Hashable, Sendable {
  /// How many references there are, 0…3.
  public private(set) var count = 0
  private var first: UInt8 = 0
  private var second: UInt8 = 0
  private var third: UInt8 = 0

  /// No reference.
  public init() {}

  /// The difference at `index`, 1…127; nil beyond `count`.
  public subscript(index: Int) -> UInt8? {
    guard index >= 0, index < count else { return nil }
    return index == 0 ? first : index == 1 ? second : third
  }

  /// Adds a difference unless it is there already or there are three.
  mutating func insert(_ difference: UInt8) {
    if count == 3 || (0..<count).contains(where: { self[$0] == difference }) { return }
    switch count {
    case 0: first = difference
    case 1: second = difference
    default: third = difference
    }
    count += 1
  }
}
