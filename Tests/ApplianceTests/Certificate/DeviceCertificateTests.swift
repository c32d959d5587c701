import Glibc
import Testing

@testable import Appliance

@Suite("The room's own certificate")
struct DeviceCertificateTests {
  @Test("is made once, with a key that others can't read")
  func once() throws {
    let directory = try TemporaryDirectory()
    let paths = try DeviceCertificate.find(in: directory.path, names: ["rivoli.example.fr", "192.0.2.7", "a,DNS:b"])
    let certificate = try #require(try PrivateFile.read(paths.certificate))
    let key = try #require(try PrivateFile.read(paths.key))
    #expect(String(decoding: certificate, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    #expect(String(decoding: key, as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    var status = stat()
    #expect(stat(paths.key, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(try DeviceCertificate.find(in: directory.path, names: []) == paths)
    #expect(try PrivateFile.read(paths.key) == key)
    // Half of the pair is of no use.
    try PrivateFile.remove(paths.certificate)
    _ = try DeviceCertificate.find(in: directory.path, names: [])
    #expect(try PrivateFile.read(paths.key) != key)
  }

  @Test("says what keeps it from being kept")
  func unwritable() throws {
    #expect(throws: DeviceCertificate.Failure.file(path: "/nowhere/key.pem", ENOENT)) {
      try DeviceCertificate.find(in: "/nowhere", names: [])
    }
  }
}
