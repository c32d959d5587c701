import Foundation

/// Where a room's calendar is: a collection of a CalDAV server (RFC 4791), or a file in the form of RFC 5545.
///
/// An address whose path ends in `.ics` is a file's, and one with `webcal:` too, which stands for `https:`; any other is a
/// collection's.
public struct CalendarAddress: Hashable, Sendable {
  /// How it is asked for.
  public enum Kind: Hashable, Sendable {
    /// As a whole.
    case file
    /// By a query for what is in a span of time.
    case collection
  }

  /// The address, with `https:` or `http:`.
  public let url: String
  /// How it is asked for.
  public let kind: Kind
  /// The name and password to show; nil for none.
  public let credentials: Credentials?

  /// Who may read a calendar.
  public struct Credentials: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The password.
    public let password: String

    /// A name and a password.
    public init(name: String, password: String) {
      self.name = name
      self.password = password
    }
  }

  /// The address that `text` says; nil when it says none. A password is sent by TLS only, or within the machine.
  public init?(_ text: String, credentials: Credentials? = nil) {
    var text = text
    let isSubscription = text.lowercased().hasPrefix("webcal:")
    if isSubscription { text = "https:" + text.dropFirst("webcal:".count) }
    guard text.utf8.count <= 2_048, let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
      let scheme = parts.scheme?.lowercased(), parts.user == nil, parts.password == nil
    else { return nil }
    let isLocal = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased())
    guard scheme == "https" || scheme == "http" && (credentials == nil || isLocal) else { return nil }
    url = text
    kind = isSubscription || parts.path.lowercased().hasSuffix(".ics") ? .file : .collection
    self.credentials = credentials
  }
}
