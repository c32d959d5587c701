import COpenSSL

/// The certificate by which this endpoint proves in DTLS that it is the one that signalling speaks of (RFC 8827 §6.5):
/// self-signed, ECDSA on P-256. Made once and shared by all connections; immutable, so any thread may use it.
public final class Certificate: @unchecked Sendable {
  /// SHA-256 of the certificate, for `a=fingerprint`.
  public let fingerprint: CertificateFingerprint

  let key: OpaquePointer
  let x509: OpaquePointer

  /// Seconds of validity before now, so that a peer whose clock is slow accepts the certificate.
  private static let secondsBefore = -86_400
  /// Seconds of validity after now: longer than any session, and peers look at the fingerprint alone.
  private static let secondsAfter = 10 * 365 * 86_400

  /// A new key and its certificate. Fails when OpenSSL has no randomness or no memory.
  public init() throws(DTLSError) {
    guard let key = salle_generate_p256_key() else { throw .library }
    guard let x509 = X509_new() else {
      EVP_PKEY_free(key)
      throw .library
    }
    guard Self.fill(x509, with: key), let fingerprint = CertificateFingerprint(of: x509, by: .sha256) else {
      X509_free(x509)
      EVP_PKEY_free(key)
      throw .library
    }
    self.key = key
    self.x509 = x509
    self.fingerprint = fingerprint
  }

  deinit {
    X509_free(x509)
    EVP_PKEY_free(key)
  }

  private static func fill(_ x509: OpaquePointer, with key: OpaquePointer) -> Bool {
    // A random serial number: some peers refuse two certificates of one issuer with the same one.
    var serial: Int64 = 0
    guard withUnsafeMutableBytes(of: &serial, { RAND_bytes($0.baseAddress, 8) }) == 1,
      X509_set_version(x509, 2) == 1,
      ASN1_INTEGER_set_int64(X509_get_serialNumber(x509), serial & .max) == 1,
      X509_gmtime_adj(X509_getm_notBefore(x509), secondsBefore) != nil,
      X509_gmtime_adj(X509_getm_notAfter(x509), secondsAfter) != nil,
      let name = X509_get_subject_name(x509)
    else { return false }
    // The same name for every room: a certificate travels in the clear and mustn't tell who is calling.
    let added = X509_NAME_add_entry_by_txt(name, "CN", 0x1000 | 1, "WebRTC", -1, -1, 0)
    return added == 1 && X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1
      && X509_sign(x509, key, EVP_sha256()) != 0
  }
}
