/// Describes the layer frames of a stream that is being sent: L1T1 to L3T3_KEY (W3C WebRTC-SVC), temporal layers in the
/// order 0, 0-1 or 0-2-1-2, spatial layers predicted from each other in key pictures alone.
///
/// The generator follows what was really sent: a layer frame that the encoder left out, or an irregular order of temporal
/// layers, is described as it is.
public struct DependencyDescriptorGenerator: Sendable {
  /// Most spatial layers, and most temporal layers.
  public static let maximumLayerCount = 3
  /// How many pictures back a reference may be told: VP9's P_DIFF has seven bits.
  private static let pictureWindow = 128

  /// The structure that key pictures bring. Its id offset changes with each new structure.
  public private(set) var structure: FrameDependencyStructure
  /// Spatial layers, 1 to 3.
  public let spatialLayerCount: Int
  /// Temporal layers, 1 to 3.
  public let temporalLayerCount: Int

  /// The newest frame of a spatial layer in each temporal layer, and of each chain.
  private var newest = InlineArray<9, Int64>(repeating: -1)
  private var chains = InlineArray<3, Int64>(repeating: -1)
  private var frameNumber: Int64 = 0
  /// The frame numbers of the latest pictures' spatial layers; -1 for layers that weren't sent.
  private var pictures = InlineArray<384, Int64>(repeating: -1)
  private var picture = 0
  private var lastSpatialLayer = 0

  /// A generator for up to three spatial and three temporal layers. `resolutions` are the spatial layers' sizes, lowest
  /// first; without them none are sent. A generator that continues the stream of another one takes over the number of
  /// its next frame (`nextFrameNumber`).
  public init(
    spatialLayerCount: Int, temporalLayerCount: Int, resolutions: [FrameDependencyStructure.Resolution] = [],
    templateIDOffset: Int = 0, frameNumber: Int64 = 0
  ) {
    self.spatialLayerCount = min(max(spatialLayerCount, 1), 3)
    self.temporalLayerCount = min(max(temporalLayerCount, 1), 3)
    structure = FrameDependencyStructure()
    structure.templateIDOffset = templateIDOffset & 63
    structure.decodeTargetCount = self.spatialLayerCount * self.temporalLayerCount
    structure.chainCount = self.spatialLayerCount
    for target in 0..<structure.decodeTargetCount {
      structure.protectingChains.append(target / self.temporalLayerCount)
    }
    if resolutions.count == self.spatialLayerCount { structure.resolutions = resolutions }
    collectTemplates()
    self.frameNumber = max(frameNumber, 0)
  }

  /// The number of the next frame, not wrapped to the 16 bits that are sent.
  public var nextFrameNumber: Int64 { frameNumber }

  /// The decode targets, as bits, of which all layers are sent when only the lowest `count` spatial layers are.
  public func decodeTargets(spatialLayers count: Int) -> UInt32 {
    let targets = min(max(count, 1), spatialLayerCount) * temporalLayerCount
    return targets >= 32 ? .max : (1 << UInt32(targets)) - 1
  }

  /// The descriptor of the next layer frame. Spatial layers of a picture come lowest first; the base layer of a key
  /// picture begins everything anew and brings the structure. The caller sets `startsFrame` and `endsFrame` packet by
  /// packet, takes the structure away after the first packet, and may set `activeDecodeTargets` there.
  ///
  /// `exactly` is given for a stream whose encoder may leave the pattern: the layer frame's references in pictures, and
  /// whether it refers to the layer below. They are told as they are, and key pictures are then the only points where a
  /// decode target may be taken up.
  public mutating func next(
    spatialLayer: Int, temporalLayer: Int, isKeyPicture: Bool,
    exactly: (references: VP9References, isInterLayerPredicted: Bool)? = nil
  ) -> DependencyDescriptor {
    let spatial = min(max(spatialLayer, 0), spatialLayerCount - 1)
    let temporal = isKeyPicture ? 0 : min(max(temporalLayer, 0), temporalLayerCount - 1)
    if isKeyPicture && spatial == 0 {
      for index in newest.indices { newest[index] = -1 }
      for index in chains.indices { chains[index] = -1 }
      for index in pictures.indices { pictures[index] = -1 }
    }
    if spatial <= lastSpatialLayer { beginPicture() }
    lastSpatialLayer = spatial
    var descriptor = DependencyDescriptor()
    descriptor.frameNumber = UInt16(truncatingIfNeeded: frameNumber)
    var frame = describe(spatial, temporal, isKeyPicture: isKeyPicture)
    if let exactly, !isKeyPicture {
      correct(&frame, exactly.references, isInterLayerPredicted: exactly.isInterLayerPredicted)
    }
    descriptor.dependencies = frame
    if isKeyPicture && spatial == 0 { descriptor.structure = structure }
    note(spatial, temporal, isKeyPicture: isKeyPicture)
    return descriptor
  }

