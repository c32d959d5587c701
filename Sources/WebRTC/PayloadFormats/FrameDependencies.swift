/// What a frame means to a decode target (AV1 RTP specification, A.4).
public enum DecodeTargetIndication: UInt8, Hashable, Sendable {
  /// The frame isn't part of the decode target.
  case notPresent = 0
  /// Part of the decode target, but no other frame of it refers to this one.
  case discardable = 1
  /// Part of the decode target, which is decodable from this frame on.
  case switchPoint = 2
  /// Part of the decode target and needed by others.
  case required = 3
}

/// How a frame depends on others, as the dependency descriptor tells (AV1 RTP specification, A.8.2.3).
public struct FrameDependencies: Hashable, Sendable {
  /// Most decode targets that the format has.
  public static let maximumDecodeTargetCount = 32
  /// Most chains that are read; there is one a spatial layer in practice. The format allows 32.
  public static let maximumChainCount = 8
  /// Most frames a frame may refer to here; VP9 has three, AV1 seven references. The format has no bound.
  public static let maximumReferenceCount = 8

  /// The spatial layer.
  public var spatialLayer: Int
  /// The temporal layer.
  public var temporalLayer: Int
  /// How many frames are referred to.
  public private(set) var referenceCount = 0
  private var indications: UInt64 = 0
  private var chains: UInt64 = 0
  private var references: (low: UInt64, high: UInt64) = (0, 0)

  /// A frame without references that belongs to no decode target.
  public init(spatialLayer: Int, temporalLayer: Int) {
    self.spatialLayer = spatialLayer
    self.temporalLayer = temporalLayer
  }

  /// What the frame means to decode target `target` (0 to 31).
  public func indication(_ target: Int) -> DecodeTargetIndication {
    DecodeTargetIndication(rawValue: UInt8(indications >> UInt64(2 * (target & 31)) & 3)) ?? .notPresent
  }

  /// Sets what the frame means to decode target `target` (0 to 31).
  public mutating func setIndication(_ indication: DecodeTargetIndication, target: Int) {
    let shift = UInt64(2 * (target & 31))
    indications = indications & ~(3 << shift) | UInt64(indication.rawValue) << shift
  }

  /// How many frame numbers back the previous frame of chain `chain` (0 to 7) is; 0 when there is none.
  public func chainDifference(_ chain: Int) -> Int { Int(chains >> UInt64(8 * (chain & 7)) & 0xFF) }

  /// Sets how many frame numbers back, 0 to 255, the previous frame of chain `chain` (0 to 7) is.
  public mutating func setChainDifference(_ difference: Int, chain: Int) {
    let shift = UInt64(8 * (chain & 7))
    chains = chains & ~(0xFF << shift) | UInt64(UInt8(truncatingIfNeeded: difference)) << shift
  }

  /// How many frame numbers back the `index`th frame is that this one refers to: 1 to 4096; 0 beyond `referenceCount`.
  public func reference(_ index: Int) -> Int {
    guard (0..<referenceCount).contains(index) else { return 0 }
    let shift = UInt64(16 * (index & 3))
    return Int((index < 4 ? references.low : references.high) >> shift & 0xFFFF)
  }

  /// Adds a reference `difference` frame numbers back, 1 to 4096; false when there are too many or it is out of range.
  @discardableResult
  public mutating func appendReference(_ difference: Int) -> Bool {
    guard referenceCount < Self.maximumReferenceCount, (1...4_096).contains(difference) else { return false }
    let field = UInt64(difference) << UInt64(16 * (referenceCount & 3))
    if referenceCount < 4 { references.low |= field } else { references.high |= field }
    referenceCount += 1
    return true
  }

  mutating func removeReferences() {
    referenceCount = 0
    references = (0, 0)
  }

  func hasSameIndications(as other: Self) -> Bool { indications == other.indications }
  func hasSameChains(as other: Self) -> Bool { chains == other.chains }
  func hasSameReferences(as other: Self) -> Bool { references == other.references }

  /// Whether all fields agree.
  public static func == (left: Self, right: Self) -> Bool {
    left.spatialLayer == right.spatialLayer && left.temporalLayer == right.temporalLayer
      && left.hasSameIndications(as: right) && left.hasSameChains(as: right) && left.hasSameReferences(as: right)
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(spatialLayer)
    hasher.combine(temporalLayer)
    hasher.combine(indications)
    hasher.combine(chains)
    hasher.combine(references.low)
    hasher.combine(references.high)
  }
}
