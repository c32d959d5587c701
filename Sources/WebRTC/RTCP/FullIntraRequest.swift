/// FIR (RFC 5104 section 4.3.1): commands to streams to send a key frame.
public struct FullIntraRequest: RandomAccessCollection {
  /// The command to one stream.
  public struct Entry: Hashable, Sendable {
    /// The stream that is to send a key frame.
    public var ssrc: UInt32
    /// Increments for each new command; a repeated one is the same command.
    public var sequenceNumber: UInt8
  }

  static let format: UInt8 = 4

  /// Who commands.
  public let senderSSRC: UInt32
  private let entries: UnsafeRawBufferPointer

  /// `body` has at least 8 bytes.
  init(_ body: UnsafeRawBufferPointer) {
    senderSSRC = body.networkUInt32(at: 0)
    entries = body.part(at: 8, count: body.count - 8)
  }

  /// Always 0.
  public var startIndex: Int { 0 }
  /// How many commands.
  public var endIndex: Int { entries.count / 8 }
  /// The command at `position`.
  public subscript(position: Int) -> Entry {
    Entry(ssrc: entries.networkUInt32(at: 8 * position), sequenceNumber: entries[8 * position + 4])
  }
}
