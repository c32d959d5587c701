import Synchronization

/// The settings of a practice room that may change while it runs; shared by all threads.
final class PracticeSettings: Sendable {
  private let options: Mutex<PracticeRoomOptions>

  init(_ options: PracticeRoomOptions) {
    self.options = Mutex(options)
  }

  /// As they are now.
  var current: PracticeRoomOptions { options.withLock { $0 } }

  /// Changes them.
  func change(_ body: (inout PracticeRoomOptions) -> Void) {
    options.withLock { body(&$0) }
  }
}
