extension TerminalSession {
  /// Does what a line says.
  mutating func run(_ bytes: [UInt8]) {
    if let frame = TerminalFrame(bytes) { return beginFrame(frame) }
    do throws(TerminalLine.Malformed) {
      let line = try TerminalLine(bytes)
      guard !line.words.isEmpty || !line.arguments.isEmpty else { return }
      run(line)
    } catch {
      send(writer.notRecognized(resultID: nil))
    }
  }

  /// Does what a command with the lines behind it says.
  mutating func run(_ body: TerminalBody) {
    let words = Array(body.line.words.dropFirst())
    guard !body.isOverlong else { return refuse(body.line, words, .failed(reason: "Body too long")) }
    command(body.line, words, body: String(decoding: body.bytes, as: UTF8.self))
  }

  /// Does what a command within a frame says.
  mutating func run(_ frame: TerminalFrame) {
    guard let parts = frame.parts, let line = try? TerminalLine(parts.line),
      line.words.first?.lowercased() == "xcommand"
    else { return send(writer.notRecognized(resultID: nil)) }
    command(line, Array(line.words.dropFirst()), body: String(decoding: parts.body, as: UTF8.self))
  }

  private mutating func run(_ line: TerminalLine) {
    let words = Array(line.words.dropFirst())
    switch line.words.first?.lowercased() {
    case "?", "help":
      send(writer.listing("Help", Self.topLevel, resultID: line.resultID, withEnd: false))
    case "xcommand" where !isHelp(line, .command): command(line, words)
    case "xconfiguration" where !isHelp(line, .configuration): configuration(line, words)
    case "xstatus" where !isHelp(line, .status): query(.status, line, words)
    case "xevent" where !isHelp(line, .event): events(line, words)
    case "xgetxml": getXML(line, words)
    case "xfeedback": feedback(line, words)
    case "xpreferences": preferences(line, words)
    case "echo": echo(line, words)
    case "bye": end()
    case "xcommand", "xconfiguration", "xstatus", "xevent": break
    default: send(writer.notRecognized(resultID: line.resultID))
    }
  }

  private static let topLevel = [
    " - User Commands -",
    "help      xcommand      xconfiguration  xevent  xfeedback",
    "xgetxml   xpreferences  xstatus         bye     echo",
  ]

  // MARK: Documents

  private mutating func command(_ line: TerminalLine, _ words: [String], body: String? = nil) {
    if body == nil, let index = tree.index(of: .command, words: words), tree.nodes[index].takesBody {
      return beginBody(line)
    }
    do throws(ControlError) {
      let call = try tree.call(words, line.arguments.map { ($0.name, $0.value) }, body: body)
      perform(.run(call), .result(tree.nodes[call.node].path.components.map(\.name)), resultID: line.resultID)
    } catch {
      refuse(line, words, error)
    }
  }

  private mutating func configuration(_ line: TerminalLine, _ words: [String]) {
    guard let argument = line.arguments.first else { return query(.configuration, line, words) }
    let parts = (words + [argument.name]).flatMap { $0.split(separator: "/").map(String.init) }
    guard line.arguments.count == 1, let path = ControlPath(words: parts) else {
      return fail("Configuration", .noMatch("Configuration/" + parts.joined(separator: "/")), line.resultID)
    }
    let canonical = tree.canonical(.configuration, path) ?? path
    perform(.set(canonical, argument.value), .setting(canonical), resultID: line.resultID)
  }

  private mutating func query(_ document: ControlDocument, _ line: TerminalLine, _ words: [String]) {
    guard line.arguments.isEmpty, let query = ControlQuery(document, words: words) else {
      let words = words + line.arguments.map(\.name)
      let xpath = ([document.rawValue] + words).joined(separator: "/")
      return fail(document.rawValue, .noMatch(xpath), line.resultID)
    }
    perform(.get(query), .values(document), resultID: line.resultID)
  }

  private mutating func getXML(_ line: TerminalLine, _ words: [String]) {
    guard line.arguments.isEmpty, let query = ControlQuery(expression: words.joined(separator: " ")),
      query.document == .status || query.document == .configuration
    else {
      let error = ControlError.noMatch(words.joined(separator: "/"))
      return send(TerminalWriter.xml(.failure("Result", error), resultID: line.resultID))
    }
    perform(.get(query), .xml(query.document), resultID: line.resultID)
  }

  /// Lists the events there are: their first words, those below a word, or with `*` all.
  private mutating func events(_ line: TerminalLine, _ words: [String]) {
    let nodes = tree.indices(of: .event).map { tree.nodes[$0] }.filter { $0.isReadable(by: role) }
    var names: [String] = []
    guard line.arguments.isEmpty, let query = ControlQuery(.event, words: words) else {
      return send(writer.notRecognized(resultID: line.resultID))
    }
    for node in nodes where query.matches(node.path) {
      let name = words.isEmpty ? node.path.components[0].name : node.path.name
      if !names.contains(name) { names.append(name) }
    }
    guard !names.isEmpty else { return fail("Event", .noMatch(query.xpath), line.resultID) }
    send(writer.listing("Event", names.map { "*e \($0)" }, resultID: line.resultID))
  }

