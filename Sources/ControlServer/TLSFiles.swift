import NIOCore
import NIOSSL

/// The server's certificate and key.
struct TLSFiles {
  let certificatePath: String
  let privateKeyPath: String

  init(_ configuration: ControlServerConfiguration) throws(ControlServerError) {
    guard let certificatePath = configuration.certificatePath, let privateKeyPath = configuration.privateKeyPath else {
      throw .missingCertificate
    }
    self.certificatePath = certificatePath
    self.privateKeyPath = privateKeyPath
  }

  /// What connections are made with: TLS 1.2 or 1.3.
  func context() throws(ControlServerError) -> NIOSSLContext {
    let chain: [NIOSSLCertificate]
    do { chain = try NIOSSLCertificate.fromPEMFile(certificatePath) } catch {
      throw .certificate(path: certificatePath, reason: "\(error)")
    }
    let key: NIOSSLPrivateKey
    do { key = try NIOSSLPrivateKey(file: privateKeyPath, format: .pem) } catch {
      throw .privateKey(path: privateKeyPath, reason: "\(error)")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    // How long a peer may take to say goodbye.
    configuration.shutdownTimeout = .seconds(2)
    do { return try NIOSSLContext(configuration: configuration) } catch {
      throw .certificate(path: certificatePath, reason: "\(error)")
    }
  }
}
