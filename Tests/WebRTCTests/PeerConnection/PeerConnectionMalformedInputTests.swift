import Realtime
import Testing
import WebRTC

/// What fuzzing found.
@Suite("Peer connection: malformed input")
struct PeerConnectionMalformedInputTests {
  @Test("a section without a=mid is answered without one")
  func sectionWithoutIdentification() throws {
    let pair = try ModelledPair()
    _ = try pair.left.addTransceiver(.audio, .init(direction: .sendOnly, codecs: [.opus]))
    let offer = try pair.left.createOffer(at: pair.now)
    let lines = offer.split(separator: "\r\n").filter { !$0.hasPrefix("a=mid:") && !$0.hasPrefix("a=group:") }
    try pair.right.setRemoteOffer(lines.joined(separator: "\r\n") + "\r\n", at: pair.now)
    let answer = try pair.right.createAnswer(at: pair.now)
    let description = try SessionDescription(parsing: answer)
    #expect(description.media.count == 1 && description.media[0].mid == nil)
  }
}
