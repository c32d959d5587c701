import Foundation
import Testing

@testable import Catalogue

@Suite("Sentences")
struct SentenceTests {
  static let sentences =
    CodeSentences.all + InstanceSentences.all + JoiningSentences.all + LobbySentences.all + LeavingSentences.all
    + DeviceSentences.all + CameraSentences.all + CheckSentences.all + ScreenSentences.all
    + NarrationSentences.all + CalibrationSentences.all + RoomSentences.all + DiagnosticSentences.all

  @Test("every sentence says something in both languages, and not the same", arguments: sentences)
  func bothLanguages(sentence: Sentence) {
    for language in Language.allCases {
      let text = sentence[language]
      #expect(text.count > 5)
      #expect(text.first?.isWhitespace == false && text.last?.isWhitespace == false)
      #expect([".", "…", "?", "!"].contains(text.last), "\(text)")
      #expect(text.first?.isLowercase == false || text.hasPrefix("visio.example"), "\(text)")
    }
    #expect(sentence.french != sentence.english)
  }

  @Test("French typography is kept", arguments: sentences)
  func typography(sentence: Sentence) {
    var previous: Character?
    // An address keeps its own.
    for character in sentence.french.replacing(/https?:\/\/\S+/, with: "") {
      if "?!:;»".contains(character) { #expect(previous == "\u{202F}", "\(sentence.french)") }
      if previous == "«" { #expect(character == "\u{202F}", "\(sentence.french)") }
      #expect(!"'—–".contains(character), "\(sentence.french)")
      previous = character
    }
    #expect(!sentence.french.contains("..."))
    #expect(!sentence.english.contains("..."))
  }

  @Test("English has its own punctuation", arguments: sentences)
  func english(sentence: Sentence) {
    #expect(!sentence.english.contains { "\u{202F}—«»".contains($0) }, "\(sentence.english)")
  }

  @Test("no sentence is said twice")
  func unique() {
    #expect(Set(Self.sentences).count == Self.sentences.count)
  }

  /// A sentence that is missing from its `all` would escape every other test here.
  @Test("every sentence declared is among those tested")
  func complete() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Catalogue")
    var declared = 0
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix("Sentences.swift")
    {
      let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      declared += source.matches(of: /Sentence\(\s*french:/).count
    }
    #expect(declared == Self.sentences.count)
  }

  @Test("literals are typeset, names are left alone")
  func frenchText() {
    let name = "L'équipe : A"
    let text: FrenchText = "Qui est « \(name) » ? L'hôte !"
    #expect(text.text == "Qui est «\u{202F}L'équipe : A\u{202F}»\u{202F}? L\u{2019}hôte\u{202F}!")
  }

  @Test("languages are found by their tags")
  func tags() {
    #expect(Language(tag: "fr-fr") == .french)
    #expect(Language(tag: "en_GB.UTF-8") == .english)
    #expect(Language(tag: "nl-nl") == nil)
  }
}
