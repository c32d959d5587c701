import COpenSSL

/// What a message is (RFC 8489 section 5); the raw values are the class bits of the message type.
public enum STUNMessageClass: UInt16, Hashable, Sendable {
  /// Asks for a response.
  case request = 0x000
  /// Asks for nothing.
  case indication = 0x010
  /// Answers a request that was granted.
  case successResponse = 0x100
  /// Answers a request that was refused.
  case errorResponse = 0x110
}

/// A received STUN message (RFC 8489), read in place: valid only as long as the bytes it was made from.
public struct STUNMessage {
  /// Bytes of the header.
  public static let headerLength = 20
  /// The method of all ICE messages (RFC 8489 section 18.2).
  public static let binding: UInt16 = 0x001
  static let magicCookie: UInt32 = 0x2112_A442
  /// Longest message taken. No ICE or TURN message without data comes near; it bounds the copy that checks integrity.
  static let maximumLength = PacketBuffer.capacity

  /// The whole message.
  public let bytes: UnsafeRawBufferPointer
  /// Request, indication or response.
  public let messageClass: STUNMessageClass
  /// What is asked, e.g. `binding`.
  public let method: UInt16
  /// Ties a response to its request.
  public let transactionID: STUNTransactionID

  /// USERNAME.
  public private(set) var username: UnsafeRawBufferPointer?
  /// XOR-MAPPED-ADDRESS unmasked or, without it, MAPPED-ADDRESS.
  public private(set) var mappedAddress: SocketAddress?
  /// ERROR-CODE, 300 to 699.
  public private(set) var errorCode: Int?
  /// PRIORITY.
  public private(set) var priority: UInt32?
  /// Whether USE-CANDIDATE is there.
  public private(set) var useCandidate = false
  /// The tie-breaker of ICE-CONTROLLING.
  public private(set) var iceControlling: UInt64?
  /// The tie-breaker of ICE-CONTROLLED.
  public private(set) var iceControlled: UInt64?
  /// SOFTWARE.
  public private(set) var software: UnsafeRawBufferPointer?
  /// REALM.
  public private(set) var realm: UnsafeRawBufferPointer?
  /// NONCE.
  public private(set) var nonce: UnsafeRawBufferPointer?
  /// The type of the first comprehension-required attribute that this code doesn't know. With one, a request is to be
  /// answered by error 420 and a response dropped (RFC 8489 section 6.3).
  public private(set) var unknownRequiredAttribute: UInt16?
  /// Whether FINGERPRINT is there (it matched, or parsing had failed).
  public private(set) var hasFingerprint = false

  private var integrityOffset: Int?
  private var hasXORMappedAddress = false

  /// Whether `bytes` start as STUN messages do: two zero bits and the magic cookie. Cheap, for sorting packets.
  public static func looksLikeSTUN(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= headerLength && bytes[0] & 0xC0 == 0 && bytes.networkUInt32(at: 4) == magicCookie
  }

