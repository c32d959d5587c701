/// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1): which of a transport's
/// packets arrived, and when. The elements are the packets' fates in the order of their numbers.
public struct TransportFeedback: Sequence, IteratorProtocol {
  /// What became of one packet.
  public struct Status: Hashable, Sendable {
    /// The packet's transport-wide sequence number.
    public var sequenceNumber: UInt16
    /// When it arrived, in microseconds after the reference time; nil when it hadn't until then.
    public var arrival: Int64?
  }

  static let format: UInt8 = 15
  /// Microseconds in one unit of an arrival's delta.
  static let deltaUnit: Int64 = 250
  /// Microseconds in one unit of the reference time.
  static let referenceUnit: Int64 = 64_000

  /// Who received the packets.
  public let senderSSRC: UInt32
  /// One of the streams that the packets belong to; without meaning.
  public let mediaSSRC: UInt32
  /// The first packet that the feedback speaks of.
  public let baseSequenceNumber: UInt16
  /// Of how many packets it speaks.
  public let statusCount: Int
  /// The receiver's clock in units of 64 ms, 24 bits: what arrivals count from.
  public let referenceTime: UInt32
  /// Increments with each feedback.
  public let feedbackCount: UInt8

  private let body: UnsafeRawBufferPointer
  private var chunkOffset = 16
  private var deltaOffset: Int
  private var index = 0
  private var chunk = PacketStatusChunk()
  private var arrival: Int64 = 0

  /// Nil when the packet is shorter than it says or has a reserved symbol. `body` has at least 8 bytes.
  init?(_ body: UnsafeRawBufferPointer) {
    guard body.count >= 16 else { return nil }
    senderSSRC = body.networkUInt32(at: 0)
    mediaSSRC = body.networkUInt32(at: 4)
    baseSequenceNumber = body.networkUInt16(at: 8)
    statusCount = Int(body.networkUInt16(at: 10))
    referenceTime = body.networkUInt24(at: 12)
    feedbackCount = body[15]
    self.body = body

    // The deltas begin where the chunks have told of every packet.
    var offset = 16
    var remaining = statusCount
    var deltas = 0
    while remaining > 0 {
      guard body.count - offset >= 2 else { return nil }
      let chunk = PacketStatusChunk(body.networkUInt16(at: offset))
      guard let bytes = chunk.deltaByteCount(limit: remaining) else { return nil }
      deltas += bytes
      remaining -= Swift.min(chunk.count, remaining)
      offset += 2
    }
    guard body.count - offset >= deltas else { return nil }
    deltaOffset = offset
  }

  /// The next packet's fate; nil after the last.
  public mutating func next() -> Status? {
    guard index < statusCount else { return nil }
    while chunk.count == 0 {
      chunk = PacketStatusChunk(body.networkUInt16(at: chunkOffset))
      chunkOffset += 2
    }
    var status = Status(sequenceNumber: baseSequenceNumber &+ UInt16(index))
    index += 1
    switch chunk.removeFirst() {
    case .received(let large):
      if large {
        arrival += Int64(Int16(bitPattern: body.networkUInt16(at: deltaOffset))) * Self.deltaUnit
      } else {
        arrival += Int64(body[deltaOffset]) * Self.deltaUnit
      }
      deltaOffset += large ? 2 : 1
      status.arrival = arrival
    case .missing: break
    }
    return status
  }
}

/// Sixteen bits that tell of several packets whether they arrived, and how large their deltas are (sections 3.1.1 to
/// 3.1.4).
struct PacketStatusChunk {
  enum Symbol: Hashable {
    case missing
    /// With a delta of two bytes, signed, or of one.
    case received(large: Bool)
  }

  static let maximumRun = 0x1FFF

  /// How many packets the chunk tells of.
  private(set) var count = 0
  private var isRun = false
  private var bitsPerSymbol = 1
  // A run's symbol in the two lowest bits, or a vector's symbols, the first of them in the highest bits.
  private var bits: UInt16 = 0

  init() {}

  init(_ value: UInt16) {
    isRun = value & 0x8000 == 0
    if isRun {
      count = Int(value) & Self.maximumRun
      bits = value >> 13 & 3
    } else {
      bitsPerSymbol = value & 0x4000 == 0 ? 1 : 2
      count = 14 / bitsPerSymbol
      bits = value << 2
    }
  }

  /// The bytes of deltas that the first `limit` packets have; nil when one of them has the reserved symbol.
  func deltaByteCount(limit: Int) -> Int? {
    if isRun { return bits == 3 && count > 0 ? nil : Int(bits) * min(count, limit) }
    var sum = 0
    for index in 0..<min(count, limit) {
      let symbol = Int((bits << (index * bitsPerSymbol)) >> (16 - bitsPerSymbol))
      if symbol == 3 { return nil }
      sum += symbol
    }
    return sum
  }

  /// The next packet's symbol; there must be one.
  mutating func removeFirst() -> Symbol {
    count -= 1
    let symbol = isRun ? bits : bits >> (16 - bitsPerSymbol)
    if !isRun { bits <<= bitsPerSymbol }
    return symbol == 0 ? .missing : .received(large: symbol == 2)
  }
}
