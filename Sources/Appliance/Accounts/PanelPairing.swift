import Control
import Realtime

/// Lets whoever sees the room's screen control the room: by a token that is shown there, in a QR code, and changes every
/// few minutes.
public actor PanelPairing {
  /// How long a token is shown. It is taken for as long again, by somebody who is slow.
  static let lifetime = Duration.seconds(300)
  /// What such a visitor may do.
  static let role = ControlRole.user

  private let clock: @Sendable () -> Instant
  private var shown: (token: String, since: Instant)?
  private var former: String?

  /// - Parameter clock: the time; a test gives its own.
  public init(clock: @escaping @Sendable () -> Instant = { MonotonicClock.now }) { self.clock = clock }

  /// The token to show now.
  public var token: String {
    let now = clock()
    if let shown, now < shown.since + Self.lifetime { return shown.token }
    former = shown.flatMap { now < $0.since + Self.lifetime * 2 ? $0.token : nil }
    let token = Self.makeToken()
    shown = (token, now)
    return token
  }

  /// What somebody who has `token` may do; nil when it isn't one that is, or just was, shown.
  public func role(of token: String) -> ControlRole? {
    let current = self.token
    // 120 random bits: time taken to compare tells nothing of use.
    return token == current || token == former ? Self.role : nil
  }

  /// 120 bits of the system's generator, in base 32 (RFC 4648 section 6): short QR codes, safe in a URL.
  private static func makeToken() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz234567")
    var generator = SystemRandomNumberGenerator()
    return String((0..<24).map { _ in letters[Int.random(in: 0..<32, using: &generator)] })
  }
}
