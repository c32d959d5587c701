/// An RTP packet's header (RFC 3550 section 5.1) with its header extensions (RFC 8285), and where its payload lies.
public struct RTPHeader: Hashable, Sendable {
  /// Bytes of a header without contributing sources and extensions.
  public static let fixedCount = 12

  /// The marker bit, whose meaning the payload format gives: with video the last packet of a picture, with audio the
  /// first after silence.
  public var marker = false
  /// The payload type, at most 127.
  public var payloadType: UInt8
  /// Increments by one for each packet, modulo 2¹⁶.
  public var sequenceNumber: UInt16
  /// Sampling time of the payload's first byte in the payload format's clock, modulo 2³².
  public var timestamp: UInt32
  /// Synchronisation source.
  public var ssrc: UInt32
  /// The header extensions that the map given to the parser knows.
  public var extensions = RTPHeaderExtensions()
  /// Where in the packet the payload lies, without padding. Empty for a packet of padding only, and for a header that
  /// wasn't parsed.
  public var payload = PacketRange(offset: 0, count: 0)
  /// Bytes of padding after the payload, including the one that counts them.
  public var paddingCount = 0

  /// A header to write.
  public init(
    payloadType: UInt8, sequenceNumber: UInt16, timestamp: UInt32, ssrc: UInt32, marker: Bool = false,
    extensions: RTPHeaderExtensions = RTPHeaderExtensions()
  ) {
    self.marker = marker
    self.payloadType = payloadType & 0x7F
    self.sequenceNumber = sequenceNumber
    self.timestamp = timestamp
    self.ssrc = ssrc
    self.extensions = extensions
  }

  /// Reads the header of `packet`, decrypted, keeping the extensions that `map` knows. Contributing sources, unknown
  /// extensions and extension values of a wrong length are skipped.
  ///
  /// - Throws: `truncated`, `wrongVersion` or `invalidPadding`.
  public init(parsing packet: UnsafeRawBufferPointer, extensions map: RTPHeaderExtensionMap) throws(RTPError) {
    guard packet.count >= Self.fixedCount else { throw .truncated }
    let first = packet[0]
    guard first >> 6 == 2 else { throw .wrongVersion }
    marker = packet[1] & 0x80 != 0
    payloadType = packet[1] & 0x7F
    sequenceNumber = packet.networkUInt16(at: 2)
    timestamp = packet.networkUInt32(at: 4)
    ssrc = packet.networkUInt32(at: 8)

    var offset = Self.fixedCount + 4 * Int(first & 0x0F)
    guard packet.count >= offset else { throw .truncated }
    if first & 0x10 != 0 {
      guard packet.count >= offset + 4 else { throw .truncated }
      let profile = packet.networkUInt16(at: offset)
      let end = offset + 4 + 4 * Int(packet.networkUInt16(at: offset + 2))
      guard packet.count >= end else { throw .truncated }
      if let elements = RTPHeaderExtensionElements(packet, profile: profile, offset: offset + 4, end: end) {
        extensions.read(elements, of: packet, map: map)
      }
      offset = end
    }
    if first & 0x20 != 0 {
      // A set padding bit with nothing after the header has no byte that would count the padding.
      guard packet.count > offset else { throw .invalidPadding }
      paddingCount = Int(packet[packet.count - 1])
      guard paddingCount > 0, paddingCount <= packet.count - offset else { throw .invalidPadding }
    }
    payload = PacketRange(offset: offset, count: packet.count - offset - paddingCount)
  }

  /// Makes `buffer` this header alone; the payload is then appended to it.
  ///
  /// Extensions without an identifier in `map` are left out. The one-byte form is used where every identifier and
  /// value fits it, else the two-byte form, for which the other end must have agreed to `extmap-allow-mixed`
  /// (RFC 8285 section 4.1.2). What has no fixed length comes from `texts` and `dependencyDescriptor`, empty for none.
  ///
  /// - Throws: `noRoom`; the buffer's contents are then undefined.
  public func write(
    to buffer: PacketBuffer, extensions map: RTPHeaderExtensionMap,
    texts: RTPHeaderExtensionTexts = RTPHeaderExtensionTexts(),
    dependencyDescriptor: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws(RTPError) {
    let memory = buffer.memory
    memory[0] = 0x80
    memory[1] = (marker ? 0x80 : 0) | (payloadType & 0x7F)
    memory.storeNetwork(sequenceNumber, at: 2)
    memory.storeNetwork(timestamp, at: 4)
    memory.storeNetwork(ssrc, at: 8)
    buffer.count = Self.fixedCount
    var writer = RTPHeaderExtensionWriter(buffer, map: map)
    try extensions.write(to: &writer, texts: texts, dependencyDescriptor: dependencyDescriptor)
    if writer.finish() { memory[0] |= 0x10 }
  }

  /// Overwrites, in a packet that was written with these extensions, the values that are known only when it is sent.
  /// What the packet doesn't carry isn't added.
  public static func rewrite(
    _ packet: PacketBuffer, extensions map: RTPHeaderExtensionMap, transportSequenceNumber: UInt16?,
    absoluteSendTime: UInt32?
  ) {
    guard var elements = RTPHeaderExtensionElements(ofPacket: packet.bytes) else { return }
    while let element = elements.next() {
      switch map.kind(of: element.id) {
      case .transportSequenceNumber where element.count == 2:
        if let transportSequenceNumber { packet.memory.storeNetwork(transportSequenceNumber, at: element.offset) }
      case .absoluteSendTime where element.count == 3:
        if let absoluteSendTime { packet.memory.storeNetwork24(absoluteSendTime, at: element.offset) }
      default: break
      }
    }
  }
}
