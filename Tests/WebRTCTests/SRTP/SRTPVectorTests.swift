import Testing
import WebRTC

/// Packets computed from RFC 3711 and RFC 7714 with a general cryptography library, not an SRTP one; the counter-mode
/// keys are those of RFC 3711 appendix B.3, and the results were seen to agree with its key derivation.
@Suite("SRTP test vectors")
struct SRTPVectorTests {
  struct Vector: Sendable {
    let profile: SRTPProfile
    let key: String
    let rtp: String
    let rtcp: String
  }

  static let vectors = [
    Vector(
      profile: .aes128CMHMACSHA1_80, key: "e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6",
      rtp: "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
      rtcp: "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798"),
    Vector(
      profile: .aeadAES128GCM, key: "000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaab",
      rtp: "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
      rtcp: "81c8000bcafebabec98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001"),
    Vector(
      profile: .aeadAES256GCM,
      key: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fa0a1a2a3a4a5a6a7a8a9aaab",
      rtp: "800f1234decafbadcafebabe0af7f21e8a90bdad7a425c9c31ed4bb1d90238917e7390a2793500e1681acaea",
      rtcp: "81c8000bcafebabe8abfafa780070a90e80f9161cf4aac081ed93aaa53c15b0f3ed1a3b984167b0380000001"),
  ]

  private static let payload = String(repeating: "ab", count: 16)
  private let rtp = SRTPTestPacket(hexadecimal: "800f1234decafbadcafebabe" + payload)
  private let rtcp = SRTPTestPacket(hexadecimal: "81c8000bcafebabe" + payload)

  @Test("what is sent is what the standards say", arguments: vectors)
  func protects(vector: Vector) throws {
    let session = try SRTPSession(
      .outbound, profile: vector.profile, key: SRTPTestPacket(hexadecimal: vector.key).bytes)
    let media = rtp.buffer
    try session.protectRTP(media)
    #expect(Array(media.bytes) == SRTPTestPacket(hexadecimal: vector.rtp).bytes)
    let control = rtcp.buffer
    try session.protectRTCP(control)
    #expect(Array(control.bytes) == SRTPTestPacket(hexadecimal: vector.rtcp).bytes)
  }

  @Test("what the standards say is understood", arguments: vectors)
  func unprotects(vector: Vector) throws {
    let session = try SRTPSession(.inbound, profile: vector.profile, key: SRTPTestPacket(hexadecimal: vector.key).bytes)
    let media = SRTPTestPacket(hexadecimal: vector.rtp).buffer
    media.count = try session.unprotectRTP(media.inUse)
    #expect(Array(media.bytes) == rtp.bytes)
    let control = SRTPTestPacket(hexadecimal: vector.rtcp).buffer
    control.count = try session.unprotectRTCP(control.inUse)
    #expect(Array(control.bytes) == rtcp.bytes)
  }
}
