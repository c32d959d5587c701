import Realtime
import Testing
import Video

/// A meeting on a display as it is seen from outside of the machine.
@Suite(.lab("virtio-call")) struct VirtioCallTests {
  @Test("a room in a practice meeting shows the others", .timeLimit(.minutes(3)))
  func aMeetingIsSeenFromOutside() throws {
    let outside = Outside.shared
    try outside.setDisplay(0, (1_280, 720))
    #expect(
      Lab.shell(
        """
        .build/release/salle demo --camera none --microphone none --speaker none --screen auto --name 'Salle Rivoli' \
          >/tmp/demo.out 2>&1 & echo $! >/tmp/demo.pid
        """) == 0)
    defer { Lab.shell("kill -INT $(cat /tmp/demo.pid); sleep 3; cat /tmp/demo.out >&2") }
    // Emulated, pictures come seconds apart, and a participant's stands still and gives way to initials now and then: each
    // must have been on the display, not both at one moment.
    let limit = MonotonicClock.now + .seconds(150)
    // The suns of the two synthetic participants' scenes.
    var awaited: Set<UInt32> = [0xFDC4_7D, 0xA5C8_FC]
    while !awaited.isEmpty, MonotonicClock.now < limit {
      MonotonicClock.sleep(until: MonotonicClock.now + .seconds(2))
      let picture = try outside.picture(0)
      guard picture.width == 1_280 else { continue }
      awaited = awaited.filter { Self.part(of: picture, near: $0) < 0.001 }
    }
    #expect(awaited.isEmpty, "participants who were never on the display")
  }

  /// The part of the pixels, 0 to 1, whose three values all lie near `color`, 0xRRGGBB.
  private static func part(of canvas: Canvas, near color: UInt32) -> Double {
    var count = 0
    for y in 0..<canvas.height {
      for x in 0..<canvas.width {
        guard let pixel = canvas.pixel(x: x, y: y) else { continue }
        let isNear = [UInt32(16), 8, 0].allSatisfy { shift in
          abs(Int(pixel >> shift & 0xFF) - Int(color >> shift & 0xFF)) <= 24
        }
        if isNear { count += 1 }
      }
    }
    return Double(count) / Double(max(canvas.width * canvas.height, 1))
  }
}
