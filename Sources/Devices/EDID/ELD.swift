/// What a screen at an HDMI or DisplayPort output says of the sound that it can play: EDID-like data (High Definition
/// Audio specification 1.0a, section 7.3.3.34; CTA-861 for the audio descriptors).
public struct ELD: Hashable, Sendable {
  /// Sound of one coding that the screen can play (CTA-861 short audio descriptor).
  public struct AudioFormat: Hashable, Sendable {
    /// Audio format code; 1 is linear PCM.
    public var code: Int
    /// Most channels.
    public var channelCount: Int
    /// Sample rates in Hz.
    public var sampleRates: [Int]
  }

  /// Why data isn't an ELD.
  public enum Failure: Error, Hashable, Sendable {
    /// There's no screen that plays sound: the data are empty.
    case empty
    /// The data end before what they announce.
    case truncated
    /// A version that nobody knows; 2 and 31 are known.
    case version(Int)
  }

  /// The screen's name, may be empty.
  public var monitorName: String
  /// By how many milliseconds the screen delays sound; 0 when it doesn't say.
  public var delayMilliseconds: Int
  /// Whether the output is DisplayPort.
  public var isDisplayPort: Bool
  /// What it can play.
  public var formats: [AudioFormat]

  /// Channels of linear PCM; 0 when it plays none. A screen that names no format plays two.
  public var channelCount: Int {
    formats.isEmpty ? 2 : formats.filter { $0.code == 1 }.map(\.channelCount).max() ?? 0
  }

  /// Reads an ELD.
  public init(_ bytes: [UInt8]) throws(Failure) {
    guard bytes.contains(where: { $0 != 0 }) else { throw .empty }
    guard bytes.count >= 20 else { throw .truncated }
    let version = Int(bytes[0] >> 3)
    guard version == 2 || version == 31 else { throw .version(version) }
    let nameLength = Int(bytes[4] & 0x1F)
    let count = Int(bytes[5] >> 4)
    isDisplayPort = bytes[5] >> 2 & 3 == 1
    // Lip sync in units of 2 ms, at most 500 ms; 0 and larger values say nothing.
    delayMilliseconds = bytes[6] <= 250 ? Int(bytes[6]) * 2 : 0
    let end = 20 + nameLength + 3 * count
    guard nameLength <= 16, end <= bytes.count else { throw .truncated }
    monitorName = Self.text(bytes[20..<20 + nameLength])
    formats = (0..<count).map { index in
      let start = 20 + nameLength + 3 * index
      return Self.format(bytes[start], bytes[start + 1])
    }
  }

  private static func format(_ first: UInt8, _ second: UInt8) -> AudioFormat {
    let rates = [32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000]
    return AudioFormat(
      code: Int(first >> 3 & 0x0F), channelCount: Int(first & 7) + 1,
      sampleRates: rates.indices.filter { second >> $0 & 1 == 1 }.map { rates[$0] })
  }

  /// Printable characters without the blanks and line ends that fill the field.
  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    var characters = bytes.prefix { $0 != 0 && $0 != 10 }.filter { (32..<127).contains($0) }
    while characters.last == 32 { characters.removeLast() }
    return String(decoding: characters, as: UTF8.self)
  }
}
