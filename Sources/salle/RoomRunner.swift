import Audio
import Catalogue
import Devices
import HTTPExchange
import Logging
import Meeting
import NIOPosix
import Realtime
import UnixSignals
import Video
import Visio
import WebRTCNIO

/// Runs one meeting for `join` and `demo`: makes the devices, joins, prints what happens, leaves at Ctrl-C.
struct RoomRunner {
  let options: RoomOptions
  let link: MeetingLink
  let interfaces: NetworkInterfaces
  let defaults: MeetingDevices.Defaults

  /// Runs until the meeting is over.
  /// - Returns: the status to exit with.
  func run() async -> ExitStatus {
    guard let screen = ScreenChoice(options.screen) else {
      complain(DeviceSentences.screenUnusable(name: options.screen), detail: nil)
      return .screenUnusable
    }
    do throws(MeetingDevices.Failure) {
      let devices = try MeetingDevices(options, defaults: defaults, screen: screen)
      let status = await meet(devices, screen: screen)
      try devices.close()
      return status
    } catch {
      complain(error.sentence, detail: error.detail)
      return error.status
    }
  }

  private func meet(_ devices: MeetingDevices, screen: ScreenChoice) async -> ExitStatus {
    let transport = AsyncHTTPTransport()
    let meeting = Meeting(
      options: MeetingOptions(
        link: link, name: options.name, language: options.language, camera: devices.camera, screen: devices.screen,
        contentScreen: devices.room?.contentScreen, audio: devices.pipeline, videoCodec: options.codec.codec,
        interfaces: interfaces, version: Version.text),
      transport: transport, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
    let ending: MeetingEnding? = await withTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask { await leaveOnSignal(meeting) }
      // Before the meeting: a room whose screen stays dark is of no use to those who sit in it.
      if let headless = devices.headless, case .browser(let port) = screen {
        guard await serve(headless, port: port, in: &group) else { return nil }
      }
      if let path = options.snapshot { group.addTask { await snapshots(devices, to: path) } }
      if let path = options.status { group.addTask { await writeStatus(of: meeting, to: path) } }
      if let room = devices.room, room.presentation != nil {
        group.addTask { await PresentationWatch(devices: room, meeting: meeting).run() }
      }
      group.addTask { await narrate(meeting.events) }
      return await meeting.run()
    }
    guard let ending else {
      await transport.shutdown()
      return .screenUnusable
    }
    if let path = options.snapshot { try? devices.writeSnapshot(to: path) }
    await transport.shutdown()
    let status = ExitStatus(ending)
    if status == .success {
      Terminal.say(ending.sentence[options.language])
    } else {
      complain(ending.sentence, detail: nil)
    }
    return status
  }

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

  private func snapshots(_ devices: MeetingDevices, to path: String) async {
    while (try? await Task.sleep(for: .seconds(5))) != nil {
      do {
        try devices.writeSnapshot(to: path)
      } catch {
        return complain(DeviceSentences.screenUnusable(name: path), detail: "\(error)")
      }
    }
  }

  private func writeStatus(of meeting: Meeting, to path: String) async {
    while (try? await Task.sleep(for: .seconds(1))) != nil {
      guard let statistics = await meeting.statistics() else { continue }
      do throws(MediaFileError) {
        try WholeFile.write(RoomStatus(statistics).json, to: path)
      } catch {
        return complain(DeviceSentences.fileUnwritable(path: path), detail: error.description)
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
      case .reaction, .rosterChanged: break
      case .mutedByHost: Terminal.say(ScreenSentences.mutedByHost[options.language])
      case .mutedWhileSpeaking: Terminal.say(ScreenSentences.mutedWhileSpeaking[options.language])
      }
    }
  }

  private func complain(_ sentence: Sentence, detail: String?) {
    Terminal.complain(sentence[options.language] + (detail.map { " (\($0))" } ?? ""))
  }
}
