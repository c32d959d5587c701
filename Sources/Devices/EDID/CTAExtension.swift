/// What a display says as a consumer device (CTA-861 extension block, §7.5): formats by their numbers, sound, HDMI.
public struct CTAExtension: Hashable, Sendable {
  static let tag: UInt8 = 0x02

  /// A kind of sound that the display takes (CTA-861 §7.5.2).
  public struct Audio: Hashable, Sendable {
    /// The coding's number: 1 is linear PCM.
    public var format: Int
    /// Channels at most.
    public var channels: Int
    /// Sample rates, Hz.
    public var sampleRates: [Int]
    /// Bits of a sample, for linear PCM.
    public var sampleBits: [Int]
  }

  /// What the display says about HDMI (HDMI 1.4b §8.3.2, HDMI 2.0 §10.3.2).
  public struct HDMI: Hashable, Sendable {
    /// Where the display's socket is in the tree of HDMI devices, as CEC writes it: 0x1000 is 1.0.0.0.
    public var physicalAddress: UInt16
    /// The highest rate of TMDS characters, million a second; nil when not told.
    public var maximumTMDSClock: Int?
    /// The numbers (1 to 4) of the 4K formats of HDMI 1.4: 2160p30, 25, 24 and 4096 × 2160 at 24.
    public var formats4K: [Int]
  }

  /// The extension's revision; 3 nowadays.
  public private(set) var revision: Int
  /// Whether the display hides the edges of pictures unless told otherwise: its default is overscan.
  public private(set) var isUnderscanned: Bool
  /// Whether it takes two channels of linear PCM.
  public private(set) var hasBasicAudio: Bool
  /// Formats described in full.
  public private(set) var timings: [EDIDTiming] = []
  /// The numbers (VIC) of the formats that it takes, its favourite first.
  public private(set) var formatNumbers: [Int] = []
  /// The numbers of formats that it takes with 4:2:0 colour alone.
  public private(set) var formatNumbers420: [Int] = []
  /// The kinds of sound that it takes.
  public private(set) var audio: [Audio] = []
  /// What it says about HDMI; nil for DVI.
  public private(set) var hdmi: HDMI?
  /// Whether the range of RGB values can be chosen by the source (CTA-861 §7.5.6, QS).
  public private(set) var canSelectRGBRange = false

  /// The formats that it takes, of those whose numbers are known here, its favourite first.
  public var formats: [EDIDFormat] {
    let ultra = (hdmi?.formats4K ?? []).compactMap { number in
      (1...4).contains(number)
        ? EDIDFormat(width: number == 4 ? 4_096 : 3_840, height: 2_160, refreshRate: [30, 25, 24, 24][number - 1]) : nil
    }
    return (formatNumbers + formatNumbers420).compactMap { CTAFormats.format($0) } + ultra
  }

  /// Reads the 128 bytes of a block whose checksum is right.
  init(_ block: ArraySlice<UInt8>) {
    let base = block.startIndex
    revision = Int(block[base + 1])
    let flags = revision >= 2 ? block[base + 3] : 0
    isUnderscanned = flags & 0x80 != 0
    hasBasicAudio = flags & 0x40 != 0
    // Where the timings begin: 0 for none and no data either, 4 for timings only.
    let begin = Int(block[base + 2])
    if revision >= 3, begin > 4 { readData(block[(base + 4)..<(base + min(begin, 127))]) }
    guard begin >= 4 else { return }
    var index = base + begin
    while index + 18 <= base + 127, let timing = EDIDTiming(block[index..<index + 18]) {
      timings.append(timing)
      index += 18
    }
  }

  /// Adds what a further block says.
  mutating func merge(_ other: CTAExtension) {
    timings += other.timings
    formatNumbers += other.formatNumbers
    formatNumbers420 += other.formatNumbers420
    audio += other.audio
    hdmi = hdmi ?? other.hdmi
    canSelectRGBRange = canSelectRGBRange || other.canSelectRGBRange
    hasBasicAudio = hasBasicAudio || other.hasBasicAudio
  }

