/// What a display says of itself: VESA Enhanced EDID 1.3/1.4 with CTA-861 extensions.
///
/// Reads bytes from outside: whatever they are, it ends with a description or an `EDIDError`.
public struct EDID: Hashable, Sendable {
  /// The most bytes that are read: the base block and 255 extensions.
  public static let maximumSize = 256 * 128

  /// The range of signals that the display follows (E-EDID §3.10.3.3.1).
  public struct RangeLimits: Hashable, Sendable {
    /// Pictures per second, lowest.
    public var minimumVerticalRate: Int
    /// Pictures per second, highest.
    public var maximumVerticalRate: Int
    /// Lines per second in thousands, lowest.
    public var minimumHorizontalRate: Int
    /// Lines per second in thousands, highest.
    public var maximumHorizontalRate: Int
    /// Pixels per second in millions, highest; nil when not told.
    public var maximumPixelClock: Int?
  }

  /// The manufacturer's three letters (PNP identifier).
  public private(set) var vendor: String
  /// The manufacturer's product number.
  public private(set) var product: Int
  /// The serial number; 0 when not told.
  public private(set) var serialNumber: Int
  /// The serial number as text, which makers print on the back.
  public private(set) var serialText: String?
  /// What the display is called, as in its menus.
  public private(set) var name: String?
  /// Year of manufacture, or of the model.
  public private(set) var year: Int
  /// The version of the standard, such as (1, 4).
  public var version: (major: Int, minor: Int) { (majorVersion, minorVersion) }
  private let majorVersion: Int
  private let minorVersion: Int
  /// Whether it is connected digitally.
  public private(set) var isDigital: Bool
  /// Width and height of the picture in centimetres; nil for projectors and where not told.
  public private(set) var sizeCentimetres: Size?
  /// The range of signals that it follows; nil when not told.
  public private(set) var rangeLimits: RangeLimits?
  /// The formats described in full, of all blocks. The first is the one that the display prefers.
  public private(set) var timings: [EDIDTiming] = []
  /// Formats named in the base block ("standard timings").
  public private(set) var standardFormats: [EDIDFormat] = []
  /// What the display says as a consumer device: HDMI, sound, formats by number; nil for a mere monitor.
  public private(set) var cta: CTAExtension?
  /// Extension blocks that are damaged or missing; what else there is counts.
  public private(set) var problems: [EDIDError] = []

  /// Width and height.
  public struct Size: Hashable, Sendable {
    /// Width.
    public var width: Int
    /// Height.
    public var height: Int
  }

  /// The format that the display looks best in.
  public var preferredTiming: EDIDTiming? { timings.first }

  /// The product number as makers and tools write it: four hexadecimal digits.
  public var productHexadecimal: String {
    let digits = String(product, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(4 - digits.count, 0)) + digits
  }

  /// The same for the same display wherever it is plugged in: vendor, product and serial number.
  public var identity: String {
    let serial = serialText ?? (serialNumber == 0 ? "" : String(serialNumber))
    return "\(vendor)-\(productHexadecimal)" + (serial.isEmpty ? "" : "-\(serial)")
  }

  /// Whether the display takes 2160p at 24 Hz or more, by any of the ways to say so.
  public var takesUltraHD: Bool {
    timings.contains { $0.width >= 3_840 && $0.height >= 2_160 }
      || (cta?.formats.contains { $0.width >= 3_840 && $0.height >= 2_160 } ?? false)
  }

  /// Reads an EDID.
  /// - Parameter bytes: the base block and as many extension blocks as could be read, 128 bytes each.
  /// - Throws: `EDIDError` when the base block can't be relied on; damaged extensions are left out and noted.
  public init(_ bytes: [UInt8]) throws(EDIDError) {
    guard bytes.count >= 128 else { throw .tooShort(bytes.count) }
    guard bytes[0] == 0, bytes[1...6].allSatisfy({ $0 == 0xFF }), bytes[7] == 0 else { throw .noHeader }
    guard Self.isSound(bytes[0..<128]) else { throw .checksum(block: 0) }
    let code = Int(bytes[8]) << 8 | Int(bytes[9])
    // Five bits a letter, 1 for A.
    vendor = String(
      decoding: [10, 5, 0].map { shift in
        let letter = code >> shift & 0x1F
        return (1...26).contains(letter) ? UInt8(64 + letter) : UInt8(ascii: "?")
      }, as: UTF8.self)
    product = Int(bytes[10]) | Int(bytes[11]) << 8
    serialNumber = (0..<4).reduce(0) { $0 | Int(bytes[12 + $1]) << (8 * $1) }
    year = 1_990 + Int(bytes[17])
    isDigital = bytes[20] & 0x80 != 0
    // One of them alone is an aspect ratio.
    sizeCentimetres = bytes[21] > 0 && bytes[22] > 0 ? Size(width: Int(bytes[21]), height: Int(bytes[22])) : nil
    majorVersion = Int(bytes[18])
    minorVersion = Int(bytes[19])
    for index in stride(from: 38, to: 54, by: 2) { addStandard(bytes[index], bytes[index + 1]) }
    for index in stride(from: 54, to: 126, by: 18) { addDescriptor(bytes[index..<index + 18]) }
    addExtensions(bytes)
  }

