/// How a screen is to be driven.
public struct KMSSettings: Hashable, Sendable {
  /// The range of the colour values that go to the display.
  public enum ColorRange: String, Hashable, Sendable {
    /// As the controller thinks right for the mode.
    case automatic = "Automatic"
    /// 0…255.
    case full = "Full"
    /// 16…235, as televisions want it; a display that expects the other shows greyish blacks or swallows dark tones.
    case limited = "Limited 16:235"
  }

  /// The parts of the picture at its edges that the display hides (overscan), each as a part of its width or height,
  /// 0…0.2.
  public struct Margins: Hashable, Sendable {
    /// Part of the width at the left edge.
    public var left: Double
    /// Part of the height at the top edge.
    public var top: Double
    /// Part of the width at the right edge.
    public var right: Double
    /// Part of the height at the bottom edge.
    public var bottom: Double

    /// Margins, each cut to 0…0.2.
    public init(left: Double = 0, top: Double = 0, right: Double = 0, bottom: Double = 0) {
      func cut(_ part: Double) -> Double { part.isFinite ? min(max(part, 0), 0.2) : 0 }
      self.left = cut(left)
      self.top = cut(top)
      self.right = cut(right)
      self.bottom = cut(bottom)
    }
  }

  /// Which mode is chosen.
  public var modes: KMSModePolicy
  /// What the display hides.
  public var margins: Margins
  /// The range of colour values. Where a connector has no choice of its own, the limited range is made by the
  /// controller's look-up table; a controller without one ignores this.
  public var colorRange: ColorRange
  /// Buffers to draw in turn, 2 or 3. Two do, as `present` returns when the other one has left the screen.
  public var bufferCount: Int

  /// Settings that suit most displays.
  public init(
    modes: KMSModePolicy = KMSModePolicy(), margins: Margins = Margins(), colorRange: ColorRange = .automatic,
    bufferCount: Int = 2
  ) {
    self.modes = modes
    self.margins = margins
    self.colorRange = colorRange
    self.bufferCount = min(max(bufferCount, 2), 3)
  }
}
