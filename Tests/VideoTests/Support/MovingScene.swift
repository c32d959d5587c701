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

  // The wall's rows are alike in bands of twelve and copied: in a debug build drawing must not take longer than encoding.
  private func drawLuma(_ index: Int, into frame: VideoFrame) {
    for row in 0..<height {
      let line = frame.y + row * frame.strideY
      if row % 12 != 0 {
        line.update(from: line - frame.strideY, count: width)
        continue
      }
      let base = 60 + 80 * row / height
      for column in 0..<width {
        let isDark = (row / 12 + column / 12) & 1 == 0
        line[column] = UInt8(truncatingIfNeeded: base + 40 * column / width + (isDark ? 12 : 0))
      }
    }
    let (centreX, centreY, radius) = head(index)
    for row in max(centreY - radius, 0)..<min(centreY + radius, height) {
      let line = frame.y + row * frame.strideY
      let fromCentre = (row - centreY) * (row - centreY)
      for column in max(centreX - radius, 0)..<min(centreX + radius, width) {
        let distance = (column - centreX) * (column - centreX) + fromCentre
        if distance < radius * radius {
          line[column] = UInt8(truncatingIfNeeded: 190 - 60 * distance / (radius * radius))
        }
      }
    }
    let boxX = (index * width / 120) % width
    for row in (height * 3 / 4)..<height {
      let line = frame.y + row * frame.strideY
      for column in boxX..<min(boxX + width / 10, width) {
        line[column] = UInt8(truncatingIfNeeded: 40 + (column - boxX) / 2)
      }
    }
  }

  private func drawChroma(_ index: Int, into frame: VideoFrame) {
    let (centreX, centreY, radius) = head(index)
    frame.u.update(repeating: 124, count: frame.strideUV * frame.chromaHeight)
    frame.v.update(repeating: 128, count: frame.strideUV * frame.chromaHeight)
    for row in max((centreY - radius) / 2, 0)..<min((centreY + radius) / 2, frame.chromaHeight) {
      let fromCentre = (2 * row - centreY) * (2 * row - centreY)
      for column in max((centreX - radius) / 2, 0)..<min((centreX + radius) / 2, frame.chromaWidth) {
        guard (2 * column - centreX) * (2 * column - centreX) + fromCentre < radius * radius else { continue }
        frame.u[row * frame.strideUV + column] = 110
        frame.v[row * frame.strideUV + column] = 150
      }
    }
  }

  private func head(_ index: Int) -> (x: Int, y: Int, radius: Int) {
    let phase = index % 60
    let sway = phase < 30 ? phase : 60 - phase
    return (width / 2 + (sway - 15) * width / 160, height / 2 + (index % 20) * height / 720, height / 4)
  }
}
