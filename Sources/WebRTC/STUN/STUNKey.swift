import COpenSSL

/// The key of MESSAGE-INTEGRITY (RFC 8489 section 9).
public struct STUNKey: Hashable, Sendable {
  /// Bytes of an HMAC-SHA1.
  static let integrityLength = 20

  private let bytes: [UInt8]

  /// The key of the short-term mechanism: the password (for ICE, `ice-pwd` of whoever receives the request).
  public init(password: String) {
    bytes = Array(password.utf8)
  }

  /// The key of the long-term mechanism: MD5 of `username:realm:password`. The strings are taken as they are, so the
  /// caller has applied OpaqueString preparation (RFC 8265) where it changes something.
  public init(username: String, realm: String, password: String) {
    let text = Array("\(username):\(realm):\(password)".utf8)
    var digest = [UInt8](repeating: 0, count: 16)
    var count: UInt32 = 0
    EVP_Digest(text, text.count, &digest, &count, EVP_md5(), nil)
    bytes = digest
  }

  /// Writes the HMAC-SHA1 of `message` to `output`, `integrityLength` bytes long; false if OpenSSL refused.
  func authenticate(_ message: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer) -> Bool {
    guard let start = message.baseAddress else { return false }
    var count: UInt32 = 0
    let digest = bytes.withUnsafeBytes { key in
      HMAC(
        EVP_sha1(), key.baseAddress, Int32(clamping: key.count), start.assumingMemoryBound(to: UInt8.self),
        message.count, output.assumingMemoryBound(to: UInt8.self), &count)
    }
    return digest != nil && count == UInt32(Self.integrityLength)
  }
}
