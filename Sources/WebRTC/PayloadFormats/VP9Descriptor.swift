/// The VP9 payload descriptor (RFC 9628, section 4.2).
public struct VP9Descriptor: Hashable, Sendable {
  /// PictureID, 7 or 15 bits as `pictureIDIsLong` says; nil (I = 0) when absent.
  public var pictureID: UInt16?
  /// M: whether the picture id has 15 bits.
  public var pictureIDIsLong = true
  /// P: the layer frame is predicted from an earlier picture.
  public var isInterPicturePredicted = false
  /// L: whether the layer indices (`temporalLayer` to `temporalBaseIndex`) are present.
  public var hasLayerIndices = false
  /// F: flexible mode, in which `references` name what a layer frame is predicted from.
  public var isFlexible = false
  /// B: the payload begins a layer frame.
  public var startsFrame = false
  /// E: the payload ends a layer frame.
  public var endsFrame = false
  /// Z: no layer frame of a higher spatial layer depends on this one.
  public var isNotReferenceForUpperLayers = false
  /// TID: the temporal layer, 0 to 7.
  public var temporalLayer: UInt8 = 0
  /// U: higher temporal layers from here on don't depend on earlier pictures above `temporalLayer`.
  public var isSwitchingUpPoint = false
  /// SID: the spatial layer, 0 to 7.
  public var spatialLayer: UInt8 = 0
  /// D: the layer frame depends on the next lower spatial layer of the same picture.
  public var isInterLayerPredicted = false
  /// TL0PICIDX: running count of pictures of temporal layer 0. Present with layer indices in non-flexible mode.
  public var temporalBaseIndex: UInt8 = 0
  /// P_DIFF: how many picture ids back the pictures are that this one is predicted from (flexible mode).
  public var references = VP9References()
  /// Where in the payload the scalability structure (V) is, for `VP9ScalabilityStructure`; nil when absent. Set by
  /// parsing alone.
  public private(set) var scalabilityStructure: Range<Int>?

  /// A descriptor of one byte, without optional fields.
  public init() {}

  /// Reads the descriptor at the start of `payload` and sets `count` to its length in bytes.
  /// - Throws: `truncated` when the payload ends within the descriptor or has no byte after it; `malformed` for
  ///   flexible mode without picture id and for a fourth reference.
  public init(parsing payload: UnsafeRawBufferPointer, count: inout Int) throws(PayloadFormatError) {
    var reader = PayloadReader(payload)
    let flags = try reader.byte()
    isInterPicturePredicted = flags & 0x40 != 0
    hasLayerIndices = flags & 0x20 != 0
    isFlexible = flags & 0x10 != 0
    startsFrame = flags & 0x08 != 0
    endsFrame = flags & 0x04 != 0
    isNotReferenceForUpperLayers = flags & 0x01 != 0
    if flags & 0x80 != 0 {
      let high = try reader.byte()
      pictureIDIsLong = high & 0x80 != 0
      pictureID = UInt16(high & 0x7F)
      if pictureIDIsLong { pictureID = UInt16(high & 0x7F) << 8 | UInt16(try reader.byte()) }
    } else if isFlexible {
      throw .malformed
    }
    if hasLayerIndices {
      let indices = try reader.byte()
      temporalLayer = indices >> 5
      isSwitchingUpPoint = indices & 0x10 != 0
      spatialLayer = indices >> 1 & 0x07
      isInterLayerPredicted = indices & 0x01 != 0
      if !isFlexible { temporalBaseIndex = try reader.byte() }
    }
    if isFlexible && isInterPicturePredicted { references = try VP9References(parsing: &reader) }
    if flags & 0x02 != 0 {
      let start = reader.offset
      try VP9ScalabilityStructure.skip(&reader)
      scalabilityStructure = start..<reader.offset
    }
    if reader.remaining == 0 { throw .truncated }
    count = reader.offset
  }

  /// Writes the descriptor, followed by `structure` if there is one.
  /// - Returns: its length in bytes; 0 when it doesn't fit.
  public func write(
    into memory: UnsafeMutableRawBufferPointer, structure: VP9ScalabilityStructure? = nil
  ) -> Int {
    var writer = PayloadWriter(memory)
    var flags: UInt8 = pictureID != nil ? 0x80 : 0
    flags |= isInterPicturePredicted ? 0x40 : 0
    flags |= hasLayerIndices ? 0x20 : 0
    flags |= isFlexible ? 0x10 : 0
    flags |= startsFrame ? 0x08 : 0
    flags |= endsFrame ? 0x04 : 0
    flags |= structure != nil ? 0x02 : 0
    flags |= isNotReferenceForUpperLayers ? 0x01 : 0
    writer.byte(flags)
    if let pictureID {
      if pictureIDIsLong { writer.twoBytes(0x8000 | pictureID) } else { writer.byte(UInt8(pictureID & 0x7F)) }
    }
    if hasLayerIndices {
      let low = (spatialLayer & 7) << 1 | (isInterLayerPredicted ? 0x01 : 0)
      writer.byte((temporalLayer & 7) << 5 | (isSwitchingUpPoint ? 0x10 : 0) | low)
      if !isFlexible { writer.byte(temporalBaseIndex) }
    }
    if isFlexible && isInterPicturePredicted { references.write(into: &writer) }
    structure?.write(into: &writer)
    return writer.overflowed ? 0 : writer.count
  }
}

/// The up to three P_DIFF of a VP9 layer frame or picture group entry.
public struct VP9References: Hashable, Sendable {
  private var first: UInt8 = 0
  private var second: UInt8 = 0
  private var third: UInt8 = 0
  /// How many there are, at most 3.
  public private(set) var count = 0

  /// No references.
  public init() {}

  /// The `index`th reference: how many picture ids back; 0 beyond `count`.
  public subscript(index: Int) -> UInt8 {
    switch index {
    case 0: first
    case 1: second
    case 2: third
    default: 0
    }
  }

  /// Adds a reference; false when there are three already.
  @discardableResult
  public mutating func append(_ difference: UInt8) -> Bool {
    switch count {
    case 0: first = difference
    case 1: second = difference
    case 2: third = difference
    default: return false
    }
    count += 1
    return true
  }

  init(parsing reader: inout PayloadReader) throws(PayloadFormatError) {
    var more = true
    while more {
      let field = try reader.byte()
      more = field & 0x01 != 0
      guard append(field >> 1) else { throw .malformed }
    }
  }

  func write(into writer: inout PayloadWriter) {
    for index in 0..<count { writer.byte(self[index] << 1 | (index + 1 < count ? 0x01 : 0)) }
  }
}
