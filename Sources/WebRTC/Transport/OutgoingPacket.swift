/// A packet that is to be sent, and which way.
public struct OutgoingPacket {
  /// The packet; goes back to the pool that it came from once it is sent.
  public let buffer: PacketBuffer
  /// From which local socket to which remote address.
  public let path: TransportPath

  /// A packet to send on `path`.
  public init(_ buffer: PacketBuffer, on path: TransportPath) {
    self.buffer = buffer
    self.path = path
  }
}
