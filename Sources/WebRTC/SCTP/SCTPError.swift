/// Why something about SCTP or its data channels didn't work.
public enum SCTPError: Error, Hashable, Sendable {
  /// The association isn't up yet or is over. Wait for `connected`, or negotiate anew.
  case notConnected
  /// There is no such channel, or it is closing. Open another.
  case noSuchChannel
  /// The channel isn't open yet. Wait for `opened`.
  case notOpen
  /// All streams of our parity are taken, or the stream asked for is. Close channels first.
  case noFreeStream
  /// The message is longer than the peer takes (`a=max-message-size`, RFC 8841 §6) or than we take. Send in pieces.
  case messageTooLong(Int)
  /// Too much waits to be sent. Wait for `bufferedAmountLow`.
  case bufferFull
  /// A label or protocol of more than `DataChannel.maximumTextLength` bytes, or both kinds of partial reliability.
  case invalidOptions
  /// Started twice. The caller's mistake.
  case invalidState
  /// The peer ended the association, or didn't answer for too long. Negotiate anew.
  case associationLost
  /// usrsctp failed for a reason that lies in this machine; the value is `errno`.
  case library(Int32)
}
