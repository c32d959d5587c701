/// The elements of a header extension in their order, whichever of RFC 8285's two forms they have. Padding is skipped;
/// an element that reaches past the end ends the list.
struct RTPHeaderExtensionElements {
  /// One element: its identifier, and where in the packet its value lies.
  struct Element {
    var id: UInt8
    var offset: Int
    var count: Int
  }

  static let oneByteProfile: UInt16 = 0xBEDE
  // "appbits", the lower four bits, are free (RFC 8285 section 4.3).
  static let twoByteProfile: UInt16 = 0x1000

  private let bytes: UnsafeRawBufferPointer
  private let isTwoByte: Bool
  private var offset: Int
  private let end: Int

  /// The elements in `packet` from `offset` up to `end`; nil for a `profile` that isn't RFC 8285's.
  init?(_ packet: UnsafeRawBufferPointer, profile: UInt16, offset: Int, end: Int) {
    guard profile == Self.oneByteProfile || profile & 0xFFF0 == Self.twoByteProfile else { return nil }
    bytes = packet
    isTwoByte = profile != Self.oneByteProfile
    self.offset = offset
    self.end = end
  }

  /// The elements of the RTP packet `packet`; nil when it has none or is too short to be one.
  init?(ofPacket packet: UnsafeRawBufferPointer) {
    guard packet.count >= 12, packet[0] & 0x10 != 0 else { return nil }
    let start = 12 + 4 * Int(packet[0] & 0x0F)
    guard packet.count >= start + 4 else { return nil }
    let end = start + 4 + 4 * Int(packet.networkUInt16(at: start + 2))
    guard packet.count >= end else { return nil }
    self.init(packet, profile: packet.networkUInt16(at: start), offset: start + 4, end: end)
  }

  /// The next element; nil after the last.
  mutating func next() -> Element? {
    while offset < end {
      let first = bytes[offset]
      // A zero is padding in both forms; in the one-byte form an element of identifier 0 carries a length too, and is
      // to be skipped as a whole (RFC 8285 section 4.2).
      if first == 0 {
        offset += 1
        continue
      }
      var element = Element(id: first, offset: offset + 2, count: 0)
      if isTwoByte {
        guard offset + 1 < end else { break }
        element.count = Int(bytes[offset + 1])
      } else {
        element = Element(id: first >> 4, offset: offset + 1, count: Int(first & 0x0F) + 1)
        if element.id == 15 { break }
      }
      guard element.count <= end - element.offset else { break }
      offset = element.offset + element.count
      if element.id != 0 { return element }
    }
    offset = end
    return nil
  }
}
