/// Builds one transport-wide feedback message, packet by packet in the order of their numbers. Its memory is reused.
struct TransportFeedbackBuilder {
  /// Packets that one message tells of at most; what 100 ms of 40 Mbit/s bring.
  static let maximumStatusCount = 512

  private var symbols: [UInt8] = []
  private var deltas: [Int16] = []
  private var base: UInt16 = 0
  // In units of an arrival's delta.
  private var reference: Int64 = 0
  private var previous: Int64 = 0
  private var deltaByteCount = 0

  init() {
    symbols.reserveCapacity(Self.maximumStatusCount)
    deltas.reserveCapacity(Self.maximumStatusCount)
  }

  /// How many packets the message tells of so far.
  var statusCount: Int { symbols.count }

  /// Begins a message whose first packet is `base`, arrived at `arrival` microseconds of the receiver's clock.
  mutating func begin(base: UInt16, arrival: Int64) {
    symbols.removeAll(keepingCapacity: true)
    deltas.removeAll(keepingCapacity: true)
    deltaByteCount = 0
    self.base = base
    reference = Self.floor(arrival, TransportFeedback.referenceUnit)
    previous = reference * (TransportFeedback.referenceUnit / TransportFeedback.deltaUnit)
  }

  /// Adds the next packet, which arrived at `arrival` or hasn't. False when it doesn't fit into a message whose control
  /// information has at most `room` bytes, or arrived too long before or after the one before.
  mutating func add(arrival: Int64?, room: Int) -> Bool {
    // Every seven packets need a chunk at worst.
    let count = 8 + 2 * ((symbols.count + 7) / 7) + deltaByteCount
    guard symbols.count < Self.maximumStatusCount else { return false }
    guard let arrival else {
      guard count <= room else { return false }
      symbols.append(0)
      deltas.append(0)
      return true
    }
    let time = Self.floor(arrival, TransportFeedback.deltaUnit)
    guard let delta = Int16(exactly: time - previous) else { return false }
    let size = (0...255).contains(delta) ? 1 : 2
    guard count + size <= room else { return false }
    symbols.append(UInt8(size))
    deltas.append(delta)
    previous = time
    deltaByteCount += size
    return true
  }

  /// Writes the message; false when it doesn't fit.
  func write(to writer: inout RTCPWriter, senderSSRC: UInt32, mediaSSRC: UInt32, feedbackCount: UInt8) -> Bool {
    let count = (8 + chunkByteCount() + deltaByteCount + 3) & ~3
    let type = RTCPPacketType.transportLayerFeedback
    guard var offset = writer.feedback(type, TransportFeedback.format, senderSSRC, mediaSSRC, count: count) else {
      return false
    }
    let memory = writer.memory
    memory.storeNetwork(base, at: offset)
    memory.storeNetwork(UInt16(symbols.count), at: offset + 2)
    memory.storeNetwork24(UInt32(truncatingIfNeeded: reference), at: offset + 4)
    memory[offset + 7] = feedbackCount
    offset += 8
    var index = 0
    while index < symbols.count {
      let (chunk, count) = self.chunk(at: index)
      memory.storeNetwork(chunk, at: offset)
      offset += 2
      index += count
    }
    for (symbol, delta) in zip(symbols, deltas) where symbol > 0 {
      if symbol == 1 {
        memory[offset] = UInt8(truncatingIfNeeded: delta)
      } else {
        memory.storeNetwork(UInt16(bitPattern: delta), at: offset)
      }
      offset += Int(symbol)
    }
    return true
  }

  private func chunkByteCount() -> Int {
    var bytes = 0
    var index = 0
    while index < symbols.count {
      index += chunk(at: index).count
      bytes += 2
    }
    return bytes
  }

  // The chunk that tells of most packets from `index` on, and of how many it does.
  private func chunk(at index: Int) -> (UInt16, count: Int) {
    let remaining = symbols.count - index
    let symbol = symbols[index]
    var run = 1
    while run < remaining, symbols[index + run] == symbol { run += 1 }
    // A one-bit vector of fourteen serves where no delta is large.
    let wide = min(14, remaining)
    let isNarrow = !symbols[index..<index + wide].contains(2)
    let count = isNarrow ? wide : min(7, remaining)
    if run >= count {
      let count = min(run, PacketStatusChunk.maximumRun)
      return (UInt16(symbol) << 13 | UInt16(count), count)
    }
    var value: UInt16 = isNarrow ? 0x8000 : 0xC000
    for position in 0..<count {
      let symbol = UInt16(symbols[index + position])
      value |= isNarrow ? symbol << UInt16(13 - position) : symbol << UInt16(12 - 2 * position)
    }
    return (value, count)
  }

  private static func floor(_ value: Int64, _ unit: Int64) -> Int64 {
    value >= 0 ? value / unit : -((unit - 1 - value) / unit)
  }
}
