import Catalogue
import LiveKit
import Realtime

extension Meeting {
  /// Does what an event of the room asks for.
  func handle(_ event: RoomEvent) async {
    guard let media, let client else { return }
    switch event {
    case .stateChanged(.connected): show(.inMeeting)
    case .joined:
      await media.refresh()
      await media.publish()
    case .participantJoined(let participant): tell(.joined(name: participant.displayName))
    case .participantLeft(let participant, _): tell(.left(name: participant.displayName))
    case .participantChanged(let participant): await tellHand(participant)
    case .trackSubscribed(let track): await media.subscribe(track)
    case .trackUnsubscribed(let track): await media.unsubscribe(track)
    case .speakersChanged(let speakers): await media.note(speakers: speakers)
    case .localTrackPublished(let track): await media.attach(track)
    case .localTrackChanged(let track, let byServer):
      await media.update(track)
      if byServer, track.source == .microphone, track.isMuted {
        await media.setNotice(ScreenSentences.mutedByHost[options.language])
        tell(.mutedByHost)
      }
    case .localTrackUnpublished(let track, _): await media.detach(track)
    case .keyFrameRequested(let cid, let encoding): await media.requestKeyFrame(cid: cid, encoding: encoding)
    case .chatMessage(let message):
      let name = await client.room?.remoteParticipants[message.senderIdentity]?.displayName ?? message.senderIdentity
      await media.setNotice(ScreenLabels.chat(from: name, text: message.text)[options.language])
      tell(.chat(name: name, text: message.text))
    case .stateChanged, .roomChanged, .localParticipantChanged, .trackPublished, .trackChanged, .trackUnpublished,
      .localTrackSubscribed, .userMessage, .text, .transcription:
      break
    }
    await media.refresh()
  }

  /// Tells the room when somebody in it speaks in vain.
  func tellMutedSpeech() async {
    guard let media, await media.takeMutedSpeech() else { return }
    await media.setNotice(ScreenSentences.mutedWhileSpeaking[options.language])
    tell(.mutedWhileSpeaking)
  }

  private func tellHand(_ participant: RoomParticipant) async {
    let isRaised = participant.attributes["handRaisedAt"]?.isEmpty == false
    guard await media?.noteHand(of: participant.identity, isRaised: isRaised) == true else { return }
    tell(.hand(name: participant.displayName, isRaised: isRaised))
  }

  /// Mutes or unmutes the room's microphone.
  /// - Throws: `LiveKitError` when the server can't be told; the microphone is muted all the same.
  public func setMicrophoneMuted(_ isMuted: Bool) async throws(LiveKitError) {
    try await media?.setMuted(isMuted, source: .microphone)
  }

  /// Switches the room's camera off or on.
  /// - Throws: as `setMicrophoneMuted`.
  public func setCameraMuted(_ isMuted: Bool) async throws(LiveKitError) {
    try await media?.setMuted(isMuted, source: .camera)
  }

  /// Writes a line of chat to all.
  /// - Throws: `LiveKitError`.
  public func sendChat(_ text: String) async throws(LiveKitError) {
    guard let client else { throw .notConnected }
    try await client.sendChat(text)
  }
}
