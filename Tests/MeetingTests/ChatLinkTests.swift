import Testing

@testable import Meeting

@Suite("Links in chat")
struct ChatLinkTests {
  @Test(
    "the first link is found, without what stands around it",
    arguments: [
      ("Voir https://example.fr/page?a=1#b.", "https://example.fr/page?a=1#b"),
      ("(http://example.fr), https://autre.fr", "http://example.fr"), ("«https://été.fr/»", "https://été.fr/"),
      ("lien:https://192.0.2.1/", "https://192.0.2.1/"),
    ])
  func found(text: String, link: String) {
    #expect(ChatLink.first(in: text) == link)
  }

  @Test(
    "what no phone could open is none", arguments: ["", "bonjour", "https://", "https:///a", "http://-", "ftp://a.fr"])
  func none(text: String) {
    #expect(ChatLink.first(in: text) == nil)
  }

  @Test("a link that makes too large a code is passed over")
  func long() {
    let long = "https://example.fr/" + String(repeating: "a", count: 400)
    #expect(ChatLink.first(in: long) == nil)
    #expect(ChatLink.first(in: long + " https://example.fr") == "https://example.fr")
  }
}
