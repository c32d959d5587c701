import Testing

@testable import Control

/// The documented exchanges, byte by byte.
@Suite("Terminal grammar")
struct TerminalGrammarTests {
  private var terminal = TerminalHarness()

  private static let disconnect: [(String, ControlValue)] = [
    ("CallId", .integer(27)), ("CauseValue", .integer(0)), ("CauseString", .string("")),
    ("CauseType", .literal("LocalDisconnect")), ("OrigCallDirection", .string("outgoing")),
  ]

  @Test("a command", arguments: ["\r", "\n", "\r\n"])
  mutating func command(lineEnd: String) {
    let answer = terminal.exchange("xCommand Audio Volume Set Level: 60" + lineEnd)
    #expect(answer == lines("OK", "*r AudioVolumeSetResult (status=OK):", "** end"))
    #expect(terminal.calls.last?.arguments == ["Level": .integer(60)])
    #expect(terminal.exchange(lineEnd).isEmpty)
  }

  @Test(
    "commands in any case, with any spaces",
    arguments: [
      "XCOMMAND DIAL NUMBER: foo@bar.org", "xcommand dial number: foo@bar.org", "xCommand Dial Number: foo@bar.org",
      "  xCommand\tDial  Number:foo@bar.org  ", "xCommand Dial Number: \"foo@bar.org\"",
    ])
  mutating func cases(text: String) {
    terminal.answers["Dial"] = .success([ControlLeaf(ControlPath([.init("CallId")]), .integer(2))])
    let answer = terminal.exchange(text + "\r\n")
    #expect(answer == lines("OK", "*r DialResult (status=OK):", "  CallId: 2", "** end"))
    #expect(terminal.calls.last?.text("Number") == "foo@bar.org")
  }

