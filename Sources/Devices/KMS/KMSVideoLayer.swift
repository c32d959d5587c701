import Video

/// A picture that lies over the canvas: a camera's or a participant's, which the controller itself converts and, if it
/// can, scales while it scans out.
public struct KMSVideoLayer {
  /// The same number for the pictures of one stream, so that it keeps its plane.
  public var id: Int
  /// The picture; it belongs to the caller again when `present` returns.
  public var frame: VideoFrame
  /// The part of it to show, cut to even numbers.
  public var source: PixelRectangle
  /// Where it is to be seen, in the canvas's pixels; scaled to it.
  public var destination: PixelRectangle

  /// A layer.
  public init(id: Int, frame: VideoFrame, source: PixelRectangle, destination: PixelRectangle) {
    self.id = id
    self.frame = frame
    self.source = source
    self.destination = destination
  }
}

/// How a layer is shown.
public enum KMSLayerPath: Hashable, Sendable {
  /// By a plane that scales and converts.
  case scalingPlane
  /// By a plane that converts; the processor scales.
  case plane
  /// By the processor, which scales and converts into the scan-out buffer.
  case processor
}
