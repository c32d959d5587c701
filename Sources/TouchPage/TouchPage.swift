import CTouchPage
import Catalogue
import Foundation

/// The page of the touch panel, as it stands in the program: HTML, style and JavaScript modules, and the catalogue's texts
/// for them. Whoever serves it puts the files below `/panel/`, and `index.html` at `/` too.
public enum TouchPage {
  /// A file of the page.
  public struct File: Hashable, Sendable {
    /// Its name, such as `panel.js`.
    public let name: String
    /// What it is (RFC 9110, section 8.3), such as `text/css; charset=utf-8`.
    public let contentType: String
    /// What is in it.
    public let bytes: [UInt8]
  }

  /// What the page may load and ask (Content Security Policy, level 3): itself alone, with the camera's picture for codes.
  public static let contentSecurityPolicy =
    "default-src 'self'; connect-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; "
    + "form-action 'self'; frame-ancestors 'none'"

  /// All files.
  public static let files: [File] = embedded + [texts]

  /// The catalogue's texts for the page, by language and name.
  private static var texts: File {
    var catalogue: [String: [String: String]] = [:]
    for entry in PanelTexts.all {
      for language in Language.allCases { catalogue[language.rawValue, default: [:]][entry.key] = entry.text[language] }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings in dictionaries are always JSON.
    let bytes = (try? encoder.encode(catalogue)).map(Array.init) ?? Array("{}".utf8)
    return File(name: "texts.json", contentType: "application/json", bytes: bytes)
  }

  private static var embedded: [File] {
    UnsafeBufferPointer(start: touch_page_files_start(), count: touch_page_file_count()).compactMap { file in
      guard let first = file.start, let end = file.end, let name = file.name.map({ String(cString: $0) }) else {
        return nil
      }
      return File(
        name: name, contentType: contentType(of: name),
        bytes: Array(UnsafeBufferPointer(start: first, count: end - first)))
    }
  }

  private static func contentType(of name: String) -> String {
    switch name.split(separator: ".").last {
    case "html": "text/html; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "svg": "image/svg+xml"
    default: "application/octet-stream"
    }
  }
}
