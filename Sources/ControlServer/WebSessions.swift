import Control
import NIOHTTP1
import Synchronization

/// Who has signed in on the panel's page: browsers hold a token in a cookie that no page's script can read, and that is
/// sent along only with what the device's own pages ask for.
final class WebSessions: Sendable {
  /// How long a session lasts that isn't used.
  static let idleTime = Duration.seconds(12 * 3_600)
  /// How long a session lasts at most.
  static let longestTime = Duration.seconds(30 * 24 * 3_600)
  /// How long a session lasts at most that was begun by what the room's screen shows: who has been there once isn't there
  /// for ever.
  static let pairedTime = Duration.seconds(4 * 3_600)
  /// Sessions at once; the one that wasn't used for longest goes when there would be more.
  static let maximumCount = 256
  /// The cookie's name; what begins so is only taken from the device itself (RFC 6265bis, section 4.1.3.2).
  static let cookie = "__Host-salle"

  private struct Session {
    let role: ControlRole
    let end: ContinuousClock.Instant
    var used: ContinuousClock.Instant

    func lasts(at now: ContinuousClock.Instant) -> Bool { now - used < idleTime && now < end }
  }

  private let sessions = Mutex<[String: Session]>([:])

  /// Begins a session.
  /// - Parameter time: how long it lasts at most.
  /// - Returns: its token.
  func begin(
    _ role: ControlRole, for time: Duration = longestTime, at now: ContinuousClock.Instant = .now
  ) -> String {
    // The system's generator, which can't be foreseen: 256 bits.
    var generator = SystemRandomNumberGenerator()
    let token = (0..<4).map { _ in
      let text = String(generator.next(), radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    sessions.withLock { sessions in
      sessions = sessions.filter { $0.value.lasts(at: now) }
      if sessions.count >= Self.maximumCount, let oldest = sessions.min(by: { $0.value.used < $1.value.used }) {
        sessions[oldest.key] = nil
      }
      sessions[token] = Session(role: role, end: now + time, used: now)
    }
    return token
  }

  /// The role of the session that a request belongs to; nil when it belongs to none that lasts.
  func role(of headers: HTTPHeaders, at now: ContinuousClock.Instant = .now) -> ControlRole? {
    guard let token = Self.token(of: headers) else { return nil }
    return sessions.withLock { sessions in
      guard let session = sessions[token], session.lasts(at: now) else {
        sessions[token] = nil
        return nil
      }
      sessions[token]?.used = now
      return session.role
    }
  }

  /// Ends the session that a request belongs to.
  func end(_ headers: HTTPHeaders) {
    guard let token = Self.token(of: headers) else { return }
    sessions.withLock { $0[token] = nil }
  }

  /// The header that gives a browser the token; nil takes it away.
  static func header(_ token: String?) -> RESTResponse.Header {
    let end = token == nil ? "; Max-Age=0" : ""
    return .init(
      name: "Set-Cookie", value: "\(cookie)=\(token ?? ""); Path=/; Secure; HttpOnly; SameSite=Strict\(end)")
  }

  private static func token(of headers: HTTPHeaders) -> String? {
    for part in headers["Cookie"].joined(separator: ";").split(separator: ";") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, sides[0].drop(while: { $0 == " " }) == cookie else { continue }
      return String(sides[1])
    }
    return nil
  }
}