  /// Whether the bytes of a block add up to 0.
  private static func isSound(_ block: ArraySlice<UInt8>) -> Bool {
    block.reduce(UInt8(0)) { $0 &+ $1 } == 0
  }

  private mutating func addExtensions(_ bytes: [UInt8]) {
    let count = min(Int(bytes[126]), 255)
    for block in 0..<count {
      let start = 128 * (block + 1)
      guard start + 128 <= bytes.count else {
        problems.append(.tooShort(bytes.count))
        return
      }
      let content = bytes[start..<start + 128]
      guard Self.isSound(content) else {
        problems.append(.checksum(block: block + 1))
        continue
      }
      guard content[start] == CTAExtension.tag else { continue }
      let found = CTAExtension(content)
      timings += found.timings
      if cta == nil { cta = found } else { cta?.merge(found) }
    }
  }

  /// Width by eight less 31, then shape and rate (E-EDID §3.9).
  private mutating func addStandard(_ first: UInt8, _ second: UInt8) {
    // Both 1: unused.
    guard first > 1 || (first == 1 && second != 1) else { return }
    let width = (Int(first) + 31) * 8
    let height =
      switch second >> 6 {
      // 16:10 since version 1.3, square before.
      case 0: version < (1, 3) ? width : width * 10 / 16
      case 1: width * 3 / 4
      case 2: width * 4 / 5
      default: width * 9 / 16
      }
    standardFormats.append(EDIDFormat(width: width, height: height, refreshRate: Int(second & 0x3F) + 60))
  }

  /// One of the four descriptors: a timing, or a text or the like (E-EDID §3.10).
  private mutating func addDescriptor(_ bytes: ArraySlice<UInt8>) {
    if let timing = EDIDTiming(bytes) {
      timings.append(timing)
      return
    }
    let base = bytes.startIndex
    guard bytes[base] == 0, bytes[base + 1] == 0, bytes[base + 2] == 0 else { return }
    switch bytes[base + 3] {
    case 0xFC: name = Self.text(bytes[(base + 5)...]) ?? name
    case 0xFF: serialText = Self.text(bytes[(base + 5)...]) ?? serialText
    case 0xFD: rangeLimits = Self.rangeLimits(bytes)
    default: break
    }
  }

  /// Up to 13 characters, ended by a line feed; what can't be printed is left out.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    let characters = bytes.prefix { $0 != 0x0A && $0 != 0 }.filter { (0x20...0x7E).contains($0) }
    let text = String(decoding: characters, as: UTF8.self)
    let trimmed = text.drop { $0 == " " }
    let end = trimmed.lastIndex { $0 != " " }
    guard let end else { return nil }
    return String(trimmed[...end])
  }

  private static func rangeLimits(_ bytes: ArraySlice<UInt8>) -> RangeLimits {
    let base = bytes.startIndex
    func byte(_ index: Int) -> Int { Int(bytes[base + index]) }
    // Bits that add 255, since version 1.4.
    let offsets = byte(4)
    func offset(_ pair: Int) -> (Int, Int) { (pair == 3 ? 255 : 0, pair >= 2 ? 255 : 0) }
    let (vertical, horizontal) = (offset(offsets & 3), offset(offsets >> 2 & 3))
    return RangeLimits(
      minimumVerticalRate: byte(5) + vertical.0, maximumVerticalRate: byte(6) + vertical.1,
      minimumHorizontalRate: byte(7) + horizontal.0, maximumHorizontalRate: byte(8) + horizontal.1,
      maximumPixelClock: byte(9) == 0 || byte(9) == 255 ? nil : byte(9) * 10)
  }
}
