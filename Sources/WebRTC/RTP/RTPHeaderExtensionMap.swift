/// Which identifier each header extension has on a connection: the result of SDP's `a=extmap` (RFC 8285 section 5).
public struct RTPHeaderExtensionMap: Hashable, Sendable {
  // Indexed by kind; 0 is "not mapped", which RFC 8285 never assigns. Fixed vectors, so that a copy costs nothing.
  private var ids = SIMD16<UInt8>.zero
  // For the identifiers of the one-byte form the kind's raw value plus one; 0 is "not mapped".
  private var kinds = SIMD16<UInt8>.zero

  /// A map of nothing: every extension is skipped on reading and left out on writing.
  public init() {}

  /// A map of `pairs`, of which impossible ones are left out as `map(_:to:)` says.
  public init(_ pairs: KeyValuePairs<RTPHeaderExtensionKind, UInt8>) {
    for (kind, id) in pairs { map(kind, to: id) }
  }

  /// Gives `kind` the identifier `id`, replacing an earlier mapping of either.
  ///
  /// 1…14 fit both of RFC 8285's forms, 15…255 the two-byte form only. False, with nothing changed, for 0, which is
  /// padding.
  @discardableResult
  public mutating func map(_ kind: RTPHeaderExtensionKind, to id: UInt8) -> Bool {
    guard id != 0 else { return false }
    if let replaced = self.kind(of: id) { ids[Int(replaced.rawValue)] = 0 }
    let previous = ids[Int(kind.rawValue)]
    if previous < 16 { kinds[Int(previous)] = 0 }
    if id < 16 { kinds[Int(id)] = kind.rawValue + 1 }
    ids[Int(kind.rawValue)] = id
    return true
  }

  /// What `id` means; nil when it isn't mapped.
  public func kind(of id: UInt8) -> RTPHeaderExtensionKind? {
    if id < 16 {
      let kind = kinds[Int(id)]
      return kind == 0 ? nil : RTPHeaderExtensionKind(rawValue: kind - 1)
    }
    for kind in RTPHeaderExtensionKind.allCases where ids[Int(kind.rawValue)] == id { return kind }
    return nil
  }

  /// The identifier of `kind`: 1…255; nil when it isn't mapped.
  public func id(of kind: RTPHeaderExtensionKind) -> UInt8? {
    let id = ids[Int(kind.rawValue)]
    return id == 0 ? nil : id
  }

  /// Whether `kind` has an identifier.
  public func contains(_ kind: RTPHeaderExtensionKind) -> Bool { ids[Int(kind.rawValue)] != 0 }
}
