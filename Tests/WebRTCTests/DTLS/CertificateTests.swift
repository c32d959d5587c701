import Testing

@testable import WebRTC

@Suite("Certificates")
struct CertificateTests {
  @Test("a fingerprint is written as RFC 8122 shows it and read back")
  func text() throws {
    let certificate = try Certificate()
    let text = certificate.fingerprint.description
    #expect(text.hasPrefix("sha-256 "))
    #expect(text.utf8.count == 8 + 32 * 3 - 1)
    #expect(CertificateFingerprint(text) == certificate.fingerprint)
    #expect(CertificateFingerprint(text.lowercased()) == certificate.fingerprint)
  }

  @Test("two certificates differ")
  func unique() throws {
    #expect(try Certificate().fingerprint != Certificate().fingerprint)
  }

  @Test("a peer may announce a longer hash", arguments: [CertificateFingerprint.HashFunction.sha384, .sha512])
  func longerHash(hashFunction: CertificateFingerprint.HashFunction) throws {
    let (one, other) = (try Certificate(), try Certificate())
    let fingerprint = try #require(CertificateFingerprint(of: other.x509, by: hashFunction))
    let announced = try #require(CertificateFingerprint(fingerprint.description))
    let pair = DTLSPair(client: DTLSTransport(certificate: one), server: DTLSTransport(certificate: other))
    try pair.server.start(role: .server, fingerprints: [one.fingerprint], at: pair.now)
    try pair.client.start(role: .client, fingerprints: [announced], at: pair.now)
    pair.run(for: .seconds(5)) { pair.areConnected }
    #expect(pair.areConnected)
  }

  @Test(
    "what isn't a fingerprint is refused",
    arguments: [
      "", "sha-256", "sha-256 ", "sha-256 4A", "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB",
      "sha-256 " + String(repeating: "+1:", count: 31) + "+1", "sha-256 " + String(repeating: "4A:", count: 32),
      "sha-256 " + String(repeating: "4A:", count: 31) + "4G", "md5 00",
    ])
  func refused(text: String) {
    #expect(CertificateFingerprint(text) == nil)
  }
}
