/// An attribute's type (RFC 8489 section 18.3, RFC 8445 section 20.1).
public struct STUNAttribute: RawRepresentable, Hashable, Sendable {
  /// The number on the wire. Below 0x8000, a receiver that doesn't know it has to refuse the request (error 420).
  public var rawValue: UInt16

  /// The type with number `rawValue`.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// The sender's address as seen by the receiver, in the clear; only old servers send it.
  public static let mappedAddress = STUNAttribute(rawValue: 0x0001)
  /// Who asks: for ICE, the receiver's and the sender's username fragments around a colon.
  public static let username = STUNAttribute(rawValue: 0x0006)
  /// HMAC-SHA1 over what stands before.
  public static let messageIntegrity = STUNAttribute(rawValue: 0x0008)
  /// Why a request was refused.
  public static let errorCode = STUNAttribute(rawValue: 0x0009)
  /// The attribute types that made for error 420.
  public static let unknownAttributes = STUNAttribute(rawValue: 0x000A)
  /// Part of the long-term credential.
  public static let realm = STUNAttribute(rawValue: 0x0014)
  /// Part of the long-term credential.
  public static let nonce = STUNAttribute(rawValue: 0x0015)
  /// The sender's address as seen by the receiver, masked so that NATs leave it alone.
  public static let xorMappedAddress = STUNAttribute(rawValue: 0x0020)
  /// The priority a peer-reflexive candidate learned from this check would have.
  public static let priority = STUNAttribute(rawValue: 0x0024)
  /// The controlling agent nominates the pair.
  public static let useCandidate = STUNAttribute(rawValue: 0x0025)
  /// The name of the sender's software.
  public static let software = STUNAttribute(rawValue: 0x8022)
  /// CRC-32 over what stands before.
  public static let fingerprint = STUNAttribute(rawValue: 0x8028)
  /// The sender's role is controlled; its tie-breaker.
  public static let iceControlled = STUNAttribute(rawValue: 0x8029)
  /// The sender's role is controlling; its tie-breaker.
  public static let iceControlling = STUNAttribute(rawValue: 0x802A)

  /// Whether a receiver that doesn't know the type may pass over it.
  public var isComprehensionOptional: Bool { rawValue >= 0x8000 }
}
