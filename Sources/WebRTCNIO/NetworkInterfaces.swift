import NIOCore
import NIOPosix
import WebRTC

/// Which of the machine's addresses a peer connection uses.
public enum NetworkInterfaces: Sendable {
  /// Every address of every interface that is up, without loopback, link-local and tunnel-to-itself addresses.
  case all
  /// The loopback interface alone: the practice room, and tests.
  case loopback

  /// The addresses, in the order of preference, without duplicates.
  /// - Throws: `IOError` when the system refuses to list its interfaces.
  public func addresses() throws -> [NIOCore.SocketAddress] {
    switch self {
    case .loopback:
      return [try NIOCore.SocketAddress(ipAddress: "127.0.0.1", port: 0)]
    case .all:
      var found: [NIOCore.SocketAddress] = []
      for device in try System.enumerateDevices() {
        guard let address = device.address, let ip = WebRTC.SocketAddress(address)?.ip, ip.isUsableHostCandidate
        else { continue }
        if !found.contains(address) { found.append(address) }
      }
      return found
    }
  }
}

extension IPAddress {
  /// Whether other machines can reach this address: neither unspecified, loopback, multicast nor link-local, which is
  /// bound to a scope that a candidate line can't carry (RFC 8839 §5.1).
  var isUsableHostCandidate: Bool {
    switch self {
    case .v4(let bits):
      return bits != 0 && bits >> 24 != 127 && bits >> 16 != 0xA9FE && bits >> 28 != 0xE && bits != .max
    case .v6(let upper, let lower):
      let isUnspecifiedOrLoopback = upper == 0 && lower <= 1
      return !isUnspecifiedOrLoopback && upper >> 54 != 0x3FA && upper >> 56 != 0xFF
    }
  }
}
