import Catalogue
import Testing

@testable import Control

@Suite("Control tree")
struct ControlTreeTests {
  static let nodes = ControlTree.room.nodes

  private static func texts(_ node: ControlNode) -> [Sentence] {
    [node.text] + node.fields.map(\.text) + node.results.map(\.text)
  }

  @Test("every node and field is said in both languages, and not the same", arguments: nodes.indices)
  func texts(index: Int) {
    for text in Self.texts(Self.nodes[index]) {
      for language in Language.allCases {
        #expect(text[language].count > 3)
        #expect(text[language].hasSuffix("."), "\(text[language])")
        #expect(text[language].first?.isLowercase == false, "\(text[language])")
        #expect(!text[language].contains { "\n\"—–".contains($0) }, "\(text[language])")
      }
      #expect(text.french != text.english)
      #expect(!text.french.contains("'"))
      #expect(!text.english.contains { "\u{202F}«»".contains($0) }, "\(text.english)")
    }
  }

  @Test("what a node begins with is in its value space", arguments: nodes.indices)
  func standards(index: Int) {
    switch Self.nodes[index].kind {
    case .setting(let space, let standard, let items):
      #expect(space.contains(standard))
      #expect((items != nil) == (Self.nodes[index].path.listCount == 1))
    case .state(let space, let initially):
      if let initially {
        #expect(space.contains(initially))
        #expect(Self.nodes[index].path.listCount == 0)
      }
    case .command, .event: #expect(Self.nodes[index].path.listCount == 0)
    }
  }

  /// No words name two nodes, also without the numbers of lists; fields of one node neither. No leaf lies below another.
  @Test("names are unambiguous")
  func unambiguous() {
    for document in ControlDocument.allCases {
      let names = ControlTree.room.indices(of: document).map { Self.nodes[$0].path.name.lowercased() }
      #expect(Set(names).count == names.count)
      guard document == .configuration || document == .status else { continue }
      for name in names {
        #expect(!names.contains { $0.hasPrefix(name + " ") }, "\(name)")
      }
    }
    for node in Self.nodes {
      for fields in [node.fields, node.results] {
        #expect(Set(fields.map { $0.path.name.lowercased() }).count == fields.count)
      }
      for field in node.fields { #expect(field.path.components.count == 1) }
    }
  }

  @Test("paths are words that every face can write")
  func words() {
    for node in Self.nodes {
      for path in [node.path] + node.fields.map(\.path) + node.results.map(\.path) {
        for component in path.components {
          #expect(component.name.wholeMatch(of: /[A-Za-z][A-Za-z0-9]*/) != nil, "\(path)")
        }
      }
    }
  }

  /// What public drivers subscribe to and send.
  @Test(
    "the vocabulary of existing drivers is there",
    arguments: [
      "/Configuration", "/Status/SystemUnit", "/Status/Standby", "/Status/Audio", "/Status/Call",
      "/Status/Conference/Presentation", "/Status/Cameras", "/Status/Video/Input", "/Status/Video/Output",
      "/Status/Video/Selfview", "/Status/Video/Layout", "/Status/RoomAnalytics", "/Status/Bookings",
      "/Event/CallDisconnect", "/Event/IncomingCallIndication", "/Event/Bookings", "/Event/UserInterface/Extensions",
      "/Command/Dial", "/Command/Call/Accept", "/Command/Call/Reject", "/Command/Call/Disconnect",
      "/Command/Audio/Volume/Set", "/Command/Audio/Volume/Increase", "/Command/Audio/Volume/Decrease",
      "/Command/Audio/Volume/Mute", "/Command/Audio/Microphones/Mute", "/Command/Audio/Microphones/Unmute",
      "/Command/Audio/Microphones/ToggleMute", "/Command/Video/Input/MainVideo/Mute", "/Command/Video/Selfview/Set",
      "/Command/Video/Layout", "/Command/Presentation/Start", "/Command/Presentation/Stop",
      "/Command/Camera/Preset/Activate", "/Command/Camera/Ramp", "/Command/Cameras/SpeakerTrack/Activate",
      "/Command/Standby/Activate", "/Command/Standby/Deactivate", "/Command/Standby/Halfwake",
      "/Command/Bookings/List", "/Command/Bookings/Put", "/Command/UserInterface/Message/Alert/Display",
      "/Command/SystemUnit/Boot", "/Command/RoomPreset/Activate", "/Command/Peripherals/Connect",
      "/Command/Peripherals/HeartBeat", "/Command/Conference/Hand/Raise", "/Command/Conference/Reaction/Send",
      "/Command/Conference/Chat/Send", "/Status/Conference/Participant", "/Status/Conference/Lobby",
    ])
  func vocabulary(expression: String) throws {
    let query = try #require(ControlQuery(expression: expression))
    #expect(ControlTree.room.indices(of: query.document).contains { query.matches(Self.nodes[$0].path) })
  }

  @Test("value spaces take what they print, and nothing else")
  func spaces() {
    #expect(ValueSpace.integer(0...100).description == "<0..100>")
    #expect(ValueSpace.onOff.description == "<On/Off>")
    #expect(ValueSpace.line.description == "<S: 0, 255>")
    #expect(ValueSpace.integer(0...100).value(of: "100") == .integer(100))
    for text in ["101", "-1", "", "+5", "5.0", " 5", "0x5", "99999999999999999999"] {
      #expect(ValueSpace.integer(0...100).value(of: text) == nil, "\(text)")
    }
    #expect(ValueSpace.onOff.value(of: "oFF") == .literal("Off"))
    #expect(ValueSpace.onOff.value(of: "O") == nil)
    #expect(ValueSpace.string(1...3).value(of: "é\u{1F600}a") == .string("é\u{1F600}a"))
    for text in ["", "abcd", "a\u{0}", "\u{7F}", "\r"] { #expect(ValueSpace.string(1...3).value(of: text) == nil) }
    #expect(!ValueSpace.onOff.contains(.string("On")))
  }
}
