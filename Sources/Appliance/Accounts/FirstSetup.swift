import Control
import Realtime

/// Sets a new room's first PIN, for whoever reads a code off the room's screen. Once anybody can sign in this is over for
/// good.
public actor FirstSetup {
  /// Why the PIN isn't set.
  public enum Failure: Error, Hashable, Sendable {
    /// Somebody can sign in already.
    case over
    /// The code is wrong; another one is shown after some.
    case wrongCode
    /// Wrong codes came too fast.
    case later
    /// The PIN can't be used.
    case account(AccountError)
  }

  /// The name that signs in with the first PIN.
  public static let name = "admin"
  /// How many wrong codes one code outlives.
  static let maximumFailures = 5

  private let book: AccountBook
  private let clock: @Sendable () -> Instant
  private var current: String?
  private var failures = 0
  private var limiter = LoginLimiter()

  /// - Parameter clock: the time; a test gives its own.
  public init(book: AccountBook, clock: @escaping @Sendable () -> Instant = { MonotonicClock.now }) {
    self.book = book
    self.clock = clock
  }

  /// The code to show, six digits; nil once somebody can sign in.
  public var code: String? {
    get async {
      guard await book.isEmpty else { return nil }
      if let current { return current }
      var generator = SystemRandomNumberGenerator()
      let digits = String(Int.random(in: 0..<1_000_000, using: &generator))
      let code = String(repeating: "0", count: 6 - digits.count) + digits
      current = code
      return code
    }
  }

  /// Sets the PIN of `admin`, who may do everything.
  /// - Parameter typed: the code that somebody read; spaces in it don't count.
  public func setPIN(_ pin: String, code typed: String) async throws(Failure) -> ControlRole {
    guard let code = await code else { throw .over }
    guard limiter.admits("", at: clock()) else { throw .later }
    guard typed.filter({ !$0.isWhitespace }) == code else {
      limiter.noteFailure(of: "", at: clock())
      failures += 1
      if failures >= Self.maximumFailures { (current, failures) = (nil, 0) }
      throw .wrongCode
    }
    let isFirst: Bool
    do throws(AccountError) {
      isFirst = try await book.setFirstPassword(pin, of: Self.name, role: .admin)
    } catch {
      throw .account(error)
    }
    // Of two at once the second finds it over.
    guard isFirst else { throw .over }
    current = nil
    return .admin
  }
}
