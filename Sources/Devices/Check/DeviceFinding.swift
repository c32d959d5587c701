/// What the check of one device found.
public struct DeviceFinding: Hashable, Sendable {
  /// What was measured.
  public enum Quantity: Hashable, Sendable {
    /// Width of the pictures, pixels.
    case width
    /// Height of the pictures, pixels.
    case height
    /// Pictures a second that came, or page flips.
    case rate
    /// The longest time from one picture to the next, milliseconds.
    case longestGap
    /// Mean luma of the last picture, 16 (black) to 235 (white).
    case brightness
    /// Pictures that were broken.
    case faults
    /// Root mean square of a channel, dBFS; channels from 0.
    case level(channel: Int)
    /// Peak of a channel, dBFS; channels from 0.
    case peak(channel: Int)
    /// By how many millionths the device's clock runs faster than the machine's.
    case drift
    /// From writing a sample until it is heard, or from its being in the air until it is read, milliseconds.
    case delay
    /// By how much louder the microphones heard the test tone than without it, dB.
    case heard
    /// How many of the pixels shown were read back the same, percent.
    case identical
  }

  /// A figure, and whether it is as it should be.
  public struct Figure: Hashable, Sendable {
    /// What was measured.
    public var quantity: Quantity
    /// The value, in the unit that the quantity names.
    public var value: Double
    /// Whether it is as it should be.
    public var isGood: Bool

    /// A figure.
    public init(_ quantity: Quantity, _ value: Double, isGood: Bool = true) {
      self.quantity = quantity
      self.value = value
      self.isGood = isGood
    }
  }

  /// What was measured; empty if the device gave nothing.
  public var figures: [Figure]

  /// A finding.
  public init(_ figures: [Figure]) { self.figures = figures }

  /// Whether the device does what a room needs.
  public var isGood: Bool { !figures.isEmpty && figures.allSatisfy(\.isGood) }
}
