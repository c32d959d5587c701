/// BYE (RFC 3550 section 6.6): sources that have ended.
public struct Goodbye: RandomAccessCollection {
  private let sources: UnsafeRawBufferPointer

  init?(_ body: UnsafeRawBufferPointer, count: Int) {
    guard body.count >= 4 * count else { return nil }
    sources = body.part(at: 0, count: 4 * count)
  }

  /// Always 0.
  public var startIndex: Int { 0 }
  /// How many sources have ended.
  public var endIndex: Int { sources.count / 4 }
  /// The SSRC at `position`.
  public subscript(position: Int) -> UInt32 { sources.networkUInt32(at: 4 * position) }
}
