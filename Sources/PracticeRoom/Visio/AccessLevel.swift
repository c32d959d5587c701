/// Who gets into a Visio room without being let in.
public enum AccessLevel: String, Hashable, Sendable, Codable, CaseIterable {
  /// Everybody who knows the code.
  case `public`
  /// People who are logged in; others wait in the lobby.
  case trusted
  /// Members; all others wait in the lobby.
  case restricted
}

/// What the practice room's Visio instance does instead of what a healthy one does, so that a client's messages and its
/// patience can be tried.
public enum InstanceBehaviour: Hashable, Sendable {
  /// Nothing wrong.
  case healthy
  /// Not a Visio instance: the web page of something else, for every path.
  case foreign
  /// Every API call fails with status 500.
  case failing
  /// API calls answer 429, to be tried again after so many seconds.
  case throttled(retryAfter: Int)
  /// The API is healthy, but no media passes, as behind a firewall: clients join and never get a picture or sound through.
  case blockingMedia
  /// Every API call is redirected to the same path of this base URL.
  case redirecting(to: String)
}

/// What becomes of people who wait in the lobby.
public enum LobbyPolicy: Hashable, Sendable {
  /// Nobody answers, until `admit` or `deny` is called.
  case unanswered
  /// They are let in once they have asked so many times.
  case accept(afterPolls: Int)
  /// They are turned away once they have asked so many times.
  case deny(afterPolls: Int)
}
