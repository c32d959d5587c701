import Testing

@testable import Control

@Suite("Terminal output modes")
struct TerminalModeTests {
  private var terminal = TerminalHarness()

  @Test("JSON, as the JavaScript library reads it")
  mutating func json() {
    #expect(terminal.exchange("xPreferences outputmode json\n") == "{}\r\n")
    terminal.answers["Dial"] = .success([ControlLeaf(ControlPath([.init("CallId")]), .integer(2))])
    #expect(
      terminal.exchange("xCommand Audio Volume Increase | resultId=\"request-1\"\n")
        == lines(
          "{", "  \"CommandResponse\": {", "    \"VolumeIncreaseResult\": {", "      \"status\": \"OK\"", "    }",
          "  },",
          "  \"ResultId\": \"request-1\"", "}"))
    #expect(
      terminal.exchange("xCommand Dial Number: \"user@example.com\"\n")
        == lines(
          "{", "  \"CommandResponse\": {", "    \"DialResult\": {", "      \"status\": \"OK\",", "      \"CallId\": {",
          "        \"Value\": \"2\"", "      }", "    }", "  }", "}"))
    #expect(
      terminal.exchange("xCommand Dila\n")
        == lines(
          "{", "  \"CommandResponse\": {", "    \"Result\": {", "      \"status\": \"Error\",", "      \"Reason\": {",
          "        \"Value\": \"Unknown command\"", "      },", "      \"XPath\": {", "        \"Value\": \"/Dila\"",
          "      }", "    }", "  }", "}"))
    #expect(terminal.exchange("xCommand Dial\n").contains("\"status\": \"ParameterError\""))
    #expect(
      terminal.exchange("xStatus Audio Volume | resultId=\"7\"\n")
        == lines(
          "{", "  \"Status\": {", "    \"Audio\": {", "      \"Volume\": {", "        \"Value\": \"50\"", "      }",
          "    }", "  },", "  \"ResultId\": \"7\"", "}"))
    #expect(
      terminal.exchange("xConfiguration Audio DefaultVolume: \"asdf\"\n")
        == lines(
          "{", "  \"Configuration\": {", "    \"Audio\": {", "      \"DefaultVolume\": {",
          "        \"error\": \"True\",",
          "        \"Value\": \"Illegal value\"", "      }", "    }", "  }", "}"))
    #expect(
      terminal.exchange("xConfiguration Audio DefaultVolume: \"50\" | resultId=\"1\"\n")
        == lines("{", "  \"ResultId\": \"1\"", "}"))
    #expect(
      terminal.exchange("xfeedback register /Status/Audio/Volume | resultId=\"1\"\n")
        == lines("{", "  \"ResultId\": \"1\"", "}"))
    #expect(terminal.exchange("xStatus Call\n") == "{}\r\n")
  }

  @Test("whatever is asked in JSON mode, each answer is JSON")
  mutating func alwaysJSON() throws {
    _ = terminal.exchange("xPreferences outputmode json\n")
    for text in [
      "?", "hello", "xCommand ??", "xStatus", "xConfiguration", "xStatus x", "xEvent *", "xFeedback list", "echo off",
      "xConfiguration a b: c", "xCommand Audio Volume Set Level: 1000", "xFeedback register x", "xStatus Call[",
      "{2}\nab",
    ] {
      let answer = terminal.exchange(text + "\n")
      #expect(throws: Never.self, "\(text): \(answer)") { try JSONReader.value(of: Array(answer.utf8)) }
    }
  }

  @Test("XML")
  mutating func xml() throws {
    #expect(terminal.exchange("xPreferences outputmode xml\n") == "<XmlDoc/>\r\n")
    #expect(
      terminal.exchange("xStatus Audio Volume | resultId=\"a<\\\"b\"\n")
        == lines(
          "<XmlDoc resultId=\"a&lt;&quot;b\">", "<Status>", "  <Audio>", "    <Volume>50</Volume>", "  </Audio>",
          "</Status>", "</XmlDoc>"))
    try terminal.update("Call 2 DisplayName", .string("A & B\n"))
    #expect(
      terminal.exchange("xStatus Call\n")
        == lines(
          "<XmlDoc>", "<Status>", "  <Call item=\"2\">", "    <DisplayName>A &amp; B&#10;</DisplayName>", "  </Call>",
          "</Status>", "</XmlDoc>"))
    #expect(
      terminal.exchange("xCommand Audio Volume Increase\n")
        == lines(
          "<XmlDoc>", "<CommandResponse>", "  <VolumeIncreaseResult status=\"OK\"/>", "</CommandResponse>", "</XmlDoc>")
    )
    #expect(terminal.exchange("xCommand Dial <x y: 1\n").contains("<XmlDoc>\r\n<CommandResponse>\r\n"))
  }

  @Test("xGetxml answers XML in every mode")
  mutating func getXML() {
    #expect(
      terminal.exchange("xGetxml /Configuration/Audio/DefaultVolume | resultId=\"mytag_2\"\n")
        == lines(
          "<XmlDoc resultId=\"mytag_2\">", "<Configuration>", "  <Audio>", "    <DefaultVolume>50</DefaultVolume>",
          "  </Audio>", "</Configuration>", "</XmlDoc>"))
    #expect(terminal.exchange("xGetxml /Nothing\n").hasPrefix("<XmlDoc>\r\n<Result status=\"Error\">"))
  }

  @Test("results with lists keep their order in every mode")
  mutating func lists() throws {
    func leaf(_ path: String, _ value: ControlValue) throws -> ControlLeaf {
      ControlLeaf(try #require(ControlPath(path)), value)
    }
    terminal.answers["Bookings List"] = .success([
      try leaf("ResultInfo TotalRows", .integer(2)), try leaf("Booking 1 Id", .string("a")),
      try leaf("Booking 2 Id", .string("b")), try leaf("Booking 1 Title", .string("x")),
    ])
    #expect(
      terminal.exchange("xCommand Bookings List\n")
        == lines(
          "OK", "*r BookingsListResult (status=OK):", "  ResultInfo TotalRows: 2", "  Booking 1 Id: \"a\"",
          "  Booking 1 Title: \"x\"", "  Booking 2 Id: \"b\"", "** end"))
    _ = terminal.exchange("xPreferences outputmode json\n")
    let json = try JSONReader.value(of: Array(terminal.exchange("xCommand Bookings List\n").utf8))
    let bookings = json["CommandResponse"]?["BookingsListResult"]?["Booking"]?.array
    #expect(bookings?.map { $0["Id"]?["Value"]?.string } == ["a", "b"])
    #expect(bookings?.map { $0["id"]?.string } == ["1", "2"])
  }
}
