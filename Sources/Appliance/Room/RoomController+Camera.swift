import Control
import Realtime

/// Moving the cameras, and their views.
extension RoomController {
  /// After so long a movement that nobody has stopped ends by itself: the panel may be gone.
  static let longestRamp = Duration.seconds(15)
  private static let presetNumbers = 1...35
  private static let fastest = 15.0
  /// Where nobody says how fast: slow enough to aim.
  private static let usualSpeed = 5

  /// Does what `Camera Ramp` says; the axes that it doesn't name go on as they do.
  func ramp(_ call: ControlCall) throws(ControlError) {
    let number = call.integer("CameraId") ?? 1
    let camera = try camera(number)
    var motion = ramps[number]?.motion ?? CameraMotion()
    if let speed = Self.speed(call, "Pan", negative: "Left") { motion.pan = speed }
    if let speed = Self.speed(call, "Tilt", negative: "Down") { motion.tilt = speed }
    if let speed = Self.speed(call, "Zoom", negative: "Out") { motion.zoom = speed }
    try Self.succeed { () throws(CallFailure) in try camera.ramp(motion) }
    ramps[number] = motion == CameraMotion() ? nil : (motion, clock() + Self.longestRamp)
  }

  /// Stops what nobody has stopped.
  func stopForgottenRamps() {
    let now = clock()
    for (number, ramp) in ramps where ramp.until <= now {
      ramps[number] = nil
      try? equipment.camera(number)?.ramp(CameraMotion())
    }
  }

  /// From -1 to 1; nil when the call doesn't name the axis.
  private static func speed(_ call: ControlCall, _ axis: String, negative: String) -> Double? {
    guard let word = call.text(axis) else { return nil }
    if word == "Stop" { return 0 }
    let speed = Double(call.integer(axis + "Speed") ?? usualSpeed) / fastest
    return word == negative ? -speed : speed
  }

  /// Keeps the view of a camera, on the disk before this returns.
  func storePreset(_ call: ControlCall) throws(ControlError) -> [ControlLeaf] {
    let number = call.integer("CameraId") ?? 1
    let camera = try camera(number)
    guard let place = call.integer("PresetId") ?? Self.presetNumbers.first(where: { presets[$0] == nil }) else {
      throw .failed(reason: "No free preset")
    }
    let view = try Self.succeed { () throws(CallFailure) in try camera.keep() }
    let preset = StoredPreset(
      number: place, camera: number, name: call.text("Name") ?? presets[place]?.name ?? "", view: view)
    do throws(RoomStorageError) {
      try storage?.store(preset)
    } catch {
      throw .failed(reason: "The preset couldn't be stored")
    }
    presets[place] = preset
    return [ControlLeaf(ControlPath([.init("PresetId")]), .integer(place))]
  }

  /// Turns a camera to a view that was kept.
  func activatePreset(_ call: ControlCall) throws(ControlError) {
    guard let preset = call.integer("PresetId").flatMap({ presets[$0] }) else {
      throw .failed(reason: "No such preset")
    }
    let camera = try camera(preset.camera)
    ramps[preset.camera] = nil
    try Self.succeed { () throws(CallFailure) in try camera.recall(preset.view) }
  }

  /// Forgets a view.
  func removePreset(_ call: ControlCall) throws(ControlError) {
    guard let number = call.integer("PresetId"), presets[number] != nil else { throw .failed(reason: "No such preset") }
    do throws(RoomStorageError) {
      try storage?.removePreset(number)
    } catch {
      throw .failed(reason: "The preset couldn't be removed")
    }
    presets[number] = nil
  }

  /// The views that were kept, as `Camera Preset List` answers.
  var presetList: [ControlLeaf] {
    presets.values.sorted { $0.number < $1.number }.enumerated().flatMap { index, preset in
      let place = ControlPath.Component("Preset", item: index + 1)
      return [
        ControlLeaf(ControlPath([place, .init("PresetId")]), .integer(preset.number)),
        ControlLeaf(ControlPath([place, .init("CameraId")]), .integer(preset.camera)),
        ControlLeaf(ControlPath([place, .init("Name")]), .name(preset.name)),
      ]
    }
  }

  private func camera(_ number: Int) throws(ControlError) -> any CameraControlling {
    guard let camera = equipment.camera(number) else { throw .failed(reason: "No such camera") }
    return camera
  }

  private static func succeed<Result>(_ body: () throws(CallFailure) -> Result) throws(ControlError) -> Result {
    do throws(CallFailure) {
      return try body()
    } catch {
      throw .failed(reason: error.reason)
    }
  }
}
