import Realtime

/// One peer of a face, from its connection to its end: a pure state machine that sees bytes, answers and changes, and
/// says what is to be done. Socket, clock and store are its owner's.
public protocol ControlSession: Sendable {
  /// Takes in what happened, and says what is to be done, in order.
  mutating func handle(_ input: ControlSessionInput, at now: Instant) -> [ControlSessionAction]

  /// When it wants to be woken at the latest; nil when nothing is due.
  var deadline: Instant? { get }

  /// Whether it can take more bytes now. While it can't, its owner should leave them in the socket.
  var isReadable: Bool { get }
}

/// What happens to a session.
public enum ControlSessionInput: Sendable {
  /// The peer is there.
  case opened
  /// Bytes came: of a stream any number of them, of a message-based face one whole message.
  case received([UInt8])
  /// What came of the request of that number.
  case answered(Int, Result<ControlAnswer, ControlError>)
  /// Who the peer is; nil when the name or password is wrong.
  case authenticated(ControlRole?)
  /// Something changed.
  case changed(ControlChange)
  /// The deadline is reached.
  case woken
}

/// What a session wants done.
public enum ControlSessionAction: Hashable, Sendable {
  /// To send to the peer.
  case send([UInt8])
  /// To be done in this role; the answer is to carry the number.
  case perform(ControlRequest, role: ControlRole, number: Int)
  /// To find out who this is.
  case authenticate(name: String, password: String)
  /// To end the connection.
  case close
}
