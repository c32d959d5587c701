import Audio
import Catalogue
import Devices
import Logging
import Meeting
import NIOPosix
import Realtime
import UnixSignals
import Video
import Visio
import WebRTCNIO

/// Runs one meeting with stand-in devices for `join` and `demo`: makes the devices, joins, prints what happens, leaves at
/// Ctrl-C.
struct RoomRunner {
  let options: RoomOptions
  let link: MeetingLink
  let interfaces: NetworkInterfaces

  /// Runs until the meeting is over.
  /// - Returns: the status to exit with.
  func run() async -> ExitStatus {
    let epoch = MonotonicClock.now
    let camera: (any CameraSource)?
    let pipeline: AudioPipeline
    let loudspeaker: FileLoudspeaker
    do {
      camera = try device(DeviceSentences.cameraUnreadable(name: options.camera)) { () throws(MediaFileError) in
        try StandIns.camera(options.camera, epoch: epoch)
      }
      let microphone = try device(DeviceSentences.microphoneUnreadable(name: options.microphone)) {
        () throws(MediaFileError) in
        try StandIns.microphone(options.microphone, epoch: epoch)
      }
      loudspeaker = try device(DeviceSentences.speakerUnwritable(name: options.speaker)) { () throws(MediaFileError) in
        try StandIns.loudspeaker(options.speaker)
      }
      pipeline = try AudioPipeline(
        capture: microphone, playback: loudspeaker, firstTimestamp: UInt32.random(in: 0...UInt32.max))
    } catch is MediaFileError {
      return .deviceUnusable
    } catch {
      complain(DeviceSentences.soundUnusable, detail: "\(error)")
      return .deviceUnusable
    }
    guard let screen = ScreenChoice(options.screen) else {
      complain(DeviceSentences.screenUnusable(name: options.screen), detail: nil)
      return .screenUnusable
    }
    let status = await meet(camera: camera, pipeline: pipeline, screen: screen)
    do {
      try loudspeaker.close()
    } catch {
      complain(DeviceSentences.speakerUnwritable(name: options.speaker), detail: "\(error)")
      return .deviceUnusable
    }
    return status
  }

  private func meet(camera: (any CameraSource)?, pipeline: AudioPipeline, screen: ScreenChoice) async -> ExitStatus {
    let transport = AsyncHTTPTransport()
    let sink = screen.isShown || options.snapshot != nil ? HeadlessScreen(mode: Self.screenMode) : nil
    let meeting = Meeting(
      options: MeetingOptions(
        link: link, name: options.name, language: options.language, camera: camera, screen: sink, audio: pipeline,
        videoCodec: options.codec.codec, interfaces: interfaces, version: Version.text),
      transport: transport, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
    let ending: MeetingEnding? = await withTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask { await leaveOnSignal(meeting) }
      // Before the meeting: a room whose screen stays dark is of no use to those who sit in it.
      if let sink, case .browser(let port) = screen {
        guard await serve(sink, port: port, in: &group) else { return nil }
      }
      if let sink, let path = options.snapshot { group.addTask { await snapshot(sink, to: path) } }
      group.addTask { await narrate(meeting.events) }
      return await meeting.run()
    }
    guard let ending else {
      await transport.shutdown()
      return .screenUnusable
    }
    if let sink, let path = options.snapshot { try? sink.writeSnapshot(to: path) }
    await transport.shutdown()
    let status = ExitStatus(ending)
    if status == .success {
      Terminal.say(ending.sentence[options.language])
    } else {
      complain(ending.sentence, detail: nil)
    }
    return status
  }

  /// The usual meeting-room screen; 30 pictures a second are what cameras send.
  private static let screenMode = ScreenMode(width: 1_920, height: 1_080, refreshRate: 30)

  private var logger: Logger { Terminal.logger("salle", isVerbose: options.verbose) }

  // MARK: Beside the meeting

  /// Shows the screen until the group is cancelled. Returns when the page can be opened, or false when it can't.
  private func serve(_ screen: HeadlessScreen, port: Int, in group: inout TaskGroup<Void>) async -> Bool {
    let (openings, opening) = AsyncStream.makeStream(of: Void.self)
    group.addTask {
      let server = ScreenServer(screen: screen, port: port, logger: logger) { port in
        Terminal.say(NarrationSentences.screen(url: "http://127.0.0.1:\(port)/")[options.language])
        opening.yield()
      }
      do {
        try await server.run()
      } catch is CancellationError {
        // The meeting is over.
      } catch {
        complain(DeviceSentences.screenUnusable(name: options.screen), detail: "\(error)")
      }
      opening.finish()
    }
    return await openings.first { true } != nil
  }

  private func snapshot(_ screen: HeadlessScreen, to path: String) async {
    while (try? await Task.sleep(for: .seconds(5))) != nil {
      do {
        try screen.writeSnapshot(to: path)
      } catch {
        return complain(DeviceSentences.screenUnusable(name: path), detail: "\(error)")
      }
    }
  }

  private func leaveOnSignal(_ meeting: Meeting) async {
    for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
      await meeting.leave()
      return
    }
  }

  private func narrate(_ events: AsyncStream<MeetingEvent>) async {
    for await event in events {
      switch event {
      case .progress(.inMeeting): Terminal.say(NarrationSentences.inMeeting(name: options.name)[options.language])
      case .progress(.over): break
      case .progress(let progress): Terminal.say(progress.sentence[options.language])
      case .joined(let name): Terminal.say(NarrationSentences.joined(name: name)[options.language])
      case .left(let name): Terminal.say(NarrationSentences.left(name: name)[options.language])
      case .chat(let name, let text): Terminal.say(ScreenLabels.chat(from: name, text: text)[options.language])
      case .hand(let name, true): Terminal.say(NarrationSentences.handRaised(name: name)[options.language])
      case .hand(let name, false): Terminal.say(NarrationSentences.handLowered(name: name)[options.language])
      case .mutedByHost: Terminal.say(ScreenSentences.mutedByHost[options.language])
      }
    }
  }

  private func device<Device>(
    _ sentence: Sentence, _ make: () throws(MediaFileError) -> Device
  ) throws(MediaFileError) -> Device {
    do {
      return try make()
    } catch {
      complain(sentence, detail: error.description)
      throw error
    }
  }

  private func complain(_ sentence: Sentence, detail: String?) {
    Terminal.complain(sentence[options.language] + (detail.map { " (\($0))" } ?? ""))
  }
}

/// Where the screen is shown.
enum ScreenChoice: Hashable {
  case none
  case browser(port: Int)

  /// Nil for words that name no screen.
  init?(_ name: String) {
    switch name {
    case "none": self = .none
    case "browser": self = .browser(port: 0)
    default:
      guard name.hasPrefix("browser:"), let port = UInt16(name.dropFirst(8)) else { return nil }
      self = .browser(port: Int(port))
    }
  }

  var isShown: Bool { self != .none }
}
