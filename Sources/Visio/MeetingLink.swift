import Catalogue

/// Where a meeting is: its instance and its code there.
public struct MeetingLink: Hashable, Sendable {
  /// The instance.
  public let instance: VisioInstance
  /// The meeting's code.
  public let code: MeetingCode
  /// What followed `#` in the link, as written: kept because an instance may put a passphrase there.
  public let fragment: String?

  /// The longest text that is looked at, bytes: links that people get have a few hundred.
  static let maximumLength = 4_096

  /// Reads what a person has typed, pasted or scanned: a code, or a link with or without `https://`. A code alone is
  /// one of `defaultInstance`. The query is dropped, as it concerns Visio's own page.
  ///
  /// A link with `http://` is taken over TLS, which every instance has, except on this machine and for the default
  /// instance if that is configured so.
  public init(typed: String, defaultInstance: VisioInstance? = nil) throws(MeetingLinkError) {
    guard typed.utf8.count <= Self.maximumLength else { throw .unreadable }
    var text = Substring(typed)
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    guard !text.isEmpty else { throw .empty }
    guard let parts = LinkParts(String(text)) else { throw .unreadable }
    var path = parts.path
    if path.hasSuffix("/") { path.removeLast() }
    guard !path.isEmpty else { throw parts.host == nil ? .empty : .notAMeeting }
    guard !path.contains("/") else { throw .notAMeeting }
    guard let decoded = PercentEncoding.decoded(path) else { throw .unreadable }
    code = try MeetingCode(typed: decoded)
    fragment = parts.fragment
    if let written = VisioInstance(parts) {
      let isPlainAllowed = written.isLoopback || written == defaultInstance
      instance = written.usesTLS || isPlainAllowed ? written : written.encrypted
    } else {
      guard let defaultInstance else { throw .noInstance }
      instance = defaultInstance
    }
  }

  /// The link to give to others, without fragment.
  public var url: String { "\(instance.origin)/\(code.pathSegment)" }
}

/// Why a text doesn't lead to a meeting. Nothing has been sent; ask the person again.
public enum MeetingLinkError: Error, Hashable, Sendable {
  /// There is no text.
  case empty
  /// It is neither a code nor a link.
  case unreadable
  /// It is the link of another page of Visio.
  case notAMeeting
  /// It is a code alone, and no instance is configured.
  case noInstance

  /// What to tell the person.
  public var sentence: Sentence {
    switch self {
    case .empty: CodeSentences.empty
    case .unreadable: CodeSentences.unreadable
    case .notAMeeting: CodeSentences.notAMeeting
    case .noInstance: CodeSentences.noInstance
    }
  }
}
