import Appliance
import Devices
import Foundation

extension RoomCamera: CameraControlling {
  /// As the fastest ramp: half of what can be reached in a second.
  private static let fastest = 1.0

  /// Where it looks; see `CameraControlling`.
  public var position: CameraPosition? {
    view.map { CameraPosition(pan: $0.pan, tilt: $0.tilt, zoom: $0.zoom) }
  }

  /// Moves it on and on.
  public func ramp(_ motion: CameraMotion) throws(CallFailure) {
    let speed = CameraView(
      pan: motion.pan * Self.fastest, tilt: motion.tilt * Self.fastest, zoom: motion.zoom * Self.fastest)
    do throws(CameraControlError) {
      try move(speed == .home ? .stop : .drive(speed))
    } catch {
      throw CallFailure(error)
    }
  }

  /// Its view.
  public func keep() throws(CallFailure) -> String {
    guard let preset = preset(), let data = try? JSONEncoder().encode(preset) else {
      throw CallFailure(CameraControlError.disconnected)
    }
    return String(decoding: data, as: UTF8.self)
  }

  /// Goes to a view that was kept.
  public func recall(_ view: String) throws(CallFailure) {
    guard let preset = try? JSONDecoder().decode(CameraPreset.self, from: Data(view.utf8)) else {
      throw CallFailure("Unreadable preset")
    }
    do throws(CameraControlError) {
      try apply(preset)
    } catch {
      throw CallFailure(error)
    }
  }
}

extension CallFailure {
  fileprivate init(_ error: CameraControlError) {
    let reason =
      switch error {
      case .disconnected: "Camera not in use"
      case .missing: "Not supported"
      default: "Refused by the camera"
      }
    self.init(reason)
  }
}
