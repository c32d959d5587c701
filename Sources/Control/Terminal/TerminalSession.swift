import Realtime

/// One terminal, on a serial line or a network connection: the grammar that drivers of control systems speak.
///
/// A pure state machine: bytes, answers and changes in, bytes and requests out. It does one command at a time, and what
/// comes meanwhile waits. Whatever a peer sends, its memory is bounded (`TerminalLimits`).
public struct TerminalSession: ControlSession {
  /// What the next line is.
  enum Phase {
    /// The name of who wants in.
    case name
    /// Its password.
    case password(name: String)
    /// Nothing: it is being found out who this is.
    case authenticating
    /// A command.
    case command
    /// A part of the text that follows a command.
    case body
    /// A part of a command with its text, of which the number of bytes is known.
    case frame
    /// Nothing any more.
    case over
  }

  /// What is being done for the peer.
  struct Request {
    /// What its answer looks like.
    enum Shape {
      case values(ControlDocument)
      case xml(ControlDocument)
      case setting(ControlPath)
      case result([String])
    }

    let number: Int
    let shape: Shape
    let resultID: String?
    let deadline: Instant
  }

  let tree: ControlTree
  let options: TerminalOptions
  var phase = Phase.name
  var role = ControlRole.user
  var input = TerminalInput()
  var writer = TerminalWriter()
  var subscriptions: [(expression: String, query: ControlQuery)] = []
  var request: Request?
  /// Beside `phase`, so that what grows is never copied.
  private var body: TerminalBody?
  private var frame: TerminalFrame?
  var now = Instant(nanoseconds: 0)
  private var output: [UInt8] = []
  private var actions: [ControlSessionAction] = []
  private var nextNumber = 1
  private var failedLogins = 0
  private var loginDeadline: Instant?
  private var pauseEnd: Instant?
  private var bodyDeadline: Instant?

  /// A session that hasn't begun.
  public init(tree: ControlTree = .room, options: TerminalOptions) {
    self.tree = tree
    self.options = options
  }

  // MARK: ControlSession

  /// Takes in what happened, and says what is to be done, in order.
  public mutating func handle(_ event: ControlSessionInput, at now: Instant) -> [ControlSessionAction] {
    self.now = now
    switch event {
    case .opened: begin()
    case .received(let bytes): receive(bytes)
    case .answered(let number, let answer):
      guard let request, request.number == number else { break }
      self.request = nil
      write(answer, to: request)
    case .authenticated(let role):
      guard case .authenticating = phase else { break }
      authenticated(role)
    case .changed(let change): tell(change)
    case .woken: break
    }
    meetDeadlines()
    readLines()
    flush()
    defer { actions = [] }
    return actions
  }

  /// When it wants to be woken at the latest.
  public var deadline: Instant? {
    [loginDeadline, pauseEnd, bodyDeadline, request?.deadline].compactMap { $0 }.min()
  }

  /// Whether it can take more bytes now.
  public var isReadable: Bool { input.waitingCount < TerminalLimits.waitingLength / 4 }

  // MARK: Sending

  /// Sends text after all that is to be sent already.
  mutating func send(_ text: String) { output += text.utf8 }

  /// Does something after what is to be sent has been sent.
  mutating func act(_ action: ControlSessionAction) {
    flush()
    actions.append(action)
  }

  private mutating func flush() {
    guard !output.isEmpty else { return }
    actions.append(.send(output))
    output = []
  }

  /// Begins a request; no further line is read until its answer is there.
  mutating func perform(_ request: ControlRequest, _ shape: Request.Shape, resultID: String?) {
    let number = nextNumber
    nextNumber += 1
    self.request = Request(
      number: number, shape: shape, resultID: resultID, deadline: now + TerminalLimits.commandTime)
    act(.perform(request, role: role, number: number))
  }

  private mutating func tell(_ change: ControlChange) {
    guard let part = change.part(for: subscriptions.map(\.query), role: role, in: tree) else { return }
    let root = ControlElement.change(part, in: tree)
    send(part.event == nil ? writer.values(root, part.document, resultID: nil) : writer.event(root, part, in: tree))
  }

  // MARK: Receiving

  private mutating func receive(_ bytes: [UInt8]) {
    // Whoever guesses passwords gains nothing by hurrying.
    if pauseEnd != nil { return }
    if case .over = phase { return }
    if bodyDeadline != nil { bodyDeadline = now + TerminalLimits.bodyPause }
    guard input.waitingCount + bytes.count <= TerminalLimits.waitingLength || canTake(bytes) else { return end() }
    input.append(bytes)
  }

