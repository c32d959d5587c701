/// An IP address with a port.
public struct SocketAddress: Hashable, Sendable {
  /// The address.
  public var ip: IPAddress
  /// The port in host order.
  public var port: UInt16

  /// An address with a port.
  public init(ip: IPAddress, port: UInt16) {
    self.ip = ip
    self.port = port
  }
}
