/// Why the control server can't begin.
public enum ControlServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Something listens by TLS, and no certificate or private key was given.
  case missingCertificate
  /// The certificate in the file can't be used: it can't be read, isn't PEM, or doesn't belong to the key.
  case certificate(path: String, reason: String)
  /// The private key in the file can't be used: it can't be read, or isn't PEM.
  case privateKey(path: String, reason: String)
  /// The address isn't this machine's, or the port is taken.
  case listen(ListenAddress, reason: String)

  /// The error in words.
  public var description: String {
    switch self {
    case .missingCertificate: "listening needs a certificate and its private key"
    case .certificate(let path, let reason): "the certificate in \(path) can't be used: \(reason)"
    case .privateKey(let path, let reason): "the private key in \(path) can't be used: \(reason)"
    case .listen(let address, let reason): "can't listen on \(address): \(reason)"
    }
  }
}
