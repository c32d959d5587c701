/// An IPv4 or IPv6 address in network order, without port, name or scope.
public enum IPAddress: Hashable, Sendable {
  /// An IPv4 address; the most significant byte is the first one written.
  case v4(UInt32)
  /// An IPv6 address as its upper and lower 64 bits; the most significant byte is the first one written.
  case v6(UInt64, UInt64)
}
