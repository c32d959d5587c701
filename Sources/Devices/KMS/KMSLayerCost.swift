import Realtime
import Video

/// What a plane of the display's controller saves the processor: a meeting of two on a screen of 1920 × 1080 pixels, the
/// other large and the room's own picture in front, shown both ways but for the controller itself.
///
/// Not thread-safe.
public final class KMSLayerCost {
  private let composed = Compositor(width: 1_920, height: 1_080)
  private let layered = Compositor(width: 1_920, height: 1_080)
  private let canvas = Canvas(width: 1_920, height: 1_080)
  private let other = Canvas(width: 1_920, height: 1_080)
  /// Stands for the buffers that are scanned out.
  private let scanOut = Canvas(width: 1_920, height: 1_080)
  private let painter = KMSVideoPainter()
  private let frames: [VideoFrame]

  /// Pictures of 1280 × 720 pixels.
  public init() {
    frames = (0..<4).map { index in
      let frame = VideoFrame(width: 1_280, height: 720)
      SyntheticScene(width: 1_280, height: 720, variant: index / 2).paint(frame, at: .milliseconds(33 * index))
      return frame
    }
    var layout = Layout(mode: .speaker)
    let candidates = (0...1).map { LayoutCandidate(id: TileID($0), isSelf: $0 == 1) }
    let arrangement = layout.arrange(candidates, speaker: TileID(0), width: 1_920, height: 1_080)
    layered.leavesLayer = true
    for compositor in [composed, layered] {
      compositor.update(arrangement, models: (0...1).map { TileModel(id: TileID($0), label: "Participant \($0)") })
    }
  }

  /// Composes picture number `index` and copies what changed to where it is scanned out.
  public func compose(_ index: Int) {
    for id in 0...1 { composed.setFrame(frames[2 * id + index % 2], for: TileID(id)) }
    for area in composed.compose(into: canvas).rectangles {
      for row in area.y..<area.maxY {
        let offset = row * canvas.stride + 4 * area.x
        (scanOut.pixels + offset).update(from: canvas.pixels + offset, count: 4 * area.width)
      }
    }
  }

  /// Brings picture number `index` to a plane of its own.
  public func layer(_ index: Int) {
    for id in 0...1 { layered.setFrame(frames[2 * id + index % 2], for: TileID(id)) }
    _ = layered.compose(into: other)
    guard let layer = layered.layer else { return }
    // A byte a pixel, and below it half as much of chroma: far less than the canvas has room for.
    painter.convert(
      layer, to: scanOut.pixels, pitch: scanOut.width, width: layer.destination.width, height: layer.destination.height)
  }
}
