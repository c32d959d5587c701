import Glibc
import Realtime
import Testing
import Video

@testable import Devices

/// A USB camera that is a program, `Tests/Lab/usb/uvc.py`, at the kernel's virtual host controller. Ends with its owner.
final class USBCamera {
  let port: Int
  private let folder: String
  private var pipe: String { folder + "/control" }

  /// Plugs a camera in that shows `pictures` by size, over and over.
  init(port: Int, pictures: [String: [[UInt8]]], options: String = "") throws {
    self.port = port
    folder = "/tmp/usb-camera-\(port)"
    mkdir(folder, 0o755)
    for (size, files) in pictures {
      for (index, bytes) in files.enumerated() {
        let file = try #require(fopen("\(folder)/\(size)-\(index).jpg", "w"))
        defer { fclose(file) }
        try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
      }
    }
    mkfifo(pipe, 0o600)
    let status = Lab.shell(
      """
      python3 Tests/Lab/usb/uvc.py --pictures \(folder) --control \(pipe) --port \(port) --serial CAM\(port) \(options) \
        >\(folder)/log 2>&1 & echo $! >\(folder)/pid
      """)
    try #require(status == 0)
    try awaitNode()
  }

  deinit {
    // Pulled out first: a host whose device died without leaving waits for answers that never come.
    tell("quit")
    Lab.shell("while kill -0 $(cat \(folder)/pid) 2>/dev/null; do sleep 0.01; done; rm -rf \(folder)")
  }

  /// The camera as it is found; nil while it is unplugged.
  var device: CaptureDevice? { CaptureDevice.all().first { $0.bus.hasSuffix("-\(port + 1)") } }

  /// Tells the camera to do something (see `uvc.py`).
  func tell(_ command: String) {
    guard let file = fopen(pipe, "w") else { return }
    fputs(command + "\n", file)
    fclose(file)
  }

  func awaitNode() throws {
    wait { device != nil }
    try #require(device != nil)
  }

  private func wait(until condition: () -> Bool) {
    let deadline = MonotonicClock.now + .seconds(5)
    while !condition() && MonotonicClock.now < deadline {
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(10))
    }
  }

  /// What the camera was told by the host, by unit and selector, in order.
  func log() -> [String] {
    guard let file = fopen(folder + "/log", "r") else { return [] }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    var lines: [String] = []
    while fgets(&line, 256, file) != nil {
      lines.append(String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
    return lines
  }

  /// Different JPEG pictures of a size.
  static func pictures(width: Int, height: Int, count: Int) throws -> [[UInt8]] {
    let encoder = JPEGEncoder()
    return try (0..<count).map { number in
      let canvas = Canvas(width: width, height: height)
      for row in 0..<height {
        let pixels = canvas.pixels + row * canvas.stride
        for column in 0..<width {
          pixels[4 * column] = UInt8(truncatingIfNeeded: column * 255 / width)
          pixels[4 * column + 1] = UInt8(truncatingIfNeeded: row * 255 / height)
          pixels[4 * column + 2] = column / 40 % count == number ? 255 : 40
        }
      }
      return try #require(encoder.encode(canvas, quality: 30) { [UInt8]($0) })
    }
  }
}
