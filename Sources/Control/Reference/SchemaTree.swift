import Catalogue

/// The JSON Schema of fields with paths: words are members, and lists arrays of objects with the member `id`.
struct SchemaTree {
  fileprivate var members: [Member] = []

  fileprivate struct Member {
    let name: String
    let isList: Bool
    var field: ControlField?
    var space: ValueSpace?
    var below: SchemaTree
    var isRequired: Bool
  }

  init(_ fields: [ControlField]) {
    for field in fields { add(field, field.path.components[...]) }
  }

  /// Adds the lines of text that follow a command.
  mutating func add(body name: String) {
    members.append(
      Member(
        name: name, isList: false, field: nil, space: .string(0...RESTFace.maximumTextLength), below: SchemaTree([]),
        isRequired: true))
  }

  private mutating func add(_ field: ControlField, _ path: ArraySlice<NodePath.Component>) {
    guard let first = path.first else { return }
    let position =
      members.firstIndex { $0.name == first.name }
      ?? {
        members.append(
          Member(name: first.name, isList: first.isList, below: SchemaTree([]), isRequired: field.isRequired))
        return members.count - 1
      }()
    if path.count == 1 {
      members[position].field = field
      members[position].space = field.space
    } else {
      members[position].below.add(field, path.dropFirst())
    }
  }

  /// The schema of an object with these members and no others.
  func schema(_ language: Language, isItem: Bool = false) -> JSONValue {
    var properties = members.map { member in
      JSONValue.Member(member.name, member.schema(language))
    }
    if isItem { properties.insert(.init("id", ["type": "string"]), at: 0) }
    // An item of a list may always lack what isn't known of it.
    let required = members.filter { $0.isRequired && !$0.isList }.map { JSONValue.string($0.name) }
    var object: [JSONValue.Member] = [.init("type", "object"), .init("properties", .object(properties))]
    if !required.isEmpty { object.append(.init("required", .array(required))) }
    object.append(.init("additionalProperties", false))
    return .object(object)
  }
}

extension SchemaTree.Member {
  fileprivate func schema(_ language: Language) -> JSONValue {
    if let space {
      // Lines of text may have any characters.
      guard let field else { return ["type": "string", "maxLength": .integer(RESTFace.maximumTextLength)] }
      guard case .object(let members) = OpenAPIDocument.schema(of: space) else { return [:] }
      return .object(members + [.init("description", .string(field.text[language]))])
    }
    let object = below.schema(language, isItem: isList)
    return isList ? ["type": "array", "items": object] : object
  }
}
