import Control

/// Tells a control centre how things stand, in the order in which it is told itself.
///
/// Belongs to the room's controller. What the room does waits for nobody who listens; an answer to a command does wait, so
/// that states have changed when the command is done.
final class RoomPublisher {
  /// Something to be told.
  enum Message: Sendable {
    /// How things stand; nil where there is nothing any more.
    case states([(path: String, value: ControlValue?)])
    /// An item of a list is no more.
    case removal(String)
    /// Something happened.
    case event(NodePath, [(String, ControlValue)])
  }

  private let center: ControlCenter
  private var last: Task<Void, Never>?

  init(_ center: ControlCenter) { self.center = center }

  /// Tells `message` after all that came before. What the tree doesn't declare is dropped: a defect that tests find.
  func tell(_ message: Message) {
    let (center, previous) = (center, last)
    last = Task {
      await previous?.value
      switch message {
      case .states(let states):
        try? await center.update(states.compactMap { state in ControlPath(state.path).map { ($0, state.value) } })
      case .removal(let path):
        if let path = ControlPath(path) { await center.remove(path) }
      case .event(let path, let fields): try? await center.raise(path, fields)
      }
    }
  }

  /// What everything that was told so far is done with.
  var told: Task<Void, Never>? { last }
}
