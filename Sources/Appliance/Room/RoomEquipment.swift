import Video

/// The room's devices as its controller uses them.
public protocol RoomEquipment: Sendable {
  /// Sets how loud the loudspeaker plays, in per cent.
  func setVolume(_ percent: Int, isMuted: Bool)
  /// Turns the screen on or off.
  func setScreenAwake(_ isAwake: Bool)
  /// Drives a screen as its settings say it, from the next picture on.
  /// - Parameter number: 1 for the people's, 2 for what is shared.
  func configureScreen(_ number: Int, _ preferences: ScreenPreferences)
  /// Shows a view of the room, from now on until another takes its place; nil leaves the screen to the meeting, from the
  /// moment when this returns.
  func show(_ view: RoomView?)
  /// Uses the camera of that number, from 1, from now on.
  /// - Returns: whether there is one.
  func selectCamera(_ number: Int) -> Bool
  /// The camera of that number, from 1; nil when there is none that could be moved.
  func camera(_ number: Int) -> (any CameraControlling)?
  /// Restarts the machine, or turns it off; returns before that has happened.
  func restart(shutsDown: Bool) throws(CallFailure)
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
    /// How it stands with a camera.
    public enum Condition: Hashable, Sendable {
      /// It gives pictures.
      case showing
      /// It isn't there.
      case disconnected
      /// Its shutter is closed.
      case covered
      /// Another program has it.
      case busy
      /// It is there, and gives nothing.
      case failing
    }

    /// How it stands.
    public var condition: Condition
    /// What it is called.
    public var model: String

    /// Whether it is there.
    public var isConnected: Bool { condition != .disconnected }

    /// A camera.
    public init(condition: Condition, model: String) {
      self.condition = condition
      self.model = model
    }
  }

  /// The microphone and the loudspeaker.
  public struct Sound: Hashable, Sendable {
    /// How it stands with one of them.
    public enum Condition: Hashable, Sendable {
      /// It runs.
      case fine
      /// Nobody wishes it.
      case unwanted
      /// It isn't there.
      case missing
      /// It is there, but can't be opened.
      case unusable
    }

    /// The microphone.
    public var microphone = Condition.unwanted
    /// The loudspeaker.
    public var loudspeaker = Condition.unwanted
    /// Whether the room is in a meeting, so that what follows means something.
    public var isListening = false
    /// The level of what the microphone hears, dBFS.
    public var level = 0.0
    /// Whether the microphone is overloaded.
    public var isOverloaded = false
    /// How many microphones of the array are dead or stuck.
    public var faultyCount = 0
    /// Whether a loud sound of the room's own comes back by another loudspeaker.
    public var isHowling = false
    /// Whether something is being played.
    public var isPlaying = false
    /// How much of its echo is removed, decibels; nil while none is heard.
    public var echoReduction: Double?
    /// Whether sound was lost within the last minute because it was dealt with too late.
    public var isLate = false

    /// Neither is wished.
    public init() {}
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
    /// Whether the display itself says that it is in standby.
    public var isAsleep = false

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
  /// The number of the camera in use; nil if there is none.
  public var mainCamera: Int?
  /// The cameras, from number 1.
  public var cameras: [Camera] = []
  /// The screens, from number 1.
  public var outputs: [Output] = []
  /// Microphone and loudspeaker; nil where they can't be asked.
  public var sound: Sound?
  /// What is missing without which the room can't meet.
  public var faults: Set<RoomFault> = []

  /// Nothing is there, and nothing is missed.
  public init() {}
}
