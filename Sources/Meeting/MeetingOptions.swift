import Audio
import Catalogue
import LiveKit
import Video
import Visio
import WebRTC
import WebRTCNIO

/// What a meeting is joined with.
public struct MeetingOptions: Sendable {
  /// Which meeting.
  public var link: MeetingLink
  /// The room's name, as others see it.
  public var name: String
  /// The language of the screen.
  public var language: Language
  /// The camera; nil for none.
  public var camera: (any CameraSource)?
  /// The screen; nil for none.
  public var screen: (any ScreenSink)?
  /// A second screen, for what is shared; nil for none.
  public var contentScreen: (any ScreenSink)?
  /// The sound devices, and what runs between them.
  public var audio: AudioPipeline
  /// The codec of the room's camera; the server may choose another.
  public var videoCodec: VideoCodec
  /// Which network interfaces media uses.
  public var interfaces: NetworkInterfaces
  /// Certificates in PEM to trust beside the system's.
  public var trustRoots: [String]
  /// One or two peer connections.
  public var topology: ConnectionTopology
  /// How long media may take to come up before the network counts as blocking it.
  public var mediaTimeout: Duration
  /// Salle's version, for servers' logs.
  public var version: String
  /// Whether the room comes with its microphone muted.
  public var isMicrophoneMuted = false
  /// Whether the room comes with its camera switched off.
  public var isCameraMuted = false
  /// How the screen is arranged at first.
  public var layout = LayoutMode.grid
  /// Where the room sees itself at first.
  public var selfView = SelfView.automatic

  /// Options to join `link` as `name`.
  public init(
    link: MeetingLink, name: String, language: Language = .french, camera: (any CameraSource)?,
    screen: (any ScreenSink)?, contentScreen: (any ScreenSink)? = nil, audio: AudioPipeline,
    videoCodec: VideoCodec = .vp8,
    interfaces: NetworkInterfaces = .all, trustRoots: [String] = [],
    topology: ConnectionTopology = .twoPeerConnections,
    mediaTimeout: Duration = ConnectOptions.defaultMediaTimeout, version: String
  ) {
    self.link = link
    self.name = name
    self.language = language
    self.camera = camera
    self.screen = screen
    self.contentScreen = contentScreen
    self.audio = audio
    self.videoCodec = videoCodec
    self.interfaces = interfaces
    self.trustRoots = trustRoots
    self.topology = topology
    self.mediaTimeout = mediaTimeout
    self.version = version
  }
}
