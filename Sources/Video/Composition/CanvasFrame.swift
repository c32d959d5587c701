extension Canvas {
  /// Draws `frame` over the whole canvas, in its right proportions, with bars beside it where they differ.
  public func draw(_ frame: VideoFrame) {
    TilePainter().paint(frame, into: self, bounds, isWhole: true)
  }
}
