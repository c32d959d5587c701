/// An IPv4 or IPv6 address in network order, without port, name or scope.
public enum IPAddress: Hashable, Sendable {
  /// An IPv4 address; the most significant byte is the first one written.
  case v4(UInt32)
  /// An IPv6 address as its upper and lower 64 bits; the most significant byte is the first one written.
  case v6(UInt64, UInt64)
}

extension IPAddress {
  /// Whether this is an IPv6 address.
  public var isIPv6: Bool {
    if case .v6 = self { true } else { false }
  }

  /// Whether this is 127.0.0.0/8 or ::1.
  public var isLoopback: Bool {
    switch self {
    case .v4(let bits): bits >> 24 == 127
    case .v6(let upper, let lower): upper == 0 && lower == 1
    }
  }

  /// Whether this is 169.254.0.0/16 or fe80::/10.
  public var isLinkLocal: Bool {
    switch self {
    case .v4(let bits): bits >> 16 == 0xA9FE
    case .v6(let upper, _): upper >> 54 == 0xFE80 >> 6
    }
  }

  /// Whether this is 0.0.0.0 or ::, which names no host.
  public var isUnspecified: Bool {
    switch self {
    case .v4(let bits): bits == 0
    case .v6(let upper, let lower): upper == 0 && lower == 0
    }
  }
}

extension IPAddress: LosslessStringConvertible {
  /// The address in its usual notation: dotted decimal, or RFC 5952's text for IPv6.
  public var description: String {
    switch self {
    case .v4(let bits): Self.dotted(bits)
    case .v6(let upper, let lower): Self.colons(upper, lower)
    }
  }

  /// The address that `text` writes: four decimal numbers (no octal, no short forms), or RFC 4291 section 2.2's text for
  /// IPv6 without brackets or zone. Nil for anything else, names included.
  public init?(_ text: String) {
    guard text.utf8.count <= 45 else { return nil }
    let bytes = Array(text.utf8)
    if bytes.contains(UInt8(ascii: ":")) {
      guard let address = Self.parseIPv6(bytes) else { return nil }
      self = address
    } else {
      guard let bits = Self.parseIPv4(bytes[...]) else { return nil }
      self = .v4(bits)
    }
  }

  private static func dotted(_ bits: UInt32) -> String {
    "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
  }

  private static func colons(_ upper: UInt64, _ lower: UInt64) -> String {
    if upper == 0, lower >> 32 == 0xFFFF { return "::ffff:" + dotted(UInt32(truncatingIfNeeded: lower)) }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: ($0 < 4 ? upper : lower) >> UInt64(48 - 16 * ($0 & 3))) }
    // RFC 5952 section 4.2: the longest run of at least two zero groups, the first among equals, becomes "::".
    var longest = 0..<0
    var start = 0
    for index in 0...8 where index == 8 || groups[index] != 0 {
      if index - start > max(longest.count, 1) { longest = start..<index }
      start = index + 1
    }
    let text = { (range: Range<Int>) in range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
    return longest.isEmpty ? text(0..<8) : text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<8)
  }

  private static func parseIPv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    var bits: UInt32 = 0
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
      var value: UInt32 = 0
      for byte in part {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        value = value * 10 + UInt32(byte - UInt8(ascii: "0"))
      }
      guard value <= 255 else { return nil }
      bits = bits << 8 | value
    }
    return bits
  }

  private static func parseIPv6(_ bytes: [UInt8]) -> IPAddress? {
    let colon = UInt8(ascii: ":")
    let gap = bytes.indices.dropLast().first { bytes[$0] == colon && bytes[$0 + 1] == colon }
    guard let gap else {
      guard let groups = parseGroups(bytes[...]), groups.count == 8 else { return nil }
      return address(groups)
    }
    let (left, right) = (bytes[..<gap], bytes[(gap + 2)...])
    guard let head = left.isEmpty ? [] : parseGroups(left), let tail = right.isEmpty ? [] : parseGroups(right),
      head.count + tail.count <= 7, !left.contains(UInt8(ascii: "."))
    else { return nil }
    return address(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
  }

  /// Groups between colons; the last may be an IPv4 address, which makes two groups.
  private static func parseGroups(_ bytes: ArraySlice<UInt8>) -> [UInt16]? {
    var groups: [UInt16] = []
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if part.contains(UInt8(ascii: ".")) {
        guard index == parts.count - 1, let bits = parseIPv4(part) else { return nil }
        groups += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
      } else {
        guard (1...4).contains(part.count) else { return nil }
        var value: UInt16 = 0
        for byte in part {
          guard let digit = hexadecimalDigit(byte) else { return nil }
          value = value << 4 | UInt16(digit)
        }
        groups.append(value)
      }
    }
    return groups
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  private static func address(_ groups: [UInt16]) -> IPAddress {
    let half = { (range: Range<Int>) in range.reduce(UInt64(0)) { $0 << 16 | UInt64(groups[$1]) } }
    return .v6(half(0..<4), half(4..<8))
  }
}
