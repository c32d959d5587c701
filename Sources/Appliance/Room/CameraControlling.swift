/// A camera as the room's controller moves it.
public protocol CameraControlling: Sendable {
  /// Where it looks; nil while that isn't known.
  var position: CameraPosition? { get }
  /// Moves it on and on, or lets it stand still.
  func ramp(_ motion: CameraMotion) throws(CallFailure)
  /// Its view, to be gone back to with `recall`: text that means nothing to anybody else.
  func keep() throws(CallFailure) -> String
  /// Goes to a view that was kept, perhaps by a program before this one.
  func recall(_ view: String) throws(CallFailure)
}

/// Where a camera looks, of what it can reach.
public struct CameraPosition: Hashable, Sendable {
  /// From -1, the far left, to 1.
  public var pan: Double
  /// From -1, the bottom, to 1.
  public var tilt: Double
  /// From 0, all there is to see, to 1.
  public var zoom: Double

  /// A position.
  public init(pan: Double, tilt: Double, zoom: Double) {
    self.pan = pan
    self.tilt = tilt
    self.zoom = zoom
  }
}

/// How a camera moves: each from -1 to 1, the fastest; 0 is still.
public struct CameraMotion: Hashable, Sendable {
  /// To the right.
  public var pan = 0.0
  /// Upwards.
  public var tilt = 0.0
  /// Nearer.
  public var zoom = 0.0

  /// Standing still.
  public init() {}
}

/// A view of a camera that was kept.
public struct StoredPreset: Hashable, Sendable {
  /// By what it is called up, 1 to 35.
  public var number: Int
  /// The camera's number.
  public var camera: Int
  /// What people call it; may be empty.
  public var name: String
  /// The view, as the camera gave it.
  public var view: String

  /// A view.
  public init(number: Int, camera: Int, name: String, view: String) {
    self.number = number
    self.camera = camera
    self.name = name
    self.view = view
  }
}
