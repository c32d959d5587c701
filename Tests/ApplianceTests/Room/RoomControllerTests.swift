import Control
import Realtime
import Testing

@testable import Appliance

@Suite("The room as control systems see it")
struct RoomControllerTests {
  static func member(
    _ name: String, muted: Bool = false, hand: Bool = false, presenting: Bool = false
  ) -> CallRoster.Member {
    var member = CallRoster.Member(identity: "id-\(name)", name: name)
    (member.isMicrophoneMuted, member.isHandRaised, member.isPresenting) = (muted, hand, presenting)
    return member
  }

  @Test("every command that it does is in the tree, and every other one says that it isn't ready")
  func commands() async throws {
    let harness = await RoomHarness()
    let unhandled = Set(await harness.center.unhandledCommands.map(\.name))
    let declared = Set(ControlTree.room.indices(of: .command).map { ControlTree.room.nodes[$0].path.name })
    #expect(unhandled.union(RoomCommand.allCases.map(\.rawValue)) == declared)
    #expect(unhandled.intersection(RoomCommand.allCases.map(\.rawValue)).isEmpty)
    await #expect(throws: ControlError.notReady) { try await harness.run("Cameras SpeakerTrack Activate") }
  }

  @Test("a meeting from dialling to hanging up")
  func meeting() async throws {
    let harness = await RoomHarness()
    #expect(try await harness.state("SystemUnit State Room") == "Idle")
    #expect(try await harness.state("SystemUnit Software Version") == "1.2")
    _ = harness.heard()
    let answer = try await harness.run("Dial", [("Number", "abc-defg-hij")])
    #expect(answer.map(\.value) == [.integer(1)])
    // What the command changes is there when it is answered.
    #expect(try await harness.state("Call 1 Status") == "Dialling")
    #expect(try await harness.state("SystemUnit State NumberOfInProgressCalls") == "1")
    let meeting = try #require(harness.joiner.last)
    #expect(meeting.wishes == CallWishes().named("Salle"))
    meeting.happen(.lobbyEntered)
    try await harness.reaches("Call 1 Status", "OnHold")
    try await harness.reaches("Conference Lobby State", "Waiting")
    meeting.happen(.joined)
    try await harness.reaches("Call 1 Status", "Connected")
    try await harness.reaches("Conference Lobby State", "Admitted")
    #expect(try await harness.state("SystemUnit State NumberOfActiveCalls") == "1")
    await harness.pass(.seconds(65))
    #expect(try await harness.state("Call 1 Duration") == "60")
    #expect(try await harness.state("SystemUnit Uptime") == "60")
    meeting.happen(.connectionLost)
    try await harness.reaches("SystemUnit State Room", "Reconnecting")
    meeting.happen(.joined)
    try await harness.reaches("SystemUnit State Room", "InMeeting")
    await harness.room.settle()
    _ = harness.heard()
    try await harness.run("Call Disconnect", [("CallId", "1")])
    try await harness.reaches("SystemUnit State Room", "Idle")
    await harness.room.settle()
    let heard = harness.heard()
    #expect(heard.contains("Call 1 Status: Disconnecting"))
    #expect(
      heard.filter { $0.hasPrefix("- ") || $0.hasPrefix("* ") } == [
        "- Call 1", "* CallDisconnect 1 16 left LocalDisconnect Outgoing",
      ])
    #expect(try await harness.state("Call 1 Status") == nil)
    // The next has another number.
    #expect(try await harness.run("Dial", [("Number", "x")]).map(\.value) == [.integer(2)])
  }

  @Test("feedback comes in the order in which things happen")
  func order() async throws {
    let harness = await RoomHarness()
    _ = harness.heard()
    let meeting = try await harness.join()
    meeting.end(CallEnding(.removed, "removed"))
    try await harness.reaches("SystemUnit State Room", "Idle")
    await harness.room.settle()
    let told = harness.heard().filter { $0.contains("Status:") || $0.hasPrefix("* ") || $0.hasPrefix("- ") }
    #expect(
      told == [
        "Call 1 Status: Dialling", "* OutgoingCallIndication 1", "Call 1 Status: Connected",
        "* CallSuccessful 1 WebRTC Outgoing abc-defg-hij", "- Call 1",
        "* CallDisconnect 1 16 removed Removed Outgoing",
      ])
  }

  @Test("what can't be done is refused in words")
  func refusals() async throws {
    let harness = await RoomHarness()
    for command in ["Call Disconnect", "Conference Hand Raise"] {
      await #expect(throws: ControlError.failed(reason: "No active call")) { try await harness.run(command) }
    }
    await #expect(throws: ControlError.failed(reason: "No such code")) {
      try await harness.run("Dial", [("Number", "wrong")])
    }
    #expect(try await harness.state("SystemUnit State Room") == "Idle")
    let meeting = try await harness.join()
    await #expect(throws: ControlError.failed(reason: "Call already active")) {
      try await harness.run("Dial", [("Number", "other")])
    }
    #expect(harness.joiner.count == 1)
    await #expect(throws: ControlError.failed(reason: "Unknown call")) {
      try await harness.run("Call Disconnect", [("CallId", "9")])
    }
    await #expect(throws: ControlError.failed(reason: "Call active")) { try await harness.run("Standby Activate") }
    meeting.fail(CallFailure("Not allowed"))
    await #expect(throws: ControlError.failed(reason: "Not allowed")) { try await harness.run("Conference Hand Raise") }
    // Muting is never refused.
    try await harness.run("Audio Microphones Mute")
    #expect(try await harness.state("Audio Microphones Mute") == "On")
  }

  @Test("volume")
  func volume() async throws {
    let harness = await RoomHarness(settings: [try RoomStorageTests.leaf("Audio DefaultVolume", .integer(40))])
    #expect(harness.equipment.volume == 40)
    for (command, arguments, volume, isMuted) in [
      ("Set", [("Level", "60")], 60, false), ("Increase", [], 65, false), ("Increase", [("Steps", "50")], 100, false),
      ("Decrease", [("Steps", "30")], 70, false), ("Decrease", [], 65, false), ("Mute", [], 65, true),
      ("Decrease", [("Steps", "100")], 0, true), ("Set", [("Level", "9")], 9, true), ("ToggleMute", [], 9, false),
      ("ToggleMute", [], 9, true), ("Unmute", [], 9, false),
    ] as [(String, [(name: String, value: String)], Int, Bool)] {
      try await harness.run("Audio Volume \(command)", arguments)
      #expect(try await harness.state("Audio Volume") == String(volume), "\(command)")
      #expect(try await harness.state("Audio VolumeMute") == (isMuted ? "On" : "Off"), "\(command)")
      #expect(harness.equipment.volume == (isMuted ? 0 : volume), "\(command)")
    }
    // After standby it is as it should be at first.
    try await harness.run("Standby Activate")
    try await harness.run("Standby Deactivate")
    #expect(try await harness.state("Audio Volume") == "40")
  }

  @Test("mutes count before a meeting, in it, and not for the next")
  func mutes() async throws {
    let harness = await RoomHarness()
    try await harness.run("Audio Microphones Mute")
    try await harness.run("Video Input MainVideo Mute")
    let meeting = try await harness.join()
    #expect(meeting.wishes.isMicrophoneMuted && meeting.wishes.isCameraMuted)
    try await harness.run("Audio Microphones ToggleMute")
    try await harness.run("Video Input MainVideo Unmute")
    #expect(meeting.done() == ["microphone true", "camera true"])
    #expect(try await harness.state("Audio Microphones Mute") == "Off")
    #expect(try await harness.state("Video Input MainVideoMute") == "Off")
    // By a host.
    meeting.happen(.rosterChanged(CallRoster(others: [], own: Self.member("Salle", muted: true))))
    try await harness.reaches("Audio Microphones Mute", "On")
    try await harness.run("Call Disconnect")
    try await harness.reaches("SystemUnit State Room", "Idle")
    #expect(try await harness.state("Audio Microphones Mute") == "Off")
  }

  @Test("participants keep their numbers, and what they do is told")
  func participants() async throws {
    let harness = await RoomHarness()
    let meeting = try await harness.join()
    let (camille, noor, lou) = (Self.member("Camille"), Self.member("Noor\u{7}", muted: true), Self.member("Lou"))
    meeting.happen(.rosterChanged(CallRoster(others: [camille, noor], own: Self.member("Salle"))))
    try await harness.reaches("Conference Participant 2 DisplayName", "Noor")
    #expect(try await harness.state("Conference Participant 1 DisplayName") == "Camille")
    #expect(try await harness.state("Conference Participant 2 AudioMute") == "On")
    meeting.happen(.rosterChanged(CallRoster(others: [noor, lou], own: Self.member("Salle", hand: true))))
    try await harness.reaches("Conference Participant 1 DisplayName", "Lou")
    try await harness.reaches("Conference Hand Raised", "True")
    #expect(try await harness.state("Conference Participant 2 DisplayName") == "Noor")
    var roster = CallRoster(others: [Self.member("Lou", presenting: true)], own: Self.member("Salle"))
    roster.isRecording = true
    meeting.happen(.rosterChanged(roster))
    try await harness.reaches("Conference Participant 2 DisplayName", nil)
    try await harness.reaches("Conference Presentation Mode", "Receiving")
    #expect(try await harness.state("Conference Recording State") == "Recording")
    meeting.happen(.chat(name: "Lou", text: "Bonjour\u{0}"))
    meeting.happen(.reaction(name: "Lou", reaction: "thumbs-up"))
    meeting.end(CallEnding(.ended, "over"))
    try await harness.reaches("SystemUnit State Room", "Idle")
    await harness.room.settle()
    let heard = harness.heard()
    #expect(heard.contains("* Conference Chat Bonjour Lou"))
    #expect(heard.contains("* Conference Reaction thumbs-up Lou"))
    #expect(heard.contains("* PresentationStopped Receiving"))
    #expect(heard.contains("- Conference Participant 1"))
    #expect(try await harness.state("Conference Recording State") == "Off")
  }

  @Test("what people do in a meeting reaches it")
  func actions() async throws {
    let harness = await RoomHarness()
    let meeting = try await harness.join()
    for (command, arguments, done) in [
      ("Conference Hand Raise", [], "hand true"), ("Conference Hand Lower", [], "hand false"),
      ("Conference Reaction Send", [("Reaction", "red-heart")], "reaction red-heart"),
      ("Conference Chat Send", [("Text", "Bonjour")], "chat Bonjour"),
      ("Video Layout SetLayout", [("LayoutName", "Speaker")], "layout speaker"),
      ("Video Layout LayoutFamily Set", [("LayoutFamily", "equal")], "layout grid"),
      ("Video Selfview Set", [("Mode", "Off")], "self false"), ("Presentation Stop", [], "present nothing"),
    ] as [(String, [(name: String, value: String)], String)] {
      try await harness.run(command, arguments)
      #expect(meeting.done() == [done])
    }
    #expect(try await harness.state("Video Layout CurrentLayouts ActiveLayout") == "Grid")
    #expect(try await harness.state("Video Layout LayoutFamily Local") == "equal")
    #expect(try await harness.state("Video Selfview Mode") == "Off")
    await #expect(throws: ControlError.failed(reason: "Not supported")) {
      try await harness.run("Video Selfview Set", [("PIPPosition", "UpperLeft")])
    }
  }

  @Test("messages stand on the screen as long as they should")
  func alerts() async throws {
    let harness = await RoomHarness()
    let words: [(name: String, value: String)] = [("Text", "Fermeture"), ("Title", "Accueil"), ("Duration", "60")]
    await #expect(throws: ControlError.notReady) { try await harness.run("UserInterface Message Alert Display", words) }
    let meeting = try await harness.join()
    try await harness.run("UserInterface Message Alert Display", words)
    await harness.pass(.seconds(30))
    #expect(meeting.done() == ["message Accueil : Fermeture"])
    await harness.pass(.seconds(30))
    #expect(meeting.done() == ["message none"])
    #expect(harness.heard().contains("* UserInterface Message Alert Cleared "))
  }
}

extension CallWishes {
  fileprivate func named(_ name: String) -> CallWishes {
    var wishes = self
    wishes.name = name
    return wishes
  }
}
