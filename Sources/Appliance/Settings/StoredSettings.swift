import Control

/// The settings that a room's file holds, as far as the tree still knows and allows them.
public struct StoredSettings: Sendable {
  /// Those that count.
  public private(set) var settings: [ControlLeaf] = []
  /// The paths of those that don't: of another version, or damaged. Their standard values count; they should be told of.
  public private(set) var invalid: [String] = []

  /// What `storage` holds of the settings of `tree`.
  public init(_ storage: RoomStorage, tree: ControlTree = .room) throws(RoomStorageError) {
    let store = ControlStore(tree: tree)
    for stored in try storage.settings() {
      if let path = ControlPath(stored.path), let (place, space) = store.setting(at: path),
        let value = space.value(of: stored.value)
      {
        settings.append(ControlLeaf(place, value))
      } else {
        invalid.append(stored.path)
      }
    }
  }
}

extension RoomStorage {
  /// Stores settings for a control centre.
  public func keep(_ settings: [ControlLeaf]) throws(ControlError) {
    do throws(RoomStorageError) {
      try store(settings)
    } catch {
      throw .failed(reason: "Setting not stored")
    }
  }
}
