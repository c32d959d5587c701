/// Who may do what. Each may also do what those before it may.
public enum ControlRole: String, CaseIterable, Hashable, Sendable, Comparable {
  /// A person in the room: calls, sound, picture.
  case user = "User"
  /// A control system, and who installs it: also what keeps it in step with the room.
  case integrator = "Integrator"
  /// Who answers for the device: everything.
  case admin = "Admin"

  /// Whether `left` may do less than `right`.
  public static func < (left: ControlRole, right: ControlRole) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .user: 0
    case .integrator: 1
    case .admin: 2
    }
  }
}
