import Control
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A terminal on a serial port. A port that is unplugged is opened again when it is back; whoever was signed in then signs
/// in again.
struct SerialFace: Listener {
  /// The first wait before a port is opened again; it doubles each time.
  static let firstPause = Duration.milliseconds(100)
  /// The longest wait before a port is opened again.
  static let longestPause = Duration.seconds(5)

  let settings: SerialPortSettings
  let center: ControlCenter
  let options: TerminalOptions
  let group: any EventLoopGroup
  let logger: Logger

  /// How the port is to be run now.
  private struct Wish: Hashable {
    var line: SerialLine
    var requiresLogin: Bool
  }

  /// Serves until the task is cancelled.
  func run() async {
    let (changes, change) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let port = ControlQuery(expression: "/Configuration/SerialPort")
    await center.observe { told in
      guard told.document == .configuration, let port else { return }
      if told.entries.contains(where: { port.matches($0.leaf.path) }) { change.yield() }
    }
    let state = State(await wish())
    await withTaskGroup { tasks in
      tasks.addTask {
        for await _ in changes { state.wish(await wish()) }
      }
      tasks.addTask { await serve(state) }
      await tasks.waitForAll()
    }
  }

  /// What is wished, and the channel that is there.
  private final class State: Sendable {
    private let state: Mutex<(wish: Wish, channel: (any Channel)?)>

    init(_ wish: Wish) { state = Mutex((wish, nil)) }

    var wish: Wish { state.withLock { $0.wish } }

    /// Wishes something; what isn't as wished is closed, to be opened again.
    func wish(_ wish: Wish) {
      let channel: (any Channel)? = state.withLock { state in
        guard state.wish != wish else { return nil }
        state.wish = wish
        return state.channel
      }
      channel?.close(promise: nil)
    }

    /// The port has been opened as `wish` says.
    func opened(_ channel: any Channel, _ wish: Wish) {
      let isAsWished = state.withLock { state in
        state.channel = channel
        return state.wish == wish
      }
      if !isAsWished { channel.close(promise: nil) }
    }
  }

  private func serve(_ state: State) async {
    var pause = Self.firstPause
    var lastFailure: SerialLine.Failure?
    while !Task.isCancelled {
      let wish = state.wish
      do throws(SerialLine.Failure) {
        let descriptor = try wish.line.open(settings.path)
        logger.info("serial port opened", metadata: ["port": "\(settings.path)", "rate": "\(wish.line.baudRate)"])
        let began = ContinuousClock.now
        await serve(descriptor, wish, state)
        logger.info("serial port closed", metadata: ["port": "\(settings.path)"])
        lastFailure = nil
        // One that only just held isn't back yet.
        if ContinuousClock.now - began > Self.longestPause { pause = Self.firstPause }
      } catch {
        // Once for each reason: it may be missing for days.
        if error != lastFailure {
          logger.warning("no serial port", metadata: ["port": "\(settings.path)", "reason": "\(error)"])
        }
        lastFailure = error
      }
      try? await Task.sleep(for: pause)
      pause = min(pause * 2, Self.longestPause)
    }
  }

  private func serve(_ descriptor: CInt, _ wish: Wish, _ state: State) async {
    let channel: NIOAsyncChannel<ByteBuffer, Never>
    do {
      channel = try await NIOPipeBootstrap(group: group).takingOwnershipOfDescriptor(inputOutput: descriptor) {
        channel in
        channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
      }
    } catch {
      // The descriptor is closed by then.
      return logger.warning("no serial port", metadata: ["port": "\(settings.path)", "reason": "\(error)"])
    }
    state.opened(channel.channel, wish)
    var options = options
    options.endsWithSession = false
    // Whoever holds the cable is in the room: without a login he may do what an integrator may.
    options.role = wish.requiresLogin ? nil : .integrator
    await SessionConnection(channel: channel, center: center).run(TerminalSession(options: options))
  }

  private func wish() async -> Wish {
    let rate = await value("BaudRate").flatMap { Int($0) }
    let parity = await value("Parity").flatMap { SerialPortSettings.Parity(rawValue: $0) }
    let login = await value("LoginRequired").map { $0 != "Off" }
    return Wish(
      line: SerialLine(
        baudRate: settings.baudRate ?? rate ?? 115_200, parity: settings.parity ?? parity ?? .none),
      requiresLogin: settings.requiresLogin ?? login ?? true)
  }

  private func value(_ name: String) async -> String? {
    await center.value(.configuration, ControlPath([.init("SerialPort"), .init(name)]))?.text
  }
}
