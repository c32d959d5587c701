import CYUV
import Devices
import Video

/// The cost of composing nine moving pictures into a screen of 1920 × 1080 pixels, with names and marks, against libyuv
/// alone: the same pictures scaled and converted to the same places.
final class CompositionBenchmark {
  /// What one picture of the screen costs.
  struct Result {
    /// Salle, milliseconds.
    var milliseconds: Double
    /// libyuv alone, milliseconds.
    var reference: Double
    /// Salle's allocations beyond those that libyuv itself makes (a row buffer for each plane that it scales).
    var allocations: Double
  }

  private let canvas = Canvas(width: 1_920, height: 1_080)
  private let plainCanvas = Canvas(width: 1_920, height: 1_080)
  private let compositor = Compositor(width: 1_920, height: 1_080)
  private let tiles: [PlacedTile]
  /// Two pictures a tile, shown in turn, so that every picture of the screen is new.
  private let frames: [[VideoFrame]]
  private let scaled = VideoFrame(width: 2, height: 2)

  init() {
    let candidates = (1...9).map { LayoutCandidate(id: TileID($0), isSelf: $0 == 9) }
    var layout = Layout(mode: .grid)
    let arrangement = layout.arrange(candidates, speaker: nil, width: canvas.width, height: canvas.height)
    tiles = arrangement.tiles
    let models = candidates.map { candidate in
      TileModel(
        id: candidate.id, label: "Participant \(candidate.id.rawValue)", isMuted: candidate.id.rawValue % 2 == 0,
        isSpeaking: candidate.id.rawValue == 1)
    }
    compositor.update(arrangement, models: models)
    frames = (0..<9).map { tile in
      let scene = SyntheticScene(width: 640, height: 360, variant: tile)
      return (0..<2).map { index in
        let frame = VideoFrame(width: 640, height: 360)
        scene.paint(frame, at: .milliseconds(33 * index))
        return frame
      }
    }
  }

  /// Measures `rounds` pictures of each.
  func run(rounds: Int) -> Result {
    var samples = Samples(rounds)
    for round in 0..<rounds {
      samples.add(Measurement.take { compose(round % 2) }, count: 1)
      samples.addReference(Measurement.take { convert(round % 2) }, count: 1)
    }
    let result = samples.result
    return Result(
      milliseconds: result.nanoseconds / 1e6, reference: result.reference / 1e6,
      allocations: result.allocations - result.referenceAllocations)
  }

  private func compose(_ index: Int) {
    for (tile, frames) in zip(tiles, frames) { compositor.setFrame(frames[index], for: tile.id) }
    _ = compositor.compose(into: canvas)
  }

  private func convert(_ index: Int) {
    for (tile, frames) in zip(tiles, frames) {
      let (place, frame) = (tile.rectangle, frames[index])
      scaled.resize(width: place.width, height: place.height)
      scaled.scale(from: frame)
      I420ToARGBMatrix(
        scaled.y, Int32(scaled.strideY), scaled.u, Int32(scaled.strideUV), scaled.v, Int32(scaled.strideUV),
        plainCanvas.pixels + place.y * plainCanvas.stride + 4 * place.x, Int32(plainCanvas.stride), salle_yuv_bt601(),
        Int32(place.width), Int32(place.height))
    }
  }
}
