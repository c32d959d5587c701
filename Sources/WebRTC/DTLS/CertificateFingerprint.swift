import COpenSSL

/// The hash of a certificate, as `a=fingerprint` of SDP carries it (RFC 8122 §5).
public struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
  /// The hash functions that are accepted; older ones (SHA-1) are not.
  public enum HashFunction: String, Hashable, Sendable {
    /// SHA-256, 32 bytes.
    case sha256 = "sha-256"
    /// SHA-384, 48 bytes.
    case sha384 = "sha-384"
    /// SHA-512, 64 bytes.
    case sha512 = "sha-512"

    /// Bytes of the hash.
    public var byteCount: Int {
      switch self {
      case .sha256: 32
      case .sha384: 48
      case .sha512: 64
      }
    }

    var digest: OpaquePointer? {
      switch self {
      case .sha256: EVP_sha256()
      case .sha384: EVP_sha384()
      case .sha512: EVP_sha512()
      }
    }
  }

  /// The hash function.
  public let hashFunction: HashFunction
  /// The hash, `hashFunction.byteCount` bytes.
  public let bytes: [UInt8]

  /// A fingerprint of `bytes`; nil when their number isn't that of `hashFunction`.
  public init?(hashFunction: HashFunction, bytes: [UInt8]) {
    guard bytes.count == hashFunction.byteCount else { return nil }
    self.hashFunction = hashFunction
    self.bytes = bytes
  }

  /// The fingerprint in the value of an SDP attribute, e.g. `sha-256 4A:AD:…`; nil when it isn't one, or is of a hash
  /// function that isn't accepted. Upper and lower case are equal.
  public init?(_ text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let hashFunction = HashFunction(rawValue: parts[0].lowercased()) else { return nil }
    var bytes: [UInt8] = []
    for pair in parts[1].split(separator: ":", omittingEmptySubsequences: false) {
      guard pair.utf8.count == 2, pair.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
        let byte = UInt8(pair, radix: 16)
      else { return nil }
      bytes.append(byte)
    }
    self.init(hashFunction: hashFunction, bytes: bytes)
  }

  /// The value of the SDP attribute: hash function, space, upper-case hexadecimal bytes with colons.
  public var description: String { "\(hashFunction.rawValue) \(hexadecimal)" }

  /// The hash alone, in upper-case hexadecimal bytes with colons.
  public var hexadecimal: String {
    bytes.map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return digits.utf8.count == 1 ? "0" + digits : digits
    }.joined(separator: ":")
  }

  /// The hash of an OpenSSL certificate; nil when OpenSSL fails.
  init?(of certificate: OpaquePointer, by hashFunction: HashFunction) {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard X509_digest(certificate, hashFunction.digest, &bytes, &count) == 1 else { return nil }
    self.init(hashFunction: hashFunction, bytes: Array(bytes.prefix(Int(count))))
  }
}
