/// The username fragment and password of one agent in one ICE session (RFC 8839 section 5.4).
public struct ICECredentials: Hashable, Sendable {
  /// `ice-ufrag`: 4 to 256 ICE characters.
  public var usernameFragment: String
  /// `ice-pwd`: 22 to 256 ICE characters.
  public var password: String

  /// Credentials of known text, e.g. the peer's.
  public init(usernameFragment: String, password: String) {
    self.usernameFragment = usernameFragment
    self.password = password
  }

  /// New credentials: 48 bits of username fragment and 144 of password.
  ///
  /// The password is what keeps strangers from redirecting a call, so `random` has to be cryptographically secure unless
  /// this is a test; transaction ids, which everyone sees, must not come from the same generator.
  public init(using random: inout some RandomNumberGenerator) {
    usernameFragment = Self.characters(8, &random)
    password = Self.characters(24, &random)
  }

  /// New credentials from the system's secure generator.
  public static func random() -> ICECredentials {
    var random = SystemRandomNumberGenerator()
    return ICECredentials(using: &random)
  }

  /// Whether lengths and characters are those that RFC 8839 section 5.4 allows.
  public var isValid: Bool {
    Self.isValid(usernameFragment, 4...256) && Self.isValid(password, 22...256)
  }

  private static func isValid(_ text: String, _ lengths: ClosedRange<Int>) -> Bool {
    lengths.contains(text.utf8.count) && text.utf8.allSatisfy(isICECharacter)
  }

  /// `ice-char` of RFC 8839 section 5.1.
  static func isICECharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
      true
    default: false
    }
  }

  private static func characters(_ count: Int, _ random: inout some RandomNumberGenerator) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return String(decoding: (0..<count).map { _ in alphabet[Int(random.next() >> 58)] }, as: UTF8.self)
  }
}
