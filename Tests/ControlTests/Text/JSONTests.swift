import Foundation
import Realtime
import Testing

@testable import Control

@Suite("JSON")
struct JSONTests {
  private func read(_ text: String) throws -> JSONValue { try JSONReader.value(of: Array(text.utf8)) }

  @Test("values are read as RFC 8259 has them")
  func values() throws {
    #expect(
      try read(#" {"a" : [1, -2, 0.5, 1e3, true, false, null, "x"], "a": 2} "#) == [
        "a": [1, -2, .number(0.5), .number(1000), true, false, .null, "x"], "a": 2,
      ])
    #expect(try read(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00é""#) == .string("\"\\/\u{8}\u{C}\n\r\té\u{1F600}é"))
    #expect(try read("18446744073709551616") == .number(18_446_744_073_709_551_616))
    #expect(try read(#"{"a":1,"a":2}"#)["a"] == 1)
  }

  @Test(
    "what isn't JSON is refused",
    arguments: [
      "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "-", "1.", ".5", "1e", "+1", "tru",
      "truex", "nul", "\"", "\"\\x\"", "\"\\u12\"", "\"\\uD83D\"", "\"\\uDE00\"", "\"\n\"", "1 2", "NaN", "1e999",
      "'a'",
    ])
  func wrong(text: String) {
    #expect(throws: JSONReader.Failure.self) { try read(text) }
  }

  @Test("depth and encoding are checked")
  func limits() throws {
    let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
    #expect(throws: Never.self) { try read(deep) }
    #expect(throws: JSONReader.Failure.self) { try read("[" + deep + "]") }
    #expect(throws: JSONReader.Failure.self) { try read(String(repeating: "[", count: 1_000_000)) }
    #expect(throws: JSONReader.Failure.self) { try JSONReader.value(of: [0x22, 0xFF, 0x22]) }
    #expect(throws: JSONReader.Failure.self) { try JSONReader.value(of: [0x22, 0xC0, 0x80, 0x22]) }
  }

  /// What is printed, another reader reads as the same.
  @Test("random values survive printing, and Foundation reads them too", arguments: [1, 2, 3, 4])
  func random(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    for _ in 0..<200 {
      let value = Self.value(&random, depth: 4)
      #expect(try read(value.compact) == value)
      #expect(try read(value.pretty(lineEnd: "\r\n")) == value)
      let text = Data(value.compact.utf8)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: text, options: .fragmentsAllowed) }
    }
  }

  private static func value(_ random: inout SeededRandom, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
    case 0: .null
    case 1: .boolean(.random(using: &random))
    case 2: .integer(.random(in: -1_000_000...1_000_000, using: &random))
    case 3: .number(.random(in: -1...1, using: &random))
    case 4: .string(text(&random))
    case 5: .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(&random, depth: depth - 1) })
    default:
      .object((0..<Int.random(in: 0...4, using: &random)).map { .init("\($0)", value(&random, depth: depth - 1)) })
    }
  }

  private static func text(_ random: inout SeededRandom) -> String {
    let scalars = (0..<Int.random(in: 0...12, using: &random)).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &random))
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
