import Catalogue

/// What describes the room's HTTP interface to programs (OpenAPI 3.1), made from the control tree.
///
/// Settings and states are resources below `/api/configuration` and `/api/status`, words of the path being segments;
/// commands are posted to `/api/command`; `/api/events` streams what changes and happens. `RESTFace` does it.
public enum OpenAPIDocument {
  /// The document.
  /// - Parameters:
  ///   - version: the program's version.
  public static func value(of tree: ControlTree = .room, language: Language, version: String) -> JSONValue {
    var paths: [JSONValue.Member] = [
      .init("/api/openapi.json", whole("getDocument", Self.documentSummary[language])),
      .init("/api/configuration", whole("getConfiguration", Self.configurationSummary[language])),
      .init("/api/status", whole("getStatus", Self.statusSummary[language])),
    ]
    for document in [ControlDocument.configuration, .status, .command] {
      for index in tree.indices(of: document) {
        let node = tree.nodes[index]
        paths.append(JSONValue.Member(path(of: node), operations(of: node, language)))
      }
    }
    paths.append(JSONValue.Member("/api/events", eventStream(language)))
    let events = tree.indices(of: .event).map { index in
      let node = tree.nodes[index]
      return JSONValue.Member(
        "Event." + node.path.words(joinedBy: ".", item: ""),
        described(SchemaTree(node.fields).schema(language), by: node, language))
    }
    return [
      "openapi": "3.1.0",
      "info": ["title": "Salle", "version": .string(version)],
      "paths": .object(paths),
      "components": [
        "schemas": .object(events + [JSONValue.Member("Problem", problemSchema)]),
        "securitySchemes": ["basic": ["type": "http", "scheme": "basic"]],
      ],
      "security": [["basic": []]],
    ]
  }

  /// Where a node is: `/api/status/Call/{Call}/Status`.
  static func path(of node: ControlNode) -> String {
    let words = node.path.components.map { $0.isList ? "\($0.name)/{\($0.name)}" : $0.name }
    return "/api/\(node.document.rawValue.lowercased())/" + words.joined(separator: "/")
  }

  // MARK: Operations

  private static func operations(of node: ControlNode, _ language: Language) -> JSONValue {
    var members: [JSONValue.Member] = []
    let parameters = node.path.components.filter(\.isList).map { list in
      [
        "name": .string(list.name), "in": "path", "required": true, "schema": ["type": "integer", "minimum": 0],
      ] as JSONValue
    }
    if !parameters.isEmpty { members.append(JSONValue.Member("parameters", .array(parameters))) }
    switch node.kind {
    case .state(let space, _):
      members.append(JSONValue.Member("get", operation("get", node, language, answer: schema(of: space))))
    case .setting(let space, let standard, _):
      let value = schema(of: space, standard: standard)
      members.append(JSONValue.Member("get", operation("get", node, language, answer: value)))
      members.append(JSONValue.Member("put", operation("put", node, language, body: value)))
    case .command:
      var fields = SchemaTree(node.fields)
      if node.takesBody { fields.add(body: "body") }
      let answer = node.results.isEmpty ? nil : SchemaTree(node.results).schema(language)
      members.append(
        JSONValue.Member("post", operation("post", node, language, body: fields.schema(language), answer: answer)))
    case .event: break
    }
    return .object(members)
  }

  private static func operation(
    _ method: String, _ node: ControlNode, _ language: Language, body: JSONValue? = nil, answer: JSONValue? = nil
  ) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("operationId", .string("\(method)\(node.document.rawValue)" + node.path.words(joinedBy: "", item: ""))),
      .init("summary", .string(node.text[language])),
      .init("tags", [.string(node.path.components[0].name)]),
      .init("x-role", .string(node.role.rawValue)),
      .init("x-personal", .boolean(node.isPersonal)),
    ]
    if let body {
      // Commands without arguments need no body.
      let isRequired = method == "put" || body["required"] != nil
      members.append(
        .init(
          "requestBody", ["required": .boolean(isRequired), "content": ["application/json": ["schema": body]]]))
    }
    members.append(.init("responses", responses(answer)))
    return .object(members)
  }

  /// The responses of an operation: without an answer, 204.
  private static func responses(_ answer: JSONValue?, type: String = "application/json") -> JSONValue {
    let done: JSONValue.Member =
      answer.map { .init("200", ["description": "OK", "content": .object([.init(type, ["schema": $0])])]) }
      ?? .init("204", ["description": "OK"])
    let problem: JSONValue = [
      "description": "Problem",
      "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
    ]
    return .object([done, .init("default", problem)])
  }

  /// A resource with much in it.
  private static func whole(_ identity: String, _ summary: String) -> JSONValue {
    [
      "get": [
        "operationId": .string(identity), "summary": .string(summary), "responses": responses(["type": "object"]),
      ]
    ]
  }

  private static let documentSummary = Sentence(french: "Ce document.", english: "This document.")
  private static let configurationSummary = Sentence(french: "Tous les réglages.", english: "All settings.")
  private static let statusSummary = Sentence(french: "Tous les états.", english: "All states.")

  private static func eventStream(_ language: Language) -> JSONValue {
    let summary = Sentence(
      french: "Ce qui change et ce qui arrive, au fur et à mesure.", english: "What changes and happens, as it does.")
    let query: JSONValue = [
      "name": "query", "in": "query", "required": false, "example": ["/Status/Audio"],
      "schema": [
        "type": "array", "maxItems": .integer(EventStreamSession.maximumExpressionCount), "items": ["type": "string"],
      ],
    ]
    return [
      "get": [
        "operationId": "getEvents", "summary": .string(summary[language]), "parameters": [query],
        "responses": responses(["type": "string"], type: "text/event-stream"),
      ]
    ]
  }

  // MARK: Schemas

  /// What a value space is in JSON Schema.
  static func schema(of space: ValueSpace, standard: ControlValue? = nil) -> JSONValue {
    var members: [JSONValue.Member]
    switch space {
    case .integer(let range):
      members = [
        .init("type", "integer"), .init("minimum", .integer(range.lowerBound)),
        .init("maximum", .integer(range.upperBound)),
      ]
    case .literal(let words):
      members = [.init("type", "string"), .init("enum", .array(words.map { .string($0) }))]
    case .string(let range):
      members = [
        .init("type", "string"), .init("minLength", .integer(range.lowerBound)),
        .init("maxLength", .integer(range.upperBound)),
        // No control characters but tab and line feed.
        .init("pattern", #"^[^\u0000-\u0008\u000B-\u001F\u007F-\u009F]*$"#),
      ]
    }
    switch standard {
    case .integer(let number): members.append(.init("default", .integer(number)))
    case .literal(let text), .string(let text): members.append(.init("default", .string(text)))
    case nil: break
    }
    return .object(members)
  }

  private static let problemSchema: JSONValue = [
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": [
      "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
      "code": ["type": "integer"], "xpath": ["type": "string"],
      "parameters": ["type": "object", "additionalProperties": ["type": "string"]],
    ],
  ]

  private static func described(_ schema: JSONValue, by node: ControlNode, _ language: Language) -> JSONValue {
    guard case .object(let members) = schema else { return schema }
    return .object(
      members + [
        .init("description", .string(node.text[language])), .init("x-role", .string(node.role.rawValue)),
        .init("x-personal", .boolean(node.isPersonal)),
      ])
  }
}
