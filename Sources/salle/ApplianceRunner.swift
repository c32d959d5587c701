import Appliance
import Catalogue
import Control
import ControlServer
import Devices
import HTTPExchange
import Logging
import Meeting
import PracticeRoom
import TouchPage
import UnixSignals
import Visio

/// Runs the room for `run`: puts storage, control tree, devices, controller and listeners together, and takes them apart
/// again at Ctrl-C.
struct ApplianceRunner {
  let options: RunCommand

  private var language: Language { options.room.language }
  private var logger: Logger { Terminal.logger("salle", isVerbose: options.room.verbose) }

  /// What ends the run before it has begun.
  private struct Failure: Error {
    var sentence: Sentence
    var detail: String
    var status: ExitStatus
  }

  /// Runs until it is told to end.
  /// - Returns: the status to exit with.
  func run() async -> ExitStatus {
    do {
      try await runRoom()
      return .success
    } catch let failure as Failure {
      complain(failure.sentence, failure.detail)
      return failure.status
    } catch let failure as MeetingDevices.Failure {
      complain(failure.sentence, failure.detail)
      return failure.status
    } catch {
      complain(RoomSentences.unusable(path: options.stateDirectory), "\(error)")
      return .stateUnusable
    }
  }

  private func runRoom() async throws {
    let directory = try StateDirectory(options.stateDirectory)
    let storage = try directory.storage()
    if let path = storage.damagedPath { complain(RoomSentences.damaged(path: path), nil) }
    let stored = try StoredSettings(storage)
    let book = try AccountBook(storage: storage)
    let (setup, pairing) = (FirstSetup(book: book), PanelPairing())
    let center = ControlCenter(
      settings: stored.settings,
      authenticator: { name, password in await book.authenticate(name: name, password: password) },
      keeper: { settings throws(ControlError) in try storage.keep(settings) })
    let server = ControlServer(
      center: center, configuration: try await serverConfiguration(directory, center, entrance(book, setup, pairing)),
      logger: logger)

    guard let screen = ScreenChoice(options.room.screen) else {
      throw Failure(
        sentence: DeviceSentences.screenUnusable(name: options.room.screen), detail: "", status: .screenUnusable)
    }
    let practice = try await startPractice()
    do {
      let devices = try MeetingDevices(
        options.room, defaults: practice == nil ? .devices : .standIns, screen: screen, showsRoomView: true)
      let room = RoomController(
        center: center, storage: storage, joiner: joiner(devices, practice), equipment: devices, version: Version.text)
      await room.start(invalidSettings: stored.invalid)
      let bookings = BookingDesk(center: center, storage: storage)
      await bookings.start()
      await dial(center)
      let transport = AsyncHTTPTransport()
      let instance = (practice?.url ?? options.instance).flatMap { VisioInstance($0) }
      let services = RoomServices(
        room: room, bookings: bookings,
        calendar: CalendarKeeper(
          center: center, desk: bookings, storage: storage, transport: transport, instance: instance),
        system: SystemProbe(
          directory: directory.path, certificate: options.certificate ?? DeviceCertificate.path(in: directory.path)),
        network: NetworkProbe(instance: instance, transport: transport),
        door: PanelDoor(
          center: center, setup: setup, pairing: pairing, listener: options.https.flatMap { ListenAddress($0) },
          names: options.hostName),
        server: server, isReachable: options.https != nil || options.terminal != nil || !options.serial.isEmpty)
      do {
        try await serve(services, devices, screen)
      } catch {
        await room.stop()
        await transport.shutdown()
        try? devices.close()
        throw error
      }
      await room.stop()
      await transport.shutdown()
      try devices.close()
    } catch {
      await practice?.stop()
      throw error
    }
    await practice?.stop()
  }

  /// Joins the meeting that was asked for at the start. A room that can't is there all the same.
  private func dial(_ center: ControlCenter) async {
    guard let number = options.dial else { return }
    do throws(ControlError) {
      let call = try ControlTree.room.call(["Dial"], [(name: "Number", value: number)])
      _ = try await center.perform(.run(call), role: .user)
    } catch {
      complain(RoomSentences.notDialled(number: number), error.reason)
    }
  }

  // MARK: Parts

  private func serverConfiguration(
    _ directory: StateDirectory, _ center: ControlCenter, _ entrance: WebEntrance
  ) async throws -> ControlServerConfiguration {
    var configuration = ControlServerConfiguration(
      terminal: options.terminal.flatMap { ListenAddress($0) }, https: options.https.flatMap { ListenAddress($0) },
      serial: options.serial.map { SerialPortSettings(path: $0) }, certificatePath: options.certificate,
      privateKeyPath: options.privateKey, allowedHosts: Set(options.hostName), language: language,
      version: Version.text)
    configuration.pages = Self.pages
    configuration.entrance = entrance
    configuration.pagePolicy = TouchPage.contentSecurityPolicy
    if let path = ControlPath("SystemUnit Name") {
      configuration.roomName = await center.value(.configuration, path)?.text ?? ""
    }
    let needsTLS = configuration.terminal != nil || configuration.https != nil
    if needsTLS, configuration.certificatePath == nil {
      let paths = try DeviceCertificate.find(in: directory.path, names: options.hostName)
      configuration.certificatePath = paths.certificate
      configuration.privateKeyPath = paths.key
    }
    return configuration
  }

