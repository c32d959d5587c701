/// The group of pictures that repeats in a VP9 stream of non-flexible mode, as RFC 9628 section 4.2.1 calls it: temporal
/// layers in the order 0, 0-1 or 0-2-1-2, each picture referring to the newest one of a lower temporal layer and those of
/// the base layer to each other.
///
/// The group begins with the key picture and repeats picture by picture until the next one.
struct VP9PictureGroup: Equatable {
  /// Temporal layers, 1 to 3.
  let temporalLayerCount: Int
  /// Pictures in the group: 1, 2 or 4.
  var pictureCount: Int { 1 << (temporalLayerCount - 1) }

  /// The group of a stream with `temporalLayerCount` temporal layers; nil when there is none for so many.
  init?(temporalLayerCount: Int) {
    guard (1...3).contains(temporalLayerCount) else { return nil }
    self.temporalLayerCount = temporalLayerCount
  }

  /// What the group says of the picture that comes `position` pictures after the key picture. Higher temporal layers may
  /// be taken up anywhere: no picture refers past one of a lower layer.
  func picture(at position: Int) -> VP9ScalabilityStructure.Picture {
    let index = position & (pictureCount - 1)
    var references = VP9References()
    // The base layer's pictures refer to each other; the others to the nearest multiple of a higher power of two.
    let difference = index == 0 ? pictureCount : index & -index
    references.append(UInt8(difference))
    let temporalLayer = index == 0 ? 0 : temporalLayerCount - 1 - index.trailingZeroBitCount
    return VP9ScalabilityStructure.Picture(
      temporalLayer: UInt8(temporalLayer), isSwitchingUpPoint: temporalLayerCount > 1, references: references)
  }

  /// Whether a receiver that has what the group asks for at `position` has all that `references` name: the group's
  /// reference there, that picture's own, and so on. libvpx, when it has left out pictures, sometimes lets one of the
  /// highest temporal layer refer to the base layer's picture instead of the middle layer's after it.
  func covers(_ references: VP9References, at position: Int) -> Bool {
    for index in 0..<references.count {
      let wanted = position - Int(references[index])
      var reached = position
      while reached > max(wanted, 0) { reached -= Int(picture(at: reached).references[0]) }
      guard reached == wanted else { return false }
    }
    return true
  }

  /// Adds the group to `structure`.
  func append(to structure: inout VP9ScalabilityStructure) {
    for index in 0..<pictureCount { structure.append(picture(at: index)) }
  }
}
