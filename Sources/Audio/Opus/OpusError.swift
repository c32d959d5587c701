/// Why Opus could not do what was asked.
public enum OpusError: Error, Equatable, Sendable {
  /// The codec's state could not be made (memory).
  case unavailable
  /// The payload is not an Opus packet, or a damaged one. The caller conceals it as lost.
  case invalidPacket
  /// The buffer given is too small for the result, or not of a frame's length. A mistake of the caller.
  case invalidBuffer
  /// libopus failed inside, with its error code. The caller conceals or skips the packet.
  case codec(Int32)
}
