/// The templates that a stream's dependency descriptors refer to, sent with key pictures (AV1 RTP specification, A.8.2.2).
public struct FrameDependencyStructure: Hashable, Sendable {
  /// Width and height in pixels.
  public struct Resolution: Hashable, Sendable {
    /// Width in pixels, 1 to 65536.
    public var width: Int
    /// Height in pixels, 1 to 65536.
    public var height: Int

    /// A size in pixels.
    public init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  /// Most templates that the format has.
  public static let maximumTemplateCount = 64

  /// The id of the first template, 0 to 63. A sender changes it with the structure, so that old ids don't match.
  public var templateIDOffset = 0
  /// Decode targets, 1 to 32.
  public var decodeTargetCount = 1
  /// Chains, 0 to 8.
  public var chainCount = 0
  /// The chain that protects each decode target; empty without chains.
  public var protectingChains: [Int] = []
  /// The templates, sorted by spatial and then temporal layer, 1 to 64.
  public var templates: [FrameDependencies] = []
  /// The size of each spatial layer; empty when not sent.
  public var resolutions: [Resolution] = []

  /// A structure to be filled.
  public init() {}

  /// The template of an id; nil when the structure has none.
  public func template(id: UInt8) -> FrameDependencies? {
    let index = (Int(id) + 64 - templateIDOffset) % 64
    return index < templates.count ? templates[index] : nil
  }

  init(parsing reader: inout BitReader) throws(PayloadFormatError) {
    templateIDOffset = Int(try reader.bits(6))
    decodeTargetCount = Int(try reader.bits(5)) + 1
    try readLayers(&reader)
    for index in templates.indices {
      try templates[index].readIndications(&reader, count: decodeTargetCount)
    }
    for index in templates.indices {
      while try reader.flag() {
        guard templates[index].appendReference(Int(try reader.bits(4)) + 1) else { throw .unsupported }
      }
    }
    try readChains(&reader)
    guard try reader.flag() else { return }
    for _ in 0...(templates.last?.spatialLayer ?? 0) {
      let width = Int(try reader.bits(16)) + 1
      resolutions.append(Resolution(width: width, height: Int(try reader.bits(16)) + 1))
    }
  }

  private mutating func readLayers(_ reader: inout BitReader) throws(PayloadFormatError) {
    var spatialLayer = 0
    var temporalLayer = 0
    while true {
      guard templates.count < Self.maximumTemplateCount else { throw .malformed }
      templates.append(FrameDependencies(spatialLayer: spatialLayer, temporalLayer: temporalLayer))
      switch try reader.bits(2) {
      case 0: break
      case 1: temporalLayer += 1
      case 2:
        temporalLayer = 0
        spatialLayer += 1
      default: return
      }
      guard spatialLayer < 4, temporalLayer < 8 else { throw .malformed }
    }
  }

  private mutating func readChains(_ reader: inout BitReader) throws(PayloadFormatError) {
    chainCount = try reader.number(below: decodeTargetCount + 1)
    guard chainCount <= FrameDependencies.maximumChainCount else { throw .unsupported }
    guard chainCount > 0 else { return }
    for _ in 0..<decodeTargetCount { protectingChains.append(try reader.number(below: chainCount)) }
    for index in templates.indices {
      for chain in 0..<chainCount { templates[index].setChainDifference(Int(try reader.bits(4)), chain: chain) }
    }
  }

  func write(into writer: inout BitWriter) {
    writer.bits(templateIDOffset, 6)
    writer.bits(decodeTargetCount - 1, 5)
    for index in templates.indices {
      guard index + 1 < templates.count else { continue }
      let (this, next) = (templates[index], templates[index + 1])
      writer.bits(next.spatialLayer > this.spatialLayer ? 2 : next.temporalLayer > this.temporalLayer ? 1 : 0, 2)
    }
    writer.bits(3, 2)
    for template in templates { template.writeIndications(into: &writer, count: decodeTargetCount) }
    for template in templates {
      for index in 0..<template.referenceCount {
        writer.flag(true)
        writer.bits(template.reference(index) - 1, 4)
      }
      writer.flag(false)
    }
    writer.number(chainCount, below: decodeTargetCount + 1)
    if chainCount > 0 {
      for chain in protectingChains { writer.number(chain, below: chainCount) }
      for template in templates {
        for chain in 0..<chainCount { writer.bits(template.chainDifference(chain), 4) }
      }
    }
    writer.flag(!resolutions.isEmpty)
    for resolution in resolutions {
      writer.bits(resolution.width - 1, 16)
      writer.bits(resolution.height - 1, 16)
    }
  }
}

extension FrameDependencies {
  mutating func readIndications(_ reader: inout BitReader, count: Int) throws(PayloadFormatError) {
    for target in 0..<count {
      setIndication(DecodeTargetIndication(rawValue: UInt8(try reader.bits(2))) ?? .notPresent, target: target)
    }
  }

  func writeIndications(into writer: inout BitWriter, count: Int) {
    for target in 0..<count { writer.bits(indication(target).rawValue, 2) }
  }
}