  @Test(
    "values between quotation marks and without",
    arguments: [
      ("\"my meeting\"", "my meeting"), (#""a \"b\" \\ \u00e9\tc""#, "a \"b\" \\ é\tc"), (#""C:\dir""#, #"C:\dir"#),
      ("https://visio.example.fr/abc-defg-hij", "https://visio.example.fr/abc-defg-hij"), ("\"a|b\"", "a|b"),
      ("\"Réunion\"", "Réunion"), ("a|b", "a|b"),
    ])
  mutating func values(written: String, meant: String) {
    _ = terminal.exchange("xCommand Dial Number: \(written)\n")
    #expect(terminal.calls.last?.text("Number") == meant)
  }

  @Test("a setting is set and read")
  mutating func configuration() {
    #expect(terminal.exchange("xConfiguration Audio DefaultVolume: 70\r\n") == lines("** end"))
    #expect(
      terminal.exchange("xConfiguration Audio DefaultVolume\r\n")
        == lines("*c xConfiguration Audio DefaultVolume: 70", "** end"))
    #expect(
      terminal.exchange("xconfiguration video input connector 2 name: \"Table de réunion\"\r\n") == lines("** end"))
    #expect(
      terminal.exchange("xConfiguration Video Input Connector Name\r\n")
        == lines(
          "*c xConfiguration Video Input Connector 1 Name: \"\"",
          "*c xConfiguration Video Input Connector 2 Name: \"Table de réunion\"",
          "*c xConfiguration Video Input Connector 3 Name: \"\"", "** end"))
    #expect(
      terminal.exchange("xConfiguration Video Input Connector 2 Name\r\n")
        == lines("*c xConfiguration Video Input Connector 2 Name: \"Table de réunion\"", "** end"))
  }

  @Test("a state is read, alone and with others")
  mutating func status() {
    #expect(
      terminal.exchange("xStatus Audio Microphones Mute\r\n") == lines("*s Audio Microphones Mute: Off", "** end"))
    #expect(
      terminal.exchange("xStatus Audio\r\n")
        == lines("*s Audio Volume: 50", "*s Audio VolumeMute: Off", "*s Audio Microphones Mute: Off", "** end"))
    #expect(terminal.exchange("xStatus Call\r\n") == lines("** end"))
    #expect(terminal.exchange("xStatus //aud//mut\r\n") == lines("*s Audio Microphones Mute: Off", "** end"))
  }

  @Test("feedback is registered, listed and removed as documented")
  mutating func registration() {
    for expression in ["/Status/Audio", "/Event/CallDisconnect", "/Configuration/Video/Output"] {
      #expect(terminal.exchange("xFeedback register \(expression)\r\n") == lines("** end", "OK"))
    }
    #expect(
      terminal.exchange("xFeedback list\r\n")
        == lines("/Configuration/Video/Output", "/Event/CallDisconnect", "/Status/Audio", "** end", "OK"))
    #expect(terminal.exchange("xFeedback deregister /Event/CallDisconnect\r\n") == lines("** end", "OK"))
    #expect(terminal.exchange("xFeedback deregister /status/audio\r\n") == lines("** end", "OK"))
    #expect(terminal.exchange("xFeedback list\r\n") == lines("/Configuration/Video/Output", "** end", "OK"))
    #expect(terminal.exchange("xFeedback deregisterall\r\n") == lines("** end", "OK"))
    #expect(terminal.exchange("xFeedback list\r\n") == lines("** end", "OK"))
  }

  @Test("fifty subscriptions, and not one more")
  mutating func subscriptionLimit() {
    for item in 1...50 {
      #expect(terminal.exchange("xFeedback register /Status/Call[\(item)]\n") == lines("** end", "OK"))
    }
    #expect(terminal.exchange("xFeedback register /Status/Call[50]\n") == lines("** end", "OK"))
    #expect(
      terminal.exchange("xFeedback register /Status/Call[51]\n")
        == lines("ERROR", "*r Result (status=Error):", "  Reason: \"Subscription limit reached\"", "** end"))
  }

  @Test("feedback is the query's answer to the last byte", arguments: ["terminal", "json", "xml"])
  mutating func feedback(mode: String) throws {
    _ = terminal.exchange("xPreferences outputmode \(mode)\nxFeedback register /Status/Call\n")
    _ = terminal.exchange("xFeedback register /Status/Audio/Volume\nxFeedback register /Configuration\n")
    try terminal.update("Audio Volume", .integer(33))
    #expect(terminal.read() == terminal.exchange("xStatus Audio Volume\n"))
    for (path, value) in [
      ("Call 27 Status", ControlValue.literal("Connected")), ("Call 27 DisplayName", .string("L'équipe \"A\"")),
    ] {
      try terminal.update(path, value)
      #expect(terminal.read() == terminal.exchange("xStatus \(path)\n"))
    }
    let set = terminal.exchange("xConfiguration Audio DefaultVolume: 9\n")
    let read = terminal.exchange("xConfiguration Audio DefaultVolume\n")
    #expect(!read.isEmpty && set.hasSuffix(read))
  }

  @Test("several states that change together are one feedback")
  mutating func together() throws {
    _ = terminal.exchange("xFeedback register /Status/Call\n")
    let status = try #require(ControlPath("Call 3 Status"))
    let duration = try #require(ControlPath("Call 3 Duration"))
    terminal.feed(.changed(try terminal.store.update([(duration, .integer(1)), (status, .literal("Connected"))])))
    let feedback = terminal.read()
    #expect(feedback == lines("*s Call 3 Duration: 1", "*s Call 3 Status: Connected", "** end"))
  }

  @Test("an item that is gone leaves a ghost")
  mutating func ghost() throws {
    _ = terminal.exchange("xFeedback register /Status/Call\n")
    try terminal.update("Call 2 Status", .literal("Connected"))
    #expect(terminal.read() == lines("*s Call 2 Status: Connected", "** end"))
    try terminal.remove("Call 2")
    #expect(terminal.read() == lines("*s Call 2 (ghost=True):", "** end"))
    _ = terminal.exchange("xPreferences outputmode json\n")
    try terminal.update("Call 2 Status", .literal("Connected"))
    try terminal.remove("Call 2")
    #expect(
      terminal.read().hasSuffix(
        lines(
          "{", "  \"Status\": {", "    \"Call\": [", "      {", "        \"id\": \"2\",", "        \"ghost\": \"True\"",
          "      }", "    ]", "  }", "}")))
  }

  @Test("an event is one line")
  mutating func events() throws {
    try terminal.raise("CallDisconnect", Self.disconnect)
    #expect(terminal.read().isEmpty)
    _ = terminal.exchange("xFeedback register /Event/CallDisconnect\n")
    try terminal.raise("CallDisconnect", Self.disconnect)
    #expect(
      terminal.read()
        == lines(
          "*e CallDisconnect CallId: 27 CauseValue: 0 CauseString: \"\" CauseType: LocalDisconnect "
            + "OrigCallDirection: \"outgoing\"", "** end"))
    _ = terminal.exchange("xFeedback register /Event/Bookings\n")
    try terminal.raise("Bookings Updated", [])
    #expect(terminal.read() == lines("*e Bookings Updated", "** end"))
  }

  @Test("events are listed: first words, a word's, all")
  mutating func eventList() {
    #expect(terminal.exchange("xEvent\n").hasPrefix("*e OutgoingCallIndication\r\n*e IncomingCallIndication\r\n"))
    #expect(
      terminal.exchange("xEvent Bookings\n")
        == lines("*e Bookings Start", "*e Bookings End", "*e Bookings Updated", "** end", "OK"))
    #expect(terminal.exchange("xEvent *\n").contains("*e Conference Chat\r\n"))
    #expect(terminal.exchange("xEvent Nothing\n").hasPrefix("ERROR\r\n"))
  }

  @Test("answers carry the tag of what they answer")
  mutating func resultID() {
    #expect(
      terminal.exchange("xCommand Standby Deactivate | resultId=\"mytag_1\"\n")
        == lines("OK", "*r StandbyDeactivateResult (status=OK):", "** resultId: \"mytag_1\"", "** end"))
    #expect(
      terminal.exchange("xStatus Audio Volume | resultId=\"2\"\n")
        == lines("*s Audio Volume: 50", "** resultId: \"2\"", "** end"))
    #expect(
      terminal.exchange("xConfiguration Audio DefaultVolume: 1|resultid = 3\n")
        == terminal.exchange("nonsense\n"))
    #expect(
      terminal.exchange("xConfiguration Audio DefaultVolume: 1 | resultid = 3\n")
        == lines("** resultId: \"3\"", "** end"))
  }

  @Test("what is wrong is told")
  mutating func errors() {
    #expect(
      terminal.exchange("xCommand Dila Number: 1\n")
        == lines("ERROR", "*r Result (status=Error):", "  Reason: \"Unknown command\"", "  XPath: \"/Dila\"", "** end"))
    #expect(
      terminal.exchange("xCommand Dial\n")
        == lines("ERROR", "*r DialResult (status=ParameterError):", "  Number: \"Missing value\"", "** end"))
    #expect(
      terminal.exchange("xConfiguration Audio Foo\n")
        == lines(
          "ERROR", "*r Configuration (status=Error):", "  Reason: \"No match on address expression\"",
          "  XPath: \"Configuration/audio/foo\"", "** end"))
    #expect(
      terminal.exchange("xConfiguration audio DEFAULTVOLUME: loud\n")
        == lines("*c xConfiguration Audio DefaultVolume (error=True): \"Illegal value\"", "** end"))
    terminal.answers["Dial"] = .failure(.failed(reason: "No such meeting"))
    #expect(
      terminal.exchange("xCommand Dial Number: abc\n")
        == lines("ERROR", "*r DialResult (status=Error):", "  Reason: \"No such meeting\"", "** end"))
    for text in [
      "hello", "xCommand Dial Number: my number", "xCommand Dial Number: \"x", "xPreferences outputmode",
      "echo", "xFeedback", "xStatus | tag=1", "{12", ":",
    ] {
      #expect(terminal.exchange(text + "\n") == lines("Command not recognized."), "\(text)")
    }
  }

  @Test("help tells words, then value spaces")
  mutating func help() {
    #expect(
      terminal.exchange("?\n")
        == lines(
          " - User Commands -", "help      xcommand      xconfiguration  xevent  xfeedback",
          "xgetxml   xpreferences  xstatus         bye     echo", "OK"))
    #expect(
      terminal.exchange("xCommand Audio Volume Set ?\n")
        == lines(
          "*h xCommand Audio Volume Set", "     Sets the loudspeaker's volume.",
          "     Level(r): <0..100> The volume, in per cent.", "** end", "OK"))
    #expect(terminal.exchange("xStatus Call 1 ?\n").hasPrefix("*h xStatus Call[n] Status\r\n"))
    let all = terminal.exchange("xConfiguration ??\n")
    #expect(all.contains("*h xConfiguration Standby Control: <On/Off>\r\n"))
    #expect(all.contains("*h xConfiguration SystemUnit Name: <S: 0, 50>\r\n"))
    #expect(terminal.exchange("xCommand Nothing ?\n").hasPrefix("ERROR\r\n"))
  }

  @Test("text follows a command, up to a point or by its length")
  mutating func bodies() {
    let done = lines("OK", "*r BookingsPutResult (status=OK):", "** end")
    #expect(terminal.exchange("xCommand Bookings Put\r\n{\r\n  \"Bookings\": []\r\n}\r\n").isEmpty)
    #expect(terminal.exchange(".\r\n") == done)
    #expect(terminal.calls.last?.body == "{\n  \"Bookings\": []\n}")
    #expect(terminal.exchange("xCommand Bookings Put\n.\n") == done)
    #expect(terminal.calls.last?.body == "")
    // As the JavaScript library sends it: the length counts the command's line, the text and both line ends.
    let framed = "xCommand Bookings Put | resultId=\"1\"\n{\n.\n\u{2603}}\n"
    let answer = terminal.exchange("{\(framed.utf8.count)} \n\(framed)xStatus Audio Volume\n")
    #expect(
      answer
        == lines(
          "OK", "*r BookingsPutResult (status=OK):", "** resultId: \"1\"", "** end", "*s Audio Volume: 50", "** end"))
    #expect(terminal.calls.last?.body == "{\n.\n\u{2603}}")
  }
}
