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

  @Test(
    "what an installer reads is said in both languages",
    arguments: InventoryLabels.all + CheckLabels.all + BookingLabels.all + FrontPageTexts.all
      + DiagnosticLabels.all)
  func installers(label: Sentence) {
    for language in Language.allCases {
      #expect(label[language].count > 4)
      #expect(!label[language].contains("..."))
    }
    #expect(label.french != label.english)
    #expect(!label.french.contains { "'—–".contains($0) }, "\(label.french)")
    #expect(!label.english.contains { "\u{202F}—«»".contains($0) }, "\(label.english)")
  }

  @Test("the touch panel's words are there in both languages, typeset", arguments: PanelTexts.all)
  func panel(entry: PanelTexts.Entry) {
    for language in Language.allCases {
      #expect(!entry.text[language].isEmpty && !entry.text[language].contains("..."))
    }
    #expect(!entry.text.french.contains { "'—–".contains($0) }, "\(entry.text.french)")
    #expect(!entry.text.english.contains { "\u{202F}—«»".contains($0) }, "\(entry.text.english)")
  }
}
