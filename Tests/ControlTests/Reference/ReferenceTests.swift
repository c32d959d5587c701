import Catalogue
import Testing

@testable import Control

@Suite("References made from the control tree")
struct ReferenceTests {
  static let nodes = ControlTree.room.nodes

  @Test("the Markdown reference has every node, field and text", arguments: Language.allCases)
  func markdown(language: Language) {
    let text = MarkdownReference.text(language: language)
    for node in Self.nodes {
      let heading = "### x\(node.document.rawValue) \(node.path)\n\n\(node.text[language])\n"
      guard let start = text.firstRange(of: heading)?.lowerBound else {
        Issue.record("no \(heading)")
        continue
      }
      let section = text[start...].prefix { _ in true }
      let end = section.dropFirst().firstRange(of: "\n### ")?.lowerBound ?? text.endIndex
      for field in node.fields + node.results {
        #expect(text[start..<end].contains("| `\(field.path)` | `\(field.space)` |"), "\(node.path) \(field.path)")
        #expect(text[start..<end].contains(field.text[language]))
      }
      if let space = node.space { #expect(text[start..<end].contains("`\(space)`")) }
    }
  }

  @Test("the help has every node, field and text", arguments: Language.allCases)
  func help(language: Language) throws {
    let help = ControlHelp(tree: .room, language: language, role: .admin)
    for document in ControlDocument.allCases {
      let lines = try #require(help.everything(document, below: []))
      for index in ControlTree.room.indices(of: document) {
        let node = Self.nodes[index]
        let head = "*h x\(document.rawValue) \(node.path)" + (node.space.map { ": \($0)" } ?? "")
        #expect(lines.contains(head), "\(head)")
        #expect(lines.contains("     " + node.text[language]))
        let own = try #require(help.nextWords(document, after: node.path.components.map(\.name)))
        #expect(own.first == head)
        for field in node.fields {
          #expect(
            own.contains(
              "     \(field.path)\(field.isRequired ? "(r)" : ""): \(field.space) \(field.text[language])"))
        }
      }
    }
  }

  @Test("the help goes word by word, and tells each role what it may use")
  func helpWords() throws {
    let help = ControlHelp(tree: .room, language: .english, role: .user)
    #expect(
      help.nextWords(.command, after: ["audio"]) == ["*h xCommand Audio Volume", "*h xCommand Audio Microphones"])
    #expect(
      help.nextWords(.command, after: ["audio", "VOLUME", "set"]) == [
        "*h xCommand Audio Volume Set", "     Sets the loudspeaker's volume.",
        "     Level(r): <0..100> The volume, in per cent.",
      ])
    #expect(help.nextWords(.command, after: ["Nothing"]) == nil)
    #expect(help.everything(.command, below: ["Bookings", "Put"]) == nil)
    #expect(
      try #require(help.nextWords(.status, after: ["Call"])).first?.hasPrefix("*h xStatus Call[n] Status") == true)
  }

  @Test("the OpenAPI document has every node, with its text, role and value space", arguments: Language.allCases)
  func openAPI(language: Language) throws {
    let document = OpenAPIDocument.value(language: language, version: "1.0")
    #expect(document["openapi"]?.string == "3.1.0")
    var identities: Set<String> = []
    for node in Self.nodes {
      let operations: [JSONValue]
      switch node.document {
      case .event:
        let schema = document["components"]?["schemas"]?["Event." + node.path.words(joinedBy: ".", item: "")]
        let described = try #require(schema)
        #expect(described["description"]?.string == node.text[language])
        for field in node.fields { #expect(described["properties"]?[field.path.name] != nil) }
        continue
      case .command: operations = [try operation("post", of: node, in: document)]
      case .configuration:
        operations = [try operation("get", of: node, in: document), try operation("put", of: node, in: document)]
      case .status: operations = [try operation("get", of: node, in: document)]
      }
      for operation in operations {
        #expect(operation["summary"]?.string == node.text[language])
        #expect(operation["x-role"]?.string == node.role.rawValue)
        #expect(operation["x-personal"] == .boolean(node.isPersonal))
        #expect(identities.insert(try #require(operation["operationId"]?.string)).inserted)
      }
      if node.document == .command {
        let body = operations[0]["requestBody"]?["content"]?["application/json"]?["schema"]
        for field in node.fields { #expect(body?["properties"]?[field.path.name] != nil, "\(node.path)") }
        #expect((body?["properties"]?["body"] != nil) == node.takesBody)
      }
    }
  }

  private func operation(_ method: String, of node: ControlNode, in document: JSONValue) throws -> JSONValue {
    try #require(document["paths"]?[OpenAPIDocument.path(of: node)]?[method], "\(method) \(node.path)")
  }

  @Test("lists become arrays of items, words become members")
  func schemas() {
    let schema = SchemaTree([
      .optional("Booking[n] Title", .line, "Titre.", "The title."), .required("Total", .count, "Total.", "The sum."),
    ]).schema(.english)
    #expect(
      schema.compact
        == #"{"type":"object","properties":{"Booking":{"type":"array","items":{"type":"object","properties":"#
        + #"{"id":{"type":"string"},"Title":{"type":"string","minLength":0,"maxLength":255,"#
        + ##""pattern":"^[^\\u0000-\\u0008\\u000B-\\u001F\\u007F-\\u009F]*$","description":"The title."}},"##
        + #""additionalProperties":false}},"Total":{"type":"integer","minimum":0,"maximum":2147483647,"#
        + #""description":"The sum."}},"required":["Total"],"additionalProperties":false}"#)
  }
}
