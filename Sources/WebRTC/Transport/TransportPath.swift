/// What carries a packet between two addresses.
public enum TransportProtocol: Hashable, Sendable {
  /// One datagram, one packet.
  case udp
  /// A byte stream with RFC 4571 framing (RFC 6544).
  case tcp
}

/// The way a packet came in or has to go out: protocol, our socket's address and the peer's address (RFC 5245's 5-tuple).
public struct TransportPath: Hashable, Sendable {
  /// The protocol.
  public var transport: TransportProtocol
  /// The base: the address of our own socket.
  public var local: SocketAddress
  /// The peer's (or server's) address.
  public var remote: SocketAddress

  /// A path between two addresses.
  public init(transport: TransportProtocol = .udp, local: SocketAddress, remote: SocketAddress) {
    self.transport = transport
    self.local = local
    self.remote = remote
  }
}
