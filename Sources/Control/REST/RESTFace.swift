import Catalogue

/// The REST face, without sockets: what `OpenAPIDocument` describes, and the XML documents that control systems fetch.
public struct RESTFace: Sendable {
  /// The longest body of a command, bytes: what a text of a command may have, escaped, and what is around it.
  public static let maximumBodyLength = 9 * 1_048_576

  /// The longest text that follows a command, characters.
  static let maximumTextLength = 8 * 1_048_576

  private let tree: ControlTree
  private let document: RESTResponse

  /// A face of `tree`.
  /// - Parameters:
  ///   - language: that of descriptions.
  ///   - version: the program's version.
  public init(tree: ControlTree = .room, language: Language, version: String) {
    self.tree = tree
    document = .value(OpenAPIDocument.value(of: tree, language: language, version: version))
  }

  /// Does what is asked, as `role`.
  public func respond(to request: RESTRequest, role: ControlRole, in center: ControlCenter) async -> RESTResponse {
    guard let words = request.words else { return .problem(404, "Not found") }
    var response: RESTResponse
    do throws(ControlError) {
      response = try await respond(words, request, role, center)
    } catch {
      response = .problem(error)
    }
    if request.method == "GET" || request.method == "HEAD", response.status == 200, let header = request.ifNoneMatch,
      let tag = response.headers.first(where: { $0.name == "ETag" }), RESTResponse.names(header, tag.value)
    {
      response = RESTResponse(304)
      response.headers = [tag]
    }
    return response
  }

  /// The stream of events that a request for `/api/events` asks for.
  public func eventStream(
    _ request: RESTRequest, role: ControlRole
  ) -> Result<EventStreamSession, RESTResponse.Refusal> {
    if let refusal = allowing(["GET"], request) { return .failure(.init(response: refusal)) }
    guard request.method == "GET" else { return .failure(.init(response: .eventStream)) }
    guard let expressions = request.values("query") else {
      return .failure(.init(response: .problem(400, "The query isn't encoded rightly")))
    }
    do throws(ControlError) {
      return .success(try EventStreamSession(tree: tree, expressions: expressions, role: role))
    } catch {
      return .failure(.init(response: .problem(error)))
    }
  }

  private func respond(
    _ words: [String], _ request: RESTRequest, _ role: ControlRole, _ center: ControlCenter
  ) async throws(ControlError) -> RESTResponse {
    switch (words.first, words.dropFirst().first) {
    case ("api", "openapi.json") where words.count == 2: return allowing(["GET"], request) ?? document
    case ("api", "configuration"):
      let isWhole = words.count == 2
      if let refusal = allowing(isWhole ? ["GET"] : ["GET", "PUT"], request) { return refusal }
      if request.method == "PUT" { return try await set(words.dropFirst(2), request, role, center) }
      return try await value(.configuration, words.dropFirst(2), role, center)
    case ("api", "status"):
      if let refusal = allowing(["GET"], request) { return refusal }
      return try await value(.status, words.dropFirst(2), role, center)
    case ("api", "command"): return try await run(Array(words.dropFirst(2)), request, role, center)
    case ("status.xml", nil), ("configuration.xml", nil):
      let expression = words[0] == "status.xml" ? "/Status" : "/Configuration"
      return try await xml(expression, request, role, center)
    case ("getxml", nil):
      guard let locations = request.values("location"), let expression = locations.first, locations.count == 1 else {
        return .problem(400, "One location is needed")
      }
      return try await xml(expression, request, role, center)
    default: return .problem(404, "Not found")
    }
  }

  /// The refusal of a method that isn't among `methods`.
  private func allowing(_ methods: [String], _ request: RESTRequest) -> RESTResponse? {
    if methods.contains(request.method) || request.method == "HEAD" && methods.contains("GET") { return nil }
    let all = methods.contains("GET") ? methods + ["HEAD"] : methods
    return .problem(
      405, "Method not allowed", headers: [.init(name: "Allow", value: all.joined(separator: ", "))])
  }

  // MARK: Values

  private func value(
    _ document: ControlDocument, _ words: ArraySlice<String>, _ role: ControlRole, _ center: ControlCenter
  ) async throws(ControlError) -> RESTResponse {
    let xpath = ([document.rawValue] + words).joined(separator: "/")
    guard let path = ControlPath(words: words) else { throw .noMatch(xpath) }
    let query = ControlQuery(document, path)
    guard case .values(let leaves) = try await center.perform(.get(query), role: role) else { throw .invalidResponse }
    var element = ControlElement.document(document, leaves)
    for component in path.components {
      let name = component.name.lowercased()
      let found = element.children.filter {
        $0.name.lowercased() == name && (component.item == nil || $0.item == component.item)
      }
      // Declared, and nothing there at the moment.
      guard let first = found.first else { throw .noMatch(xpath) }
      guard component.item != nil || first.item == nil else {
        // A list as a whole; nothing below it can be meant without an item's number.
        guard component == path.components.last else { throw .noMatch(xpath) }
        return .value(.array(found.map(\.bareJSON)))
      }
      element = first
    }
    if path.components.last?.item != nil, element.value == nil { return .value(element.withoutItem.bareJSON) }
    return .value(element.bareJSON)
  }

