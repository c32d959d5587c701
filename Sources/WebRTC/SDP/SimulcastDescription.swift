/// What a peer offers to send and receive in simulcast (RFC 8853 §5.1).
public struct SimulcastDescription: Hashable, Sendable {
  /// The streams that the writer sends; each is a list of alternatives, the preferred first.
  public var send: [[Stream]]
  /// The streams that the writer is ready to receive.
  public var receive: [[Stream]]

  /// Simulcast with these streams.
  public init(send: [[Stream]] = [], receive: [[Stream]] = []) {
    self.send = send
    self.receive = receive
  }

  /// The same streams as the other side sees them: the start of an answer that takes all of them (RFC 8853 §5.3.2).
  public var reversed: SimulcastDescription { SimulcastDescription(send: receive, receive: send) }

  /// One stream of a simulcast.
  public struct Stream: Hashable, Sendable {
    /// Its rid.
    public var rid: String
    /// Whether it starts paused.
    public var isPaused: Bool

    /// The stream `rid`.
    public init(rid: String, isPaused: Bool = false) {
      self.rid = rid
      self.isPaused = isPaused
    }
  }
}

/// An RTP stream named by its rid, and what it is restricted to (RFC 8851 §4).
public struct RTPStreamRestriction: Hashable, Sendable {
  /// The stream's identification: letters, digits, `-` and `_`.
  public var rid: String
  /// Which way it flows.
  public var direction: Direction
  /// The restrictions in their order: `pt`, `max-width`, `max-height`, `max-fps`, `max-br` and others.
  public var parameters: [FormatParameter]

  /// The stream `rid`.
  public init(rid: String, direction: Direction, parameters: [FormatParameter] = []) {
    self.rid = rid
    self.direction = direction
    self.parameters = parameters
  }

  /// The same stream as the other side sees it (RFC 8851 §6.3).
  public var reversed: RTPStreamRestriction {
    RTPStreamRestriction(rid: rid, direction: direction == .send ? .receive : .send, parameters: parameters)
  }

  /// Which way a stream flows, as the writer sees it.
  public enum Direction: String, Hashable, Sendable {
    /// From the writer.
    case send
    /// To the writer.
    case receive = "recv"
  }

  /// The payload types that the stream is limited to; empty for any.
  public var payloadTypes: [UInt8] {
    guard let list = parameters.first(where: { $0.name == "pt" })?.value else { return [] }
    return list.utf8.split(separator: UInt8(ascii: ",")).compactMap { UInt8(Substring($0)) }
  }
}
