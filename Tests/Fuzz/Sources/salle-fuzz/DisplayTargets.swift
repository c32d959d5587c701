@testable import Devices

extension FuzzTarget {
  /// A display's description of itself. Checksums are made right first, or little would get beyond them; the first byte
  /// says whether they are left as they are.
  static let edid = FuzzTarget(name: "edid") { bytes in
    var edid = [UInt8](bytes.prefix(16_384))
    if let first = edid.first, first != 0xFF {
      for block in 0..<edid.count / 128 {
        let start = 128 * block
        let sum = edid[start..<start + 127].reduce(UInt8(0)) { $0 &+ $1 }
        edid[start + 127] = 0 &- sum
      }
    }
    do throws(EDIDError) {
      let display = try EDID(edid)
      require(display.vendor.utf8.count == 3 && display.productHexadecimal.utf8.count == 4, "\(display.identity)")
      require(
        display.timings.allSatisfy { $0.width > 0 && $0.height > 0 && $0.refreshRate > 0 && $0.refreshRate.isFinite },
        "\(display.timings)")
      require((display.name ?? "").utf8.allSatisfy { (0x20...0x7E).contains($0) }, "a name that can't be printed")
      require(display.cta?.audio.allSatisfy { (1...8).contains($0.channels) } ?? true, "channels")
      _ = (display.takesUltraHD, display.cta?.formats.count)
    } catch {
      require(!error.description.isEmpty, "an error without words")
    }
  } seeds: {
    // The samples of the tests come besides.
    let base = "00ffffffffffff00" + "4c2d0001010101011a1c0104" + String(repeating: "00", count: 108)
    return [base.hexadecimalBytes, Array(base.hexadecimalBytes.prefix(40)), [0xFF]]
  }
}
