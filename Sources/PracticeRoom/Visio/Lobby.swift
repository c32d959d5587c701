import Realtime

/// The lobby of one Visio room, a value: who waits, who was let in, who was turned away, and until when.
struct Lobby {
  /// Where someone stands.
  enum Status: String, Sendable, Codable {
    case waiting, accepted, denied
  }

  /// An entry as hosts see it.
  struct Entry: Hashable, Sendable {
    let id: String
    var name: String
    var status: Status
    var polls: Int
    fileprivate var expires: Instant
  }

  /// A waiting entry lives so long after each poll.
  static let waitingTimeout = Duration.seconds(3)
  static let deniedTimeout = Duration.seconds(5)
  static let acceptedTimeout = Duration.seconds(21_600)
  /// Most entries at a time; further people are told to wait without being remembered.
  static let maximumEntries = 1_000

  /// What becomes of those who wait.
  var policy = LobbyPolicy.unanswered
  private var entries: [String: Entry] = [:]

  /// Someone asks to enter, or asks again.
  /// - Parameter isOpen: whether the room lets everybody in now.
  /// - Returns: where they stand, and whether hosts are to hear of a newcomer.
  mutating func request(id: String, name: String, isOpen: Bool, at now: Instant) -> (status: Status, isNew: Bool) {
    forget(at: now)
    guard !isOpen else {
      entries[id] = Entry(id: id, name: name, status: .accepted, polls: 1, expires: now + Self.acceptedTimeout)
      return (.accepted, false)
    }
    let known = entries[id]
    guard known != nil || entries.count < Self.maximumEntries else { return (.waiting, false) }
    var entry = known ?? Entry(id: id, name: name, status: .waiting, polls: 0, expires: now)
    guard entry.status == .waiting else { return (entry.status, false) }
    entry.name = name
    entry.polls += 1
    entry.expires = now + Self.waitingTimeout
    decide(&entry, at: now)
    entries[id] = entry
    return (entry.status, known == nil && entry.status == .waiting)
  }

  /// A host's decision. False when that person doesn't wait any more.
  mutating func decide(id: String, allow: Bool, at now: Instant) -> Bool {
    forget(at: now)
    guard var entry = entries[id], entry.status == .waiting else { return false }
    settle(&entry, allow: allow, at: now)
    entries[id] = entry
    return true
  }

  /// Those who wait, by name.
  mutating func waiting(at now: Instant) -> [Entry] {
    forget(at: now)
    return entries.values.filter { $0.status == .waiting }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
  }

  /// Takes back an admission, as when a host removes someone.
  mutating func forget(id: String) {
    entries[id] = nil
  }

  /// Forgets everybody, as when the meeting ends.
  mutating func forgetAll() {
    entries.removeAll()
  }

  private func decide(_ entry: inout Entry, at now: Instant) {
    switch policy {
    case .unanswered: break
    case .accept(let polls) where entry.polls >= polls: settle(&entry, allow: true, at: now)
    case .deny(let polls) where entry.polls >= polls: settle(&entry, allow: false, at: now)
    case .accept, .deny: break
    }
  }

  private func settle(_ entry: inout Entry, allow: Bool, at now: Instant) {
    entry.status = allow ? .accepted : .denied
    entry.expires = now + (allow ? Self.acceptedTimeout : Self.deniedTimeout)
  }

  private mutating func forget(at now: Instant) {
    entries = entries.filter { $0.value.expires > now }
  }
}
