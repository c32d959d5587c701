import Catalogue

/// What describes the room's HTTP interface to programs (OpenAPI 3.1), made from the control tree.
///
/// Settings and states are resources below `/api/configuration` and `/api/status`, words of the path being segments;
/// commands are posted to `/api/command`; `/api/events` streams what changes and happens.
public enum OpenAPIDocument {
  /// The document.
  /// - Parameters:
  ///   - version: the program's version.
  public static func value(of tree: ControlTree = .room, language: Language, version: String) -> JSONValue {
    var paths: [JSONValue.Member] = []
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
        "schemas": .object(events + [JSONValue.Member("Error", errorSchema)]),
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
      members.append(.init("requestBody", ["required": true, "content": ["application/json": ["schema": body]]]))
    }
    var responses: [JSONValue.Member] = []
    if let answer {
      let content: JSONValue = ["application/json": ["schema": answer]]
      responses.append(.init("200", ["description": "OK", "content": content]))
    } else {
      responses.append(.init("204", ["description": "OK"]))
    }
    responses.append(
      .init(
        "default",
        [
          "description": "Error",
          "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]],
        ]))
    members.append(.init("responses", .object(responses)))
    return .object(members)
  }

  private static func eventStream(_ language: Language) -> JSONValue {
    let summary = Sentence(
      french: "Ce qui change et ce qui arrive, au fur et à mesure.", english: "What changes and happens, as it does.")
    return [
      "get": [
        "operationId": "getEvents",
        "summary": .string(summary[language]),
        "responses": [
          "200": ["description": "OK", "content": ["text/event-stream": ["schema": ["type": "string"]]]]
        ],
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
      ]
    }
    switch standard {
    case .integer(let number): members.append(.init("default", .integer(number)))
    case .literal(let text), .string(let text): members.append(.init("default", .string(text)))
    case nil: break
    }
    return .object(members)
  }

  private static let errorSchema: JSONValue = [
    "type": "object",
    "required": ["code", "message"],
    "properties": ["code": ["type": "integer"], "message": ["type": "string"]],
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
