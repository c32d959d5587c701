/// Whether `condition` comes true within `limit`. Looks often, so that a test takes no longer than what it waits for.
func eventually(
  within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
) async rethrows -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + limit
  while true {
    if try await condition() { return true }
    guard clock.now < deadline else { return false }
    try? await clock.sleep(for: .milliseconds(2))
  }
}

/// What a test waited for in vain.
struct Missing: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}
