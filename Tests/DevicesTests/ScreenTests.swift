import Foundation
import Realtime
import Testing
import Video

@testable import Devices

@Suite("Headless screen")
struct ScreenTests {
  /// A canvas of a pattern with all colours.
  private func pattern(_ width: Int, _ height: Int) -> Canvas {
    let canvas = Canvas(width: width, height: height)
    for row in 0..<height {
      for column in 0..<width {
        let pixel = canvas.pixels + row * canvas.stride + 4 * column
        pixel[0] = UInt8(column * 255 / width)
        pixel[1] = UInt8(row * 255 / height)
        pixel[2] = UInt8((column + row) % 64 + 100)
      }
    }
    return canvas
  }

  @Test("the screen keeps its beat and shows what was damaged alone")
  func presenting() throws {
    let screen = HeadlessScreen(mode: ScreenMode(width: 64, height: 48, refreshRate: 500))
    let canvas = pattern(64, 48)
    var damage = Damage()
    damage.add(PixelRectangle(x: 8, y: 8, width: 16, height: 500))
    let first = try screen.present(canvas, damage: damage)
    let second = try screen.present(canvas, damage: Damage())
    let beats = (second - first).milliseconds / 2
    #expect(beats >= 1 && abs(beats - beats.rounded()) < 0.001)
    let copy = Canvas(width: 64, height: 48)
    #expect(screen.copyPicture(to: copy) == 1)
    #expect(copy.pixel(x: 8, y: 47) == canvas.pixel(x: 8, y: 47) && copy.pixel(x: 7, y: 47) == 0)
    #expect(copy.pixel(x: 24, y: 20) == 0)
    screen.disconnect()
    #expect(throws: ScreenError.disconnected) { try screen.present(canvas, damage: Damage()) }
  }

  @Test("a snapshot is a PNG that ffmpeg reads pixel for pixel")
  func snapshot() throws {
    let screen = HeadlessScreen(mode: ScreenMode(width: 65, height: 33, refreshRate: 1_000))
    let canvas = pattern(65, 33)
    var damage = Damage()
    damage.add(canvas.bounds)
    try screen.present(canvas, damage: damage)
    try Sample.withFile { path in
      try screen.writeSnapshot(to: path)
      #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).starts(with: [0x89, 0x50, 0x4E, 0x47]))
      guard let decoded = try Sample.ffmpeg(path, ["-f", "rawvideo", "-pix_fmt", "rgb24"]) else { return }
      try #require(decoded.count == 65 * 33 * 3)
      for row in 0..<33 {
        for column in 0..<65 {
          let place = 3 * (row * 65 + column)
          let pixel = decoded[place..<place + 3].reduce(0) { $0 << 8 | UInt32($1) }
          #expect(pixel == canvas.pixel(x: column, y: row))
        }
      }
    }
    #expect(throws: MediaFileError.self) { try screen.writeSnapshot(to: "/nowhere/screen.png") }
  }

  @Test("a live picture is a JPEG that ffmpeg and Salle read")
  func jpeg() throws {
    let canvas = pattern(320, 180)
    let bytes = try #require(JPEGEncoder().encode(canvas, quality: 90) { [UInt8]($0) })
    let frame = VideoFrame(width: 320, height: 180)
    let decoder = try #require(JPEGDecoder())
    #expect(bytes.withUnsafeBytes { decoder.decode($0, into: frame) } == .whole)
    #expect(frame.colorMatrix == .bt601FullRange)
    try Sample.withFile(bytes) { path in
      guard let decoded = try Sample.ffmpeg(path, ["-f", "rawvideo", "-pix_fmt", "bgr0"]) else { return }
      try #require(decoded.count == 320 * 180 * 4)
      var sum = 0
      for row in 0..<180 {
        for column in 0..<320 * 4 where column % 4 < 2 {
          sum += abs(Int(decoded[row * 1_280 + column]) - Int(canvas.pixels[row * canvas.stride + column]))
        }
      }
      #expect(Double(sum) / (180 * 640) < 4)
    }
  }

  @Test("only requests that name the loopback interface are answered")
  func loopback() {
    for good in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8080"] {
      #expect(LoopbackOnly.isLoopback(good), "\(good)")
    }
    let foreign: [String?] = [
      nil, "", "example.org", "example.org:8080", "127.0.0.1.example.org", "localhost.", "127.0.0.1:", "127.0.0.1:x",
      "127.0.0.1:99999", "::1", "192.168.1.2", "localhost:80:80", "user@localhost",
    ]
    for name in foreign { #expect(!LoopbackOnly.isLoopback(name), "\(name ?? "none")") }
  }

  @Test("the page says its language, title and what the picture shows")
  func page() {
    let page = ScreenPage.html(width: 1_920, height: 1_080)
    for part in ["<html lang=\"fr\">", "<title>", " alt=\"", "lang=\"en\"", "width=\"1920\" height=\"1080\""] {
      #expect(page.contains(part), "\(part)")
    }
  }
}
