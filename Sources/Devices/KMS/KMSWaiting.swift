import Synchronization

/// Screens of this program that have no display: those that are additional make room for them.
enum KMSWaiting {
  private static let screens = Mutex<[ObjectIdentifier: KMSScreen.Selection]>([:])
  private static let count = Atomic<Int>(0)

  /// That screen looks for a display, and has found none.
  static func begin(_ screen: KMSScreen, _ selection: KMSScreen.Selection) {
    screens.withLock { screens in
      screens[ObjectIdentifier(screen)] = selection
      count.store(screens.count, ordering: .releasing)
    }
  }

  /// It has one, or is looking no longer.
  static func end(_ screen: KMSScreen) {
    guard count.load(ordering: .acquiring) > 0 else { return }
    screens.withLock { screens in
      screens[ObjectIdentifier(screen)] = nil
      count.store(screens.count, ordering: .releasing)
    }
  }

  /// Whether one of them would take that display.
  static func wants(_ display: KMSDisplayID) -> Bool {
    // Asked for each picture.
    guard count.load(ordering: .acquiring) > 0 else { return false }
    return screens.withLock { screens in
      screens.values.contains { $0 == .first || $0 == .display(display) }
    }
  }
}
