/// What the room uses a device for.
public enum DeviceRole: String, CaseIterable, Hashable, Sendable {
  /// The picture of the people in the room.
  case camera
  /// What is presented, such as a computer at an HDMI input.
  case presentation
  /// The sound of the room.
  case microphone
  /// The sound of the others.
  case loudspeaker
  /// The picture of the others.
  case screen
}
