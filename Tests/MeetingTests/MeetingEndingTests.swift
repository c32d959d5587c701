import LiveKit
import Testing
import Visio

@testable import Meeting

@Suite("How a meeting ends")
struct MeetingEndingTests {
  @Test("each reason of the media server has its own ending")
  func reasons() {
    let expected: [(ClosureReason, MeetingEnding)] = [
      (.left, .left),
      (.notJoined(.timedOut), .notJoined(.timedOut)),
      (.disconnected(.participantRemoved), .removed),
      (.disconnected(.duplicateIdentity), .duplicateIdentity),
      (.disconnected(.roomDeleted), .ended),
      (.disconnected(.roomClosed), .ended),
      (.disconnected(.joinFailure), .mediaBlocked),
      (.mediaUnreachable, .mediaBlocked),
      (.disconnected(.serverShutdown), .connectionLost),
      (.connectionLost(.silence), .connectionLost),
      (.negotiationFailed("x"), .connectionLost),
    ]
    for (reason, ending) in expected { #expect(MeetingEnding(reason) == ending) }
  }

  @Test("being let in is no ending, everything else at the door is")
  func door() {
    let credentials = LiveKitCredentials(url: "", room: "", token: "t")
    #expect(MeetingEnding(.admitted(credentials, participantID: nil)) == nil)
    #expect(MeetingEnding(.refused) == .refused)
    #expect(MeetingEnding(.unanswered) == .unanswered)
    #expect(MeetingEnding(.meetingDeleted) == .meetingDeleted)
    #expect(MeetingEnding(.failed(.noSuchMeeting)) == .visio(.noSuchMeeting))
    #expect(MeetingEnding(.cancelled) == .cancelled)
  }
}
