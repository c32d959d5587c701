import Catalogue
import LiveKit
import Realtime
import Video
import Visio

extension Meeting {
  /// Does what an event of the room asks for.
  func handle(_ event: RoomEvent) async {
    guard let media, let client else { return }
    switch event {
    case .stateChanged(.connected): show(.inMeeting)
    case .stateChanged(.reconnecting): show(.reconnecting)
    case .joined:
      await media.refresh()
      await media.publish()
    case .participantJoined(let participant):
      await pass(NarrationSentences.joined(name: participant.displayName))
      tell(.joined(name: participant.displayName))
    case .participantLeft(let participant, _):
      await pass(NarrationSentences.left(name: participant.displayName))
      tell(.left(name: participant.displayName))
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
      if let link = ChatLink.first(in: message.text) { await media.setLink(link) }
      tell(.chat(name: name, text: message.text))
    case .userMessage(let message):
      guard let reaction = VisioReaction(message.payload) else { break }
      let identity = message.senderIdentity ?? ""
      let name = await client.room?.remoteParticipants[identity]?.displayName ?? identity
      await media.setNotice(ScreenLabels.reaction(of: name, sign: reaction.sign)[options.language], .passing)
      tell(.reaction(name: name, reaction: reaction.rawValue))
    case .stateChanged, .roomChanged, .localParticipantChanged, .trackPublished, .trackChanged, .trackUnpublished,
      .localTrackSubscribed, .text, .transcription:
      break
    }
    await tellRoster()
    await media.refresh()
  }

  /// Tells the room when somebody in it speaks in vain.
  func tellMutedSpeech() async {
    guard let media, await media.takeMutedSpeech() else { return }
    await media.setNotice(ScreenSentences.mutedWhileSpeaking[options.language])
    tell(.mutedWhileSpeaking)
  }

  /// Shows what people may miss without harm.
  private func pass(_ sentence: Sentence) async { await media?.setNotice(sentence[options.language], .passing) }

  private func tellHand(_ participant: RoomParticipant) async {
    let isRaised = participant.attributes["handRaisedAt"]?.isEmpty == false
    guard await media?.noteHand(of: participant.identity, isRaised: isRaised) == true else { return }
    if isRaised { await pass(NarrationSentences.handRaised(name: participant.displayName)) }
    tell(.hand(name: participant.displayName, isRaised: isRaised))
  }

  /// Mutes or unmutes the room's microphone.
  /// - Throws: `LiveKitError` when the server can't be told; the microphone is muted all the same.
  public func setMicrophoneMuted(_ isMuted: Bool) async throws(LiveKitError) {
    try await setMuted(isMuted, source: .microphone)
  }

  /// Switches the room's camera off or on.
  /// - Throws: as `setMicrophoneMuted`.
  public func setCameraMuted(_ isMuted: Bool) async throws(LiveKitError) {
    try await setMuted(isMuted, source: .camera)
  }

  private func setMuted(_ isMuted: Bool, source: TrackSource) async throws(LiveKitError) {
    do throws(LiveKitError) {
      try await media?.setMuted(isMuted, source: source)
    } catch {
      await tellRoster()
      throw error
    }
    await tellRoster()
  }

  /// Shows all a reaction for a moment.
  /// - Throws: `LiveKitError`.
  public func sendReaction(_ reaction: VisioReaction) async throws(LiveKitError) {
    guard let client else { throw .notConnected }
    try await client.send(UserMessage(payload: reaction.payload))
  }

  /// Arranges the screen in another way.
  public func setLayout(_ mode: LayoutMode) async { await media?.setLayout(mode) }

  /// Puts the room's own picture elsewhere on the screen.
  public func setSelfView(_ selfView: SelfView) async { await media?.setSelfView(selfView) }

  /// Shows for a moment how loud the loudspeaker is.
  /// - Parameter percent: 0 to 100; 0 when it is off.
  public func showVolume(_ percent: Int) async {
    await media?.setNotice(ScreenLabels.volume(percent: percent)[options.language])
    await media?.refresh()
  }

  /// Shows a line of text on the screen until it is replaced, or until nil takes it off.
  public func setMessage(_ text: String?) async { await media?.setMessage(text) }

  /// Tells who is there if that has changed.
  func tellRoster() async {
    guard let room = await client?.room, let own = await media?.ownState else { return }
    let roster = MeetingRoster(
      room, isMicrophoneMuted: own.isMicrophoneMuted, isCameraMuted: own.isCameraMuted, isPresenting: own.isPresenting)
    guard roster != self.roster else { return }
    self.roster = roster
    tell(.rosterChanged(roster))
  }

  /// Writes a line of chat to all.
  /// - Throws: `LiveKitError`.
  public func sendChat(_ text: String) async throws(LiveKitError) {
    guard let client else { throw .notConnected }
    try await client.sendChat(text)
  }
}
