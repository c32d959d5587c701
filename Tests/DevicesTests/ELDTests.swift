import Devices
import Testing

@Suite("ELD")
struct ELDTests {
  /// A screen called "LAB TV" with PCM of 8 channels at all rates up to 96 kHz, AC-3, 40 ms late, at HDMI.
  private var screen: [UInt8] {
    var bytes: [UInt8] = [2 << 3, 0, 8, 0, 3 << 5 | 6, 2 << 4, 20, 0x0F] + [UInt8](repeating: 0, count: 12)
    bytes += Array("LAB TV".utf8) + [1 << 3 | 7, 0x1F, 7, 2 << 3 | 5, 0x07, 80]
    return bytes + [UInt8](repeating: 0, count: 84 - bytes.count)
  }

  @Test("name, delay and formats are read")
  func reading() throws {
    let eld = try ELD(screen)
    #expect(eld.monitorName == "LAB TV")
    #expect(eld.delayMilliseconds == 40)
    #expect(!eld.isDisplayPort)
    #expect(eld.channelCount == 8)
    #expect(eld.formats.map(\.code) == [1, 2])
    #expect(eld.formats[0].sampleRates == [32_000, 44_100, 48_000, 88_200, 96_000])
  }

  @Test("what is empty, cut or of another version is refused")
  func refusal() {
    #expect(throws: ELD.Failure.empty) { try ELD([]) }
    #expect(throws: ELD.Failure.empty) { try ELD([UInt8](repeating: 0, count: 256)) }
    for count in 1..<32 {
      #expect(throws: ELD.Failure.truncated) { try ELD(Array(screen[..<count])) }
    }
    var other = screen
    other[0] = 1 << 3
    #expect(throws: ELD.Failure.version(1)) { try ELD(other) }
    // A name longer than the field, and more formats than there is room for.
    other = screen
    other[4] = 31
    #expect(throws: ELD.Failure.truncated) { try ELD(other) }
    other = Array(screen[..<32])
    other[5] = 15 << 4
    #expect(throws: ELD.Failure.truncated) { try ELD(other) }
  }
}
