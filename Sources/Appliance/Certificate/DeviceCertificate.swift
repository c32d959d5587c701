import COpenSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The certificate with which the room's own services speak TLS, until somebody gives it another: self-signed, ECDSA on
/// P-256, made once and kept in the state directory. Its key is readable for its owner alone.
public enum DeviceCertificate {
  /// Why there is none.
  public enum Failure: Error, Hashable, Sendable {
    /// OpenSSL had no random numbers or no memory.
    case cryptography
    /// A file can't be read or written; the `errno`.
    case file(path: String, Int32)
  }

  /// Where certificate and key are.
  public struct Paths: Hashable, Sendable {
    /// The certificate, PEM.
    public let certificate: String
    /// Its private key, PEM (PKCS #8).
    public let key: String
  }

  /// Ten years, in seconds: whoever trusts a self-signed certificate has looked at it.
  private static let validity = 10 * 365 * 86_400
  /// A clock that was slow when it was made doesn't matter.
  private static let secondsBefore = -86_400

  /// Where the certificate in `directory` is, or would be.
  public static func path(in directory: String) -> String { directory + "/certificate.pem" }

  /// The certificate in `directory`, made now if there is none.
  /// - Parameter names: names and numeric addresses that it is for, beside `localhost`.
  public static func find(in directory: String, names: [String]) throws(Failure) -> Paths {
    let paths = Paths(certificate: path(in: directory), key: directory + "/key.pem")
    do throws(PrivateFile.Failure) {
      if try PrivateFile.read(paths.certificate) != nil, try PrivateFile.read(paths.key) != nil { return paths }
      let (certificate, key) = try made(names: names)
      // The certificate last: what is there whole is a pair.
      try PrivateFile.remove(paths.certificate)
      try PrivateFile.write(key, to: paths.key)
      try PrivateFile.write(certificate, to: paths.certificate)
      return paths
    } catch {
      guard error.number != 0 else { throw .cryptography }
      throw .file(path: error.path, error.number)
    }
  }

  // Failures of OpenSSL are told by the number 0.
  private static func made(names: [String]) throws(PrivateFile.Failure) -> (certificate: [UInt8], key: [UInt8]) {
    let failure = PrivateFile.Failure(path: "", number: 0)
    guard let key = salle_generate_p256_key() else { throw failure }
    defer { EVP_PKEY_free(key) }
    guard let x509 = X509_new() else { throw failure }
    defer { X509_free(x509) }
    guard fill(x509, with: key, names: names) else { throw failure }
    guard let certificate = text({ PEM_write_bio_X509($0, x509) }),
      let privateKey = text({ PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) })
    else { throw failure }
    return (certificate, privateKey)
  }

  private static func fill(_ x509: OpaquePointer, with key: OpaquePointer, names: [String]) -> Bool {
    var serial: Int64 = 0
    guard withUnsafeMutableBytes(of: &serial, { RAND_bytes($0.baseAddress, 8) }) == 1,
      X509_set_version(x509, 2) == 1,
      ASN1_INTEGER_set_int64(X509_get_serialNumber(x509), serial & .max) == 1,
      X509_gmtime_adj(X509_getm_notBefore(x509), secondsBefore) != nil,
      X509_gmtime_adj(X509_getm_notAfter(x509), validity) != nil,
      let subject = X509_get_subject_name(x509)
    else { return false }
    // As RFC 5280 wants it: what may be trusted as its own authority says so.
    let alternatives = (["localhost", "127.0.0.1", "::1"] + names).compactMap(alternative).joined(separator: ",")
    let added = X509_NAME_add_entry_by_txt(subject, "CN", 0x1000 | 1, "Salle", -1, -1, 0)
    return added == 1 && X509_set_issuer_name(x509, subject) == 1 && X509_set_pubkey(x509, key) == 1
      && salle_x509_add_extension(x509, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") == 1
      && salle_x509_add_extension(x509, NID_key_usage, "critical,digitalSignature,keyCertSign") == 1
      && salle_x509_add_extension(x509, NID_ext_key_usage, "serverAuth") == 1
      && salle_x509_add_extension(x509, NID_subject_alt_name, alternatives) == 1
      && X509_sign(x509, key, EVP_sha256()) != 0
  }

  /// A name as OpenSSL's text of the extension has it; nil when it could say something else there.
  private static func alternative(_ name: String) -> String? {
    var address = in6_addr()
    if inet_pton(AF_INET6, name, &address) == 1 || inet_pton(AF_INET, name, &address) == 1 { return "IP:\(name)" }
    let isName = name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
    return isName && (1...253).contains(name.utf8.count) ? "DNS:\(name)" : nil
  }

  private static func text(_ write: (OpaquePointer) -> Int32) -> [UInt8]? {
    guard let bio = BIO_new(BIO_s_mem()) else { return nil }
    defer { BIO_free(bio) }
    guard write(bio) == 1 else { return nil }
    var start: UnsafeMutablePointer<CChar>?
    let count = salle_bio_contents(bio, &start)
    guard let start, count > 0 else { return nil }
    return UnsafeRawBufferPointer(start: start, count: count).map { $0 }
  }
}