  private func set(
    _ words: ArraySlice<String>, _ request: RESTRequest, _ role: ControlRole, _ center: ControlCenter
  ) async throws(ControlError) -> RESTResponse {
    let xpath = "Configuration/" + words.joined(separator: "/")
    guard let path = ControlPath(words: words), let place = tree.canonical(.configuration, path),
      let index = tree.index(of: .configuration, words: place.components.map(\.name)),
      let space = tree.nodes[index].space
    else { throw .noMatch(xpath) }
    guard let now = await center.value(.configuration, place) else { throw .noMatch(xpath) }
    let isSeen = request.ifMatch.map { RESTResponse.names($0, RESTResponse.tag(Array(now.json.compact.utf8))) }
    if isSeen == false { return .problem(412, "Changed meanwhile") }
    let json: JSONValue
    switch body(of: request) {
    case .success(let value): json = value
    case .failure(let refusal): return refusal.response
    }
    guard let value = space.value(of: json) else { throw .illegalValue }
    if isSeen == true {
      // Between the look and now, another may have set it.
      guard try await center.set(place, to: value.text, ifStill: now, role: role) else {
        return .problem(412, "Changed meanwhile")
      }
    } else {
      _ = try await center.perform(.set(place, value.text), role: role)
    }
    var response = RESTResponse(204)
    response.headers = [.init(name: "ETag", value: RESTResponse.tag(Array(value.json.compact.utf8)))]
    return response
  }

  // MARK: Commands

  private func run(
    _ words: [String], _ request: RESTRequest, _ role: ControlRole, _ center: ControlCenter
  ) async throws(ControlError) -> RESTResponse {
    guard let index = tree.index(of: .command, words: words) else { throw .unknownCommand(words) }
    if let refusal = allowing(["POST"], request) { return refusal }
    let node = tree.nodes[index]
    var members: [JSONValue.Member] = []
    if !request.body.isEmpty {
      switch body(of: request) {
      case .success(.object(let all)): members = all
      case .success: return .problem(422, "An object is needed")
      case .failure(let refusal): return refusal.response
      }
    }
    var text: String?
    var arguments: [(name: String, value: String)] = []
    for member in members {
      if node.takesBody, member.name == "body" {
        guard text == nil, let string = member.value.string, string.unicodeScalars.count <= Self.maximumTextLength
        else { throw .parameters([.invalid("body")]) }
        text = string
        continue
      }
      // As it is declared: unlike terminals, JSON tells numbers from text, and who writes it knows the names.
      guard let field = node.fields.first(where: { $0.path.name == member.name }) else {
        throw .parameters([.unknown(ControlTree.shown(member.name))])
      }
      guard let value = field.space.value(of: member.value) else { throw .parameters([.invalid(member.name)]) }
      arguments.append((member.name, value.text))
    }
    let call = try tree.call(words, arguments, body: text)
    guard case .done(let leaves) = try await center.perform(.run(call), role: role) else { throw .invalidResponse }
    guard !node.results.isEmpty else { return RESTResponse(204) }
    return .value(leaves.reduce(into: ControlElement("")) { $0.insert($1) }.bareJSON)
  }

  // MARK: XML

  private func xml(
    _ expression: String, _ request: RESTRequest, _ role: ControlRole, _ center: ControlCenter
  ) async throws(ControlError) -> RESTResponse {
    if let refusal = allowing(["GET"], request) { return refusal }
    guard let query = ControlQuery(expression: expression),
      query.document == .status || query.document == .configuration
    else { throw .noMatch(expression) }
    guard case .values(let leaves) = try await center.perform(.get(query), role: role) else { throw .invalidResponse }
    let text = TerminalWriter.xml(.document(query.document, leaves), resultID: nil)
    return .xml("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n" + text)
  }

  // MARK: Bodies

  private func body(of request: RESTRequest) -> Result<JSONValue, RESTResponse.Refusal> {
    let type = request.contentType?.split(separator: ";").first.map { String($0).trimmed.lowercased() }
    guard type == "application/json" else {
      let header = RESTResponse.Header(name: "Accept", value: "application/json")
      return .failure(.init(response: .problem(415, "JSON is needed", headers: [header])))
    }
    guard let value = try? JSONReader.value(of: request.body) else {
      return .failure(.init(response: .problem(400, "Not JSON")))
    }
    return .success(value)
  }
}

extension ControlElement {
  /// The element as it is asked for by its number, which then needn't be said.
  fileprivate var withoutItem: ControlElement {
    var element = self
    element.item = nil
    return element
  }
}

extension ControlValue {
  /// The value as JSON.
  var json: JSONValue { if case .integer(let number) = self { .integer(number) } else { .string(text) } }
}

extension ValueSpace {
  /// The value that JSON gives, exactly as the space's schema has it; nil when it isn't in the space.
  func value(of json: JSONValue) -> ControlValue? {
    let value: ControlValue
    switch (self, json) {
    case (.integer, .integer(let number)): value = .integer(number)
    // In JSON Schema, 5.0 is an integer.
    case (.integer, .number(let number)):
      guard let whole = Int(exactly: number) else { return nil }
      value = .integer(whole)
    case (.literal, .string(let word)): value = .literal(word)
    case (.string, .string(let text)): value = .string(text)
    default: return nil
    }
    return contains(value) ? value : nil
  }
}
