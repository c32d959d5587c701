import Audio
import Devices
import HTTPExchange
import LiveKit
import Logging
import NIOPosix
import Realtime
import Video
import Visio
import WebRTCNIO

@testable import Meeting

/// A room that joins a meeting as `salle join` does, and whose progress a test can wait for.
final class RoomUnderTest {
  /// Which devices the room has.
  enum Devices {
    /// None; sound is kept in time and discarded.
    case none
    /// Camera, microphone and screen.
    case synthetic
    /// This sound alone.
    case sound(AudioPipeline)
  }

  let meeting: Meeting
  private let transport: any ClosableTransport
  private let running: Task<MeetingEnding, Never>
  private var events: AsyncStream<MeetingEvent>.Iterator

  /// A room that begins at once to join the meeting at `link`.
  init(
    joining link: String, name: String = "Salle Rivoli", devices: Devices = .none,
    transport: any ClosableTransport = AsyncHTTPTransport(),
    lobbyClock: any Clock<Duration> = ContinuousClock(), mediaTimeout: Duration = .seconds(60)
  ) throws {
    let hasDevices = if case .synthetic = devices { true } else { false }
    let epoch = MonotonicClock.now
    let audio: AudioPipeline
    if case .sound(let pipeline) = devices {
      audio = pipeline
    } else {
      audio = try AudioPipeline(
        capture: hasDevices ? SyntheticMicrophone(.tone(frequency: 440, level: -20), epoch: epoch) : nil,
        playback: FileLoudspeaker(), firstTimestamp: 0)
    }
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let meeting = Meeting(
      options: MeetingOptions(
        link: try MeetingLink(typed: link), name: name,
        camera: hasDevices ? SyntheticCamera(epoch: epoch) : nil,
        screen: hasDevices ? HeadlessScreen(mode: ScreenMode(width: 640, height: 360, refreshRate: 30)) : nil,
        audio: audio, interfaces: .loopback, mediaTimeout: mediaTimeout, version: "test"),
      transport: transport, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), lobbyClock: lobbyClock,
      logger: logger)
    self.meeting = meeting
    self.transport = transport
    events = meeting.events.makeAsyncIterator()
    running = Task { await meeting.run() }
  }

  /// Waits until the meeting stands at `progress`, having passed others.
  func reaches(_ progress: MeetingProgress) async throws {
    while let event = await events.next() {
      if event == .progress(progress) { return }
      if case .progress(.over(let ending)) = event { throw Missing("\(progress); it ended: \(ending)") }
    }
    throw Missing("\(progress); there are no events any more")
  }

  /// Waits for the end, with all connections closed.
  func ending() async -> MeetingEnding {
    let ending = await running.value
    await transport.shutdown()
    return ending
  }
}

/// A transport that is closed when it isn't needed any more.
protocol ClosableTransport: HTTPTransport {
  func shutdown() async
}

extension AsyncHTTPTransport: ClosableTransport {}

/// Passes everything on, with another address of the media server in the answers.
struct RedirectedMedia: ClosableTransport {
  let original: String
  let replacement: String
  private let transport = AsyncHTTPTransport()

  init(from original: String, to replacement: String) {
    self.original = original
    self.replacement = replacement
  }

  func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
    var response = try await transport.send(request)
    response.body = Array(String(decoding: response.body, as: UTF8.self).replacing(original, with: replacement).utf8)
    return response
  }

  func shutdown() async {
    await transport.shutdown()
  }
}
