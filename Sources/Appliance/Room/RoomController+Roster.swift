import Control

extension RoomController {
  /// Tells who is in the meeting, and what the room itself does in it.
  func take(_ roster: CallRoster) {
    guard var call else { return }
    tellOwn(roster, before: call.roster)
    let present = Set(roster.others.map(\.identity))
    for (identity, number) in call.numbers where !present.contains(identity) {
      call.numbers[identity] = nil
      publisher.tell(.removal("Conference Participant \(number)"))
    }
    for member in roster.others {
      guard let number = call.numbers[member.identity] ?? Self.freeNumber(call.numbers) else { continue }
      call.numbers[member.identity] = number
      tell(number, member)
    }
    call.roster = roster
    self.call = call
  }

  /// The lowest number that nobody has, so that a participant keeps the own one.
  private static func freeNumber(_ numbers: [String: Int]) -> Int? {
    let taken = Set(numbers.values)
    return (1...1_024).first { !taken.contains($0) }
  }

  private func tell(_ number: Int, _ member: CallRoster.Member) {
    let place = "Conference Participant \(number) "
    tell([
      (place + "DisplayName", .name(member.name)), (place + "AudioMute", .onOff(member.isMicrophoneMuted)),
      (place + "VideoMute", .onOff(member.isCameraMuted)), (place + "HandRaised", .trueFalse(member.isHandRaised)),
      (place + "Presenting", .trueFalse(member.isPresenting)),
    ])
  }

  private func tellOwn(_ roster: CallRoster, before: CallRoster?) {
    // A host may have muted the room.
    (isMicrophoneMuted, isCameraMuted) = (roster.own.isMicrophoneMuted, roster.own.isCameraMuted)
    tellMutes()
    let (mode, last) = (roster.presentationMode, before?.presentationMode ?? "Off")
    tell([
      ("Conference Hand Raised", .trueFalse(roster.own.isHandRaised)),
      ("Conference Recording State", .literal(roster.isRecording ? "Recording" : "Off")),
      ("Conference Presentation Mode", .literal(mode)),
    ])
    guard mode != last else { return }
    if last != "Off" { publisher.tell(.event("PresentationStopped", [("Mode", .literal(last))])) }
    if mode != "Off" { publisher.tell(.event("PresentationStarted", [("Mode", .literal(mode))])) }
    let place = "Conference Presentation LocalInstance 1"
    if mode == "Sending" {
      tell([(place + " SendingMode", .literal("LocalRemote")), (place + " Source", .integer(presentedInput))])
    } else if last == "Sending" {
      publisher.tell(.removal(place))
    }
  }

  /// The one input that there is so far.
  private var presentedInput: Int { 1 }
}

extension CallRoster {
  /// Who shares something, in the control tree's words.
  fileprivate var presentationMode: String {
    own.isPresenting ? "Sending" : others.contains(where: \.isPresenting) ? "Receiving" : "Off"
  }
}

extension ControlValue {
  /// True or false.
  static func trueFalse(_ isTrue: Bool) -> ControlValue { .literal(isTrue ? "True" : "False") }
}
