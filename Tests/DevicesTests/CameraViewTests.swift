import Foundation
import Realtime
import Testing
import Video

@testable import Devices

@Suite struct CameraViewTests {
  private static let (width, height) = (1_920, 1_080)

  /// The parts shown at 30 pictures a second after `movement`.
  private func parts(_ view: inout DigitalView, _ count: Int, from start: Instant) -> [PixelRectangle] {
    (0..<count).map { number in
      view.part(width: Self.width, height: Self.height, at: start + .seconds(Double(number) / 30))
        ?? PixelRectangle(x: 0, y: 0, width: Self.width, height: Self.height)
    }
  }

  @Test("every part lies within the picture, with even edges and the picture's proportions")
  func bounds() {
    var random = SeededRandom(seed: 11)
    var view = DigitalView()
    var now = Instant(nanoseconds: 0)
    let strange = [Double.nan, .infinity, -.infinity, 1e300, -5, 0]
    for step in 0..<3_000 {
      func value() -> Double {
        step % 9 == 0 ? strange[step / 9 % strange.count] : Double.random(in: -1.5...1.5, using: &random)
      }
      let wish = CameraView(pan: value(), tilt: value(), zoom: value())
      switch step % 5 {
      case 0: view.obey(.to(wish))
      case 1: view.obey(.by(wish))
      case 2: view.obey(.drive(wish))
      case 3: view.obey(.stop)
      default: break
      }
      now = now + .milliseconds(Int.random(in: 0...400, using: &random))
      for (width, height) in [(Self.width, Self.height), (641, 361), (64, 64)] {
        guard let part = view.part(width: width, height: height, at: now) else { continue }
        #expect(PixelRectangle(x: 0, y: 0, width: width, height: height).contains(part), "\(part)")
        #expect(part.x % 2 == 0 && part.y % 2 == 0 && part.width % 2 == 0 && part.height % 2 == 0)
        #expect(abs(Double(part.width) / Double(part.height) - Double(width) / Double(height)) < 0.2)
      }
    }
  }

  @Test("a move ends where it should, without a jerk and without swinging over")
  func smoothness() {
    var view = DigitalView()
    view.obey(.to(CameraView(pan: 1, tilt: 1, zoom: 1)))
    let parts = parts(&view, 60, from: Instant(nanoseconds: 5))
    #expect(parts[0].width == Self.width)
    // A quarter, in the upper right corner.
    #expect(parts.last == PixelRectangle(x: 1_440, y: 0, width: 480, height: 270))
    let widths = parts.map { Double($0.width) }
    #expect(zip(widths, widths.dropFirst()).allSatisfy { $0 >= $1 })
    // 90 % within 0.7 s, and no step larger than the greatest speed of a spring of that time allows.
    #expect(widths[21] < 480 * 1.2)
    let logarithms = widths.map { log($0) }
    let speeds = zip(logarithms, logarithms.dropFirst()).map { $0 - $1 }
    #expect(speeds.max() ?? 1 < log(4) * 0.1)
    let jerks = zip(speeds, speeds.dropFirst()).map { abs($0 - $1) }
    #expect(jerks.max() ?? 1 < log(4) * 0.05)
  }

  @Test("driving goes on until it is stopped, and ends at the border")
  func driving() {
    var view = DigitalView()
    view.obey(.to(CameraView(zoom: 1)))
    _ = parts(&view, 90, from: Instant(nanoseconds: 0))
    view.obey(.drive(CameraView(pan: 0.5)))
    let moving = parts(&view, 30, from: Instant(nanoseconds: 3_000_000_000))
    #expect(moving[29].x > moving[15].x && moving[15].x > moving[5].x)
    // The spring's lag is two time constants of the speed, 0.15 of half of what can be reached.
    #expect(abs(Double(moving[29].x) - (720 + 720 * (0.5 - 0.15))) < 12)
    view.obey(.stop)
    let still = parts(&view, 60, from: Instant(nanoseconds: 4_000_000_000))
    #expect(abs(still[59].x - moving[29].x) < 40 && still[59] == still[50])
    view.obey(.drive(CameraView(pan: 1)))
    #expect(parts(&view, 150, from: Instant(nanoseconds: 6_000_000_000)).last?.x == 1_440)
    view.obey(.to(.home))
    #expect(view.part(width: Self.width, height: Self.height, at: Instant(nanoseconds: 12_000_000_000)) != nil)
    for second in 13..<18 {
      _ = view.part(width: Self.width, height: Self.height, at: Instant(nanoseconds: Int64(second) * 1_000_000_000))
    }
    #expect(view.part(width: Self.width, height: Self.height, at: Instant(nanoseconds: 18_000_000_000)) == nil)
  }

  @Test("a part is scaled to the whole picture")
  func scaling() {
    let source = VideoFrame(width: 640, height: 360)
    source.fill(y: 40, u: 128, v: 128)
    for row in 90..<180 { (source.y + row * source.strideY + 160).update(repeating: 200, count: 160) }
    let target = VideoFrame(width: 640, height: 360)
    source.captureTime = Instant(nanoseconds: 77)
    target.scale(PixelRectangle(x: 160, y: 90, width: 160, height: 90), of: source)
    #expect((0..<360).allSatisfy { row in (0..<640).allSatisfy { target.y[row * target.strideY + $0] == 200 } })
    #expect(target.captureTime == source.captureTime && target.u[5] == 128)
  }

  @Test("presets survive being stored")
  func presets() throws {
    let preset = CameraPreset(values: [.pan: -7_200, .zoom: 120], view: CameraView(pan: 0.25, tilt: -1, zoom: 0.5))
    #expect(try JSONDecoder().decode(CameraPreset.self, from: JSONEncoder().encode(preset)) == preset)
  }
}