  /// Reads a message, which must fill `bytes`. Attributes that aren't known are passed over, as are those after
  /// MESSAGE-INTEGRITY (but FINGERPRINT), which nothing protects; a repeated attribute counts once, the first time.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(STUNError) {
    guard Self.looksLikeSTUN(bytes) else { throw .notSTUN }
    let type = bytes.networkUInt16(at: 0)
    guard Int(bytes.networkUInt16(at: 2)) == bytes.count - Self.headerLength, bytes.count % 4 == 0,
      bytes.count <= Self.maximumLength
    else { throw .badLength }
    guard let messageClass = STUNMessageClass(rawValue: type & 0x110) else { throw .notSTUN }
    self.bytes = bytes
    self.messageClass = messageClass
    method = type & 0x000F | (type & 0x00E0) >> 1 | (type & 0x3E00) >> 2
    transactionID = STUNTransactionID(upper: bytes.networkUInt32(at: 8), lower: bytes.networkUInt64(at: 12))
    var offset = Self.headerLength
    while offset < bytes.count {
      // The length is a multiple of four, so an attribute's header always fits.
      let attribute = STUNAttribute(rawValue: bytes.networkUInt16(at: offset))
      let length = Int(bytes.networkUInt16(at: offset + 2))
      let start = offset + 4
      guard length <= bytes.count - start else { throw .badAttribute }
      let value = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
      if integrityOffset == nil || attribute == .fingerprint { try take(attribute, value, at: offset) }
      offset = start + (length + 3) & ~3
    }
  }

  private mutating func take(
    _ attribute: STUNAttribute, _ value: UnsafeRawBufferPointer, at offset: Int
  ) throws(STUNError) {
    switch attribute {
    case .username: username = username ?? value
    case .software: software = software ?? value
    case .realm: realm = realm ?? value
    case .nonce: nonce = nonce ?? value
    case .useCandidate: useCandidate = true
    case .messageIntegrity:
      guard value.count == STUNKey.integrityLength else { throw .badAttribute }
      integrityOffset = offset
    case .fingerprint:
      // It has to be the last attribute (RFC 8489 section 14.7).
      guard value.count == 4, offset + 8 == bytes.count else { throw .badAttribute }
      guard value.networkUInt32(at: 0) == STUNFingerprint.compute(.init(rebasing: bytes[..<offset])) else {
        throw .badFingerprint
      }
      hasFingerprint = true
    case .xorMappedAddress:
      guard let address = address(value, masked: true) else { throw .badAttribute }
      if !hasXORMappedAddress { mappedAddress = address }
      hasXORMappedAddress = true
    case .mappedAddress:
      guard let address = address(value, masked: false) else { throw .badAttribute }
      mappedAddress = mappedAddress ?? address
    case .errorCode:
      guard value.count >= 4 else { throw .badAttribute }
      let (hundreds, units) = (Int(value[2] & 7), Int(value[3]))
      guard (3...6).contains(hundreds), units < 100 else { throw .badAttribute }
      errorCode = errorCode ?? hundreds * 100 + units
    case .priority:
      guard value.count == 4 else { throw .badAttribute }
      priority = priority ?? value.networkUInt32(at: 0)
    case .iceControlling:
      guard value.count == 8 else { throw .badAttribute }
      iceControlling = iceControlling ?? value.networkUInt64(at: 0)
    case .iceControlled:
      guard value.count == 8 else { throw .badAttribute }
      iceControlled = iceControlled ?? value.networkUInt64(at: 0)
    case .unknownAttributes: break
    default:
      if attribute.isComprehensionOptional { return }
      unknownRequiredAttribute = unknownRequiredAttribute ?? attribute.rawValue
    }
  }

  private func address(_ value: UnsafeRawBufferPointer, masked: Bool) -> SocketAddress? {
    guard value.count >= 4 else { return nil }
    let cookie = masked ? Self.magicCookie : 0
    let port = value.networkUInt16(at: 2) ^ UInt16(cookie >> 16)
    switch (value[1], value.count) {
    case (1, 8): return SocketAddress(ip: .v4(value.networkUInt32(at: 4) ^ cookie), port: port)
    case (2, 20):
      let upper = UInt64(cookie) << 32 | (masked ? UInt64(transactionID.upper) : 0)
      let lower = masked ? transactionID.lower : 0
      return SocketAddress(ip: .v6(value.networkUInt64(at: 4) ^ upper, value.networkUInt64(at: 12) ^ lower), port: port)
    default: return nil
    }
  }

  /// Whether MESSAGE-INTEGRITY is there.
  public var hasIntegrity: Bool { integrityOffset != nil }

  /// Whether MESSAGE-INTEGRITY is there and was made with `key` (RFC 8489 section 14.5), compared in constant time.
  public func isAuthentic(key: STUNKey) -> Bool {
    guard let integrityOffset else { return false }
    return withUnsafeTemporaryAllocation(byteCount: integrityOffset + STUNKey.integrityLength, alignment: 8) { copy in
      copy.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<integrityOffset]))
      // The HMAC is made as if the message ended with this attribute.
      copy.storeNetwork(UInt16(integrityOffset + 4 + STUNKey.integrityLength - Self.headerLength), at: 2)
      guard let start = copy.baseAddress, let received = bytes.baseAddress else { return false }
      let digest = start + integrityOffset
      guard key.authenticate(UnsafeRawBufferPointer(start: start, count: integrityOffset), into: digest) else {
        return false
      }
      return CRYPTO_memcmp(digest, received + integrityOffset + 4, STUNKey.integrityLength) == 0
    }
  }
}
