import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Realtime
import Synchronization
import Video

/// Shows a `HeadlessScreen` in a browser on the same machine: a page, a live picture and a still one.
///
/// It listens on the loopback address alone and answers only requests that name it by a loopback name, so that no
/// foreign page can read the screen through a name of its own (DNS rebinding). JPEGs are made only while somebody
/// watches and only when the picture has changed.
public struct ScreenServer: Sendable {
  /// Live pictures per second at most.
  public static let picturesPerSecond = 12
  /// Watchers at a time; each costs the encoding of its pictures.
  public static let maximumWatcherCount = 4

  /// The port asked for; 0 lets the system choose.
  public let port: Int

  private let screen: HeadlessScreen
  private let logger: Logger
  private let onListening: @Sendable (Int) async -> Void

  /// A server for `screen`. `onListening` is called with the real port when the page can be opened.
  public init(
    screen: HeadlessScreen, port: Int = 0, logger: Logger = Logger(label: "screen"),
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
  ) {
    self.screen = screen
    self.port = port
    self.logger = logger
    self.onListening = onListening
  }

  /// Serves until the task is cancelled or the process is told to end.
  /// - Throws: when the port can't be had.
  public func run() async throws {
    let router = Router()
    router.add(middleware: LoopbackOnly())
    addRoutes(to: router)
    let onListening = onListening
    // Cancelling is how it is stopped, and the one thing that the library would call an error; the rest is thrown.
    var logger = logger
    logger.logLevel = .critical
    let application = Application(
      router: router, configuration: .init(address: .hostname("127.0.0.1", port: port), serverName: "Salle"),
      onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) }, logger: logger)
    try await application.run()
  }

  private func addRoutes(to router: Router<BasicRequestContext>) {
    let screen = screen
    let page = ScreenPage.html(width: screen.mode.width, height: screen.mode.height)
    let watchers = WatcherCount()
    router.get("/") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "text/html; charset=utf-8"], body: .init(byteBuffer: .init(string: page)))
    }
    router.get("/screen.jpg") { _, _ -> Response in
      guard let picture = PictureMaker(screen).picture() else { return Response(status: .internalServerError) }
      return Response(
        status: .ok, headers: [.contentType: "image/jpeg", .cacheControl: "no-store"], body: .init(byteBuffer: picture))
    }
    router.get("/live") { _, _ -> Response in
      guard watchers.enter() else { return Response(status: .serviceUnavailable) }
      return Response(
        status: .ok,
        headers: [.contentType: "multipart/x-mixed-replace; boundary=picture", .cacheControl: "no-store"],
        body: ResponseBody { writer in
          defer { watchers.leave() }
          try await Self.stream(screen, to: &writer)
        })
    }
  }

  /// Writes a part for every change of the picture until the watcher goes.
  private static func stream(_ screen: HeadlessScreen, to writer: inout any ResponseBodyWriter) async throws {
    let maker = PictureMaker(screen)
    var lastSequence: UInt64?
    var idle = 0
    while !Task.isCancelled {
      // Repeated once a second though nothing changed, so that a watcher who went away is noticed.
      let sequence = screen.sequence
      if sequence != lastSequence || idle >= picturesPerSecond {
        guard let picture = maker.picture() else { break }
        var part = ByteBuffer(
          string: "--picture\r\nContent-Type: image/jpeg\r\nContent-Length: \(picture.readableBytes)\r\n\r\n")
        part.writeImmutableBuffer(picture)
        part.writeString("\r\n")
        try await writer.write(part)
        lastSequence = sequence
        idle = 0
      }
      idle += 1
      try await Task.sleep(for: .milliseconds(1_000 / picturesPerSecond))
    }
    try await writer.finish(nil)
  }
}

/// Refuses requests that don't name the loopback interface, or that another page's script makes.
struct LoopbackOnly: RouterMiddleware {
  func handle(
    _ request: Request, context: BasicRequestContext,
    next: (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    guard Self.isLoopback(request.head.authority) else { return Response(status: .misdirectedRequest) }
    guard request.method == .get || request.method == .head else { return Response(status: .methodNotAllowed) }
    var response = try await next(request, context)
    response.headers[.contentSecurityPolicy] =
      "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    response.headers[.xContentTypeOptions] = "nosniff"
    if let name = HTTPField.Name("Cross-Origin-Resource-Policy") { response.headers[name] = "same-origin" }
    if let name = HTTPField.Name("Referrer-Policy") { response.headers[name] = "no-referrer" }
    return response
  }

  /// Whether a Host (or :authority) is a loopback name, with or without port.
  static func isLoopback(_ authority: String?) -> Bool {
    guard let authority else { return false }
    var name = authority[...]
    if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") {
      guard let port = Int(name[name.index(after: colon)...]), (1...65_535).contains(port) else { return false }
      name = name[..<colon]
    }
    return ["127.0.0.1", "localhost", "[::1]"].contains(name.lowercased())
  }
}

/// How many live pictures are being watched.
private final class WatcherCount: Sendable {
  private let count = Atomic<Int>(0)

  func enter() -> Bool {
    if count.add(1, ordering: .relaxed).newValue <= ScreenServer.maximumWatcherCount { return true }
    leave()
    return false
  }

  func leave() {
    count.subtract(1, ordering: .relaxed)
  }
}

/// Makes JPEGs of a screen, reusing its memory. Confined to the task that watches.
private final class PictureMaker {
  private let screen: HeadlessScreen
  private let canvas: Canvas
  private let encoder = JPEGEncoder()

  init(_ screen: HeadlessScreen) {
    self.screen = screen
    canvas = Canvas(width: screen.mode.width, height: screen.mode.height)
  }

  func picture() -> ByteBuffer? {
    screen.copyPicture(to: canvas)
    return encoder.encode(canvas, quality: 80) { ByteBuffer(bytes: $0) }
  }
}
