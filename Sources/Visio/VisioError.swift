import Catalogue
import HTTPExchange

/// Why Visio's API didn't do what was asked.
public enum VisioError: Error, Hashable, Sendable {
  /// The instance's name can't be resolved: a mistyped address, or no network. Ask the person.
  case instanceNotFound(host: String)
  /// No connection to the instance: the network, a firewall, or the server is down. Worth another try.
  case instanceUnreachable(host: String)
  /// The instance didn't answer in time. Worth another try.
  case timedOut(host: String)
  /// The instance's certificate isn't trusted. Never go on; tell the person.
  case untrustedCertificate(host: String)
  /// TLS failed otherwise, such as an inspecting proxy that speaks an old version. Tell the person.
  case tlsFailed(host: String)
  /// The host answers, but not as Visio: another site, or the sign-in page of the network.
  case notVisio(host: String)
  /// The instance redirects a request that must not be repeated elsewhere, or from TLS to plain HTTP, or in circles.
  case redirectRefused(host: String)
  /// No meeting has this code, or it was deleted.
  case noSuchMeeting
  /// The token doesn't allow it, has expired (403; 401), or is of somebody who isn't in the meeting. Fetch a new one by
  /// joining again.
  case notAllowed
  /// The request was invalid (400): our error, or a name that the instance refuses. `detail` is for the log.
  case rejected(detail: String)
  /// Too many requests (429). Wait `retryAfter` if the instance says how long, 5 s if not.
  case throttled(host: String, retryAfter: Duration?)
  /// The instance failed (5xx, or a status that its API doesn't have). Worth another try.
  case serverFailed(host: String, status: Int)
  /// The answer is JSON, but not what this version understands, or too long.
  case unreadableAnswer(host: String)
  /// The task was cancelled.
  case cancelled

  /// Whether the same request may succeed when it is made again shortly.
  public var isTransient: Bool {
    switch self {
    case .instanceNotFound, .instanceUnreachable, .timedOut, .throttled, .serverFailed, .unreadableAnswer: true
    case .untrustedCertificate, .tlsFailed, .notVisio, .redirectRefused, .noSuchMeeting, .notAllowed, .rejected,
      .cancelled:
      false
    }
  }

  /// What to tell the person.
  public var sentence: Sentence {
    switch self {
    case .instanceNotFound(let host): InstanceSentences.notFound(host: host)
    case .instanceUnreachable(let host): InstanceSentences.unreachable(host: host)
    case .timedOut(let host): InstanceSentences.timedOut(host: host)
    case .untrustedCertificate(let host): InstanceSentences.untrusted(host: host)
    case .tlsFailed(let host): InstanceSentences.insecure(host: host)
    case .notVisio(let host): InstanceSentences.notVisio(host: host)
    case .redirectRefused(let host): InstanceSentences.redirected(host: host)
    case .noSuchMeeting: JoiningSentences.noSuchMeeting
    case .notAllowed: JoiningSentences.notAllowed
    case .rejected: JoiningSentences.rejected
    case .throttled(let host, _): InstanceSentences.busy(host: host)
    case .serverFailed(let host, _): InstanceSentences.failed(host: host)
    case .unreadableAnswer(let host): InstanceSentences.unreadable(host: host)
    case .cancelled: JoiningSentences.cancelled
    }
  }

  init(_ error: HTTPTransportError, host: String) {
    self =
      switch error {
      case .nameNotResolved: .instanceNotFound(host: host)
      case .unreachable: .instanceUnreachable(host: host)
      case .timedOut: .timedOut(host: host)
      case .untrustedCertificate: .untrustedCertificate(host: host)
      case .tlsFailed: .tlsFailed(host: host)
      case .responseTooLong: .unreadableAnswer(host: host)
      case .cancelled: .cancelled
      }
  }
}
