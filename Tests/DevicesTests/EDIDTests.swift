import Realtime
import Testing

@testable import Devices

/// Against what edid-decode says of the same bytes.
@Suite struct EDIDTests {
  private static func sample(_ name: String) throws -> [UInt8] { try Sample.bytes("EDID/\(name).edid") }

  @Test func readsComputerMonitor() throws {
    let edid = try EDID(try Self.sample("dell-u2718q"))
    #expect(edid.vendor == "DEL" && edid.product == 41_196 && edid.productHexadecimal == "A0EC")
    #expect(edid.name == "DELL U2718Q" && edid.serialText == "SERIAL000001" && edid.year == 2_018)
    #expect(edid.serialNumber == 0x0102_0304 && edid.identity == "DEL-A0EC-SERIAL000001")
    #expect(edid.version == (1, 4) && edid.isDigital && edid.sizeCentimetres == .init(width: 61, height: 35))
    let limits = try #require(edid.rangeLimits)
    #expect(limits.minimumVerticalRate == 49 && limits.maximumVerticalRate == 86)
    #expect(limits.minimumHorizontalRate == 10 && limits.maximumHorizontalRate == 137)
    #expect(limits.maximumPixelClock == 540)
    let preferred = try #require(edid.preferredTiming)
    #expect(preferred.width == 3_840 && preferred.height == 2_160 && preferred.pixelClock == 533_250_000)
    #expect(abs(preferred.refreshRate - 59.996625) < 1e-6 && !preferred.isInterlaced)
    #expect(preferred.widthMillimetres == 609 && preferred.heightMillimetres == 349)
    let rates = [59.996625, 59.950550, 29.980602, 59.996625, 60, 23.996617]
    #expect(edid.timings.count == 6 && zip(edid.timings, rates).allSatisfy { abs($0.refreshRate - $1) < 1e-6 })
    #expect(
      edid.standardFormats.map { "\($0.width)x\($0.height)@\($0.refreshRate)" } == [
        "1152x864@75", "1280x1024@60", "1600x900@60", "1600x1200@60", "1920x1080@60", "2048x1280@60", "1920x1200@60",
      ])
    let cta = try #require(edid.cta)
    #expect(cta.revision == 3 && cta.isUnderscanned && cta.hasBasicAudio && cta.hdmi == nil)
    #expect(cta.formatNumbers == [16, 31, 32, 5, 20, 4, 19, 18, 17, 3, 2, 22, 21, 7, 6, 1])
    #expect(edid.takesUltraHD && edid.problems.isEmpty)
  }

  @Test func readsUltraHDTelevision() throws {
    let edid = try EDID(try Self.sample("samsung-tv-4k"))
    #expect(edid.vendor == "SAM" && edid.product == 3_859 && edid.name == "SAMSUNG" && edid.serialText == nil)
    #expect(edid.sizeCentimetres == .init(width: 121, height: 68))
    #expect(edid.timings.map { "\($0.width)x\($0.height)" } == ["3840x2160", "1920x1080", "1920x1080", "1366x768"])
    #expect(edid.timings[2].isInterlaced && abs(edid.timings[2].refreshRate - 50) < 1e-6)
    #expect(abs(edid.timings[3].refreshRate - 59.790) < 0.001)
    let cta = try #require(edid.cta)
    #expect(cta.formatNumbers.prefix(3) == [95, 16, 31] && cta.formatNumbers.count == 19)
    #expect(cta.formatNumbers420 == [96, 97, 101, 102])
    #expect(cta.canSelectRGBRange)
    let hdmi = try #require(cta.hdmi)
    #expect(hdmi.physicalAddress == 0x2000 && hdmi.maximumTMDSClock == 300 && hdmi.formats4K == [1, 2, 3, 4])
    #expect(cta.audio.map(\.format) == [1, 2, 10] && cta.audio.map(\.channels) == [2, 6, 8])
    #expect(cta.audio[0].sampleRates == [32_000, 44_100, 48_000] && cta.audio[0].sampleBits == [16, 20, 24])
    #expect(cta.formats.contains(EDIDFormat(width: 3_840, height: 2_160, refreshRate: 60)))
    #expect(edid.takesUltraHD)
  }

  @Test func readsFullHDTelevision() throws {
    let edid = try EDID(try Self.sample("lg-tv"))
    #expect(edid.identity == "GSM-0001-16843009" && edid.name == "LG TV" && !edid.takesUltraHD)
    let cta = try #require(edid.cta)
    // The one marked as native comes first.
    #expect(cta.formatNumbers == [4, 16, 34, 32, 5, 3, 2, 1])
    #expect(cta.hdmi == .init(physicalAddress: 0x1000, maximumTMDSClock: 150, formats4K: []))
    #expect(edid.timings.count == 7)
  }

  @Test func refusesWhatIsNone() throws {
    let good = try Self.sample("lg-tv")
    #expect(throws: EDIDError.tooShort(0)) { try EDID([]) }
    #expect(throws: EDIDError.tooShort(127)) { try EDID(Array(good.prefix(127))) }
    #expect(throws: EDIDError.noHeader) { try EDID([UInt8](repeating: 0xFF, count: 256)) }
    var bad = good
    bad[60] ^= 1
    #expect(throws: EDIDError.checksum(block: 0)) { try EDID(bad) }
  }

  /// An extension that was lost or garbled doesn't take the rest with it.
  @Test func doesWithoutBrokenExtension() throws {
    let good = try Self.sample("lg-tv")
    let cut = try EDID(Array(good.prefix(200)))
    #expect(cut.cta == nil && cut.timings.count == 2 && cut.problems == [.tooShort(200)])
    var bad = good
    bad[150] ^= 4
    let garbled = try EDID(bad)
    #expect(garbled.cta == nil && garbled.name == "LG TV" && garbled.problems == [.checksum(block: 1)])
  }

  /// Whatever the bytes: no trap. Checksums are made right, so that it gets beyond them.
  @Test func survivesAnything() throws {
    var random = SeededRandom(seed: 1)
    for name in ["lg-tv", "dell-u2718q", "samsung-tv-4k"] {
      let good = try Self.sample(name)
      for _ in 0..<3_000 {
        var bytes = good
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          bytes[Int.random(in: 8..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        for block in 0..<bytes.count / 128 {
          let sum = bytes[128 * block..<128 * block + 127].reduce(UInt8(0)) { $0 &+ $1 }
          bytes[128 * block + 127] = 0 &- sum
        }
        let edid = try EDID(bytes)
        #expect(edid.timings.allSatisfy { $0.refreshRate > 0 && $0.refreshRate.isFinite })
      }
    }
  }
}