  /// Whether the line asks for help on a document, which is then given.
  private mutating func isHelp(_ line: TerminalLine, _ document: ControlDocument) -> Bool {
    guard let last = line.words.last, last == "?" || last == "??", line.arguments.isEmpty else { return false }
    // Which item of a list is all the same.
    let words = line.words.dropFirst().dropLast().filter { Int($0) == nil }
    let help = ControlHelp(tree: tree, language: options.language, role: role)
    let lines = last == "?" ? help.nextWords(document, after: words) : help.everything(document, below: words)
    if let lines {
      send(writer.listing("Help", lines, resultID: line.resultID))
    } else {
      let xpath = ([document.rawValue] + words).joined(separator: "/")
      fail("Result", .noMatch(xpath), line.resultID)
    }
    return true
  }

  // MARK: The session itself

  private mutating func feedback(_ line: TerminalLine, _ words: [String]) {
    let expression = words.dropFirst().joined(separator: " ")
    switch words.first?.lowercased() {
    case "register": register(expression, line.resultID)
    case "deregister":
      guard let query = ControlQuery(expression: expression) else {
        return fail("Result", .noMatch(expression), line.resultID)
      }
      subscriptions.removeAll { $0.query == query }
      send(writer.done(resultID: line.resultID))
    case "deregisterall":
      subscriptions = []
      send(writer.done(resultID: line.resultID))
    case "list":
      send(writer.listing("Feedback", subscriptions.map(\.expression).sorted(), resultID: line.resultID))
    default: send(writer.notRecognized(resultID: line.resultID))
    }
  }

  private mutating func register(_ expression: String, _ resultID: String?) {
    guard expression.utf8.count <= 255, let query = ControlQuery(expression: expression),
      tree.declares(query, for: role)
    else { return fail("Result", .noMatch(expression), resultID) }
    if !subscriptions.contains(where: { $0.query == query }) {
      guard subscriptions.count < TerminalLimits.subscriptionCount else {
        return fail("Result", .tooManySubscriptions, resultID)
      }
      subscriptions.append((expression.hasPrefix("/") ? expression : "/" + expression, query))
    }
    send(writer.done(resultID: resultID))
  }

  private mutating func preferences(_ line: TerminalLine, _ words: [String]) {
    guard words.count == 2, words[0].lowercased() == "outputmode",
      let mode = TerminalWriter.Mode(rawValue: words[1].lowercased())
    else { return send(writer.notRecognized(resultID: line.resultID)) }
    writer.mode = mode
    send(writer.done(resultID: line.resultID, withEnd: false))
  }

  private mutating func echo(_ line: TerminalLine, _ words: [String]) {
    switch words.map({ $0.lowercased() }) {
    case ["on"]: input.echoes = true
    case ["off"]: input.echoes = false
    default: return send(writer.notRecognized(resultID: line.resultID))
    }
    send(writer.done(resultID: line.resultID, withEnd: false))
  }

  // MARK: Answers

  /// Writes what came of a request.
  mutating func write(_ answer: Result<ControlAnswer, ControlError>, to request: Request) {
    switch (request.shape, answer) {
    case (.values(let document), .success(.values(let leaves))):
      send(writer.values(.document(document, leaves), document, resultID: request.resultID))
    case (.xml(let document), .success(.values(let leaves))):
      send(TerminalWriter.xml(.document(document, leaves), resultID: request.resultID))
    case (.setting, .success):
      send(writer.values(ControlElement("Configuration"), .configuration, resultID: request.resultID))
    case (.setting(let path), .failure(.illegalValue)):
      var root = ControlElement("Configuration")
      root.at(path.components[...]) { leaf in
        leaf.attributes = [.init(name: "error", value: "True")]
        leaf.value = .string(ControlError.illegalValue.reason)
      }
      send(writer.values(root, .configuration, resultID: request.resultID))
    case (.result(let words), .success(let answer)):
      let leaves = if case .done(let leaves) = answer { leaves } else { [ControlLeaf]() }
      send(writer.result(.result(resultName(words), leaves), isDone: true, resultID: request.resultID))
    case (.result(let words), .failure(let error)): fail(resultName(words), error, request.resultID)
    case (.values(let document), .failure(let error)): fail(document.rawValue, error, request.resultID)
    case (.setting, .failure(let error)): fail("Configuration", error, request.resultID)
    case (.xml, .failure(let error)):
      send(TerminalWriter.xml(.failure("Result", error), resultID: request.resultID))
    case (.values, .success), (.xml, .success): fail("Result", .invalidResponse, request.resultID)
    }
  }

  /// What a command's result is called: on terminals by the whole path, else by its last two words.
  private func resultName(_ words: [String]) -> String {
    (writer.mode == .terminal ? words[...] : words.suffix(2)).joined() + "Result"
  }

  private mutating func fail(_ name: String, _ error: ControlError, _ resultID: String?) {
    send(writer.result(.failure(name, error), isDone: false, resultID: resultID))
  }

  /// Answers a command that isn't even begun.
  private mutating func refuse(_ line: TerminalLine, _ words: [String], _ error: ControlError) {
    guard let index = tree.index(of: .command, words: words) else { return fail("Result", error, line.resultID) }
    fail(resultName(tree.nodes[index].path.components.map(\.name)), error, line.resultID)
  }
}

extension ControlTree {
  /// Whether there can be something at `query` that `role` may read.
  func declares(_ query: ControlQuery, for role: ControlRole) -> Bool {
    query.components.isEmpty
      || indices(of: query.document).contains { index in
        let node = nodes[index]
        if node.document == .command { return false }
        guard node.isReadable(by: role) else { return false }
        return query.matches(node.path, items: node.items)
          || node.document == .event
            && node.fields.contains { query.matches(NodePath("\(node.path) \($0.path)")) }
      }
  }
}
