import Testing

@testable import Catalogue

@Suite("Labels")
struct LabelTests {
  @Test("a label carries the name as it is, and French typography around it")
  func names() {
    #expect(ScreenLabels.ownPicture(name: "Salle : A")[.french] == "Salle : A (vous)")
    #expect(ScreenLabels.chat(from: "Zoé", text: "ça va ?")[.french] == "Zoé\u{202F}: ça va ?")
    #expect(ScreenLabels.chat(from: "Zoé", text: "hello")[.english] == "Zoé: hello")
    #expect(ScreenLabels.screenShare(of: "Zoé")[.french].hasSuffix("Zoé"))
  }
}
