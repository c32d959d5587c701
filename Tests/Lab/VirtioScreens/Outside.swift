import Glibc
import Realtime
import Synchronization
import Video

/// The world outside of QEMU's machine, asked by way of the folder that both see (`Tests/Lab/qemu/outside`).
///
/// One question at a time: the suites that use it are serialized.
final class Outside: Sendable {
  static let shared = Outside()

  private static let folder = "/lab"
  private let next = Mutex(0)

  private init() {}

  /// Gives the display of an output another size; nil unplugs it.
  func setDisplay(_ head: Int, _ size: (width: Int, height: Int)?) throws {
    try ask("size \(head) \(size?.width ?? 0) \(size?.height ?? 0)")
  }

  /// What an output shows, as QEMU sees it.
  func picture(_ head: Int) throws -> Canvas {
    let name = "\(Self.folder)/dump.\(try ask("dump \(head)")).ppm"
    let bytes = try Self.read(name)
    unlink(name)
    // "P6", width, height, 255, each ended by one white space; then red, green, blue.
    var fields: [Int] = []
    var position = 2
    while fields.count < 3, position < bytes.count {
      position += 1
      var value = 0
      while position < bytes.count, (48...57).contains(bytes[position]) {
        value = 10 * value + Int(bytes[position] - 48)
        position += 1
      }
      fields.append(value)
    }
    position += 1
    guard bytes.starts(with: [0x50, 0x36]), fields.count == 3,
      bytes.count == position + 3 * fields[0] * fields[1]
    else { throw LabError(what: "a picture from outside", code: 0) }
    let canvas = Canvas(width: fields[0], height: fields[1])
    for row in 0..<canvas.height {
      for column in 0..<canvas.width {
        let from = position + 3 * (row * canvas.width + column)
        let pixel = canvas.pixels + row * canvas.stride + 4 * column
        (pixel[2], pixel[1], pixel[0]) = (bytes[from], bytes[from + 1], bytes[from + 2])
      }
    }
    return canvas
  }

  /// Has what is written into the serial line come back in capitals.
  func answerLine() throws { try ask("answer") }

  /// How often the watchdog has bitten.
  func watchdogBites() throws -> Int? {
    Int(String(decoding: try Self.read("\(Self.folder)/bites.\(try ask("bites"))"), as: UTF8.self))
  }

  /// Asks for something and waits until it is done; gives the question's number.
  @discardableResult
  private func ask(_ what: String) throws -> Int {
    let number = next.withLock { next in
      defer { next += 1 }
      return next
    }
    let name = "\(Self.folder)/ask.\(number)"
    let descriptor = open(name + ".new", O_WRONLY | O_CREAT, 0o644)
    guard descriptor >= 0 else { throw LabError(what: name, code: errno) }
    _ = write(descriptor, what, what.utf8.count)
    close(descriptor)
    rename(name + ".new", name)
    let deadline = MonotonicClock.now + .seconds(20)
    while access("\(Self.folder)/answer.\(number)", F_OK) != 0 {
      guard MonotonicClock.now < deadline else { throw LabError(what: "no answer from outside", code: ETIMEDOUT) }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(20))
    }
    return number
  }

  private static func read(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw LabError(what: path, code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return bytes }
      bytes += buffer.prefix(count)
    }
  }
}