  private func entrance(_ book: AccountBook, _ setup: FirstSetup, _ pairing: PanelPairing) -> WebEntrance {
    WebEntrance(
      pair: { token in await pairing.role(of: token) }, needsSetup: { await book.isEmpty },
      setUp: { code, pin in
        do throws(FirstSetup.Failure) {
          return .set(try await setup.setPIN(pin, code: code))
        } catch {
          return switch error {
          case .over: .over
          case .wrongCode: .wrongCode
          case .later: .later
          case .account: .refused
          }
        }
      })
  }

  /// The touch panel's files by their paths; its page is what a browser gets that asks for nothing else.
  private static var pages: [String: WebPage] {
    var pages: [String: WebPage] = [:]
    for file in TouchPage.files {
      let page = WebPage(contentType: file.contentType, bytes: file.bytes)
      pages["/panel/" + file.name] = page
      if file.name == "index.html" { pages["/"] = page }
    }
    return pages
  }

  private func startPractice() async throws -> PracticeRoom? {
    guard options.practice else { return nil }
    do {
      let practice = try await PracticeRoom.start(
        logger: Terminal.logger("salle.practice", isVerbose: options.room.verbose))
      say(NarrationSentences.practiceRoom(link: "\(practice.url)/\(practice.code)"))
      return practice
    } catch {
      throw Failure(
        sentence: NarrationSentences.practiceUnavailable, detail: "\(error)", status: .serviceFailed)
    }
  }

  private func joiner(_ devices: MeetingDevices, _ practice: PracticeRoom?) -> LiveJoiner {
    let codec = options.room.codec.codec
    return LiveJoiner(
      instance: (practice?.url ?? options.instance).flatMap { VisioInstance($0) }, logger: logger,
      presentation: { input in input == 1 ? devices.room?.presentation : nil },
      options: { link in
        MeetingOptions(
          link: link, name: "", camera: devices.camera, screen: devices.screen,
          contentScreen: devices.room?.contentScreen, audio: devices.pipeline, videoCodec: codec, version: Version.text)
      })
  }

  // MARK: Running

  /// Runs everything beside one another until one ends: by a signal, or because it can't go on.
  private func serve(
    _ services: RoomServices, _ devices: MeetingDevices, _ screen: ScreenChoice
  ) async throws {
    let server = services.server
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return }
      }
      group.addTask {
        do {
          try await server.run()
        } catch let error as ControlServerError {
          throw Failure(sentence: RoomSentences.notListening, detail: "\(error)", status: .listenFailed)
        }
        // Without listeners there is nothing to serve; the room goes on.
        while (try? await Task.sleep(for: .seconds(3_600))) != nil {}
      }
      group.addTask { await services.run() }
      if let headless = devices.headless, case .browser(let port) = screen {
        group.addTask { try await show(headless, port: port) }
      }
      if let path = options.room.snapshot { group.addTask { await snapshots(devices, to: path) } }
      do {
        let ports = try await server.ports
        if let port = ports.terminal { say(RoomSentences.terminal(port: port)) }
        if let port = ports.https { say(RoomSentences.panel(port: port)) }
        let listens = ports.terminal != nil || ports.https != nil || !options.serial.isEmpty
        if listens, await services.door.needsSetup { complain(RoomSentences.noPassword, nil) }
        say(RoomSentences.ready(name: await services.room.name))
      } catch {
        // The server's own task says why.
      }
      try await group.next()
    }
  }

  private func show(_ screen: HeadlessScreen, port: Int) async throws {
    let server = ScreenServer(screen: screen, port: port, logger: logger) { port in
      say(NarrationSentences.screen(url: "http://127.0.0.1:\(port)/"))
    }
    do {
      try await server.run()
    } catch is CancellationError {
      // The room is switched off.
    } catch {
      throw Failure(
        sentence: DeviceSentences.screenUnusable(name: options.room.screen), detail: "\(error)", status: .screenUnusable
      )
    }
  }

  private func snapshots(_ devices: MeetingDevices, to path: String) async {
    while (try? await Task.sleep(for: .seconds(5))) != nil {
      do {
        try devices.writeSnapshot(to: path)
      } catch {
        complain(DeviceSentences.screenUnusable(name: path), "\(error)")
      }
    }
  }

  private func say(_ sentence: Sentence) { Terminal.say(sentence[language]) }

  private func complain(_ sentence: Sentence, _ detail: String?) {
    Terminal.complain(sentence[language] + (detail.map { $0.isEmpty ? "" : " (\($0))" } ?? ""))
  }
}
