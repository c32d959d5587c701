/// Where a camera looks: of what it can reach, whether by motors or by cutting out a part of its picture.
public struct CameraView: Hashable, Sendable, Codable {
  /// -1 as far to the left as it goes, 0 the middle, 1 as far to the right.
  public var pan: Double
  /// -1 as far down as it goes, 0 the middle, 1 as far up.
  public var tilt: Double
  /// 0 as wide as it goes, 1 as near.
  public var zoom: Double

  /// A view.
  public init(pan: Double = 0, tilt: Double = 0, zoom: Double = 0) {
    self.pan = pan
    self.tilt = tilt
    self.zoom = zoom
  }

  /// All there is to see.
  public static let home = CameraView()

  /// The nearest view within what can be reached; what isn't a number becomes that of `home`.
  var clamped: CameraView {
    func clamp(_ value: Double, _ low: Double) -> Double { value.isNaN ? 0 : min(max(value, low), 1) }
    return CameraView(pan: clamp(pan, -1), tilt: clamp(tilt, -1), zoom: clamp(zoom, 0))
  }
}

/// A movement of a camera.
public enum CameraMovement: Hashable, Sendable {
  /// To a view.
  case to(CameraView)
  /// On from the present view by so much.
  case by(CameraView)
  /// On and on until `stop`, by so much a second (of pan and tilt 1 is half of what can be reached). Motors have few
  /// speeds: the nearest is taken.
  case drive(CameraView)
  /// Stands still.
  case stop
}
