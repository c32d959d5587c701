import WebRTC

/// Keeps the running numbers in VP8 payload descriptors (RFC 7741 §4.2: PictureID, TL0PICIDX, KEYIDX) continuous over
/// switches between simulcast layers, each of which counts for itself, and over temporal layers that are left out.
struct VP8Rewriter {
  /// Packets come late by fewer pictures. A power of two.
  private static let historyCount = 64

  private var pictureOffset: UInt16 = 0
  private var baseOffset: UInt8 = 0
  private var keyOffset: UInt8 = 0
  private var lastPicture: UInt16?
  private var lastBase: UInt8?
  private var lastKey: UInt8?
  private var unwrapped: UInt16?
  /// The newest picture of the present source, and what was added to the ids of the last ones.
  private var newest: UInt16?
  private var history = [(picture: UInt16, offset: UInt16)?](repeating: nil, count: VP8Rewriter.historyCount)

  /// Continues with another source whose first packet has `descriptor`: a picture after the last one.
  mutating func beginSource(_ descriptor: VP8Descriptor) {
    unwrapped = nil
    newest = nil
    for index in history.indices { history[index] = nil }
    guard let lastPicture else { return }
    pictureOffset = (lastPicture &+ 1 &- unwrap(descriptor)) & 0x7FFF
    baseOffset = (lastBase ?? 0) &+ 1 &- (descriptor.temporalBaseIndex ?? 0)
    keyOffset = ((lastKey ?? 0) &+ 1 &- (descriptor.keyIndex ?? 0)) & 0x1F
  }

  /// Takes note of a packet whose picture is left out: the ids of those after it close up.
  mutating func leaveOut(_ descriptor: VP8Descriptor) {
    guard descriptor.pictureID != nil, advance(to: unwrap(descriptor)) else { return }
    pictureOffset = (pictureOffset &- 1) & 0x7FFF
  }

  /// Keeps what is added to the ids now; false when `picture` isn't a new one.
  private mutating func advance(to picture: UInt16) -> Bool {
    if let newest, picture == newest || (picture &- newest) & 0x7FFF >= 0x4000 { return false }
    newest = picture
    history[Int(picture) & (Self.historyCount - 1)] = (picture, pictureOffset)
    return true
  }

  /// What is added to the id of a picture that isn't new: what was added when it, or the next one known, was.
  private func offset(ofLate picture: UInt16) -> UInt16 {
    guard let newest else { return pictureOffset }
    let age = Int((newest &- picture) & 0x7FFF)
    for step in 0...min(age, Self.historyCount - 1) {
      let candidate = (picture &+ UInt16(step)) & 0x7FFF
      if let entry = history[Int(candidate) & (Self.historyCount - 1)], entry.picture == candidate {
        return entry.offset
      }
    }
    return pictureOffset
  }

  /// The descriptor as the receiver is to see it. Picture ids become 15 bits long.
  mutating func rewrite(_ descriptor: VP8Descriptor) -> VP8Descriptor {
    var result = descriptor
    if descriptor.pictureID != nil {
      let input = unwrap(descriptor)
      let offset = advance(to: input) ? pictureOffset : offset(ofLate: input)
      let picture = (input &+ offset) & 0x7FFF
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
