/// Says of each layer frame of a VP9 stream that is being sent what payload descriptor, scalability structure and
/// dependency descriptor receivers and media servers need.
///
/// The stream is in non-flexible mode, with the picture group in each key picture's structure: there are decoders that
/// drop interframes of flexible mode, and browsers send like this. What the encoder really referred to is compared with
/// the group, layer frame by layer frame. When they differ (a picture was lost on the way from the encoder, or the
/// pattern is another one) the stream can't go on as announced, and the mode may change with a key picture alone
/// (RFC 9628 section 4.2): `describe` gives nothing until the next one, with which flexible mode begins; the key picture
/// after that tries the group again.
///
/// Allocates nothing but when the layers or their sizes change.
struct VP9StreamDescriber {
  /// What a layer frame that is to be sent has to say of itself.
  struct Layer {
    var isKeyPicture: Bool
    var spatialLayer: UInt8
    var temporalLayer: UInt8
    /// Spatial layers and temporal layers that the stream has now.
    var spatialLayerCount: Int
    var temporalLayerCount: Int
    var isSwitchingUpPoint: Bool
    var isInterLayerPredicted: Bool
    var isInterLayerReference: Bool
    /// Differences of picture id to what it refers to.
    var references: VP9References
    /// Pixels.
    var width: Int
    var height: Int
  }

  private enum Mode {
    /// Nothing can be decoded before the next key picture; `isFlexible` tells how the stream then goes on.
    case awaitingKeyPicture(isFlexible: Bool)
    case pictureGroup(VP9PictureGroup)
    case flexible
  }

  private var mode = Mode.awaitingKeyPicture(isFlexible: false)
  /// Pictures since the key picture, and the spatial layers that it had.
  private var position = 0
  private var keyLayerCount = 0
  private var lastPictureID: UInt16?
  private let writesDependencies: Bool
  private var dependencies: DependencyDescriptorGenerator?
  private var activeTargets: UInt32 = 0
  /// Whether a change of the active decode targets is being told, which every chain has to carry once.
  private var tellsActiveTargets = false
  private var hasToldBaseLayer = false

  /// A describer of a stream that hasn't begun; `writesDependencies`: whether dependency descriptors are wanted.
  init(writesDependencies: Bool) {
    self.writesDependencies = writesDependencies
  }

  /// The payload descriptor of `layer`, the next layer frame; nil when it must not be sent and a key picture is needed.
  mutating func describe(_ layer: Layer, pictureID: UInt16, temporalBaseIndex: UInt8) -> VP9Descriptor? {
    let isFirstOfPicture = pictureID != lastPictureID
    lastPictureID = pictureID
    if layer.isKeyPicture && layer.spatialLayer == 0 {
      begin(layer)
    } else if isFirstOfPicture {
      position += 1
    }
    var descriptor = VP9Descriptor()
    switch mode {
    case .awaitingKeyPicture: return nil
    case .flexible: descriptor.isFlexible = true
    case .pictureGroup(let group):
      guard isRegular(layer, in: group) else {
        mode = .awaitingKeyPicture(isFlexible: true)
        return nil
      }
    }
    guard layer.spatialLayer < keyLayerCount else {
      mode = .awaitingKeyPicture(isFlexible: descriptor.isFlexible)
      return nil
    }
    descriptor.pictureID = pictureID
    descriptor.hasLayerIndices = true
    descriptor.temporalLayer = layer.temporalLayer
    descriptor.temporalBaseIndex = temporalBaseIndex
    descriptor.spatialLayer = layer.spatialLayer
    descriptor.isSwitchingUpPoint = layer.isSwitchingUpPoint
    descriptor.isInterLayerPredicted = layer.isInterLayerPredicted
    descriptor.isNotReferenceForUpperLayers = !layer.isInterLayerReference
    descriptor.isInterPicturePredicted = layer.references.count > 0
    if descriptor.isFlexible { descriptor.references = layer.references }
    return descriptor
  }

  /// The scalability structure, which goes with the base layer of key pictures (RFC 9628 section 4.2.1); nil with other
  /// layer frames. Each spatial layer has half the size of the one above it.
  func structure(of layer: Layer) -> VP9ScalabilityStructure? {
    guard layer.isKeyPicture, layer.spatialLayer == 0 else { return nil }
    var structure = VP9ScalabilityStructure(layerCount: layer.spatialLayerCount)
    for index in 0..<structure.layerCount {
      structure.setSize(width: layer.width << index, height: layer.height << index, ofLayer: index)
    }
    if case .pictureGroup(let group) = mode { group.append(to: &structure) }
    return structure
  }

