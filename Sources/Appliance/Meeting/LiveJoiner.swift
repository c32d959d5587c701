import Catalogue
import HTTPExchange
import Logging
import Meeting
import NIOPosix
import Video
import Visio
import WebRTCNIO

/// Makes Visio meetings with the room's devices.
public struct LiveJoiner: MeetingJoining {
  private let instance: VisioInstance?
  private let options: @Sendable (MeetingLink) -> MeetingOptions
  private let presentation: @Sendable (Int) -> (any CameraSource)?
  private let logger: Logger

  /// A joiner.
  /// - Parameters:
  ///   - instance: where codes are of; without it only links can be dialled.
  ///   - presentation: what is plugged into an input; nil when there is no such input.
  ///   - options: the devices, and whatever else is the same for every meeting.
  public init(
    instance: VisioInstance?, logger: Logger, presentation: @escaping @Sendable (Int) -> (any CameraSource)?,
    options: @escaping @Sendable (MeetingLink) -> MeetingOptions
  ) {
    self.instance = instance
    self.logger = logger
    self.presentation = presentation
    self.options = options
  }

  /// The meeting of a code or link; see `MeetingJoining`.
  public func meeting(_ number: String, wishes: CallWishes) async throws(CallFailure) -> any MeetingControlling {
    let link: MeetingLink
    do throws(MeetingLinkError) {
      link = try MeetingLink(typed: number, defaultInstance: instance)
    } catch {
      throw CallFailure(error.sentence[wishes.isFrench ? .french : .english])
    }
    var options = options(link)
    // An instance on this very machine is reached, and reaches us, by the loopback address alone.
    options.interfaces = link.instance.isLoopback ? .loopback : .all
    options.name = wishes.name.isEmpty ? "Salle" : wishes.name
    options.language = wishes.isFrench ? .french : .english
    options.isMicrophoneMuted = wishes.isMicrophoneMuted
    options.isCameraMuted = wishes.isCameraMuted
    options.layout = wishes.layout.mode
    options.selfView = wishes.isSelfViewShown ? .automatic : .hidden
    let transport = AsyncHTTPTransport()
    let meeting = Meeting(
      options: options, transport: transport, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
    return LiveMeeting(meeting, transport: transport, language: options.language, presentation: presentation)
  }
}
