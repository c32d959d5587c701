/// Why an RTP packet can't be read or written.
public enum RTPError: Error, Hashable, Sendable {
  /// The packet ends before its fixed header, contributing sources or header extension do. Drop it.
  case truncated
  /// The version isn't 2 (RFC 3550 section 5.1): not RTP. Drop it.
  case wrongVersion
  /// The padding count is zero or larger than what follows the header (RFC 3550 section 5.1). Drop it.
  case invalidPadding
  /// What is to be written doesn't fit into a `PacketBuffer`, or an extension value is longer than the 255 bytes that
  /// RFC 8285 can carry. Send less in one packet.
  case noRoom
}