  private mutating func begin(_ layer: Layer) {
    position = 0
    keyLayerCount = layer.spatialLayerCount
    if case .awaitingKeyPicture(isFlexible: true) = mode {
      mode = .flexible
    } else {
      mode = VP9PictureGroup(temporalLayerCount: layer.temporalLayerCount).map(Mode.pictureGroup) ?? .flexible
    }
  }

  /// Whether `layer` is what `group` says of its place, or needs less.
  private func isRegular(_ layer: Layer, in group: VP9PictureGroup) -> Bool {
    if layer.isKeyPicture { return position == 0 && layer.temporalLayer == 0 && layer.references.count == 0 }
    guard position > 0, layer.temporalLayer == group.picture(at: position).temporalLayer else { return false }
    return group.covers(layer.references, at: position)
  }

  // MARK: Dependency descriptor

  /// Writes the dependency descriptors of `layer`, which was described just before: for its first packet to `first`, for
  /// the others to `others`. Start and end of the frame are left open (`DependencyDescriptor.setPlace`).
  /// - Returns: their lengths in bytes; 0 when there is nothing to write.
  mutating func writeDependencies(
    of layer: Layer, first: UnsafeMutableRawBufferPointer, others: UnsafeMutableRawBufferPointer
  ) -> (first: Int, others: Int) {
    guard writesDependencies else { return (0, 0) }
    if layer.isKeyPicture && layer.spatialLayer == 0 { prepareDependencies(layer) }
    var isExact = false
    if case .flexible = mode { isExact = true }
    guard let structure = dependencies?.structure,
      let targets = dependencies?.decodeTargets(spatialLayers: layer.spatialLayerCount),
      var descriptor = dependencies?.next(
        spatialLayer: Int(layer.spatialLayer), temporalLayer: Int(layer.temporalLayer),
        isKeyPicture: layer.isKeyPicture, exactly: isExact ? (layer.references, layer.isInterLayerPredicted) : nil)
    else { return (0, 0) }
    noteActiveTargets(layer, targets)
    if tellsActiveTargets { descriptor.activeDecodeTargets = activeTargets }
    let firstCount = descriptor.write(into: first, structure: structure)
    descriptor.structure = nil
    descriptor.activeDecodeTargets = nil
    return (firstCount, descriptor.write(into: others, structure: structure))
  }

  /// A structure for the layers of a key picture, a new one only if they have changed; none for more layers than it can
  /// tell of.
  private mutating func prepareDependencies(_ key: Layer) {
    let old = dependencies
    guard max(key.spatialLayerCount, key.temporalLayerCount) <= DependencyDescriptorGenerator.maximumLayerCount else {
      dependencies = nil
      return
    }
    if let old, old.spatialLayerCount == key.spatialLayerCount, old.temporalLayerCount == key.temporalLayerCount,
      old.structure.resolutions.first == .init(width: key.width, height: key.height)
    {
      return
    }
    dependencies = DependencyDescriptorGenerator(
      spatialLayerCount: key.spatialLayerCount, temporalLayerCount: key.temporalLayerCount,
      resolutions: (0..<key.spatialLayerCount).map { .init(width: key.width << $0, height: key.height << $0) },
      templateIDOffset: old.map { $0.structure.templateIDOffset + $0.structure.templates.count } ?? 0,
      frameNumber: old?.nextFrameNumber ?? 0)
  }

  /// Spatial layers that are no longer sent make their decode targets inactive. That is told with every layer frame
  /// until a picture of the base layer has carried it on each chain; a structure alone means that all are active.
  private mutating func noteActiveTargets(_ layer: Layer, _ targets: UInt32) {
    if layer.isKeyPicture {
      activeTargets = targets
      tellsActiveTargets = false
      return
    }
    if targets != activeTargets {
      activeTargets = targets
      tellsActiveTargets = true
      hasToldBaseLayer = false
    } else if tellsActiveTargets && hasToldBaseLayer && layer.spatialLayer == 0 {
      tellsActiveTargets = false
    }
    if tellsActiveTargets && layer.temporalLayer == 0 { hasToldBaseLayer = true }
  }
}
