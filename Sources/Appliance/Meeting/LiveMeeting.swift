import Catalogue
import HTTPExchange
import LiveKit
import Meeting
import Video
import Visio

/// A Visio meeting, as the room's controller drives it.
struct LiveMeeting: MeetingControlling {
  let news: AsyncStream<CallNews>
  private let sink: AsyncStream<CallNews>.Continuation
  private let meeting: Meeting
  private let transport: AsyncHTTPTransport
  private let language: Language
  private let presentation: @Sendable (Int) -> (any CameraSource)?

  /// A meeting that hasn't begun.
  /// - Parameter presentation: what is plugged into an input.
  init(
    _ meeting: Meeting, transport: AsyncHTTPTransport, language: Language,
    presentation: @escaping @Sendable (Int) -> (any CameraSource)?
  ) {
    self.meeting = meeting
    self.transport = transport
    self.language = language
    self.presentation = presentation
    (news, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(256))
  }

  func run() async -> CallEnding {
    async let isTold: Void = tell()
    let ending = await meeting.run()
    await isTold
    await transport.shutdown()
    return CallEnding(ending, language: language)
  }

  func leave() async { await meeting.leave() }

  private func tell() async {
    for await event in meeting.events {
      if let news = CallNews(event) { sink.yield(news) }
    }
    sink.finish()
  }

  // MARK: What the room does

  func setMicrophoneMuted(_ isMuted: Bool) async throws(CallFailure) {
    do throws(LiveKitError) { try await meeting.setMicrophoneMuted(isMuted) } catch { throw CallFailure(error) }
  }

  func setCameraMuted(_ isMuted: Bool) async throws(CallFailure) {
    do throws(LiveKitError) { try await meeting.setCameraMuted(isMuted) } catch { throw CallFailure(error) }
  }

  func setHandRaised(_ isRaised: Bool) async throws(CallFailure) {
    do throws(VisioError) {
      try await meeting.setHandRaised(isRaised)
    } catch {
      throw CallFailure(error.sentence[.english])
    }
  }

  func sendReaction(_ reaction: String) async throws(CallFailure) {
    guard let reaction = VisioReaction(rawValue: reaction) else { throw CallFailure("Unknown reaction") }
    do throws(LiveKitError) { try await meeting.sendReaction(reaction) } catch { throw CallFailure(error) }
  }

  func sendChat(_ text: String) async throws(CallFailure) {
    do throws(LiveKitError) { try await meeting.sendChat(text) } catch { throw CallFailure(error) }
  }

  func startPresentation(input: Int) async throws(CallFailure) {
    guard let source = presentation(input) else { throw CallFailure("No such input") }
    do throws(LiveKitError) { try await meeting.present(source) } catch { throw CallFailure(error) }
  }

  func stopPresentation() async { await meeting.stopPresenting() }

  func setLayout(_ layout: RoomLayout) async { await meeting.setLayout(layout.mode) }

  func setSelfViewShown(_ isShown: Bool) async { await meeting.setSelfView(isShown ? .automatic : .hidden) }

  func showVolume(_ percent: Int) async { await meeting.showVolume(percent) }

  func setMessage(_ text: String?) async { await meeting.setMessage(text) }
}

extension RoomLayout {
  /// The same for the screen.
  var mode: LayoutMode { self == .speaker ? .speaker : .grid }
}

extension CallFailure {
  init(_ error: LiveKitError) {
    let reason =
      switch error {
      case .notConnected, .closed: "Not connected"
      case .notAllowed: "Not allowed"
      case .timedOut: "Timed out"
      case .limitExceeded: "Too long"
      case .unknownTrack: "No such device"
      case .refused(let reason): "Refused: \(reason)"
      case .alreadyStarted, .dataChannelUnavailable: "Not available"
      }
    self.init(reason)
  }
}

extension CallNews {
  /// What of a meeting's events the room's controller wants to know; nil for the rest.
  init?(_ event: MeetingEvent) {
    switch event {
    case .progress(.lobby): self = .lobbyEntered
    case .progress(.inMeeting): self = .joined
    case .progress(.reconnecting): self = .connectionLost
    case .rosterChanged(let roster): self = .rosterChanged(CallRoster(roster))
    case .chat(let name, let text): self = .chat(name: name, text: text)
    case .reaction(let name, let reaction): self = .reaction(name: name, reaction: reaction)
    case .progress, .joined, .left, .hand, .mutedByHost, .mutedWhileSpeaking: return nil
    }
  }
}

extension CallRoster {
  init(_ roster: MeetingRoster) {
    self.init(others: roster.others.map(Member.init), own: Member(roster.own))
    isRecording = roster.isRecording
  }
}

extension CallRoster.Member {
  init(_ member: MeetingRoster.Member) {
    self.init(identity: member.identity, name: member.name)
    isMicrophoneMuted = member.isMicrophoneMuted
    isCameraMuted = member.isCameraMuted
    isHandRaised = member.isHandRaised
    isPresenting = member.isPresenting
  }
}

extension CallEnding {
  init(_ ending: MeetingEnding, language: Language) {
    let cause: Cause =
      switch ending {
      case .left, .cancelled: .left
      case .ended: .ended
      case .refused: .refused
      case .unanswered: .unanswered
      case .removed: .removed
      case .duplicateIdentity: .replaced
      case .connectionLost, .mediaBlocked: .networkLost
      case .meetingDeleted, .visio(.noSuchMeeting): .notFound
      case .visio(.instanceNotFound), .visio(.instanceUnreachable), .visio(.timedOut): .networkLost
      case .notJoined(.unreachable), .notJoined(.timedOut): .networkLost
      case .visio, .noServer, .notJoined: .other
      }
    self.init(cause, ending.sentence[language], isMediaBlocked: ending == .mediaBlocked)
  }
}
