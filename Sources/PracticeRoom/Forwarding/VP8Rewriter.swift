import WebRTC

/// Keeps the running numbers in VP8 payload descriptors (RFC 7741 §4.2: PictureID, TL0PICIDX, KEYIDX) continuous over
/// switches between simulcast layers, each of which counts for itself.
struct VP8Rewriter {
  private var pictureOffset: UInt16 = 0
  private var baseOffset: UInt8 = 0
  private var keyOffset: UInt8 = 0
  private var lastPicture: UInt16?
  private var lastBase: UInt8?
  private var lastKey: UInt8?
  private var unwrapped: UInt16?

  /// Continues with another source whose first packet has `descriptor`: a picture after the last one.
  mutating func beginSource(_ descriptor: VP8Descriptor) {
    unwrapped = nil
    guard let lastPicture else { return }
    pictureOffset = (lastPicture &+ 1 &- unwrap(descriptor)) & 0x7FFF
    baseOffset = (lastBase ?? 0) &+ 1 &- (descriptor.temporalBaseIndex ?? 0)
    keyOffset = ((lastKey ?? 0) &+ 1 &- (descriptor.keyIndex ?? 0)) & 0x1F
  }

  /// The descriptor as the receiver is to see it. Picture ids become 15 bits long.
  mutating func rewrite(_ descriptor: VP8Descriptor) -> VP8Descriptor {
    var result = descriptor
    if descriptor.pictureID != nil {
      let picture = (unwrap(descriptor) &+ pictureOffset) & 0x7FFF
      result.pictureID = picture
      result.pictureIDIsLong = true
      // Late packets don't move the line back.
      let lead = (picture &- (lastPicture ?? picture)) & 0x7FFF
      if lead < 0x4000 { lastPicture = picture }
    }
    if let index = descriptor.temporalBaseIndex {
      let base = index &+ baseOffset
      result.temporalBaseIndex = base
      if base &- (lastBase ?? base) < 0x80 { lastBase = base }
    }
    if let index = descriptor.keyIndex {
      let key = (index &+ keyOffset) & 0x1F
      result.keyIndex = key
      if (key &- (lastKey ?? key)) & 0x1F < 0x10 { lastKey = key }
    }
    return result
  }

  /// The picture id on 15 bits; one of 7 bits is continued from the one before.
  private mutating func unwrap(_ descriptor: VP8Descriptor) -> UInt16 {
    let picture = descriptor.pictureID ?? 0
    guard !descriptor.pictureIDIsLong else { return picture }
    guard let before = unwrapped else {
      unwrapped = picture
      return picture
    }
    var step = Int(picture) - Int(before & 0x7F)
    if step < -64 { step += 128 } else if step > 64 { step -= 128 }
    let result = UInt16(truncatingIfNeeded: Int(before) + step) & 0x7FFF
    if step > 0 { unwrapped = result }
    return result
  }
}
