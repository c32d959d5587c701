import HTTPExchange
import Testing

@testable import Visio

@Suite("Answers under damage")
struct AnswerDamageTests {
  static let answers = [
    Answers.configuration, Answers.publicRoom, Answers.restrictedRoom, Answers.unregisteredRoom,
    Answers.entry("accepted", liveKit: Answers.liveKit),
  ]

  private func decodeAll(_ bytes: [UInt8]) {
    _ = VisioClient.decodeConfiguration(bytes)
    _ = VisioClient.decodeRoom(bytes)
    _ = VisioClient.decodeEntryAnswer(bytes)
    _ = VisioClient.decodeAssignedName(bytes)
    _ = VisioClient.decodeDetail(bytes)
  }

  @Test("cut anywhere, an answer is refused", arguments: answers)
  func truncation(answer: String) {
    let bytes = Array(answer.utf8)
    for end in 0..<bytes.count - 1 {
      let cut = Array(bytes[..<end])
      decodeAll(cut)
      #expect(VisioClient.decodeRoom(cut) == nil)
    }
  }

  @Test("with any byte changed, an answer is read or refused", arguments: answers)
  func noise(answer: String) {
    let original = Array(answer.utf8)
    for index in original.indices {
      for value in [0, UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "9"), 0x80, 0xFF] as [UInt8] {
        var bytes = original
        bytes[index] = value
        decodeAll(bytes)
      }
    }
  }

  @Test("nesting without end is refused", arguments: ["[", "{\"livekit\":", "{\"detail\":["])
  func nesting(opening: String) {
    let bytes = Array(String(repeating: opening, count: HTTPRequest.standardResponseLength / opening.count).utf8)
    decodeAll(bytes)
    #expect(VisioClient.decodeConfiguration(bytes) == nil)
  }

  @Test("numbers that fit no type are left out")
  func numbers() {
    for number in ["1e400", "-1e400", "99999999999999999999999", "1.5"] {
      let text = "{\"livekit\":{},\"max_participants_for_sound\":\(number)}"
      #expect(VisioClient.decodeConfiguration(Array(text.utf8))?.maximumParticipantsForSound == nil)
    }
  }
}
