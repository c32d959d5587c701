import LiveKitMessages
import Realtime
import SwiftProtobuf
import Testing
import WebRTC

@testable import LiveKit

@Suite("Offers, answers and candidates")
struct NegotiationTests {
  private static let candidate = "candidate:1 1 udp 2130706431 192.0.2.7 7000 typ host"

  @Test("candidates of ours follow their description, never precede it")
  func localCandidates() throws {
    var harness = SessionHarness()
    harness.handle(.connect(SessionHarness.options, unixTime: 0))
    harness.receive(SessionHarness.join(), answersItself: false)
    #expect(
      harness.handle(.localCandidate(.publisher, candidate: Self.candidate, mid: "0", usernameFragment: "us")).isEmpty)
    let actions = harness.handle(.offerCreated(.publisher, sdp: "offer"))
    #expect(actions.sentNames == ["offer", "trickle"])
    let trickle = try #require(actions.sent.last?.trickle)
    #expect(trickle.target == .publisher)
    let message = try #require(ICECandidateMessage(json: trickle.candidateInit))
    #expect(message.candidate == Self.candidate)
    #expect(message.sdpMid == "0")
    #expect(message.usernameFragment == "us")
    #expect(
      harness.handle(.localCandidate(.publisher, candidate: Self.candidate, mid: "0", usernameFragment: "us"))
        .sentNames == ["trickle"])
  }

  @Test("a candidate that isn't one is never sent: the server would end the session")
  func badLocalCandidate() {
    var harness = SessionHarness.joined()
    #expect(
      harness.handle(.localCandidate(.publisher, candidate: "a=candidate:1", mid: "0", usernameFragment: "")).isEmpty)
  }

  @Test("candidates of the server that come before its description wait for it")
  func remoteCandidates() {
    var harness = SessionHarness.joined()
    #expect(harness.receive(SessionHarness.trickle(Self.candidate, to: .publisher)).isEmpty)
    let actions = harness.receive(SessionHarness.answer(id: 1))
    #expect(
      actions == [
        .setRemoteAnswer(.publisher, sdp: "v=0\r\na=ice-ufrag:srv1\r\n"), .addCandidate(.publisher, Self.candidate),
      ])
    #expect(
      harness.receive(SessionHarness.trickle(Self.candidate, to: .publisher))
        == [.addCandidate(.publisher, Self.candidate)])
  }

  @Test("candidates of an earlier ICE generation are dropped, those of the next one wait")
  func generations() {
    var harness = SessionHarness.joined()
    harness.receive(SessionHarness.offer(id: 5, sdp: "v=0\r\na=ice-ufrag:one\r\n"))
    #expect(
      harness.receive(SessionHarness.trickle(Self.candidate, to: .subscriber, fragment: "one")).count == 1)
    #expect(
      harness.receive(SessionHarness.trickle(Self.candidate + " ufrag two", to: .subscriber)).isEmpty)
    let actions = harness.receive(SessionHarness.offer(id: 6, sdp: "v=0\r\na=ice-ufrag:two\r\n"))
    #expect(actions.contains(.addCandidate(.subscriber, Self.candidate + " ufrag two")))
    #expect(harness.receive(SessionHarness.trickle(Self.candidate, to: .subscriber, fragment: "one")).isEmpty)
  }

  @Test("an unreadable candidate is dropped; an empty one means that there are no more")
  func unreadable() {
    var harness = SessionHarness.joined()
    #expect(
      harness.receive(.with { $0.trickle.candidateInit = "{" }) == [.log("dropped an unreadable candidate")])
    #expect(harness.receive(SessionHarness.trickle("", to: .publisher)).isEmpty)
  }

  @Test("waiting candidates are limited")
  func flood() {
    var harness = SessionHarness.joined()
    for _ in 0..<1_000 { harness.receive(SessionHarness.trickle(Self.candidate, to: .publisher)) }
    let actions = harness.receive(SessionHarness.answer(id: 1))
    #expect(actions.count == 1 + Negotiation.maximumCandidates)
  }

  @Test("never two offers out; what comes up meanwhile is in the next")
  func oneOffer() {
    var harness = SessionHarness.joined()
    for cid in ["a", "b"] {
      let track = LocalTrack(cid: cid, source: .camera, media: .video(LocalVideo()))
      harness.handle(.publish(track, RequestID(number: 1)))
      #expect(harness.receive(SessionHarness.published(cid, "TR_\(cid)")).isEmpty)
    }
    #expect(harness.receive(SessionHarness.answer(id: 1)).sent.isEmpty)
    let actions = harness.handle(.transportConnected(.publisher))
    let senders = actions.compactMap { if case .addSender(let sender) = $0 { sender.cid } else { nil } }
    #expect(senders == ["a", "b"])
    #expect(actions.sent.map(\.offer.id) == [2])
  }

  @Test("the second offer waits for the path of the first, at most 5 s; later ones don't")
  func secondOffer() {
    var harness = SessionHarness.joined()
    harness.receive(SessionHarness.answer(id: 1))
    publish("a", in: &harness)
    harness.pass(.milliseconds(4_999))
    #expect(harness.actions.sent.map(\.offer.id).max() == 1)
    #expect(harness.pass(.milliseconds(1)).sent.map(\.offer.id).contains(2))
    harness.receive(SessionHarness.answer(id: 2))
    #expect(publish("b", in: &harness).sent.map(\.offer.id).contains(3))
  }

  @Test("the path of the other peer connection doesn't let the second offer out")
  func otherPath() {
    var harness = SessionHarness.joined()
    harness.receive(SessionHarness.answer(id: 1))
    #expect(harness.handle(.transportConnected(.subscriber)).sent.isEmpty)
    #expect(!publish("a", in: &harness).sent.map(\.offer.id).contains(2))
    #expect(harness.handle(.transportConnected(.publisher)).sent.map(\.offer.id) == [2])
  }

  @discardableResult
  private func publish(_ cid: String, in harness: inout SessionHarness) -> [SessionAction] {
    let track = LocalTrack(cid: cid, source: .camera, media: .video(LocalVideo()))
    harness.handle(.publish(track, RequestID(number: 1)))
    return harness.receive(SessionHarness.published(cid, "TR_\(cid)"))
  }

  @Test("the answer to an earlier offer is ignored; one without a number counts")
  func answerIDs() {
    var harness = SessionHarness.joined()
    #expect(harness.receive(SessionHarness.answer(id: 9)) == [.log("ignored the answer to an earlier offer")])
    #expect(harness.receive(SessionHarness.answer(id: 0)).count == 1)
    #expect(harness.receive(SessionHarness.answer(id: 1)) == [.log("ignored the answer to an earlier offer")])
  }

  @Test("an offer that isn't answered in 15 s is a lost connection")
  func answerTimeout() {
    var harness = SessionHarness.joined()
    harness.pass(.seconds(10))
    harness.receive(.with { $0.pong = 1 })
    harness.pass(.milliseconds(4_999))
    #expect(harness.session.state == .connecting)
    harness.pass(.milliseconds(1))
    #expect(harness.session.state == .closed(.connectionLost(.negotiation)))
  }

  @Test("a description that can't be applied ends the session")
  func refusedDescription() {
    var harness = SessionHarness.joined()
    harness.handle(.negotiationFailed(.subscriber, "no fingerprint"))
    #expect(harness.session.state == .closed(.negotiationFailed("subscriber: no fingerprint")))
  }
}