  /// The collection of data blocks: three bits of kind, five of length, then the content.
  private mutating func readData(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while let head = rest.first {
      let length = Int(head & 0x1F)
      // A block that goes beyond the collection is cut: nothing after it can be relied on.
      guard rest.count > length else { return }
      let content = rest[(rest.startIndex + 1)..<(rest.startIndex + 1 + length)]
      read(kind: head >> 5, content)
      rest = rest[(rest.startIndex + 1 + length)...]
    }
  }

  private mutating func read(kind: UInt8, _ content: ArraySlice<UInt8>) {
    switch kind {
    case 1: readAudio(content)
    case 2: readFormats(content)
    case 3: readVendor(content)
    case 7: readExtended(content)
    default: break
    }
  }

  private mutating func readAudio(_ content: ArraySlice<UInt8>) {
    let rates = [32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000]
    var rest = content
    while rest.count >= 3 {
      let (first, second, third) = (rest[rest.startIndex], rest[rest.startIndex + 1], rest[rest.startIndex + 2])
      let format = Int(first >> 3 & 0x0F)
      audio.append(
        Audio(
          format: format, channels: Int(first & 7) + 1,
          sampleRates: rates.indices.filter { second >> $0 & 1 != 0 }.map { rates[$0] },
          sampleBits: format == 1
            ? [16, 20, 24].enumerated().filter { third >> $0.offset & 1 != 0 }.map(\.element) : []))
      rest = rest.dropFirst(3)
    }
  }

  private mutating func readFormats(_ content: ArraySlice<UInt8>) {
    var native: [Int] = []
    for byte in content {
      // Numbers up to 64 have a mark for favourites in the highest bit.
      let number = (129...192).contains(byte) ? Int(byte & 0x7F) : Int(byte)
      guard number > 0 else { continue }
      if byte != number { native.append(number) }
      formatNumbers.append(number)
    }
    formatNumbers = native + formatNumbers.filter { !native.contains($0) }
  }

  private mutating func readVendor(_ content: ArraySlice<UInt8>) {
    let base = content.startIndex
    guard content.count >= 5 else { return }
    func byte(_ index: Int) -> Int { content.count > index ? Int(content[base + index]) : 0 }
    let identifier = byte(0) | byte(1) << 8 | byte(2) << 16
    if identifier == 0xC4_5DD8 {
      // HDMI Forum: rates above 340 million characters a second.
      let known = hdmi?.maximumTMDSClock ?? 0
      if byte(4) > 0 { hdmi?.maximumTMDSClock = max(known, byte(4) * 5) }
      return
    }
    guard identifier == 0x00_0C03 else { return }
    hdmi = HDMI(
      physicalAddress: UInt16(byte(3)) << 8 | UInt16(byte(4)), maximumTMDSClock: byte(6) > 0 ? byte(6) * 5 : nil,
      formats4K: formats4K(content))
  }

  /// The list of 4K formats lies behind latencies that may be absent.
  private func formats4K(_ content: ArraySlice<UInt8>) -> [Int] {
    let base = content.startIndex
    guard content.count > 7, content[base + 7] & 0x20 != 0 else { return [] }
    var index = 8
    if content[base + 7] & 0x80 != 0 { index += 2 }
    if content[base + 7] & 0x40 != 0 { index += 2 }
    // Behind the flags of 3D.
    guard content.count > index + 1 else { return [] }
    let count = Int(content[base + index + 1] >> 5)
    return content.dropFirst(index + 2).prefix(count).map { Int($0) }
  }

  private mutating func readExtended(_ content: ArraySlice<UInt8>) {
    guard let kind = content.first else { return }
    let rest = content.dropFirst()
    switch kind {
    case 0: canSelectRGBRange = canSelectRGBRange || (rest.first ?? 0) & 0x40 != 0
    // 4:2:0 only.
    case 14: formatNumbers420 += rest.filter { $0 > 0 }.map { Int($0) }
    default: break
    }
  }
}
