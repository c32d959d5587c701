import LiveKitMessages
import Realtime
import SwiftProtobuf
import Testing
import WebRTC

@testable import LiveKit

/// Messages that LiveKit's published protocol package (livekit-protocol 1.1.29 for Python) wrote.
@Suite("Messages written by LiveKit's own protocol package")
struct PublishedMessagesTests {
  private static let join =
    "0ab9010a180a04524d5f78120573616c6c6542077b2261223a317d500112150a0550415f6d6512026d6550035a0610014a02"
    + "01021a460a0450415f621201621802221c0a0554525f5643100128800a30d00548015a09766964656f2f5650394a0342c3a9"
    + "70037a140a0c68616e6452616973656441741204323032362a1b0a137475726e3a3139322e302e322e313a33343738120175"
    + "1a0163300142022802500f580562081206312e31332e35720b0a09766964656f2f5650387801"
  private static let inlineChat =
    "2201626a290a0273311080d095ffbc311a076c6b2e63686174220a746578742f706c61696e4a005a05c3a974c3a98001078a"
    + "010450415f62"
  private static let userMessage =
    "1210120c7b2274797065223a2278227d2200220162"

  private static func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = Array(hexadecimal.utf8).map { $0 > 57 ? $0 - 87 : $0 - 48 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  @Test("a join response is read as it was meant")
  func joining() throws {
    var harness = SessionHarness()
    harness.handle(.connect(SessionHarness.options, unixTime: 0))
    let actions = harness.receive(try SignalDecoder.decode(Self.bytes(Self.join)))
    guard case .openPeerConnections(let roles, let configuration)? = actions.first else {
      Issue.record("no peer connections")
      return
    }
    #expect(roles == [.publisher, .subscriber])
    #expect(configuration.isRelayOnly)
    #expect(configuration.servers.map(\.urls) == [["turn:192.0.2.1:3478"]])
    #expect(configuration.servers.map(\.credential) == ["c"])
    let room = try #require(harness.session.room)
    #expect(room.sid == "RM_x")
    #expect(room.metadata == #"{"a":1}"#)
    #expect(room.isRecording)
    #expect(room.localParticipant.permissions.publishableSources == [.camera, .microphone])
    let other = try #require(room.remoteParticipants["b"])
    #expect(other.displayName == "Bé")
    #expect(other.attributes == ["handRaisedAt": "2026"])
    #expect(other.kind == .sip)
    #expect(other.state == .active)
    #expect(other.tracks["TR_VC"]?.mimeType == "video/VP9")
    #expect(other.tracks["TR_VC"]?.source == .camera)
    #expect(harness.session.enabledCodecs == [.vp8])
  }

  @Test("data packets are read as they were meant")
  func data() throws {
    var exchange = DataExchange()
    let now = Instant(nanoseconds: 0)
    #expect(
      exchange.receive(Self.bytes(Self.inlineChat), isReliable: true, at: now).events
        == [.chatMessage(ChatMessage(id: "s1", text: "été", timestamp: 1_700_000_000_000, senderIdentity: "b"))])
    let payload = Array(#"{"type":"x"}"#.utf8)
    #expect(
      exchange.receive(Self.bytes(Self.userMessage), isReliable: true, at: now).events
        == [.userMessage(UserMessage(payload: payload, senderIdentity: "b"))])
  }
}
