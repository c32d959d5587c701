import NIOCore
import WebRTC

extension WebRTC.SocketAddress {
  /// The same address, or nil for a Unix socket.
  init?(_ address: NIOCore.SocketAddress) {
    let isV6: Bool
    switch address {
    case .v4: isV6 = false
    case .v6: isV6 = true
    case .unixDomainSocket: return nil
    }
    // struct sockaddr_in and sockaddr_in6: the port comes third and fourth, then the address, IPv6's after its flow label.
    let (port, ip) = address.withSockAddr { pointer, size in
      let bytes = UnsafeRawBufferPointer(start: pointer, count: size)
      func load<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type = Value.self) -> Value {
        Value(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
      }
      return (load(2, as: UInt16.self), isV6 ? IPAddress.v6(load(8), load(16)) : .v4(load(4)))
    }
    self.init(ip: ip, port: port)
  }

  /// The same address for NIO.
  /// - Throws: never in fact: four and sixteen bytes are what an address has.
  func makeNIOAddress() throws -> NIOCore.SocketAddress {
    var packed = ByteBuffer()
    switch ip {
    case .v4(let bits): packed.writeInteger(bits)
    case .v6(let upper, let lower): packed.writeMultipleIntegers(upper, lower)
    }
    return try NIOCore.SocketAddress(packedIPAddress: packed, port: Int(port))
  }
}
