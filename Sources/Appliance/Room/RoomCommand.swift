import Control

/// The commands of the control tree that the room's controller does. The raw value is the command's place in the tree.
enum RoomCommand: String, CaseIterable {
  case dial = "Dial"
  case disconnect = "Call Disconnect"

  case setVolume = "Audio Volume Set"
  case increaseVolume = "Audio Volume Increase"
  case decreaseVolume = "Audio Volume Decrease"
  case muteVolume = "Audio Volume Mute"
  case unmuteVolume = "Audio Volume Unmute"
  case toggleVolume = "Audio Volume ToggleMute"
  case muteMicrophones = "Audio Microphones Mute"
  case unmuteMicrophones = "Audio Microphones Unmute"
  case toggleMicrophones = "Audio Microphones ToggleMute"

  case muteVideo = "Video Input MainVideo Mute"
  case unmuteVideo = "Video Input MainVideo Unmute"
  case selectCamera = "Video Input SetMainVideoSource"
  case setSelfView = "Video Selfview Set"
  case setLayout = "Video Layout SetLayout"
  case setLayoutFamily = "Video Layout LayoutFamily Set"
  case startPresentation = "Presentation Start"
  case stopPresentation = "Presentation Stop"

  case rampCamera = "Camera Ramp"
  case activatePreset = "Camera Preset Activate"
  case storePreset = "Camera Preset Store"
  case removePreset = "Camera Preset Remove"
  case listPresets = "Camera Preset List"

  case activateStandby = "Standby Activate"
  case deactivateStandby = "Standby Deactivate"
  case halfwake = "Standby Halfwake"
  case resetStandbyTimer = "Standby ResetTimer"

  case raiseHand = "Conference Hand Raise"
  case lowerHand = "Conference Hand Lower"
  case react = "Conference Reaction Send"
  case chat = "Conference Chat Send"

  case connectPeripheral = "Peripherals Connect"
  case hearPeripheral = "Peripherals HeartBeat"
  case boot = "SystemUnit Boot"

  case displayAlert = "UserInterface Message Alert Display"
  case clearAlert = "UserInterface Message Alert Clear"

  /// Where it is in the tree.
  var path: NodePath { NodePath(rawValue) }
}
