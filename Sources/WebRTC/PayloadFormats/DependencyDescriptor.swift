/// The dependency descriptor RTP header extension (AV1 RTP specification, appendix A), which tells a media server what it
/// may leave out, whatever the codec.
public struct DependencyDescriptor: Hashable, Sendable {
  /// The URI that names the extension in SDP.
  public static let uri =
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
  /// Most bytes of the extension: the two-byte header's limit.
  public static let maximumSize = 255

  /// Whether the packet is the first of its frame (with spatial layers: layer frame).
  public var startsFrame = false
  /// Whether the packet is the last of its frame.
  public var endsFrame = false
  /// The template's id, 0 to 63. Set by parsing; writing chooses the template by itself.
  public private(set) var templateID: UInt8 = 0
  /// Running count of frames.
  public var frameNumber: UInt16 = 0
  /// The structure that the packet brings, with which this and all later descriptors are read.
  public var structure: FrameDependencyStructure?
  /// Bit n: decode target n is being sent; nil when the packet doesn't tell.
  public var activeDecodeTargets: UInt32?
  /// How the frame depends on others; nil when the structure is unknown or has no such template.
  public var dependencies: FrameDependencies?

  /// An empty descriptor.
  public init() {}

  /// Reads the extension's `bytes` with the `structure` that came last.
  /// - Throws: `truncated`; `malformed`; `unsupported` beyond the bounds of `FrameDependencies`.
  public init(
    parsing bytes: UnsafeRawBufferPointer, structure known: FrameDependencyStructure?
  ) throws(PayloadFormatError) {
    var reader = BitReader(bytes)
    startsFrame = try reader.flag()
    endsFrame = try reader.flag()
    templateID = UInt8(try reader.bits(6))
    frameNumber = UInt16(try reader.bits(16))
    guard bytes.count > 3 else {
      dependencies = known?.template(id: templateID)
      return
    }
    let flags = try reader.bits(5)
    if flags & 0x10 != 0 { structure = try FrameDependencyStructure(parsing: &reader) }
    guard let structure = structure ?? known else { return }
    if flags & 0x08 != 0 { activeDecodeTargets = try reader.bits(structure.decodeTargetCount) }
    guard var frame = structure.template(id: templateID) else { return }
    if flags & 0x04 != 0 { try frame.readIndications(&reader, count: structure.decodeTargetCount) }
    if flags & 0x02 != 0 {
      frame.removeReferences()
      var size = Int(try reader.bits(2))
      while size > 0 {
        guard frame.appendReference(Int(try reader.bits(4 * size)) + 1) else { throw .unsupported }
        size = Int(try reader.bits(2))
      }
    }
    if flags & 0x01 != 0 {
      for chain in 0..<structure.chainCount { frame.setChainDifference(Int(try reader.bits(8)), chain: chain) }
    }
    dependencies = frame
  }

  /// Writes the extension with the template of `known` (the structure sent last; overridden by `structure`) that
  /// describes `dependencies` best, and what differs from it.
  /// - Returns: bytes written; 0 when it doesn't fit, or when no template has the frame's layers.
  public func write(
    into memory: UnsafeMutableRawBufferPointer, structure known: FrameDependencyStructure?
  ) -> Int {
    guard let active = structure ?? known, let frame = dependencies, let index = active.closestTemplate(to: frame)
    else { return 0 }
    let template = active.templates[index]
    let customIndications = !frame.hasSameIndications(as: template)
    let customReferences = !frame.hasSameReferences(as: template)
    let customChains = !frame.hasSameChains(as: template)
    var writer = BitWriter(memory)
    writer.flag(startsFrame)
    writer.flag(endsFrame)
    writer.bits((index + active.templateIDOffset) % 64, 6)
    writer.bits(frameNumber, 16)
    let isExtended =
      structure != nil || activeDecodeTargets != nil || customIndications || customReferences || customChains
    guard isExtended else { return writer.overflowed ? 0 : writer.count }
    writer.flag(structure != nil)
    writer.flag(activeDecodeTargets != nil)
    writer.flag(customIndications)
    writer.flag(customReferences)
    writer.flag(customChains)
    structure?.write(into: &writer)
    if let activeDecodeTargets { writer.bits(activeDecodeTargets, active.decodeTargetCount) }
    if customIndications { frame.writeIndications(into: &writer, count: active.decodeTargetCount) }
    if customReferences { frame.writeReferences(into: &writer) }
    if customChains {
      for chain in 0..<active.chainCount { writer.bits(frame.chainDifference(chain), 8) }
    }
    return writer.overflowed ? 0 : writer.count
  }

  /// Sets in a written descriptor whether its packet is the first, and whether it is the last of its frame.
  static func setPlace(_ descriptor: UnsafeMutableRawBufferPointer, startsFrame: Bool, endsFrame: Bool) {
    guard !descriptor.isEmpty else { return }
    descriptor[0] = descriptor[0] & 0x3F | (startsFrame ? 0x80 : 0) | (endsFrame ? 0x40 : 0)
  }
}

extension FrameDependencyStructure {
  /// The template with the layers of `frame` that agrees with it in most respects.
  fileprivate func closestTemplate(to frame: FrameDependencies) -> Int? {
    var best: Int?
    var bestScore = -1
    for index in templates.indices {
      let template = templates[index]
      guard template.spatialLayer == frame.spatialLayer, template.temporalLayer == frame.temporalLayer else { continue }
      let score =
        (template.hasSameIndications(as: frame) ? 4 : 0) + (template.hasSameReferences(as: frame) ? 2 : 0)
        + (template.hasSameChains(as: frame) ? 1 : 0)
      if score > bestScore { (best, bestScore) = (index, score) }
    }
    return best
  }
}

extension FrameDependencies {
  fileprivate func writeReferences(into writer: inout BitWriter) {
    for index in 0..<referenceCount {
      let difference = reference(index) - 1
      let size = difference < 16 ? 1 : difference < 256 ? 2 : 3
      writer.bits(size, 2)
      writer.bits(difference, 4 * size)
    }
    writer.bits(0, 2)
  }
}