  private func describe(_ spatial: Int, _ temporal: Int, isKeyPicture: Bool) -> FrameDependencies {
    var frame = FrameDependencies(spatialLayer: spatial, temporalLayer: temporal)
    for target in 0..<structure.decodeTargetCount {
      let (targetSpatial, targetTemporal) = (target / temporalLayerCount, target % temporalLayerCount)
      let belongs = isKeyPicture ? targetSpatial >= spatial : targetSpatial == spatial && targetTemporal >= temporal
      guard belongs else { continue }
      frame.setIndication(temporal > 0 && targetTemporal == temporal ? .discardable : .switchPoint, target: target)
    }
    for chain in 0..<structure.chainCount where chains[chain] >= 0 {
      // A chain that hasn't been sent for as long as this is dead: its layer stopped. 0 says so.
      let difference = frameNumber - chains[chain]
      frame.setChainDifference(difference > 255 ? 0 : Int(difference), chain: chain)
    }
    // A layer frame refers to the newest one of its own spatial layer that is lower in time, the base layer to itself.
    var reference: Int64 = isKeyPicture && spatial > 0 ? newest[(spatial - 1) * 3] : -1
    if !isKeyPicture {
      for lower in 0..<max(temporal, 1) { reference = max(reference, newest[spatial * 3 + lower]) }
    }
    if reference >= 0 { frame.appendReference(Int(frameNumber - reference)) }
    return frame
  }

  /// Replaces what the pattern says by what `references` do.
  private func correct(_ frame: inout FrameDependencies, _ references: VP9References, isInterLayerPredicted: Bool) {
    frame.removeReferences()
    for index in 0..<references.count {
      let distance = Int(references[index])
      guard distance > 0, distance < Self.pictureWindow else { continue }
      append(pictures[slot(picture - distance, frame.spatialLayer)], to: &frame)
    }
    if isInterLayerPredicted && frame.spatialLayer > 0 {
      append(pictures[slot(picture, frame.spatialLayer - 1)], to: &frame)
    }
    for target in 0..<structure.decodeTargetCount {
      let belongs =
        target / temporalLayerCount >= frame.spatialLayer && target % temporalLayerCount >= frame.temporalLayer
      frame.setIndication(belongs ? .required : .notPresent, target: target)
    }
  }

  private func append(_ reference: Int64, to frame: inout FrameDependencies) {
    if reference >= 0 { frame.appendReference(Int(frameNumber - reference)) }
  }

  private func slot(_ picture: Int, _ spatial: Int) -> Int {
    (picture & (Self.pictureWindow - 1)) * Self.maximumLayerCount + spatial
  }

  private mutating func beginPicture() {
    picture &+= 1
    for spatial in 0..<Self.maximumLayerCount { pictures[slot(picture, spatial)] = -1 }
  }

  private mutating func note(_ spatial: Int, _ temporal: Int, isKeyPicture: Bool) {
    newest[spatial * 3 + temporal] = frameNumber
    pictures[slot(picture, spatial)] = frameNumber
    if temporal == 0 {
      for chain in 0..<structure.chainCount where chain == spatial || (isKeyPicture && chain > spatial) {
        chains[chain] = frameNumber
      }
    }
    frameNumber += 1
  }

  /// Makes the templates by going through a key picture and one period of the pattern.
  private mutating func collectTemplates() {
    let pattern = temporalLayerCount == 3 ? [2, 1, 2, 0] : temporalLayerCount == 2 ? [1, 0] : [0]
    var found: [FrameDependencies] = []
    for picture in 0...pattern.count {
      for spatial in 0..<spatialLayerCount {
        let temporal = picture == 0 ? 0 : pattern[picture - 1]
        let descriptor = next(spatialLayer: spatial, temporalLayer: temporal, isKeyPicture: picture == 0)
        if let frame = descriptor.dependencies, !found.contains(frame) { found.append(frame) }
      }
    }
    for spatial in 0..<spatialLayerCount {
      for temporal in 0..<temporalLayerCount {
        structure.templates += found.filter { $0.spatialLayer == spatial && $0.temporalLayer == temporal }
      }
    }
    frameNumber = 0
  }
}
