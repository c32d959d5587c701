/// The room's devices as its controller uses them.
public protocol RoomEquipment: Sendable {
  /// Sets how loud the loudspeaker plays, in per cent.
  func setVolume(_ percent: Int, isMuted: Bool)
  /// Turns the screen on or off.
  func setScreenAwake(_ isAwake: Bool)
  /// Shows that the room is ready, in place of what the meeting before has left.
  func showIdle(_ text: String)
  /// What is there now; looked at twice a second.
  var report: EquipmentReport { get }
}

/// Which devices are there.
public struct EquipmentReport: Hashable, Sendable {
  /// Something a presentation can come from.
  public struct Input: Hashable, Sendable {
    /// Whether the device is there.
    public var isConnected: Bool
    /// Whether it gives a picture.
    public var hasSignal: Bool

    /// An input.
    public init(isConnected: Bool, hasSignal: Bool) {
      self.isConnected = isConnected
      self.hasSignal = hasSignal
    }
  }

  /// A camera.
  public struct Camera: Hashable, Sendable {
    /// Whether it gives pictures.
    public var isConnected: Bool
    /// What it is called.
    public var model: String

    /// A camera.
    public init(isConnected: Bool, model: String) {
      self.isConnected = isConnected
      self.model = model
    }
  }

  /// A screen.
  public struct Output: Hashable, Sendable {
    /// Whether it is plugged in.
    public var isConnected: Bool
    /// What it is called.
    public var name: String
    /// The picture's width, pixels.
    public var width: Int
    /// The picture's height, pixels.
    public var height: Int

    /// A screen.
    public init(isConnected: Bool, name: String, width: Int, height: Int) {
      self.isConnected = isConnected
      self.name = name
      self.width = width
      self.height = height
    }
  }

  /// What can be shared, from number 1.
  public var inputs: [Input] = []
  /// The cameras, from number 1.
  public var cameras: [Camera] = []
  /// The screens, from number 1.
  public var outputs: [Output] = []
  /// What is missing without which the room can't meet.
  public var faults: Set<RoomFault> = []

  /// Nothing is there, and nothing is missed.
  public init() {}
}
