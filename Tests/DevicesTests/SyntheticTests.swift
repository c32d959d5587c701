import Realtime
import Testing
import Video

@testable import Devices

@Suite("Synthetic picture and sound")
struct SyntheticTests {
  @Test(
    "the scene shows its time in blocks, and the flash in the first tenth of each second",
    arguments: [
      (1_280, 720), (640, 360), (320, 180), (1_920, 1_080),
    ])
  func timeAndFlash(width: Int, height: Int) {
    let scene = SyntheticScene(width: width, height: height)
    let frame = VideoFrame(width: 1, height: 1)
    for milliseconds in [0, 33, 99, 101, 1_000, 1_050, 1_500, 59_999, 3_600_050, 12_345_678] {
      scene.paint(frame, at: .milliseconds(milliseconds) + .microseconds(1))
      #expect(frame.width == width && frame.height == height)
      #expect(SyntheticScene.timeCode(of: frame) == milliseconds)
      #expect(SyntheticScene.showsFlash(frame) == (milliseconds % 1_000 < 100))
    }
  }

  @Test("the scene depends on its time alone, moves, and differs from its variants")
  func determinism() {
    let frame = VideoFrame(width: 1, height: 1)
    func picture(_ variant: Int, _ time: Duration) -> [UInt8] {
      SyntheticScene(width: 320, height: 180, variant: variant).paint(frame, at: time)
      return Array(UnsafeBufferPointer(start: frame.y, count: frame.strideY * 180))
        + Array(UnsafeBufferPointer(start: frame.u, count: frame.strideUV * 90))
    }
    #expect(picture(0, .seconds(3)) == picture(0, .seconds(3)))
    #expect(picture(0, .seconds(3)) != picture(0, .seconds(3.1)))
    #expect(picture(0, .seconds(3)) != picture(1, .seconds(3)))
    for variant in -3..<20 { _ = picture(variant, .seconds(-1)) }
  }

  @Test("small and odd sizes are painted without trouble")
  func sizes() {
    let frame = VideoFrame(width: 1, height: 1)
    for (width, height) in [(0, 0), (64, 64), (65, 99), (1_000, 64), (64, 1_000), (854, 480)] {
      let scene = SyntheticScene(width: width, height: height)
      for step in 0..<40 { scene.paint(frame, at: .milliseconds(333 * step)) }
    }
  }

  @Test("the beep sounds while the flash shows, at 1 kHz")
  func beep() {
    let samples = (0..<96_000).map { SyntheticSound.beep.sample(Int64($0)) }
    for second in 0..<2 {
      let part = samples[(second * 48_000)..<((second + 1) * 48_000)]
      #expect(part.prefix(4_800).contains { $0 > 0.49 } && part.dropFirst(4_801).allSatisfy { $0 == 0 })
    }
    let middle = samples[480..<4_320]
    let crossings = zip(middle, middle.dropFirst()).count { $0 < 0 && $1 >= 0 }
    #expect((79...81).contains(crossings))
  }

  @Test("a tone keeps its pitch for days, and every sound stays within ±1")
  func sounds() {
    let day: Int64 = 86_400 * 48_000
    let tone = SyntheticSound.tone(frequency: 440.5, level: -20)
    // 440.5 Hz has a whole number of cycles in two seconds, and so in a day.
    for index in 0..<1_000 as Range<Int64> { #expect(abs(tone.sample(index) - tone.sample(day + index)) < 1e-4) }
    for voice in -2..<6 {
      var loudest: Float = 0
      var silent = 0
      for index in 0..<160_000 as Range<Int64> {
        let value = SyntheticSound.speechAndBeep(voice: voice).sample(index)
        loudest = max(loudest, abs(value))
        if value == 0 { silent += 1 }
      }
      #expect(loudest > 0.1 && loudest <= 1 && silent > 20_000)
    }
  }
}
