/// Builds RED packets (RFC 2198) of one Opus stream, repeating the sound of one or two earlier packets in each.
public final class REDPacketizer {
  /// Longest block that the 10-bit length of a redundant block can describe.
  static let maximumRedundantLength = 0x3FF
  /// Largest age that the 14-bit timestamp offset of a redundant block can describe.
  static let maximumTimestampOffset: UInt32 = 0x3FFF
  private static let maximumGenerations = 2

  private struct Generation {
    var timestamp: UInt32 = 0
    var count = 0
    var isValid = false
  }

  private let payloadType: UInt8
  private let maximumPayloadSize: Int
  private let memory: UnsafeMutableRawBufferPointer
  private var older = Generation()
  private var newer = Generation()

  /// How many earlier packets are repeated, 0 to 2. May change at any time.
  public var generations: Int {
    didSet { generations = min(max(generations, 0), Self.maximumGenerations) }
  }

  /// A packetizer whose blocks have `payloadType` (that of Opus) and whose packets stay within `maximumPayloadSize`
  /// bytes where the sound itself allows it.
  public init(payloadType: UInt8, generations: Int = 1, maximumPayloadSize: Int = 1_100) {
    self.payloadType = payloadType & 0x7F
    self.generations = min(max(generations, 0), Self.maximumGenerations)
    self.maximumPayloadSize = maximumPayloadSize
    memory = .allocate(byteCount: Self.maximumGenerations * Self.maximumRedundantLength, alignment: 16)
  }

  deinit {
    memory.deallocate()
  }

  /// Forgets the earlier packets; for use after a pause or a change of the stream.
  public func reset() {
    older.isValid = false
    newer.isValid = false
  }

  /// Writes the RED payload for `packet` into `target` and remembers the packet for the next ones.
  ///
  /// A generation that is too old, too long or doesn't fit is left out, the oldest first.
  /// - Returns: bytes written; 0 when not even the packet alone fits into `target`.
  public func write(
    _ packet: UnsafeRawBufferPointer, timestamp: UInt32, into target: UnsafeMutableRawBufferPointer
  ) -> Int {
    defer { remember(packet, timestamp: timestamp) }
    guard packet.count < target.count else { return 0 }
    let limit = min(maximumPayloadSize, target.count)
    var room = limit - packet.count - 1
    let usesNewer = generations >= 1 && fits(newer, timestamp: timestamp, room: &room)
    let usesOlder = usesNewer && generations >= 2 && fits(older, timestamp: timestamp, room: &room)
    var writer = PayloadWriter(target)
    if usesOlder { writeHeader(older, timestamp: timestamp, into: &writer) }
    if usesNewer { writeHeader(newer, timestamp: timestamp, into: &writer) }
    writer.byte(payloadType)
    if usesOlder { writer.bytes(block(0, count: older.count)) }
    if usesNewer { writer.bytes(block(1, count: newer.count)) }
    writer.bytes(packet)
    return writer.count
  }

  private func fits(_ generation: Generation, timestamp: UInt32, room: inout Int) -> Bool {
    guard generation.isValid, timestamp &- generation.timestamp <= Self.maximumTimestampOffset,
      generation.timestamp != timestamp, generation.count + 4 <= room
    else { return false }
    room -= generation.count + 4
    return true
  }

  private func writeHeader(_ generation: Generation, timestamp: UInt32, into writer: inout PayloadWriter) {
    let fields = (timestamp &- generation.timestamp) << 10 | UInt32(generation.count)
    writer.byte(0x80 | payloadType)
    writer.byte(UInt8(truncatingIfNeeded: fields >> 16))
    writer.twoBytes(UInt16(truncatingIfNeeded: fields))
  }

  private func block(_ index: Int, count: Int) -> UnsafeRawBufferPointer {
    let start = index * Self.maximumRedundantLength
    return UnsafeRawBufferPointer(rebasing: memory[start..<start + count])
  }

  private func remember(_ packet: UnsafeRawBufferPointer, timestamp: UInt32) {
    let length = Self.maximumRedundantLength
    if newer.isValid {
      UnsafeMutableRawBufferPointer(rebasing: memory[..<newer.count]).copyMemory(from: block(1, count: newer.count))
    }
    older = newer
    newer = Generation(timestamp: timestamp, count: packet.count, isValid: packet.count <= length && !packet.isEmpty)
    if newer.isValid { UnsafeMutableRawBufferPointer(rebasing: memory[length...]).copyMemory(from: packet) }
  }
}
