import LiveKitMessages
import SwiftProtobuf
import Testing

@testable import PracticeRoom

@Suite("What a client asks for when it joins")
struct JoinParametersTests {
  private func uri(_ request: LKJoinRequest, compressed bytes: [UInt8]? = nil) throws -> String {
    let plain: [UInt8] = try request.serializedBytes()
    let wrapped = LKWrappedJoinRequest.with {
      $0.compression = bytes == nil ? .none : .gzip
      $0.joinRequest = .init(bytes ?? plain)
    }
    let text = Base64URL.encode(try wrapped.serializedBytes() as [UInt8])
    let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return "/rtc/v1?join_request=" + PercentEncoding.encode(text + padding) + "&access_token=t"
  }

  @Test("single parameters: subscribed to all, two connections")
  func plain() throws {
    let parameters = try #require(JoinParameters(uri: "/rtc?adaptive_stream=1&client_protocol=2"))
    #expect(parameters.autoSubscribe && parameters.adaptiveStream && !parameters.usesOneConnection)
    #expect(parameters.clientProtocol == 2)
  }

  @Test("a join request: one connection, and nothing that isn't asked for")
  func joinRequest() throws {
    let request = LKJoinRequest.with {
      $0.connectionSettings.adaptiveStream = true
      $0.publisherOffer.sdp = "v=0"
      $0.addTrackRequests = [.with { $0.cid = "c" }]
    }
    let parameters = try #require(JoinParameters(uri: try uri(request)))
    #expect(parameters.usesOneConnection && !parameters.autoSubscribe && parameters.adaptiveStream)
    #expect(parameters.offer?.sdp == "v=0" && parameters.tracks.map(\.cid) == ["c"])
    #expect(parameters.accessToken == "t")
  }

  /// `LKJoinRequest` with `auto_subscribe` and the metadata "aaaa…" (200), made by gzip.
  private static let compressed: [UInt8] = [
    0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x13, 0x62, 0xE2, 0x60, 0x94, 0x3A, 0xC1, 0x98,
    0x38, 0x4C, 0x00, 0x00, 0x8E, 0xA0, 0x32, 0xA4, 0xCF, 0x00, 0x00, 0x00,
  ]

  @Test("a compressed join request, as long as it isn't too large")
  func compressedRequest() throws {
    let parameters = try #require(JoinParameters(uri: try uri(LKJoinRequest(), compressed: Self.compressed)))
    #expect(parameters.autoSubscribe && parameters.metadata == String(repeating: "a", count: 200))
    #expect(Gzip.decompress(Self.compressed, limit: 207)?.count == 207)
    #expect(Gzip.decompress(Self.compressed, limit: 206) == nil)
  }

  @Test("what can't be read is refused")
  func nonsense() throws {
    for uri in ["/rtc/v1?join_request=%21%21", "/rtc/v1?join_request=_____w", "/rtc?join_request=A"] {
      #expect(JoinParameters(uri: uri) == nil)
    }
    #expect(JoinParameters(uri: try uri(LKJoinRequest(), compressed: [0x1F, 0x8B, 8, 0])) == nil)
    #expect(JoinParameters(uri: try uri(LKJoinRequest(), compressed: Array(Self.compressed.dropLast(4)))) == nil)
  }
}
