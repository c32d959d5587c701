import COpenSSL

/// What is kept of a password or PIN: scrypt of it (RFC 7914), by OpenSSL, with a salt of its own.
public struct PasswordHash: Hashable, Sendable {
  /// Why there is none.
  public enum Failure: Error, Hashable, Sendable {
    /// OpenSSL gave no random numbers, or had no memory.
    case cryptography
    /// The password is shorter or longer than passwords may be.
    case length(ClosedRange<Int>)
  }

  /// How many bytes of UTF-8 a password may have.
  public static let length = 4...256

  private static let version: UInt8 = 1
  private static let saltLength = 16
  private static let keyLength = 32
  // 16 MB and some 50 ms on a small board: a guess is dear, a login isn't.
  private static let cost = (n: UInt64(16_384), r: UInt64(8), p: UInt64(1), memory: UInt64(33_554_432))

  /// As it is stored: version, salt, key.
  let bytes: [UInt8]

  /// The hash of a new password, with a fresh salt.
  public init(_ password: String) throws(Failure) {
    guard Self.length.contains(password.utf8.count) else { throw .length(Self.length) }
    var salt = [UInt8](repeating: 0, count: Self.saltLength)
    guard RAND_bytes(&salt, Int32(salt.count)) == 1 else { throw .cryptography }
    guard let key = Self.key(password, salt: salt) else { throw .cryptography }
    bytes = [Self.version] + salt + key
  }

  /// What was stored; nil when it isn't a hash.
  init?(bytes: [UInt8]) {
    guard bytes.count == 1 + Self.saltLength + Self.keyLength, bytes[0] == Self.version else { return nil }
    self.bytes = bytes
  }

  /// Whether `password` is the one. Takes as long for each.
  public func matches(_ password: String) -> Bool {
    guard password.utf8.count <= Self.length.upperBound else { return false }
    let salt = Array(bytes[1..<1 + Self.saltLength])
    guard let key = Self.key(password, salt: salt) else { return false }
    let stored = Array(bytes[(1 + Self.saltLength)...])
    return CRYPTO_memcmp(key, stored, Self.keyLength) == 0
  }

  private static func key(_ password: String, salt: [UInt8]) -> [UInt8]? {
    let password = Array(password.utf8)
    var key = [UInt8](repeating: 0, count: keyLength)
    let result = password.withUnsafeBufferPointer { password in
      // Character pointers, as OpenSSL takes passwords.
      password.withMemoryRebound(to: CChar.self) { password in
        EVP_PBE_scrypt(
          password.baseAddress, password.count, salt, salt.count, cost.n, cost.r, cost.p, cost.memory, &key, key.count)
      }
    }
    return result == 1 ? key : nil
  }
}
