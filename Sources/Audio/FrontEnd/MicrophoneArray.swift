/// Where an array's microphones are.
///
/// Positions are in metres in the array's own frame: x along a linear array, y to its front, z up. Azimuth is counted from
/// x towards y, so the front of a linear array is at 90 degrees.
public struct MicrophoneArray: Sendable, Equatable {
  /// A position in metres.
  public struct Position: Sendable, Equatable {
    /// Along a linear array, in metres.
    public var x: Float
    /// To the array's front, in metres.
    public var y: Float
    /// Upwards, in metres.
    public var z: Float

    /// A position at `x`, `y` and `z` metres.
    public init(x: Float, y: Float, z: Float) {
      self.x = x
      self.y = y
      self.z = z
    }
  }

  /// Why a geometry can't be used.
  public enum GeometryError: Error, Equatable {
    /// There are no microphones, or more than 16. Give the positions of 1 to 16.
    case microphoneCount(Int)
    /// A coordinate isn't a number, or lies more than 10 m away: perhaps the unit isn't the metre.
    case position(microphone: Int)
  }

  /// The most microphones that an array may have.
  public static let maximumCount = 16

  /// One position for each microphone, in the order of the capture device's channels.
  public let microphones: [Position]

  /// An array of 1 to 16 microphones.
  public init(microphones: [Position]) throws(GeometryError) {
    guard (1...Self.maximumCount).contains(microphones.count) else {
      throw .microphoneCount(microphones.count)
    }
    for (index, position) in microphones.enumerated() {
      let isUsable = [position.x, position.y, position.z].allSatisfy { $0.isFinite && abs($0) <= 10 }
      guard isUsable else { throw .position(microphone: index) }
    }
    self.microphones = microphones
  }

  /// An array of which nothing is known but how many microphones it has: all of them are taken to be at one place, no
  /// direction can be told, and the front end listens to a single one. More than `maximumCount` are left out.
  public init(unknownCount count: Int) {
    microphones = Array(repeating: Position(x: 0, y: 0, z: 0), count: min(max(count, 1), Self.maximumCount))
  }

  /// Whether the microphones are at different places, so that a direction can be told.
  public var hasExtent: Bool {
    guard let first = microphones.first else { return false }
    return microphones.contains { abs($0.x - first.x) + abs($0.y - first.y) + abs($0.z - first.z) > 0.005 }
  }

  /// Whether all microphones are on one line, which can't tell its front from its back.
  public var isLinear: Bool {
    guard let first = microphones.first, let last = microphones.last, microphones.count > 2 else { return true }
    let (dx, dy, dz) = (last.x - first.x, last.y - first.y, last.z - first.z)
    let length = (dx * dx + dy * dy + dz * dz).squareRoot()
    return microphones.allSatisfy { position in
      let (x, y, z) = (position.x - first.x, position.y - first.y, position.z - first.z)
      let (cx, cy, cz) = (dy * z - dz * y, dz * x - dx * z, dx * y - dy * x)
      return (cx * cx + cy * cy + cz * cz).squareRoot() <= 0.005 * max(length, 0.01)
    }
  }
}
