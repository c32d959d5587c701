import Appliance
import Control
import ControlServer
import NIOCore

/// What the screen says of how to reach the panel: for the first PIN, for pairing a phone, or for those who know the PIN.
struct PanelDoor {
  let center: ControlCenter
  let setup: FirstSetup
  let pairing: PanelPairing
  /// Where HTTPS listens; nil when it doesn't.
  let listener: ListenAddress?
  /// What the room is called in the network.
  let names: [String]

  /// Whether nobody can sign in yet.
  var needsSetup: Bool { get async { await setup.code != nil } }

  /// What to show now; nil when there is no panel, or nobody could reach it.
  /// - Parameter port: where HTTPS really listens.
  func invitation(port: Int?) async -> PanelInvitation? {
    guard let port, let host else { return nil }
    let address = port == 443 ? "https://\(host)/" : "https://\(host):\(port)/"
    if let code = await setup.code { return .setup(address: address, code: code) }
    guard let mode = ControlPath("UserInterface Pairing Mode"), await center.value(.configuration, mode) == .onOff(true)
    else { return .panel(address: address) }
    return .pairing(link: "\(address)#pair=\(await pairing.token)")
  }

  /// The name or address by which a tablet reaches the room.
  private var host: String? {
    if let name = names.first { return name }
    guard let listener else { return nil }
    let host = listener.host
    guard host == "::" || host == "0.0.0.0" else { return host.contains(":") ? "[\(host)]" : host }
    return Self.ownAddress
  }

  /// The first of this machine's addresses that others could reach, one of IPv4 before the others.
  private static var ownAddress: String? {
    let addresses = ((try? System.enumerateDevices()) ?? []).compactMap(\.address)
    for address in addresses {
      if case .v4 = address, let text = address.ipAddress, !text.hasPrefix("127."), !text.hasPrefix("169.254.") {
        return text
      }
    }
    for address in addresses {
      // Link-local ones can't be written in a URL.
      if case .v6 = address, let text = address.ipAddress, text != "::1", !text.lowercased().hasPrefix("fe80") {
        return "[\(text)]"
      }
    }
    return nil
  }
}
