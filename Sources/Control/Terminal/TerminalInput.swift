/// Cuts a terminal's bytes into lines and texts: CR, LF and CRLF end lines, a break (a zero byte) gives a line up, and
/// backspace takes back a character. What comes before it is asked for waits.
struct TerminalInput {
  /// What was read.
  enum Piece: Hashable {
    /// A line without its end.
    case line([UInt8])
    /// A line that was too long, and is lost.
    case overlong
  }

  /// Whether what is typed is sent back, so that it is seen.
  var echoes = true
  /// The longest line, bytes.
  var lineLength = TerminalLimits.credentialLength

  private var waiting: [UInt8] = []
  private var position = 0
  private var line: [UInt8] = []
  private var isOverlong = false
  private var followsReturn = false

  /// What waits, bytes.
  var waitingCount: Int { waiting.count - position }

  /// Takes in what came.
  mutating func append(_ bytes: [UInt8]) {
    if position == waiting.count {
      waiting = bytes
    } else {
      // What was read is given back only now and then: giving it back with each line would move all the rest each time.
      if position > 4_096 { waiting.removeFirst(position) } else { return waiting.append(contentsOf: bytes) }
      waiting.append(contentsOf: bytes)
    }
    position = 0
  }

  /// Forgets what waits, and the line that has begun.
  mutating func clear() {
    waiting = []
    position = 0
    line = []
    isOverlong = false
  }

  /// The next line; nil when none is whole yet.
  /// - Parameter echo: gets what is to be sent back.
  mutating func nextLine(echo: inout [UInt8]) -> Piece? {
    while position < waiting.count {
      let byte = waiting[position]
      position += 1
      let followedReturn = followsReturn
      followsReturn = byte == 0x0D
      switch byte {
      case 0x0A where followedReturn: continue
      case 0x0D, 0x0A:
        if echoes { echo += [0x0D, 0x0A] }
        return endLine()
      case 0x00:
        line.removeAll()
        isOverlong = false
      case 0x08, 0x7F: eraseCharacter(echo: &echo)
      case 0x09, 0x20...: append(byte, echo: &echo)
      default: continue
      }
    }
    return nil
  }

  /// As many of the bytes that wait as are wanted, whatever they are; the end of the line before them isn't one of them.
  mutating func takeBytes(_ count: Int) -> ArraySlice<UInt8> {
    if followsReturn, position < waiting.count {
      followsReturn = false
      if waiting[position] == 0x0A { position += 1 }
    }
    let part = waiting[position..<min(waiting.count, position + count)]
    position = part.endIndex
    return part
  }

  private mutating func append(_ byte: UInt8, echo: inout [UInt8]) {
    guard line.count < lineLength else { return isOverlong = true }
    line.append(byte)
    if echoes { echo.append(byte) }
  }

  private mutating func eraseCharacter(echo: inout [UInt8]) {
    guard !isOverlong, !line.isEmpty else { return }
    // A character of several bytes goes as a whole.
    while let last = line.popLast(), last & 0xC0 == 0x80 {}
    if echoes { echo += [0x08, 0x20, 0x08] }
  }

  private mutating func endLine() -> Piece {
    defer {
      line = []
      isOverlong = false
    }
    return isOverlong ? .overlong : .line(line)
  }
}
