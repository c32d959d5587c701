/// The scalability structure of a VP9 stream (RFC 9628, section 4.2.1): sizes of the spatial layers and the picture group
/// that repeats in non-flexible mode.
public struct VP9ScalabilityStructure: Hashable, Sendable {
  /// Most picture group entries that are kept. The format allows 255; senders use at most 8. With more than this many
  /// `pictureCount` is 0, as if the group had been absent.
  public static let maximumPictureCount = 16
  /// Most spatial layers that the format has.
  public static let maximumLayerCount = 8

  /// One picture of the group.
  public struct Picture: Hashable, Sendable {
    /// TID: the temporal layer.
    public var temporalLayer: UInt8
    /// U: higher temporal layers from here on don't depend on earlier pictures above `temporalLayer`.
    public var isSwitchingUpPoint: Bool
    /// P_DIFF: how many picture ids back the pictures are that this one is predicted from.
    public var references: VP9References

    /// A picture of a group.
    public init(
      temporalLayer: UInt8 = 0, isSwitchingUpPoint: Bool = false, references: VP9References = VP9References()
    ) {
      self.temporalLayer = temporalLayer
      self.isSwitchingUpPoint = isSwitchingUpPoint
      self.references = references
    }
  }

  /// Spatial layers, 1 to 8.
  public private(set) var layerCount = 1
  /// Whether the layers' sizes are known.
  public private(set) var hasSizes = false
  /// Pictures in the group; 0 when the group is absent.
  public private(set) var pictureCount = 0
  private var sizes = InlineArray<8, UInt32>(repeating: 0)
  private var pictures = InlineArray<16, Picture>(repeating: Picture())

  /// A structure of `layerCount` (1 to 8) spatial layers without sizes and group.
  public init(layerCount: Int) {
    self.layerCount = min(max(layerCount, 1), Self.maximumLayerCount)
  }

  /// Width and height of spatial layer `layer` in pixels; zeros when unknown.
  public func size(ofLayer layer: Int) -> (width: Int, height: Int) {
    guard hasSizes, (0..<layerCount).contains(layer) else { return (0, 0) }
    return (Int(sizes[layer] >> 16), Int(sizes[layer] & 0xFFFF))
  }

  /// Sets the size in pixels (at most 65535) of spatial layer `layer`; nothing happens for a layer that isn't there.
  public mutating func setSize(width: Int, height: Int, ofLayer layer: Int) {
    guard (0..<layerCount).contains(layer) else { return }
    hasSizes = true
    sizes[layer] = UInt32(UInt16(clamping: width)) << 16 | UInt32(UInt16(clamping: height))
  }

  /// The `index`th picture of the group, 0 up to `pictureCount`.
  public func picture(_ index: Int) -> Picture {
    (0..<pictureCount).contains(index) ? pictures[index] : Picture()
  }

  /// Adds a picture to the group; false when it is full.
  @discardableResult
  public mutating func append(_ picture: Picture) -> Bool {
    guard pictureCount < Self.maximumPictureCount else { return false }
    pictures[pictureCount] = picture
    pictureCount += 1
    return true
  }

  /// Reads the structure that `VP9Descriptor.scalabilityStructure` has located.
  /// - Throws: `truncated`.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(PayloadFormatError) {
    var reader = PayloadReader(bytes)
    let flags = try reader.byte()
    layerCount = Int(flags >> 5) + 1
    if flags & 0x10 != 0 {
      hasSizes = true
      for layer in 0..<layerCount {
        let width = try reader.twoBytes()
        sizes[layer] = UInt32(width) << 16 | UInt32(try reader.twoBytes())
      }
    }
    guard flags & 0x08 != 0 else { return }
    let total = Int(try reader.byte())
    for _ in 0..<total {
      let fields = try reader.byte()
      var picture = Picture(temporalLayer: fields >> 5, isSwitchingUpPoint: fields & 0x10 != 0)
      for _ in 0..<(fields >> 2 & 0x03) { picture.references.append(try reader.byte()) }
      append(picture)
    }
    if total > Self.maximumPictureCount { pictureCount = 0 }
  }

  /// Moves `reader` past a structure.
  static func skip(_ reader: inout PayloadReader) throws(PayloadFormatError) {
    let flags = try reader.byte()
    if flags & 0x10 != 0 { try reader.skip((Int(flags >> 5) + 1) * 4) }
    guard flags & 0x08 != 0 else { return }
    for _ in 0..<(try reader.byte()) { try reader.skip(Int(try reader.byte() >> 2 & 0x03)) }
  }

  func write(into writer: inout PayloadWriter) {
    writer.byte(UInt8(layerCount - 1) << 5 | (hasSizes ? 0x10 : 0) | (pictureCount > 0 ? 0x08 : 0))
    if hasSizes {
      for layer in 0..<layerCount {
        writer.twoBytes(UInt16(sizes[layer] >> 16))
        writer.twoBytes(UInt16(truncatingIfNeeded: sizes[layer]))
      }
    }
    guard pictureCount > 0 else { return }
    writer.byte(UInt8(pictureCount))
    for index in 0..<pictureCount {
      let picture = pictures[index]
      let references = picture.references
      writer.byte(
        (picture.temporalLayer & 7) << 5 | (picture.isSwitchingUpPoint ? 0x10 : 0) | UInt8(references.count) << 2)
      for reference in 0..<references.count { writer.byte(references[reference]) }
    }
  }

  /// Whether both describe the same layers and group.
  public static func == (left: Self, right: Self) -> Bool {
    guard left.layerCount == right.layerCount, left.hasSizes == right.hasSizes,
      left.pictureCount == right.pictureCount
    else { return false }
    return (0..<left.layerCount).allSatisfy { left.sizes[$0] == right.sizes[$0] }
      && (0..<left.pictureCount).allSatisfy { left.pictures[$0] == right.pictures[$0] }
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(layerCount)
    hasher.combine(pictureCount)
    for layer in 0..<layerCount { hasher.combine(sizes[layer]) }
    for index in 0..<pictureCount { hasher.combine(pictures[index]) }
  }
}
