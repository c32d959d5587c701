/// The lines that follow a command, up to one that is a single point.
struct TerminalBody {
  /// The command.
  let line: TerminalLine
  private(set) var bytes: [UInt8] = []
  private(set) var isWhole = false
  /// Whether it was longer than a text may be; what was too much is lost.
  private(set) var isOverlong = false
  private var isEmpty = true

  init(_ line: TerminalLine) { self.line = line }

  /// Takes in a line.
  mutating func append(_ piece: TerminalInput.Piece) {
    guard case .line(let line) = piece else {
      bytes = []
      return isOverlong = true
    }
    guard line != [UInt8(ascii: ".")] else { return isWhole = true }
    guard !isOverlong, bytes.count + line.count < TerminalLimits.bodyLength else {
      bytes = []
      return isOverlong = true
    }
    if !isEmpty { bytes.append(0x0A) }
    isEmpty = false
    bytes += line
  }
}

/// A command and the text that follows it, sent behind the number of their bytes: `{52} `.
struct TerminalFrame {
  /// Bytes that haven't come yet.
  private(set) var missingCount: Int
  private var bytes: [UInt8] = []
  /// Whether it is longer than may be; nothing of it is kept then.
  let isOverlong: Bool

  /// The frame that `line` announces; nil when it doesn't announce any.
  init?(_ line: [UInt8]) {
    guard line.first == UInt8(ascii: "{"), line.count < 32 else { return nil }
    let text = String(decoding: line, as: UTF8.self).trimmed
    guard text.hasSuffix("}") else { return nil }
    let digits = text.dropFirst().dropLast()
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits) else {
      return nil
    }
    // Longer than anything that could be meant: not a frame.
    guard count <= 1 << 32 else { return nil }
    missingCount = count
    isOverlong = count > TerminalLimits.bodyLength + TerminalLimits.lineLength
  }

  /// Takes in bytes, no more than are missing.
  mutating func append(_ part: ArraySlice<UInt8>) {
    missingCount -= part.count
    if !isOverlong { bytes += part }
  }

  /// The command's line and the text behind it, without the last line's end; nil when there is no command.
  var parts: (line: [UInt8], body: [UInt8])? {
    guard let end = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }), end <= TerminalLimits.lineLength else {
      return nil
    }
    var body = bytes[(end + 1)...]
    if bytes[end] == 0x0D, body.first == 0x0A { body = body.dropFirst() }
    if body.last == 0x0A { body = body.dropLast() }
    if body.last == 0x0D { body = body.dropLast() }
    return (Array(bytes[..<end]), Array(body))
  }
}
