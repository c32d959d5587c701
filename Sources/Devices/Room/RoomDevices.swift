import Audio
import Catalogue
import Realtime
import Synchronization
import Video

/// The room's devices as it wishes them: watches what is plugged in and out, chooses, and tells those who drive the devices.
/// They look after themselves otherwise, so that a meeting goes on whatever happens to the devices.
public final class RoomDevices: Sendable {
  /// Why the devices of a room can't be looked after.
  public enum Failure: Error, Hashable, Sendable {
    /// The operating system refused a thread or the kernel's events, with this `errno`.
    case system(Int32)
  }

  /// The camera; nil if none is wished.
  public let camera: RoomCamera?
  /// What is presented; nil if nothing is wished.
  public let presentation: RoomCamera?
  /// The screen; nil if none is wished.
  public let screen: KMSScreen?
  /// The second screen; nil if none is wished.
  public let contentScreen: KMSScreen?

  /// Which modes of a display suit this machine.
  public let modePolicy: KMSModePolicy

  private let choosing: Choosing
  private let sound: RoomSound?
  private let cec: CECControl?
  private let monitor: DeviceMonitor

  /// Begins to look after the devices that `wishes` name.
  /// - Parameters:
  ///   - pipeline: gets microphone and loudspeaker.
  ///   - pictureFormat: what cameras are asked for.
  ///   - language: of the signs in the camera's place.
  public init(
    _ wishes: RoomWishes, pipeline: AudioPipeline,
    pictureFormat: CameraFormat = CameraFormat(width: 1_920, height: 1_080, framesPerSecond: 30), language: Language
  ) throws(Failure) {
    let rules = wishes.rules
    camera = rules[.camera].map { _ in RoomCamera(format: pictureFormat, language: language) }
    presentation = rules[.presentation].map { _ in RoomCamera(format: CameraInventory.wish, language: language) }
    choosing = Choosing(rules: rules, camera: camera, presentation: presentation)
    choosing.chooseCameras()
    // A 4K display gets 2160p where the machine can afford it, once for each screen.
    let modes = KMSModePolicy.affordable(
      rules[.screen] == nil ? nil : KMSCost.pixelRate(), share: wishes.hasContentScreen ? 0.2 : 0.4)
    modePolicy = modes
    screen = rules[.screen].map { KMSScreen(Choosing.selection($0), settings: KMSSettings(modes: modes)) }
    contentScreen =
      wishes.hasContentScreen && rules[.screen] != nil
      ? KMSScreen(.additional, settings: KMSSettings(modes: modes)) : nil
    do throws(RealtimeThread.Failure) {
      sound =
        rules[.microphone] == nil && rules[.loudspeaker] == nil
        ? nil : try RoomSound(pipeline, wish: Self.soundWish(wishes))
    } catch {
      switch error {
      case .system(let number): throw .system(number)
      }
    }
    // Without an adapter for HDMI-CEC, or a thread for it, somebody turns the display on by hand.
    cec = screen.flatMap { try? CECControl($0.status.cec.map { .connector($0) } ?? .first) }
    cec?.turnOn()
    let (choosing, sound, cec, people) = (choosing, sound, cec, screen)
    let screens = [screen, contentScreen].compactMap { $0 }
    do throws(DeviceMonitor.Failure) {
      monitor = try DeviceMonitor { changed in
        if changed.contains(.video) { choosing.chooseCameras() }
        if changed.contains(.sound) { sound?.devicesChanged() }
        if changed.contains(.cec) { cec?.devicesChanged() }
        if changed.contains(.display) {
          // The display that is wished may have come back, or be in another socket.
          if let wished = rules[.screen], !wished.isEmpty { people?.select(Choosing.selection(wished)) }
          for screen in screens { screen.devicesChanged() }
          // A screen's loudspeaker comes and goes with it.
          sound?.devicesChanged()
        }
      }
    } catch {
      switch error {
      case .system(let number): throw .system(number)
      }
    }
  }

  /// Gives all devices back: the screens show again what they showed before. Blocks for a moment.
  public func close() {
    sound?.stop()
    cec?.stop()
    screen?.close()
    contentScreen?.close()
  }

  /// The names of the cameras that are plugged in, in an order that stays while nothing is plugged in or out, and which of
  /// them the room uses; nil if none of them.
  public var cameraList: (names: [String], used: Int?) { choosing.cameraList }

  /// Uses another camera, from the next picture on: a call goes on with it, without negotiating again.
  /// - Parameter index: its place in `cameraList`.
  /// - Returns: whether there is such a camera.
  public func selectCamera(_ index: Int) -> Bool { choosing.selectCamera(index) }

  /// Whether the presentation's device is there and, if it takes a signal, has one. Asks the device; takes a moment.
  public var isPresentationReady: Bool { choosing.isPresentationReady }

  /// Turns the displays on or off, by their signal and, where there is HDMI-CEC, by telling the first one so: many
  /// televisions don't mind a missing signal. A display that is gone will be as wished when it comes back.
  public func setDisplaysAwake(_ isAwake: Bool) {
    if !isAwake { cec?.turnOff() }
    for screen in [screen, contentScreen] { try? screen?.setPower(isAwake) }
    if isAwake { cec?.turnOn() }
  }

  /// Whether the display says over HDMI-CEC that it is in standby.
  public var isDisplayAsleep: Bool { cec?.status.displayPower == .standby }

  /// What is known of the sound devices; nil if none is wished.
  public var soundReport: RoomSoundReport? { sound?.report }

  private static func soundWish(_ wishes: RoomWishes) -> RoomSound.Wish {
    let rules = wishes.rules
    var wish = RoomSound.Wish(capture: rules[.microphone].map(choice), playback: rules[.loudspeaker].map(choice))
    wish.arrays = ArrayLibrary(folders: ArrayLibrary.folders)
    wish.profile = wishes.profile
    return wish
  }

  private static func choice(_ rules: [DeviceRule]) -> RoomSound.Choice {
    { devices in Choosing.device(devices, rules) }
  }
}
