/// Knows which pictures were handed on, and so which of the next ones can be decoded after a loss.
///
/// VP9 pictures with picture ids are checked reference by reference: P_DIFF in flexible mode, the picture group in
/// non-flexible mode. Others (VP8, and VP9 without picture group) by TL0PICIDX, temporal layer and switching points; and
/// without those no picture after a loss can be trusted until the next key frame.
struct VideoReferenceTracker {
  /// What was lost since the last picture that was handed on.
  struct Loss {
    /// Sequence numbers that no picture was made of.
    var packets: Int64 = 0
    /// Pictures among them whose descriptors were seen.
    var knownPictures = 0
    /// The lowest temporal layer of those that others may refer to; 8 when there are none.
    var lowestTemporalLayer: UInt8 = 8

    mutating func add(_ payload: VideoPayload) {
      knownPictures += 1
      if !payload.isNonReference { lowestTemporalLayer = min(lowestTemporalLayer, payload.temporalLayer) }
    }
  }

  enum Verdict {
    case decodable
    /// A picture of a higher temporal layer lacks a reference; the base layer goes on.
    case enhancementLacksReference
    /// Nothing more can be decoded before a key frame.
    case lacksReference
  }

  private struct Picture {
    var id: Int64 = -1
    var layers: UInt8 = 0
    var temporalLayer: UInt8 = 0
    var isSwitchingUpPoint = false
  }

  /// Above this many lost packets the 8-bit TL0PICIDX and the 7-bit picture id may have wrapped unseen.
  private static let trustedLoss: Int64 = 64

  private(set) var isSynchronised = false
  private var codec = VideoCodec.vp8
  private var lastRawID: UInt16?
  private var lastIDIsLong = false
  private var lastID: Int64 = 0
  private var keyID: Int64 = 0
  private var lastBaseIndex: UInt8?
  /// Bit t: temporal layer t lost a picture that its later ones may refer to.
  private var damagedLayers: UInt8 = 0
  private var lastSpatialLayers: UInt8 = 0
  private var group = VP9ScalabilityStructure(layerCount: 1)
  private var groupStart: Int64 = 0
  private var history = InlineArray<256, Picture>(repeating: Picture())

  /// Notes that the chain of references is broken until the next key frame.
  mutating func desynchronise() {
    isSynchronised = false
  }

  /// Whether the layer frame that `payload` starts can be decoded. `layersBefore` are the spatial layers of the same
  /// picture that were found decodable (bit mask).
  func verdict(_ payload: VideoPayload, loss: Loss, layersBefore: UInt8) -> Verdict {
    if payload.isKeyFrame { return .decodable }
    // In the same picture as a key frame the upper layers depend on what is below them alone.
    let followsLayer = layersBefore != 0
    guard isSynchronised || followsLayer, payload.codec == codec || followsLayer else { return .lacksReference }
    if payload.codec == .vp9, let raw = payload.pictureID {
      if let verdict = exactVerdict(payload, id: unwrap(raw, isLong: payload.pictureIDIsLong), layersBefore) {
        return !followsLayer && hasLostItsPlace(payload, loss: loss) ? .lacksReference : verdict
      }
    }
    if followsLayer { return upperLayerVerdict(payload, layersBefore) }
    var damaged = damagedLayers
    guard survives(loss, before: payload, damaged: &damaged) else { return .lacksReference }
    if payload.temporalLayer == 0 { return .decodable }
    if payload.codec == .vp8 && payload.isSwitchingPoint { return .decodable }
    return damaged & Self.layers(1, through: payload.temporalLayer) == 0 ? .decodable : .enhancementLacksReference
  }

  /// Notes that the layer frame that `payload` starts was handed on. `structure` is what its packet carried.
  mutating func didHandOn(_ payload: VideoPayload, loss: Loss, structure: UnsafeRawBufferPointer?) {
    if payload.isKeyFrame {
      isSynchronised = true
      codec = payload.codec
      damagedLayers = 0
      lastSpatialLayers = 0
    } else {
      var damaged = damagedLayers
      _ = survives(loss, before: payload, damaged: &damaged)
      damagedLayers = damaged
    }
    let bit = Self.bit(payload.temporalLayer)
    if payload.isSwitchingPoint && payload.codec == .vp8 { damagedLayers &= ~bit }
    if payload.isSwitchingPoint && payload.codec == .vp9 { damagedLayers &= bit | (bit &- 1) }
    if payload.temporalLayer == 0 || lastBaseIndex == nil { lastBaseIndex = payload.temporalBaseIndex }
    lastSpatialLayers = payload.spatialLayer == 0 ? 1 : lastSpatialLayers | Self.bit(payload.spatialLayer)
    remember(payload)
    if payload.codec == .vp9, let structure, let parsed = try? VP9ScalabilityStructure(parsing: structure) {
      group = parsed
      groupStart = lastID
    } else if payload.isKeyFrame {
      group = VP9ScalabilityStructure(layerCount: 1)
    }
  }

  // MARK: Picture by picture

  /// Whether so much may have been lost that picture ids and the phase of the picture group mean nothing any more: many
  /// packets, or in non-flexible mode a picture of the base layer, which may have been a key picture.
  private func hasLostItsPlace(_ payload: VideoPayload, loss: Loss) -> Bool {
    var damaged: UInt8 = 0
    return loss.packets > Self.trustedLoss || !payload.isFlexible && !survives(loss, before: payload, damaged: &damaged)
  }

