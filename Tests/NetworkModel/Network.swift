import Realtime

/// A network between hosts in virtual time, with links of a given quality and simple NATs. Sans-IO and repeatable: the
/// same seed and calls give the same packets at the same times.
///
/// `Host` is what routes go by, e.g. an IP address.
public struct Network<Host: Hashable & Sendable>: Sendable {
  /// A host with a port.
  public struct Endpoint: Hashable, Sendable {
    /// The host.
    public var host: Host
    /// The port.
    public var port: UInt16

    /// A port of a host.
    public init(_ host: Host, _ port: UInt16) {
      self.host = host
      self.port = port
    }
  }

  /// A packet that has arrived.
  public struct Packet: Sendable {
    /// The payload.
    public var bytes: [UInt8]
    /// The sender as the receiver sees it.
    public var source: Endpoint
    /// The receiver.
    public var destination: Endpoint
    /// When it arrived.
    public var arrival: Instant
  }

  /// What a NAT lets through and how it assigns ports (RFC 4787).
  public enum NATBehaviour: Sendable {
    /// One outside port per inside port, open to everybody.
    case fullCone
    /// One outside port per inside port, open to whom was written to.
    case portRestricted
    /// One outside port per inside port and destination, open to that destination.
    case symmetric
  }

  /// How often a packet was dropped by a NAT, or had no way to its destination.
  public private(set) var unroutableCount = 0

  private struct Route: Hashable {
    var from: Host
    var to: Host
  }

  private struct NAT {
    struct Mapping {
      var inside: Endpoint
      var destination: Endpoint?
      var outsidePort: UInt16
      var allowed: Set<Endpoint> = []
    }

    var outside: Host
    var behaviour: NATBehaviour
    var insides: Set<Host>
    var mappings: [Mapping] = []
    var nextPort: UInt16 = 40_000
  }

  private var defaultLink: LinkConfiguration
  private var configured: [Route: LinkConfiguration] = [:]
  private var links: [Route: Link] = [:]
  private var nats: [NAT] = []
  private var flights: [Packet] = []
  private var random: SeededRandom

  /// A network whose links are all like `link` until changed.
  public init(link: LinkConfiguration = .init(), seed: UInt64) {
    defaultLink = link
    random = SeededRandom(seed: seed)
  }

  /// Sets the quality of the direction from `source` to `destination`, as `source` addresses it (i.e. a host behind a NAT
  /// is named by the NAT's outside address).
  public mutating func setLink(from source: Host, to destination: Host, _ link: LinkConfiguration) {
    configured[Route(from: source, to: destination)] = link
    links[Route(from: source, to: destination)]?.configuration = link
  }

  /// Sets the quality of all links for which none was set on its own.
  public mutating func setDefaultLink(_ link: LinkConfiguration) {
    defaultLink = link
    for route in Array(links.keys) where configured[route] == nil { links[route]?.configuration = link }
  }

  /// Puts the hosts `insides` behind a NAT: nobody outside can reach them but through `outside`.
  public mutating func addNAT(_ behaviour: NATBehaviour, outside: Host, insides: Set<Host>) {
    nats.append(NAT(outside: outside, behaviour: behaviour, insides: insides))
  }

  /// Makes a NAT forget its mappings, as one does that restarts; new ones get other ports.
  public mutating func forgetMappings(ofNAT outside: Host) {
    for index in nats.indices where nats[index].outside == outside { nats[index].mappings = [] }
  }

  /// Sends a packet.
  public mutating func send(
    _ bytes: [UInt8], from source: Endpoint, to destination: Endpoint, at now: Instant
  ) {
    var visible = source
    let (here, there) = (nat(around: source.host), nat(around: destination.host))
    if there != nil, here != there {
      unroutableCount += 1
      return
    }
    if let here, here != there { visible = translate(source, to: destination, nat: here) }
    let route = Route(from: source.host, to: destination.host)
    if links[route] == nil { links[route] = Link(configured[route] ?? defaultLink, seed: random.next()) }
    for arrival in links[route]?.send(byteCount: bytes.count, at: now) ?? [] {
      let packet = Packet(bytes: bytes, source: visible, destination: destination, arrival: arrival)
      let index = flights.lastIndex { $0.arrival <= arrival }.map { $0 + 1 } ?? 0
      flights.insert(packet, at: index)
    }
  }

  /// When the next packet arrives (perhaps only at a NAT that drops it); nil when none is under way.
  public var nextArrival: Instant? { flights.first?.arrival }

  /// Takes out the next packet that has arrived by `now`.
  public mutating func popArrival(at now: Instant) -> Packet? {
    while var packet = flights.first, packet.arrival <= now {
      flights.removeFirst()
      if let nat = nats.firstIndex(where: { $0.outside == packet.destination.host }) {
        guard let inside = admit(packet, nat: nat) else {
          unroutableCount += 1
          continue
        }
        packet.destination = inside
      }
      return packet
    }
    return nil
  }

  private func nat(around host: Host) -> Int? {
    nats.firstIndex { $0.insides.contains(host) }
  }

  /// The sender as the outside sees it; opens the way back.
  private mutating func translate(_ source: Endpoint, to destination: Endpoint, nat index: Int) -> Endpoint {
    let key = nats[index].behaviour == .symmetric ? destination : nil
    let mappings = nats[index].mappings
    let mapping: Int
    if let known = mappings.firstIndex(where: { $0.inside == source && $0.destination == key }) {
      mapping = known
    } else {
      nats[index].mappings.append(.init(inside: source, destination: key, outsidePort: nats[index].nextPort))
      nats[index].nextPort &+= 1
      mapping = mappings.count
    }
    nats[index].mappings[mapping].allowed.insert(destination)
    return Endpoint(nats[index].outside, nats[index].mappings[mapping].outsidePort)
  }

  private func admit(_ packet: Packet, nat index: Int) -> Endpoint? {
    let mapping = nats[index].mappings.first { $0.outsidePort == packet.destination.port }
    guard let mapping else { return nil }
    let isOpen = nats[index].behaviour == .fullCone || mapping.allowed.contains(packet.source)
    return isOpen ? mapping.inside : nil
  }
}
