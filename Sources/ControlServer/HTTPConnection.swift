import Control
import NIOCore
import NIOHTTP1

/// One connection by HTTP/1.1: its requests, one after the other.
struct HTTPConnection {
  /// How long name and password are taken for right on the same connection: checking them is slow on purpose.
  static let roleTime = Duration.seconds(60)

  /// The longest body of whoever hasn't signed in, bytes.
  static let maximumOpenBodyLength = 4_096

  let channel: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
  let face: HTTPFace

  /// Who the last request was from.
  private struct SignedIn {
    let authorization: String
    let role: ControlRole
    let at: ContinuousClock.Instant
  }

  /// A request whose head is there.
  private struct Pending {
    let head: HTTPRequestHead
    /// Nil when nobody has to be known for it.
    let role: ControlRole?
    var body = ByteBuffer()
  }

  init(channel: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>, face: HTTPFace) {
    self.channel = channel
    self.face = face
  }

  /// Serves until the peer is gone or the task is cancelled.
  func run() async {
    // An error is the peer's end.
    try? await channel.executeThenClose { inbound, outbound in
      let caller = HTTPCaller(channel.channel)
      var signedIn: SignedIn?
      var pending: Pending?
      var parts = inbound.makeAsyncIterator()
      while let part = try await parts.next() {
        switch part {
        case .head(let head):
          switch await admit(head, caller, &signedIn) {
          case .success(let role): pending = Pending(head: head, role: role)
          case .failure(let refusal):
            // What follows isn't worth reading.
            var answer = refusal.response
            answer.closes = true
            return try await finish(answer, head, outbound)
          }
        case .body(var bytes):
          pending?.body.writeBuffer(&bytes)
          let limit = pending?.role == nil ? Self.maximumOpenBodyLength : RESTFace.maximumBodyLength
          guard let now = pending, now.body.readableBytes > limit else { continue }
          return try await finish(HTTPAnswer(.problem(413, "Too long"), closes: true), now.head, outbound)
        case .end:
          guard let request = pending else { return }
          pending = nil
          if request.head.uri.prefix(while: { $0 != "?" }) == "/api/events", let role = request.role {
            guard try await stream(request, role, &parts, outbound) else { return }
          } else {
            try await answer(request, outbound)
          }
          if !request.head.isKeepAlive { return }
        }
      }
    }
  }

  private func finish(
    _ answer: HTTPAnswer, _ head: HTTPRequestHead, _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws {
    try await outbound.write(contentsOf: answer.parts(isHead: head.method == .HEAD))
    outbound.finish()
    // A peer that is still sending would be told of a reset, and not see the answer, if all were closed at once.
    try? await channel.channel.close(mode: .output)
    try? await Task.sleep(for: .milliseconds(100))
  }

  // MARK: Who asks

  private func admit(
    _ head: HTTPRequestHead, _ caller: HTTPCaller, _ signedIn: inout SignedIn?
  ) async -> Result<ControlRole?, HTTPRefusal> {
    if let refusal = face.check(head, caller) { return .failure(refusal) }
    if HTTPFace.isEntrance(head) || face.page(head) != nil { return .success(nil) }
    if head.headers.first(name: "Authorization") == nil, let role = face.sessions.role(of: head.headers) {
      return .success(role)
    }
    let authorization = head.headers.first(name: "Authorization") ?? ""
    let now = ContinuousClock.now
    if let signedIn, signedIn.authorization == authorization, now - signedIn.at < Self.roleTime {
      return .success(signedIn.role)
    }
    signedIn = nil
    let result = await face.role(of: ControlCredentials(authorization: authorization))
    if case .success(let role) = result { signedIn = SignedIn(authorization: authorization, role: role, at: now) }
    guard case .success = result, let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }),
      length > RESTFace.maximumBodyLength
    else { return result.map { $0 } }
    return .failure(HTTPRefusal(.problem(413, "Too long")))
  }

  // MARK: Answers

  private func answer(
    _ pending: Pending, _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws {
    let head = pending.head
    let body = Array(pending.body.readableBytesView)
    let isHead = head.method == .HEAD
    if var page = face.page(head) {
      page.closes = !head.isKeepAlive
      return try await outbound.write(contentsOf: page.parts(isHead: isHead))
    }
    if let response = await face.enter(head, body) {
      return try await outbound.write(contentsOf: HTTPAnswer(response, closes: !head.isKeepAlive).parts(isHead: isHead))
    }
    guard let role = pending.role else { return }
    let request = RESTRequest(
      method: head.method.rawValue, target: head.uri, contentType: head.headers.first(name: "Content-Type"),
      ifMatch: Self.joined(head, "If-Match"), ifNoneMatch: Self.joined(head, "If-None-Match"),
      body: body)
    let response = await face.rest.respond(to: request, role: role, in: face.center)
    let answer = HTTPAnswer(response, closes: !head.isKeepAlive)
    try await outbound.write(contentsOf: answer.parts(isHead: isHead))
  }

  private static func joined(_ head: HTTPRequestHead, _ name: String) -> String? {
    let values = head.headers[name]
    return values.isEmpty ? nil : values.joined(separator: ",")
  }

  /// Streams events until the peer is gone.
  /// - Returns: whether the connection goes on: the stream was refused.
  private func stream(
    _ pending: Pending, _ role: ControlRole,
    _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator,
    _ outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
  ) async throws -> Bool {
    let request = RESTRequest(method: pending.head.method.rawValue, target: pending.head.uri)
    let session: EventStreamSession
    switch face.rest.eventStream(request, role: role) {
    case .success(let stream): session = stream
    case .failure(let refusal):
      let isHead = pending.head.method == .HEAD
      try await outbound.write(contentsOf: HTTPAnswer(refusal.response).parts(isHead: isHead))
      return true
    }
    var head = HTTPAnswer(.eventStream, closes: true).head(hasLength: false)
    head.headers.add(name: "X-Accel-Buffering", value: "no")
    try await outbound.write(.head(head))
    let channel = channel.channel
    let outlet = ChannelOutlet(channel) { bytes in
      channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(bytes)))
    }
    guard let number = await face.center.open(session, outlet: { outlet.take($0) }) else { return false }
    // What else the peer sends isn't looked at.
    do { while try await parts.next() != nil {} } catch {}
    await face.center.close(number)
    outlet.end()
    try? await channel.closeFuture.get()
    return false
  }
}
