import Realtime
import Video

/// A camera picture that can be computed: a shaded wall with a fine pattern, a "head" that sways, and a box that
/// crosses the picture; every picture differs from the one before.
struct MovingScene {
  var width: Int
  var height: Int
  var framesPerSecond = 30.0

  /// Draws picture number `index` into `frame` and stamps it with its time.
  func draw(_ index: Int, into frame: VideoFrame) {
    frame.resize(width: width, height: height)
    frame.captureTime = Instant(nanoseconds: 1_000_000_000 + Int64(Double(index) * 1e9 / framesPerSecond))
    drawLuma(index, into: frame)
    drawChroma(index, into: frame)
  }

  private func drawLuma(_ index: Int, into frame: VideoFrame) {
    let (centreX, centreY, radius) = head(index)
    let boxX = (index * width / 120) % width
    for row in 0..<height {
      let line = frame.y + row * frame.strideY
      let fromCentre = (row - centreY) * (row - centreY)
      for column in 0..<width {
        var value = 60 + 80 * row / height + 40 * column / width
        if (row / 12 + column / 12) & 1 == 0 { value += 12 }
        let distance = (column - centreX) * (column - centreX) + fromCentre
        if distance < radius * radius { value = 190 - 60 * distance / (radius * radius) }
        if row > height * 3 / 4 && column >= boxX && column < boxX + width / 10 { value = 40 + (column - boxX) / 2 }
        line[column] = UInt8(clamping: value)
      }
    }
  }

  private func drawChroma(_ index: Int, into frame: VideoFrame) {
    let (centreX, centreY, radius) = head(index)
    for row in 0..<frame.chromaHeight {
      let blue = frame.u + row * frame.strideUV
      let red = frame.v + row * frame.strideUV
      let fromCentre = (2 * row - centreY) * (2 * row - centreY)
      for column in 0..<frame.chromaWidth {
        let isHead = (2 * column - centreX) * (2 * column - centreX) + fromCentre < radius * radius
        blue[column] = isHead ? 110 : UInt8(clamping: 120 + 16 * column / frame.chromaWidth)
        red[column] = isHead ? 150 : UInt8(clamping: 124 + 10 * row / frame.chromaHeight)
      }
    }
  }

  private func head(_ index: Int) -> (x: Int, y: Int, radius: Int) {
    let phase = index % 60
    let sway = phase < 30 ? phase : 60 - phase
    return (width / 2 + (sway - 15) * width / 160, height / 2 + (index % 20) * height / 720, height / 4)
  }
}
