/// SDES (RFC 3550 section 6.5): names of sources, of which Salle reads the canonical one.
public struct SourceDescription: Sequence, IteratorProtocol {
  /// A source and its canonical name, the same for all sources of one endpoint.
  public struct Chunk: Hashable, Sendable {
    /// The source.
    public var ssrc: UInt32
    /// CNAME; nil when the chunk doesn't have it.
    public var canonicalName: String?
  }

  static let canonicalNameItem: UInt8 = 1

  private let body: UnsafeRawBufferPointer
  private var remaining: Int
  private var offset = 0

  init(_ body: UnsafeRawBufferPointer, chunkCount: Int) {
    self.body = body
    remaining = chunkCount
  }

  /// The next chunk; nil after the last, and where the packet is malformed. Items other than CNAME are skipped.
  public mutating func next() -> Chunk? {
    guard remaining > 0, body.count - offset >= 4 else { return nil }
    remaining -= 1
    var chunk = Chunk(ssrc: body.networkUInt32(at: offset))
    offset += 4
    while offset < body.count, body[offset] != 0 {
      guard body.count - offset >= 2, body.count - offset - 2 >= Int(body[offset + 1]) else {
        remaining = 0
        return nil
      }
      let count = Int(body[offset + 1])
      if body[offset] == Self.canonicalNameItem {
        chunk.canonicalName = String(decoding: body.part(at: offset + 2, count: count), as: UTF8.self)
      }
      offset += 2 + count
    }
    // At least one zero, then up to the next multiple of four.
    offset = Swift.min((offset + 4) & ~3, body.count)
    return chunk
  }
}
