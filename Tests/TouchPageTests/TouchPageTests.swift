import Catalogue
import Control
import Foundation
import Testing
import TouchPage

@Suite("Touch page")
struct TouchPageTests {
  private static let text = Dictionary(
    uniqueKeysWithValues: TouchPage.files.map { ($0.name, String(decoding: $0.bytes, as: UTF8.self)) })
  private static let scripts = text.filter { $0.key.hasSuffix(".js") }

  @Test("what a file of the page names is there")
  func references() {
    let page = Self.text["index.html"] ?? ""
    let named = page.matches(of: #/(?:src|href)="/panel/([^"]+)"/#).map { String($0.output.1) }
    #expect(named.count == 3)
    let imported = Self.scripts.values.flatMap { script in
      script.matches(of: #/from '\./([^']+)'/#).map { String($0.output.1) }
    }
    #expect(imported.count > 10)
    for name in Set(named + imported) { #expect(Self.text[name] != nil, "\(name)") }
    for file in TouchPage.files { #expect(file.contentType != "application/octet-stream" && !file.bytes.isEmpty) }
  }

  @Test("the page loads nothing from elsewhere, and runs no script within itself")
  func isolation() {
    for (name, text) in Self.text where name != "texts.json" {
      let addresses = text.matches(of: #/https?:\/\/[^\s"'<)]+/#).map { String($0.output) }
      #expect(Set(addresses).subtracting(["http://www.w3.org/2000/svg"]).isEmpty, "\(name)")
      #expect(!text.contains("innerHTML") && !text.contains("eval("), "\(name)")
    }
    let page = Self.text["index.html"] ?? ""
    #expect(!page.contains("style=") && !page.contains(" onclick="))
    #expect(page.matches(of: #/<script/#).count == 1)
  }

  @Test("each text that the page names is in the catalogue, and each of the catalogue's is used")
  func texts() {
    let keys = PanelTexts.all.map(\.key)
    #expect(Set(keys).count == keys.count)
    let sources = (Self.scripts.values + [Self.text["index.html"] ?? ""]).joined(separator: "\n")
    let named = sources.matches(of: #/(?:data-text="|data-label="|text\((?:[^'()]*\? )?')([\w-]+)/#).map {
      String($0.output.1)
    }
    // A name that ends here goes on with what the room says, such as its state.
    for name in Set(named) { #expect(keys.contains { $0 == name || $0.hasPrefix(name) }, "\(name)") }
    for key in keys {
      let stem = named.contains { key.hasPrefix($0) } || sources.contains("'\(key)'")
      #expect(stem || ["ramp", "reaction-"].contains { key.hasPrefix($0) }, "\(key)")
    }
  }

  @Test("each identity that the scripts look for is on the page, once")
  func identities() {
    let page = Self.text["index.html"] ?? ""
    let identities = page.matches(of: #/ id="([\w-]+)"/#).map { String($0.output.1) }
    #expect(Set(identities).count == identities.count)
    for (name, script) in Self.scripts {
      for match in script.matches(of: #/element\('([\w-]+)'\)/#) {
        #expect(identities.contains(String(match.output.1)), "\(name): \(match.output.1)")
      }
    }
    let references = page.matches(of: #/(?:aria-labelledby|aria-describedby|data-dialog|for)="([\w-]+)"/#)
    for match in references { #expect(identities.contains(String(match.output.1)), "\(match.output.1)") }
  }

  @Test("each command, state and setting that the page names is in the control tree")
  func vocabulary() {
    let paths = Dictionary(grouping: ControlTree.room.nodes, by: \.document).mapValues { nodes in
      Set(nodes.map { $0.path.words(joinedBy: " ", item: "") })
    }
    let sources = Self.scripts.values.joined(separator: "\n")
    let commands = sources.matches(of: #/(?:act|command)\(\s*(?:isOn\(event\) \? )?'([\w ]+)'(?: : '([\w ]+)')?/#)
    #expect(commands.count > 20)
    for match in commands {
      for words in [match.output.1, match.output.2].compactMap(\.self) {
        #expect(paths[.command]?.contains(String(words)) == true, "\(words)")
      }
    }
    let settings = sources.matches(of: #/\['([A-Z]\w+(?: \w+)+)', (?:'|\[')/#)
    #expect(settings.count == 6)
    for match in settings {
      #expect(paths[.configuration]?.contains(String(match.output.1)) == true, "\(match.output.1)")
    }
    let values = sources.matches(of: #/'(Status|Configuration) ([\w ]+)'/#)
    #expect(values.count > 15)
    for match in values {
      let known = paths[match.output.1 == "Status" ? .status : .configuration] ?? []
      let words = String(match.output.2)
      #expect(known.contains { $0 == words || $0.hasPrefix(words + " ") }, "\(words)")
    }
  }

  @Test("the texts reach the page, with the same places for values in both languages")
  func placeholders() throws {
    let texts = try JSONDecoder().decode(
      [String: [String: String]].self, from: Data((Self.text["texts.json"] ?? "").utf8))
    #expect(texts["fr"]?["join"] == "Rejoindre" && texts["en"]?["join"] == "Join")
    for entry in PanelTexts.all {
      let places = Language.allCases.map { language in
        Set(entry.text[language].matches(of: #/\{\w+\}/#).map { String($0.output) })
      }
      #expect(places[0] == places[1], "\(entry.key)")
    }
  }
}
