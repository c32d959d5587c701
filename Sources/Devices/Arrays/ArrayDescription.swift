import Audio

/// What is known of a microphone array as a product: where its microphones are, and which of its channels they are on.
///
/// From a file such as
///
///     name: Round table array
///     match:
///       - usb: "1209:0a01"        # maker and product, as lsusb shows them
///       - card: Conference Mic    # or a part of the sound card's name
///     channels: 8                 # how many the device has when its microphones come raw
///     microphones:                # positions in metres: x along, y to the front, z up
///       - {channel: 0, position: [-0.032, 0, 0]}
///       - {channel: 1, position: [0.032, 0, 0]}
public struct ArrayDescription: Sendable, Equatable {
  /// By what a device is known.
  public enum Match: Sendable, Equatable {
    /// USB maker's and product's number.
    case usb(vendor: UInt16, product: UInt16)
    /// A part of the sound card's name or short name.
    case card(String)
  }

  /// The product's name, for people.
  public var name: String
  /// Devices that it describes; none for the generic one.
  public var matches: [Match]
  /// Channels with which the device must be opened; nil for any number that has the channels named.
  public var channelCount: Int?
  /// The device's channel, from 0, of each microphone.
  public var channels: [Int]
  /// Where the microphones are, in the order of `channels`.
  public var array: MicrophoneArray

  /// Reads a description. `path` is only for the error.
  public init(yaml bytes: [UInt8], path: String = "") throws(MediaFileError) {
    let reader = DescriptionReader(path: path)
    guard bytes.count <= 65_536 else { throw reader.malformed("it is longer than 64 kB") }
    let root: [SimpleYAML.Entry]
    do throws(SimpleYAML.Failure) {
      root = try reader.mapping(SimpleYAML.parse(bytes))
    } catch {
      throw reader.malformed("line \(error.line): \(error.reason)")
    }
    try reader.allow(["name", "match", "channels", "microphones"], in: root)
    name = try reader.text(root, "name")
    channelCount = try reader.integer(root, "channels", 1...MicrophoneArray.maximumCount)
    matches = try reader.matches(root)
    (channels, array) = try reader.microphones(root, channelCount: channelCount ?? MicrophoneArray.maximumCount)
  }

  /// Reads the file at `path`.
  public init(contentsOf path: String) throws(MediaFileError) {
    let file = try InputFile(path: path)
    guard (1...65_536).contains(file.size) else { throw file.malformed("it is empty or longer than 64 kB") }
    try self.init(yaml: try file.bytes(Int(file.size), at: 0), path: path)
  }
}

/// Takes a description apart, with errors that say what is wrong in the file.
private struct DescriptionReader {
  let path: String

  func malformed(_ detail: String) -> MediaFileError { MediaFileError(path: path, reason: .malformed(detail)) }

  func mapping(_ node: SimpleYAML.Node) throws(SimpleYAML.Failure) -> [SimpleYAML.Entry] {
    guard case .mapping(let entries) = node else {
      throw .init(line: 1, reason: "it isn't a list of names with values")
    }
    return entries
  }

  func allow(_ keys: [String], in entries: [SimpleYAML.Entry]) throws(MediaFileError) {
    // A word misspelt would else be left out in silence.
    for entry in entries where !keys.contains(entry.key) { throw malformed("nothing is called \(entry.key)") }
  }

  func value(_ entries: [SimpleYAML.Entry], _ key: String) -> SimpleYAML.Node? {
    entries.first { $0.key == key }?.value
  }

  func text(_ entries: [SimpleYAML.Entry], _ key: String) throws(MediaFileError) -> String {
    guard case .scalar(let text)? = value(entries, key), !text.isEmpty else { throw malformed("\(key) is missing") }
    return text
  }

  func integer(
    _ entries: [SimpleYAML.Entry], _ key: String, _ range: ClosedRange<Int>
  ) throws(MediaFileError) -> Int? {
    guard let node = value(entries, key) else { return nil }
    guard case .scalar(let text) = node, let number = Int(text), range.contains(number) else {
      throw malformed("\(key) isn't a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func matches(_ entries: [SimpleYAML.Entry]) throws(MediaFileError) -> [ArrayDescription.Match] {
    guard let node = value(entries, "match") else { return [] }
    guard case .sequence(let items) = node else { throw malformed("match isn't a list") }
    var matches: [ArrayDescription.Match] = []
    for item in items {
      guard case .mapping(let entry) = item, entry.count == 1 else {
        throw malformed("an entry of match isn't one of usb and card")
      }
      try allow(["usb", "card"], in: entry)
      let text = try text(entry, entry[0].key)
      matches.append(entry[0].key == "usb" ? try usb(text) : .card(text))
    }
    return matches
  }

  private func usb(_ text: String) throws(MediaFileError) -> ArrayDescription.Match {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 4 }), let vendor = UInt16(parts[0], radix: 16),
      let product = UInt16(parts[1], radix: 16)
    else { throw malformed("usb isn't of the form \"1209:0a01\"") }
    return .usb(vendor: vendor, product: product)
  }

  func microphones(
    _ entries: [SimpleYAML.Entry], channelCount: Int
  ) throws(MediaFileError) -> ([Int], MicrophoneArray) {
    guard case .sequence(let items)? = value(entries, "microphones") else { throw malformed("microphones is missing") }
    guard items.count <= MicrophoneArray.maximumCount else { throw malformed("there are more than 16 microphones") }
    var channels: [Int] = []
    var positions: [MicrophoneArray.Position] = []
    for item in items {
      guard case .mapping(let entry) = item else { throw malformed("a microphone hasn't channel and position") }
      try allow(["channel", "position"], in: entry)
      guard let channel = try integer(entry, "channel", 0...channelCount - 1), !channels.contains(channel) else {
        throw malformed("a microphone's channel is missing, or two have the same")
      }
      channels.append(channel)
      positions.append(try position(entry))
    }
    do throws(MicrophoneArray.GeometryError) {
      return (channels, try MicrophoneArray(microphones: positions))
    } catch {
      throw malformed("there aren't 1 to 16 positions within 10 m")
    }
  }

  private func position(_ entry: [SimpleYAML.Entry]) throws(MediaFileError) -> MicrophoneArray.Position {
    guard case .sequence(let coordinates)? = value(entry, "position"), coordinates.count == 3 else {
      throw malformed("a position hasn't three coordinates")
    }
    var numbers: [Float] = []
    for coordinate in coordinates {
      guard case .scalar(let text) = coordinate, let number = Float(text) else {
        throw malformed("a coordinate isn't a number")
      }
      numbers.append(number)
    }
    return MicrophoneArray.Position(x: numbers[0], y: numbers[1], z: numbers[2])
  }
}
