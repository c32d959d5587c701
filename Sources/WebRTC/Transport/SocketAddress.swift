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

extension SocketAddress: LosslessStringConvertible {
  /// `192.0.2.1:443`, or `[2001:db8::1]:443` (RFC 5952 section 6).
  public var description: String { ip.isIPv6 ? "[\(ip)]:\(port)" : "\(ip):\(port)" }

  /// The address and port that `text` writes in the notation of `description`; nil for anything else.
  public init?(_ text: String) {
    guard text.utf8.count <= 53, let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    let digits = text[text.index(after: colon)...]
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      let port = UInt16(digits)
    else { return nil }
    var host = text[..<colon]
    let bracketed = host.utf8.first == UInt8(ascii: "[") && host.utf8.last == UInt8(ascii: "]")
    if bracketed { host = host.dropFirst().dropLast() }
    guard let ip = IPAddress(String(host)), ip.isIPv6 == bracketed else { return nil }
    self.init(ip: ip, port: port)
  }
}
