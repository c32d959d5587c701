/// The records of a datagram (RFC 6347 §4.1), without those that can't be valid.
///
/// Invalid records are to be discarded silently (RFC 6347 §4.1.2.7), because anybody can send them. OpenSSL does so
/// when the tag is wrong; but from 3.2 on an encrypted record too short to have a tag, or one of an unknown type, ends
/// the association. It also loses track of a datagram in which it discards a record, hence one record at a time.
struct DTLSRecords {
  private static let headerLength = 13
  /// AES-GCM's explicit nonce and tag, which every suite that is offered has (RFC 5288).
  private static let minimumEncryptedLength = 8 + 16
  /// change_cipher_spec, alert, handshake, application_data.
  private static let types: ClosedRange<UInt8> = 20...23
  private static let applicationData: UInt8 = 23

  private var rest: UnsafeRawBufferPointer
  /// Whether the handshake is over, after which nothing valid comes in the clear.
  private let isConnected: Bool

  /// The records of `datagram`, which must outlive this value.
  init(of datagram: UnsafeRawBufferPointer, isConnected: Bool) {
    rest = datagram
    self.isConnected = isConnected
  }

  /// The next record with its header; nil when there is none.
  mutating func next() -> UnsafeRawBufferPointer? {
    while rest.count > Self.headerLength {
      let end = Self.headerLength + (Int(rest[11]) << 8 | Int(rest[12]))
      guard end <= rest.count else { return nil }
      let record = UnsafeRawBufferPointer(rebasing: rest[..<end])
      rest = UnsafeRawBufferPointer(rebasing: rest[end...])
      if canBeValid(record) { return record }
    }
    return nil
  }

  private func canBeValid(_ record: UnsafeRawBufferPointer) -> Bool {
    // DTLS 1.0's version is in the first ClientHello and HelloVerifyRequest.
    guard Self.types.contains(record[0]), record[1] == 254, record[2] == 253 || record[2] == 255 else { return false }
    let length = record.count - Self.headerLength
    let isEncrypted = record[3] != 0 || record[4] != 0
    return isEncrypted
      ? length > Self.minimumEncryptedLength : length > 0 && !isConnected && record[0] != Self.applicationData
  }
}
