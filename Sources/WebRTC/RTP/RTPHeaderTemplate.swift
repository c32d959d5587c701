/// The header of a sent stream's packets, written once: what differs between its packets has a fixed place in it.
struct RTPHeaderTemplate {
  /// Where in a packet the values lie that are known only when it is sent; 0 for what it doesn't carry.
  struct SendPlaces {
    var transportSequenceNumber = 0
    var absoluteSendTime = 0
  }

  /// Whether the packets carry an audio level.
  let hasAudioLevel: Bool
  /// Where a packet of this template has what `RTPSendStream` leaves open.
  let places: SendPlaces

  // The header up to its last element, without padding.
  private let bytes: [UInt8]
  private let audioLevelPlace: Int
  // Of the dependency descriptor; 0 when it can't be appended.
  private let descriptorID: UInt8

  /// The template of packets of `ssrc` with `texts`, an audio level where `hasAudioLevel`, transport-wide number and send
  /// time, as far as they are in `map`.
  /// - Throws: `noRoom` when `texts` are too long for a packet.
  init(
    ssrc: UInt32, texts: RTPHeaderExtensionTexts, hasAudioLevel: Bool, extensions map: RTPHeaderExtensionMap
  ) throws(RTPError) {
    var header = RTPHeader(payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: ssrc)
    header.extensions.transportSequenceNumber = 0
    header.extensions.absoluteSendTime = 0
    if hasAudioLevel { header.extensions.audioLevel = RTPAudioLevel(voice: false, level: 127) }
    let buffer = PacketBuffer()
    try header.write(to: buffer, extensions: map, texts: texts)
    var places = SendPlaces()
    var audioLevelPlace = 0
    var end = buffer.count
    if var elements = RTPHeaderExtensionElements(ofPacket: buffer.bytes) {
      while let element = elements.next() {
        switch map.kind(of: element.id) {
        case .transportSequenceNumber: places.transportSequenceNumber = element.offset
        case .absoluteSendTime: places.absoluteSendTime = element.offset
        case .audioLevel: audioLevelPlace = element.offset
        default: break
        }
        end = element.offset + element.count
      }
    }
    self.hasAudioLevel = hasAudioLevel
    self.places = places
    self.audioLevelPlace = audioLevelPlace
    bytes = Array(buffer.bytes[..<end])
    let isOneByte = end > RTPHeader.fixedCount && bytes[RTPHeader.fixedCount] == 0xBE
    let id = map.id(of: .dependencyDescriptor) ?? 0
    descriptorID = isOneByte && id <= 14 ? id : 0
  }

  /// Whether `write` can write a packet with these values.
  func fits(_ extensions: RTPHeaderExtensions, dependencyDescriptor: UnsafeRawBufferPointer) -> Bool {
    (extensions.audioLevel != nil) == hasAudioLevel && extensions.absoluteCaptureTime == nil
      && extensions.playoutDelay == nil
      && (dependencyDescriptor.isEmpty || (descriptorID > 0 && dependencyDescriptor.count <= 16))
  }

  /// Makes `buffer` the header `header`, whose values `fits` has approved of.
  func write(_ header: RTPHeader, dependencyDescriptor: UnsafeRawBufferPointer, to buffer: PacketBuffer) {
    let memory = buffer.memory
    bytes.withUnsafeBytes { memory.copyMemory(from: $0) }
    memory[1] = (header.marker ? 0x80 : 0) | header.payloadType
    memory.storeNetwork(header.sequenceNumber, at: 2)
    memory.storeNetwork(header.timestamp, at: 4)
    if audioLevelPlace > 0, let level = header.extensions.audioLevel {
      memory[audioLevelPlace] = (level.voice ? 0x80 : 0) | min(level.level, 127)
    }
    var end = bytes.count
    if !dependencyDescriptor.isEmpty {
      memory[end] = descriptorID << 4 | UInt8(dependencyDescriptor.count - 1)
      memory.store(dependencyDescriptor, at: end + 1)
      end += 1 + dependencyDescriptor.count
    }
    if end > RTPHeader.fixedCount {
      while end % 4 != 0 {
        memory[end] = 0
        end += 1
      }
      memory.storeNetwork(UInt16((end - RTPHeader.fixedCount) / 4 - 1), at: RTPHeader.fixedCount + 2)
    }
    buffer.count = end
  }
}
