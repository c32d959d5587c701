extension RTPHeaderExtensions {
  /// Takes over the values of `elements`, which lie in `packet`. A value whose length its definition doesn't allow is
  /// skipped, as an unknown one is; of a kind that comes twice the last counts.
  mutating func read(
    _ elements: RTPHeaderExtensionElements, of packet: UnsafeRawBufferPointer, map: RTPHeaderExtensionMap
  ) {
    var elements = elements
    while let element = elements.next() {
      guard let kind = map.kind(of: element.id), element.count > 0 else { continue }
      let offset = element.offset
      switch (kind, element.count) {
      case (.mid, _): mid = PacketRange(offset: offset, count: element.count)
      case (.rid, _): rid = PacketRange(offset: offset, count: element.count)
      case (.repairedRid, _): repairedRid = PacketRange(offset: offset, count: element.count)
      case (.audioLevel, 1):
        audioLevel = RTPAudioLevel(voice: packet[offset] & 0x80 != 0, level: packet[offset] & 0x7F)
      case (.transportSequenceNumber, 2): transportSequenceNumber = packet.networkUInt16(at: offset)
      case (.absoluteSendTime, 3): absoluteSendTime = packet.networkUInt24(at: offset)
      case (.absoluteCaptureTime, 8), (.absoluteCaptureTime, 16):
        let clockOffset = element.count == 16 ? Int64(bitPattern: packet.networkUInt64(at: offset + 8)) : nil
        absoluteCaptureTime = AbsoluteCaptureTime(
          time: NTPTime(rawValue: packet.networkUInt64(at: offset)), clockOffset: clockOffset)
      case (.playoutDelay, 3):
        let bits = Int(packet.networkUInt24(at: offset))
        playoutDelay = PlayoutDelay(minimum: (bits >> 12) * 10, maximum: (bits & 0xFFF) * 10)
      case (.dependencyDescriptor, _): dependencyDescriptor = PacketRange(offset: offset, count: element.count)
      default: break
      }
    }
  }

  /// Appends the values to `writer`, with `texts`, and the dependency descriptor where it isn't empty.
  func write(
    to writer: inout RTPHeaderExtensionWriter, texts: RTPHeaderExtensionTexts,
    dependencyDescriptor: UnsafeRawBufferPointer
  ) throws(RTPError) {
    if let mid = texts.mid { try writer.append(.mid, text: mid) }
    if let rid = texts.rid { try writer.append(.rid, text: rid) }
    if let repairedRid = texts.repairedRid { try writer.append(.repairedRid, text: repairedRid) }
    if let audioLevel, let offset = try writer.append(.audioLevel, count: 1) {
      writer.memory[offset] = (audioLevel.voice ? 0x80 : 0) | min(audioLevel.level, 127)
    }
    if let transportSequenceNumber, let offset = try writer.append(.transportSequenceNumber, count: 2) {
      writer.memory.storeNetwork(transportSequenceNumber, at: offset)
    }
    if let absoluteSendTime, let offset = try writer.append(.absoluteSendTime, count: 3) {
      writer.memory.storeNetwork24(absoluteSendTime, at: offset)
    }
    if let absoluteCaptureTime {
      let clockOffset = absoluteCaptureTime.clockOffset
      if let offset = try writer.append(.absoluteCaptureTime, count: clockOffset == nil ? 8 : 16) {
        writer.memory.storeNetwork(absoluteCaptureTime.time.rawValue, at: offset)
        if let clockOffset { writer.memory.storeNetwork(UInt64(bitPattern: clockOffset), at: offset + 8) }
      }
    }
    if let playoutDelay, let offset = try writer.append(.playoutDelay, count: 3) {
      let minimum = UInt32(clamping: min(max(playoutDelay.minimum, 0) / 10, 0xFFF))
      let maximum = UInt32(clamping: min(max(playoutDelay.maximum, 0) / 10, 0xFFF))
      writer.memory.storeNetwork24(minimum << 12 | maximum, at: offset)
    }
    try writer.append(.dependencyDescriptor, bytes: dependencyDescriptor)
  }
}
