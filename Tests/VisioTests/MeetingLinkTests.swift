import Testing

@testable import Visio

@Suite("Codes and links")
struct MeetingLinkTests {
  static let home = VisioInstance("https://visio.example")

  @Test(
    "what people type becomes the code that the instance knows",
    arguments: [
      ("abc-defg-hij", "abc-defg-hij"), ("ABCDEFGHIJ", "abc-defg-hij"), ("Abc-DefgHij", "abc-defg-hij"),
      ("abcdefg-hij", "abc-defg-hij"), ("  abc-defg-hij \n", "abc-defg-hij"), ("abc defg hij", "abc-defg-hij"),
      ("abc–defg—hij", "abc-defg-hij"), ("a1c-d2fg-h3j", "a1c-d2fg-h3j"), ("ab2defgh3j", "ab2-defg-h3j"),
      // Other names are the instance's to understand.
      ("abcd-efg-hij", "abcd-efg-hij"), ("abc--defg-hij", "abc--defg-hij"), ("abcdefghijk", "abcdefghijk"),
      ("abcdefghi", "abcdefghi"), ("Salle du Conseil", "Salle du Conseil"), ("réunion", "réunion"),
      ("4F2504E0-4F89-41D3-9A0C-0305E82C3301", "4F2504E0-4F89-41D3-9A0C-0305E82C3301"),
      ("4f2504e04f8941d39a0c0305e82c3301", "4f2504e04f8941d39a0c0305e82c3301"),
    ])
  func codes(typed: String, code: String) throws {
    #expect(try MeetingCode(typed: typed).text == code)
    #expect(try MeetingLink(typed: typed, defaultInstance: Self.home).code.text == code)
  }

  @Test(
    "links lead to their instance, their code and their fragment",
    arguments: [
      ("https://visio.numerique.gouv.fr/abc-defg-hij", "https://visio.numerique.gouv.fr", "abc-defg-hij", nil),
      ("HTTPS://Visio.Numerique.gouv.fr/ABC-DEFG-HIJ/", "https://visio.numerique.gouv.fr", "abc-defg-hij", nil),
      ("visio.numerique.gouv.fr/abcdefghij", "https://visio.numerique.gouv.fr", "abc-defg-hij", nil),
      ("https://a.example/abc-defg-hij?silentLogin=false", "https://a.example", "abc-defg-hij", nil),
      ("https://a.example/abc-defg-hij?x=/y#s%20/?e", "https://a.example", "abc-defg-hij", "s%20/?e"),
      ("abc-defg-hij?hideLogin=true#secret", "https://visio.example", "abc-defg-hij", "secret"),
      ("/abc-defg-hij", "https://visio.example", "abc-defg-hij", nil),
      ("https://a.example:8443/abc-defg-hij", "https://a.example:8443", "abc-defg-hij", nil),
      ("https://a.example:443/abc-defg-hij", "https://a.example", "abc-defg-hij", nil),
      ("http://a.example/abc-defg-hij", "https://a.example", "abc-defg-hij", nil),
      ("http://localhost:3000/abc-defg-hij", "http://localhost:3000", "abc-defg-hij", nil),
      ("localhost:3000/abc-defg-hij", "https://localhost:3000", "abc-defg-hij", nil),
      ("http://[::1]:3000/abc-defg-hij", "http://[::1]:3000", "abc-defg-hij", nil),
      ("https://[2001:DB8::1]/abc-defg-hij", "https://[2001:db8::1]", "abc-defg-hij", nil),
      ("https://a.example/r%C3%A9union", "https://a.example", "réunion", nil),
    ] as [(String, String, String, String?)])
  func links(typed: String, origin: String, code: String, fragment: String?) throws {
    let link = try MeetingLink(typed: typed, defaultInstance: Self.home)
    #expect(link.instance.origin == origin)
    #expect(link.code.text == code)
    #expect(link.fragment == fragment)
  }

  @Test(
    "what leads to no meeting is refused",
    arguments: [
      ("", .empty), (" \n", .empty), ("/", .empty), ("#x", .empty), ("?x", .empty), ("--", .unreadable),
      ("https://a.example", .notAMeeting), ("https://a.example/", .notAMeeting), ("a.example", .notAMeeting),
      ("https://a.example/feedback", .notAMeeting), ("https://a.example/Accessibilite/", .notAMeeting),
      ("https://a.example/recording/4f2504e0-4f89-41d3-9a0c-0305e82c3301", .notAMeeting),
      ("https://a.example/sdk/create-button", .notAMeeting), ("admin", .notAMeeting), ("static", .notAMeeting),
      ("mentions-legales", .notAMeeting), ("conditions-utilisation", .notAMeeting), ("test-connection", .notAMeeting),
      ("ftp://a.example/abc-defg-hij", .unreadable), ("javascript://a.example/abc-defg-hij", .unreadable),
      ("https://user@a.example/abc-defg-hij", .unreadable), ("https:///abc-defg-hij", .unreadable),
      ("https://a.example:99999/abc-defg-hij", .unreadable), ("https://a..%00/abc", .unreadable),
      ("https://a.example/%2e%2e", .unreadable), ("https://a.example/a%2Fb", .unreadable),
      ("https://a.example/%zz", .unreadable), ("https://a.example/%ff", .unreadable), ("abc\u{0}def", .unreadable),
      (String(repeating: "a", count: 501), .unreadable), (String(repeating: "a", count: 5_000), .unreadable),
    ] as [(String, MeetingLinkError)])
  func refused(typed: String, error: MeetingLinkError) {
    #expect(throws: error) { try MeetingLink(typed: typed, defaultInstance: Self.home) }
  }

