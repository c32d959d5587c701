import Control
import Realtime

/// Who may sign in, and with which password or PIN. There is no default: until a password has been set nobody can.
public actor AccountBook {
  private let storage: RoomStorage
  private let clock: @Sendable () -> Instant
  private var accounts: [String: StoredAccount] = [:]
  private var limiter = LoginLimiter()
  /// What a name that isn't there is compared with, so that it takes as long.
  private var decoy: PasswordHash?

  /// The book of a room.
  /// - Parameter clock: the time; a test gives its own.
  public init(
    storage: RoomStorage, clock: @escaping @Sendable () -> Instant = { MonotonicClock.now }
  ) throws(RoomStorageError) {
    self.storage = storage
    self.clock = clock
    for account in try storage.accounts() { accounts[account.name] = account }
  }

  /// Whether somebody can sign in at all.
  public var isEmpty: Bool { accounts.isEmpty }

  /// Who `name` is; nil when name or password is wrong, or wrong ones came too fast: then it isn't even looked at.
  ///
  /// Names that aren't there wait together, so that guessing names needs no memory.
  public func authenticate(name: String, password: String) -> ControlRole? {
    let key = name.lowercased()
    let account = accounts[key]
    let limited = account == nil ? "" : key
    guard limiter.admits(limited, at: clock()) else { return nil }
    if decoy == nil { decoy = try? PasswordHash("decoy") }
    guard let hash = account?.hash ?? decoy, hash.matches(password), let account else {
      limiter.noteFailure(of: limited, at: clock())
      return nil
    }
    limiter.noteSuccess(of: limited)
    return account.role
  }

  /// Does the same as `setPassword`, unless somebody can sign in already.
  /// - Returns: whether it is set.
  func setFirstPassword(_ password: String, of name: String, role: ControlRole) throws(AccountError) -> Bool {
    guard accounts.isEmpty else { return false }
    try setPassword(password, of: name, role: role)
    return true
  }

  /// Sets the password of `name`, and what it may do; it is stored when this returns.
  public func setPassword(
    _ password: String, of name: String, role: ControlRole
  ) throws(AccountError) {
    let key = name.lowercased()
    guard (1...64).contains(key.utf8.count), key.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0 != ":" }) else {
      throw .name
    }
    do {
      let account = StoredAccount(name: key, role: role, hash: try PasswordHash(password))
      try storage.store(account)
      accounts[key] = account
      limiter.noteSuccess(of: key)
    } catch let error as PasswordHash.Failure {
      throw .password(error)
    } catch {
      throw .storage(RoomStorageError(error))
    }
  }
}

/// Why a password isn't set.
public enum AccountError: Error, Hashable, Sendable {
  /// A name has 1 to 64 bytes, without space, control character or colon.
  case name
  /// The password can't be used.
  case password(PasswordHash.Failure)
  /// It can't be stored.
  case storage(RoomStorageError)
}
