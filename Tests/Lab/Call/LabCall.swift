import Foundation
import RoomWatcher
import Testing

/// A call in the lab, as it came out.
struct LabCall {
  /// A picture of 24-bit pixels.
  struct Screen {
    var width: Int
    var pixels: [UInt8]

    /// The part of the pixels, 0 to 1, whose three values all lie within `tolerance` of 0xRRGGBB.
    func part(near color: UInt32, tolerance: Int = 12) -> Double {
      let wanted = [Int(color >> 16), Int(color >> 8 & 0xFF), Int(color & 0xFF)]
      let count = pixels.count / 3
      let near = (0..<count).count { pixel in
        (0..<3).allSatisfy { abs(Int(pixels[3 * pixel + $0]) - wanted[$0]) <= tolerance }
      }
      return Double(near) / Double(max(count, 1))
    }
  }

  /// What the others got.
  var watched: WatchedRoom
  /// What was scanned out at the end.
  var screen: Screen
  private let folder: String

  /// Runs a call for `seconds` with these options of `salle demo`.
  init(_ options: String, tone: Double, seconds: Int = 9, folder: String = "/tmp/call") throws {
    self.folder = folder
    let status = Lab.shell("Tests/Lab/Call/call \(folder) \(seconds) \(tone) \(options)")
    if status != 0 { Lab.shell("tail -n 5 \(folder)/output \(folder)/log | cut -c1-300 >&2") }
    try #require(status == 0, "the room's exit status")
    watched = try JSONDecoder().decode(WatchedRoom.self, from: Data(contentsOf: URL(filePath: folder + "/watched")))
    try #require(
      Lab.shell("ffmpeg -loglevel error -i \(folder)/screen.png -f rawvideo -pix_fmt rgb24 \(folder)/screen.rgb") == 0)
    screen = Screen(width: 0, pixels: [UInt8](try Data(contentsOf: URL(filePath: folder + "/screen.rgb"))))
  }

  /// The luma of a received picture at a place given in parts of its size.
  func luma(of picture: WatchedRoom.Picture, x: Double, y: Double) throws -> Int {
    let bytes = try Data(contentsOf: URL(filePath: picture.path))
    return Int(bytes[Int(y * Double(picture.height)) * picture.width + Int(x * Double(picture.width))])
  }

  /// Expects that picture and sound came through without a gap.
  func expectSteady(rate: ClosedRange<Double> = 29.5...30.5) {
    #expect(rate.contains(watched.rate), "\(watched.rate) pictures a second")
    #expect(watched.longestPictureGap < 200)
    #expect(watched.longestSoundGap < 200)
    #expect(watched.soundDuration > 5)
    #expect(watched.pictures.count >= 5)
  }

  /// Expects that the others are on the screen: the two suns and the skies of the synthetic participants.
  func expectOthersOnScreen() {
    for sun: UInt32 in [0xFDC4_7D, 0xA5C8_FC] {
      #expect(screen.part(near: sun, tolerance: 20) > 0.001, "no sun of #\(String(sun, radix: 16))")
    }
  }
}
