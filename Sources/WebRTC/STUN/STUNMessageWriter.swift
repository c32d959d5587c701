/// Writes a STUN message (RFC 8489) into memory that the caller owns.
///
/// Attributes stand in the order of the calls; `appendIntegrity` and `appendFingerprint` come last, in this order. What
/// doesn't fit isn't written, and then `finishedCount` is zero.
public struct STUNMessageWriter {
  private let memory: UnsafeMutableRawBufferPointer
  private let transactionID: STUNTransactionID
  private var count: Int
  private var overflowed = false

  /// Starts a message at the start of `memory`.
  public init(
    _ memory: UnsafeMutableRawBufferPointer, _ messageClass: STUNMessageClass, method: UInt16 = STUNMessage.binding,
    transactionID: STUNTransactionID
  ) {
    self.memory = memory
    self.transactionID = transactionID
    guard memory.count >= STUNMessage.headerLength else {
      count = 0
      overflowed = true
      return
    }
    count = STUNMessage.headerLength
    let methodBits = method & 0x000F | (method & 0x0070) << 1 | (method & 0x0F80) << 2
    memory.storeNetwork(methodBits | messageClass.rawValue, at: 0)
    memory.storeNetwork(UInt16(0), at: 2)
    memory.storeNetwork(STUNMessage.magicCookie, at: 4)
    memory.storeNetwork(transactionID.upper, at: 8)
    memory.storeNetwork(transactionID.lower, at: 12)
  }

  /// Reserves an attribute and writes its header and padding; the offset of its value, or nil if it doesn't fit.
  private mutating func reserve(_ attribute: STUNAttribute, _ length: Int) -> Int? {
    let end = count + 4 + (length + 3) & ~3
    guard !overflowed, end <= min(memory.count, Int(UInt16.max)) else {
      overflowed = true
      return nil
    }
    let start = count + 4
    memory.storeNetwork(attribute.rawValue, at: count)
    memory.storeNetwork(UInt16(length), at: count + 2)
    for offset in start + length..<end { memory[offset] = 0 }
    count = end
    memory.storeNetwork(UInt16(count - STUNMessage.headerLength), at: 2)
    return start
  }

  /// Appends an attribute of raw bytes.
  public mutating func append(_ attribute: STUNAttribute, _ value: UnsafeRawBufferPointer) {
    guard let start = reserve(attribute, value.count) else { return }
    UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: value)
  }

  /// Appends an attribute of text, e.g. USERNAME.
  public mutating func append(_ attribute: STUNAttribute, _ text: String) {
    var text = text
    text.withUTF8 { append(attribute, UnsafeRawBufferPointer($0)) }
  }

  /// Appends an attribute without value, e.g. USE-CANDIDATE.
  public mutating func append(_ attribute: STUNAttribute) {
    _ = reserve(attribute, 0)
  }

  /// Appends an attribute that is one number, e.g. PRIORITY (32 bits) or ICE-CONTROLLING (64 bits).
  public mutating func append(_ attribute: STUNAttribute, _ value: some FixedWidthInteger & UnsignedInteger) {
    guard let start = reserve(attribute, value.bitWidth / 8) else { return }
    memory.storeNetwork(value, at: start)
  }

  /// Appends XOR-MAPPED-ADDRESS (RFC 8489 section 14.2).
  public mutating func appendXORMappedAddress(_ address: SocketAddress) {
    guard let start = reserve(.xorMappedAddress, address.ip.isIPv6 ? 20 : 8) else { return }
    let cookie = STUNMessage.magicCookie
    memory.storeNetwork(UInt16(address.ip.isIPv6 ? 2 : 1), at: start)
    memory.storeNetwork(address.port ^ UInt16(cookie >> 16), at: start + 2)
    switch address.ip {
    case .v4(let bits): memory.storeNetwork(bits ^ cookie, at: start + 4)
    case .v6(let upper, let lower):
      memory.storeNetwork(upper ^ (UInt64(cookie) << 32 | UInt64(transactionID.upper)), at: start + 4)
      memory.storeNetwork(lower ^ transactionID.lower, at: start + 12)
    }
  }

  /// Appends ERROR-CODE (RFC 8489 section 14.8); `code` is 300 to 699.
  public mutating func appendErrorCode(_ code: Int, _ reason: StaticString) {
    guard (300..<700).contains(code), let start = reserve(.errorCode, 4 + reason.utf8CodeUnitCount) else { return }
    memory.storeNetwork(UInt32((code / 100) << 8 | code % 100), at: start)
    UnsafeMutableRawBufferPointer(rebasing: memory[(start + 4)...]).copyMemory(
      from: UnsafeRawBufferPointer(start: reason.utf8Start, count: reason.utf8CodeUnitCount))
  }

  /// Appends UNKNOWN-ATTRIBUTES (RFC 8489 section 14.9) with `type`.
  public mutating func appendUnknownAttribute(_ type: UInt16) {
    append(.unknownAttributes, type)
  }

  /// Appends MESSAGE-INTEGRITY (RFC 8489 section 14.5).
  public mutating func appendIntegrity(key: STUNKey) {
    let covered = count
    guard let start = reserve(.messageIntegrity, STUNKey.integrityLength), let base = memory.baseAddress else { return }
    if !key.authenticate(UnsafeRawBufferPointer(start: base, count: covered), into: base + start) { overflowed = true }
  }

  /// Appends FINGERPRINT (RFC 8489 section 14.7).
  public mutating func appendFingerprint() {
    let covered = count
    guard let start = reserve(.fingerprint, 4) else { return }
    let checksum = STUNFingerprint.compute(UnsafeRawBufferPointer(rebasing: memory[..<covered]))
    memory.storeNetwork(checksum, at: start)
  }

  /// How many bytes the message has; zero when something didn't fit, and then there is nothing to send.
  public var finishedCount: Int { overflowed ? 0 : count }
}
