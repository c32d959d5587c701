import Realtime

/// A picture that lies over the canvas: a camera's or a participant's, which the display's controller itself converts and,
/// if it can, scales while it scans out.
public struct VideoLayer {
  /// A smaller picture inside of the layer, in front of its own.
  public struct Inset {
    /// The picture; it belongs to the caller again when `present` returns.
    public var frame: VideoFrame
    /// The part of it to show, from even columns and rows on.
    public var source: PixelRectangle
    /// Where it is to be seen, from the layer's top left corner on: even numbers.
    public var place: PixelRectangle
    /// What is written over it, where it lies in the layer.
    public var marks: LayerMarks?

    /// An inset.
    public init(frame: VideoFrame, source: PixelRectangle, place: PixelRectangle, marks: LayerMarks? = nil) {
      self.frame = frame
      self.source = source
      self.place = place
      self.marks = marks
    }
  }

  /// The same number for the pictures of one stream, so that it keeps its plane.
  public var id: Int
  /// The picture; it belongs to the caller again when `present` returns.
  public var frame: VideoFrame
  /// The part of it to show, from even columns and rows on.
  public var source: PixelRectangle
  /// Where it is to be seen, in the canvas's pixels; scaled to it.
  public var destination: PixelRectangle
  /// What is written over it, such as a name.
  public var marks: LayerMarks?
  /// What lies over it and its marks.
  public var inset: Inset?

  /// A layer.
  public init(
    id: Int, frame: VideoFrame, source: PixelRectangle, destination: PixelRectangle, marks: LayerMarks? = nil,
    inset: Inset? = nil
  ) {
    self.id = id
    self.frame = frame
    self.source = source
    self.destination = destination
    self.marks = marks
    self.inset = inset
  }
}

/// A screen that can show video pictures without the processor's converting and copying them.
public protocol LayeringScreen: ScreenSink {
  /// How many layers it shows so, at best; 0 at present if its display has no means for it. It may change at any time:
  /// the processor then paints what is given.
  var layerCount: Int { get }

  /// Shows `canvas` and, over it, the layers; otherwise as `present(_:damage:)`. What lies in the canvas under a layer
  /// isn't seen.
  @discardableResult
  func present(_ canvas: Canvas, damage: Damage, video: [VideoLayer]) throws(ScreenError) -> Instant
}
