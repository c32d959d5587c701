/// The 96 bits that tie a response to its request (RFC 8489 section 5).
public struct STUNTransactionID: Hashable, Sendable {
  /// The first 32 bits on the wire.
  public var upper: UInt32
  /// The last 64 bits on the wire.
  public var lower: UInt64

  /// A transaction id of the given bits.
  public init(upper: UInt32, lower: UInt64) {
    self.upper = upper
    self.lower = lower
  }

  /// A random transaction id.
  public init(using random: inout some RandomNumberGenerator) {
    upper = UInt32(truncatingIfNeeded: random.next())
    lower = random.next()
  }
}