  /// Whether what is more than may wait is read at once instead.
  private func canTake(_ bytes: [UInt8]) -> Bool { request == nil && input.waitingCount == 0 }

  private mutating func readLines() {
    while request == nil, pauseEnd == nil {
      switch phase {
      case .over, .authenticating: return
      case .frame:
        guard let missingCount = frame?.missingCount else { return endBody() }
        frame?.append(input.takeBytes(missingCount))
        guard let whole = frame, whole.missingCount == 0 else { return }
        endBody()
        run(whole)
      case .name, .password, .command, .body:
        guard let piece = input.nextLine(echo: &output) else { return }
        read(piece)
      }
    }
  }

  private mutating func read(_ piece: TerminalInput.Piece) {
    switch (phase, piece) {
    case (.name, .line(let line)):
      let name = String(decoding: line, as: UTF8.self).trimmed
      // Drivers knock with empty lines.
      guard !name.isEmpty else { return send("login: ") }
      phase = .password(name: name)
      input.echoes = false
      send("Password: ")
    case (.password(let name), .line(let line)):
      phase = .authenticating
      send("\r\n")
      act(.authenticate(name: name, password: String(decoding: line, as: UTF8.self)))
    case (.name, .overlong), (.password, .overlong): authenticated(nil)
    case (.command, .line(let line)): run(line)
    case (.command, .overlong): send(writer.notRecognized(resultID: nil))
    case (.body, _):
      body?.append(piece)
      guard let whole = body, whole.isWhole else { return }
      endBody()
      run(whole)
    case (.authenticating, _), (.frame, _), (.over, _): break
    }
  }

  // MARK: Texts that follow commands

  /// Reads what follows a command from here on.
  mutating func beginBody(_ line: TerminalLine) {
    phase = .body
    body = TerminalBody(line)
    input.lineLength = TerminalLimits.bodyLength
    bodyDeadline = now + TerminalLimits.bodyPause
  }

  /// Reads bytes, not lines, from here on.
  mutating func beginFrame(_ frame: TerminalFrame) {
    phase = .frame
    self.frame = frame
    bodyDeadline = now + TerminalLimits.bodyPause
  }

  private mutating func endBody() {
    phase = .command
    body = nil
    frame = nil
    input.lineLength = TerminalLimits.lineLength
    bodyDeadline = nil
  }

  // MARK: Beginning and end

  private mutating func begin() {
    writer = TerminalWriter()
    subscriptions = []
    input.echoes = true
    if let role = options.role { return welcome(role) }
    phase = .name
    input.lineLength = TerminalLimits.credentialLength
    if options.endsWithSession { loginDeadline = now + TerminalLimits.loginTime }
    send("login: ")
  }

  private mutating func welcome(_ role: ControlRole) {
    self.role = role
    phase = .command
    failedLogins = 0
    loginDeadline = nil
    input.echoes = true
    input.lineLength = TerminalLimits.lineLength
    send("Welcome to \(options.name)\r\nSalle \(options.version)\r\n*r Login successful\r\n\r\nOK\r\n\r\n")
  }

  private mutating func authenticated(_ role: ControlRole?) {
    if let role { return welcome(role) }
    failedLogins += 1
    send("Login incorrect\r\n")
    input.clear()
    if options.endsWithSession && failedLogins >= TerminalLimits.loginAttempts { return end() }
    phase = .name
    input.echoes = true
    let pause = TerminalLimits.loginPause * (1 << min(failedLogins - 1, 6))
    pauseEnd = now + min(pause, TerminalLimits.longestLoginPause)
  }

  /// Ends the session; on a line that stays, begins it anew.
  mutating func end() {
    input.clear()
    endBody()
    request = nil
    if options.endsWithSession {
      phase = .over
      loginDeadline = nil
      act(.close)
    } else {
      begin()
    }
  }

  private mutating func meetDeadlines() {
    if let request, request.deadline <= now {
      // Its late answer will mean nothing.
      self.request = nil
      write(.failure(.failed(reason: "Timed out")), to: request)
    }
    if let pauseEnd, pauseEnd <= now {
      self.pauseEnd = nil
      send("\r\nlogin: ")
    }
    if let bodyDeadline, bodyDeadline <= now {
      // The peer is gone, or has lost count: what comes next is a command again.
      input.clear()
      endBody()
      send(writer.notRecognized(resultID: nil))
    }
    if let loginDeadline, loginDeadline <= now { end() }
  }
}

extension String {
  /// The text without spaces and tabs around it.
  var trimmed: String {
    let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    let start = drop(while: isSpace)
    return String(start.reversed().drop(while: isSpace).reversed())
  }
}
