import Realtime
import Testing

@Suite("Instants")
struct InstantTests {
  @Test("moving saturates at the ends of the clock instead of overflowing")
  func saturation() {
    #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
    #expect(Instant(nanoseconds: .min) - .seconds(1) == Instant(nanoseconds: .min))
    #expect(Instant(nanoseconds: 5) + .nanoseconds(-7) == Instant(nanoseconds: -2))
  }

  @Test("durations convert to nanoseconds, and those too long saturate")
  func durations() {
    #expect(Duration.milliseconds(-1_500).nanoseconds == -1_500_000_000)
    #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    #expect(abs(Duration.milliseconds(1_500).seconds - 1.5) < 1e-12)
    #expect((Instant(nanoseconds: 3) - Instant(nanoseconds: 10)).nanoseconds == -7)
  }
}
