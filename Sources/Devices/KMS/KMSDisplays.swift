/// A socket for a display on a card, as an installer sees it.
public struct KMSDisplay: Sendable {
  /// The card's device file, such as `/dev/dri/card0`.
  public var node: String
  /// The card in sysfs with all links resolved; with the connector's name it is the same after each start.
  public var sysfsPath: String
  /// The card's driver.
  public var driver: String
  /// The socket and what is plugged in.
  public var connector: KMSConnector
  /// What the display says of itself; nil if it says nothing that can be understood.
  public var edid: EDID?
  /// How to ask a `KMSScreen` for it.
  public var id: KMSDisplayID { KMSDisplayID(card: node, connector: connector.name) }
  /// For people: the display's name and socket.
  public var name: String {
    guard let edid, connector.status != .disconnected else { return connector.name }
    let display = edid.name ?? edid.vendor + " " + edid.productHexadecimal
    return "\(display) (\(connector.name))"
  }
}

/// Which socket.
public struct KMSDisplayID: Hashable, Sendable {
  /// The card's device file.
  public var card: String
  /// The connector's name, such as `HDMI-A-1`.
  public var connector: String

  /// The socket of that name on that card.
  public init(card: String, connector: String) {
    self.card = card
    self.connector = connector
  }
}

/// What display controllers there are, and what is plugged into them.
public enum KMSDisplays {
  /// All sockets for displays of all cards that can set modes atomically, connected or not.
  ///
  /// Asks the displays (some tenths of a second for each) if this program is DRM master or nobody is; else gives what
  /// the kernel remembers. For any thread.
  public static func enumerate() -> [KMSDisplay] {
    KMSCard.paths.flatMap { path -> [KMSDisplay] in
      guard let card = try? KMSCard.open(path) else { return [] }
      return card.connectors(probing: true).filter { !$0.isWriteBack }.map { connector in
        KMSDisplay(
          node: card.path, sysfsPath: card.sysfsPath, driver: card.driver, connector: connector,
          edid: try? EDID(connector.edid))
      }
    }
  }
}