  /// The verdict by the references that `payload` or the picture group names; nil when neither does.
  private func exactVerdict(_ payload: VideoPayload, id: Int64, _ layersBefore: UInt8) -> Verdict? {
    if !payload.isFlexible && group.pictureCount == 0 { return nil }
    let present = layersBefore | (picture(id)?.layers ?? 0)
    if payload.isInterLayerPredicted {
      guard payload.spatialLayer > 0, present & Self.bit(payload.spatialLayer - 1) != 0 else { return lacking(payload) }
    }
    guard payload.isInterPicturePredicted else { return .decodable }
    if payload.isFlexible {
      let found = payload.references.count > 0 && hasAll(payload.references, of: payload, id: id, relieved: false)
      return found ? .decodable : lacking(payload)
    }
    let count = Int64(group.pictureCount)
    let position = ((id - groupStart) % count + count) % count
    let references = group.picture(Int(position)).references
    return hasAll(references, of: payload, id: id, relieved: true) ? .decodable : lacking(payload)
  }

  private func lacking(_ payload: VideoPayload) -> Verdict {
    payload.hasTemporalLayer && payload.temporalLayer > 0 ? .enhancementLacksReference : .lacksReference
  }

  /// Whether all pictures `references` back from `id` were handed on with the spatial layer of `payload`. After a
  /// switching-up point the group's references to higher layers before it hold no more (`relieved`).
  private func hasAll(_ references: VP9References, of payload: VideoPayload, id: Int64, relieved: Bool) -> Bool {
    for index in 0..<references.count {
      let reference = id - Int64(references[index])
      if let found = picture(reference), reference < id, found.layers & Self.bit(payload.spatialLayer) != 0 { continue }
      if relieved && isRelieved(reference, before: id) { continue }
      return false
    }
    return true
  }

  private func isRelieved(_ reference: Int64, before id: Int64) -> Bool {
    guard reference < id, reference > keyID, group.pictureCount > 0 else { return false }
    let count = Int64(group.pictureCount)
    let layer = group.picture(Int(((reference - groupStart) % count + count) % count)).temporalLayer
    var between = reference + 1
    while between < id {
      if let found = picture(between), found.isSwitchingUpPoint, found.temporalLayer < layer { return true }
      between += 1
    }
    return false
  }

  private func picture(_ id: Int64) -> Picture? {
    guard id >= keyID, isSynchronised else { return nil }
    let found = history[Int(id & 0xFF)]
    return found.id == id ? found : nil
  }

  private mutating func remember(_ payload: VideoPayload) {
    guard let raw = payload.pictureID else {
      lastRawID = nil
      return
    }
    lastID = unwrap(raw, isLong: payload.pictureIDIsLong)
    lastRawID = raw
    lastIDIsLong = payload.pictureIDIsLong
    if payload.isKeyFrame { keyID = lastID }
    let index = Int(lastID & 0xFF)
    if history[index].id != lastID || payload.isKeyFrame { history[index] = Picture(id: lastID) }
    history[index].layers |= Self.bit(payload.spatialLayer)
    history[index].temporalLayer = payload.temporalLayer
    history[index].isSwitchingUpPoint = payload.isSwitchingPoint
  }

  /// `raw` as a number that doesn't wrap, taken to lie at or after the last picture's. Picture ids may change between 7
  /// and 15 bits.
  private func unwrap(_ raw: UInt16, isLong: Bool) -> Int64 {
    guard let lastRawID else { return lastID + 256 + Int64(raw) }
    return lastID + Int64((raw &- lastRawID) & (isLong && lastIDIsLong ? 0x7FFF : 0x7F))
  }

  // MARK: Temporal layers

  /// Whether the base layer survives `loss` in front of `payload`; adds the layers that may have suffered to `damaged`.
  private func survives(_ loss: Loss, before payload: VideoPayload, damaged: inout UInt8) -> Bool {
    if loss.packets == 0 { return true }
    var lost: Int?
    if let raw = payload.pictureID, let lastRawID {
      lost = Int((raw &- lastRawID) & (payload.pictureIDIsLong && lastIDIsLong ? 0x7FFF : 0x7F)) - 1
      // Nothing but padding was lost, or a further spatial layer of the same picture.
      if let lost, lost <= 0 && loss.packets < Self.trustedLoss { return true }
    }
    let allKnown = lost == loss.knownPictures
    if allKnown && loss.lowestTemporalLayer == 8 { return true }
    guard loss.packets < Self.trustedLoss, payload.hasTemporalLayer, let index = payload.temporalBaseIndex,
      let lastBaseIndex, index &- lastBaseIndex == (payload.temporalLayer == 0 ? 1 : 0)
    else { return false }
    damaged |= Self.layers(allKnown ? max(loss.lowestTemporalLayer, 1) : 1, through: 7)
    return true
  }

  private func upperLayerVerdict(_ payload: VideoPayload, _ layersBefore: UInt8) -> Verdict {
    guard payload.spatialLayer > 0 else { return .decodable }
    let below = !payload.isInterLayerPredicted || layersBefore & Self.bit(payload.spatialLayer - 1) != 0
    let before = !payload.isInterPicturePredicted || lastSpatialLayers & Self.bit(payload.spatialLayer) != 0
    return below && before ? .decodable : lacking(payload)
  }

  private static func bit(_ layer: UInt8) -> UInt8 { 1 << (layer & 7) }

  private static func layers(_ first: UInt8, through last: UInt8) -> UInt8 {
    guard first <= last else { return 0 }
    return (0xFF << (first & 7)) & (0xFF >> (7 - (last & 7)))
  }
}