  @Test("a code alone needs a default instance")
  func noInstance() {
    #expect(throws: MeetingLinkError.noInstance) { try MeetingLink(typed: "abc-defg-hij") }
  }

  @Test("plain HTTP is kept for the instance that is configured so")
  func plainInstance() throws {
    let plain = VisioInstance("http://visio.lan:8080")
    #expect(try MeetingLink(typed: "abcdefghij", defaultInstance: plain).url == "http://visio.lan:8080/abc-defg-hij")
    #expect(
      try MeetingLink(typed: "http://visio.lan:8080/abcdefghij", defaultInstance: plain).instance == plain)
  }

  @Test("a link is written back in its plain form")
  func url() throws {
    let link = try MeetingLink(typed: "a.example/Salle%20du%20Conseil?x#y")
    #expect(link.url == "https://a.example/Salle%20du%20Conseil")
  }

  @Test("whatever is typed is refused, or leads to a link that leads to the same meeting")
  func garbage() throws {
    var random = SplitMix(state: 2_026)
    let pieces = [
      "abc", "-", "defg", "hij", "/", "https://", "http://", "visio.example", ":", "8080", "?", "#", "%", "%41",
      "%C3%A9",
      "é", " ", "\u{301}", "\u{202F}", "[::1]", "[", "]", "@", ".", "..", "\\", "\u{0}", "\r\n", "👩‍👩‍👧", "admin",
      "localhost",
    ]
    var count = 0
    for _ in 0..<20_000 {
      let typed = (0..<Int.random(in: 1...7, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
      guard let link = try? MeetingLink(typed: typed.joined(), defaultInstance: Self.home) else { continue }
      count += 1
      let again = try MeetingLink(typed: link.url, defaultInstance: Self.home)
      #expect(again.instance == link.instance && again.code == link.code, "\(typed)")
    }
    #expect(count > 1_000)
  }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  @Test("an instance is an origin", arguments: ["", "visio", "ftp://a.example", "https://", "https://a b/"])
  func noInstance(text: String) {
    #expect(VisioInstance(text) == nil)
  }
}

@Suite("LiveKit addresses")
struct LiveKitAddressTests {
  @Test(
    "the address to join at is a WebSocket's, without slash",
    arguments: [
      ("https://lk.example/", "wss://lk.example"), ("https://lk.example", "wss://lk.example"),
      ("HTTPS://LK.example/", "wss://lk.example"), ("http://127.0.0.1:7880/", "ws://127.0.0.1:7880"),
      ("ws://lk.example:7880", "ws://lk.example:7880"), ("wss://lk.example:443/", "wss://lk.example"),
      ("lk.example", "wss://lk.example"), ("https://a.example/livekit//", "wss://a.example/livekit"),
      ("https://lk.example:8443/?x=1#y", "wss://lk.example:8443"), ("", nil), ("https://", nil), ("ftp://a", nil),
    ] as [(String, String?)])
  func webSocketURL(url: String, expected: String?) {
    #expect(LiveKitCredentials.webSocketURL(url) == expected)
  }

  @Test("the configuration's address comes before the room's")
  func preference() {
    let credentials = LiveKitCredentials(url: "https://room.example/", room: "r", token: "t")
    var configuration = VisioClient.decodeConfiguration(Array(#"{"livekit":{"url":"https://lk.example/"}}"#.utf8))
    #expect(credentials.signallingURL(preferring: configuration) == "wss://lk.example")
    configuration?.liveKit?.url = nil
    #expect(credentials.signallingURL(preferring: configuration) == "wss://room.example")
    #expect(credentials.signallingURL(preferring: nil) == "wss://room.example")
  }

  @Test("the token isn't printed")
  func secrecy() {
    let credentials = LiveKitCredentials(url: "https://room.example/", room: "r", token: "secret")
    #expect(!"\(credentials)".contains("secret"))
    #expect(!String(reflecting: credentials).contains("secret"))
  }
}
