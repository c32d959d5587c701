import Realtime
import Testing

@testable import Video

@Suite("Frames")
struct VideoFrameTests {
  @Test(
    "planes are aligned, large enough and apart, also with odd sizes",
    arguments: [(1, 1), (3, 5), (1_279, 719), (1_280, 720)])
  func planes(width: Int, height: Int) {
    let frame = VideoFrame(width: width, height: height)
    #expect(frame.chromaWidth == (width + 1) / 2 && frame.chromaHeight == (height + 1) / 2)
    #expect(frame.strideY >= width && frame.strideUV >= frame.chromaWidth)
    for plane in [frame.y, frame.u, frame.v] { #expect(UInt(bitPattern: plane) % 64 == 0) }
    #expect(frame.u - frame.y >= frame.strideY * height)
    #expect(frame.v - frame.u >= frame.strideUV * frame.chromaHeight)
    frame.fill(y: 1, u: 2, v: 3)
    #expect(frame.y[frame.strideY * height - 1] == 1 && frame.u[0] == 2 && frame.v[0] == 3)
  }

  @Test("sizes beyond reason are clamped")
  func clamped() {
    let frame = VideoFrame(width: -5, height: 1 << 40)
    #expect(frame.width == 1 && frame.height == VideoFrame.maximumDimension)
  }

  @Test("a pool gives out no frame that somebody holds, and gives it out again when nobody does")
  func pool() throws {
    let pool = VideoFramePool(capacity: 2)
    var first = pool.vacant(width: 16, height: 16)
    let second = pool.vacant(width: 16, height: 16)
    #expect(first !== second)
    #expect(pool.vacant(width: 16, height: 16) == nil)
    #expect(pool.starvedCount == 1)
    let identity = ObjectIdentifier(try #require(first))
    first?.rtpTimestamp = 9
    first = nil
    let third = try #require(pool.vacant(width: 32, height: 8))
    #expect(ObjectIdentifier(third) == identity)
    #expect(third.width == 32 && third.height == 8 && third.rtpTimestamp == nil)
    _ = second
  }

  @Test("damage keeps what it is told, within its limit")
  func damage() {
    var damage = Damage()
    for index in 0..<200 { damage.add(PixelRectangle(x: index * 10, y: 0, width: 5, height: 5)) }
    #expect(damage.rectangles.count == Damage.limit)
    #expect(damage.bounds == PixelRectangle(x: 0, y: 0, width: 1_995, height: 5))
    damage.add(PixelRectangle(x: 1, y: 1, width: 2, height: 2))
    damage.add(PixelRectangle(x: 0, y: 0, width: 0, height: 9))
    #expect(damage.rectangles.count == Damage.limit)
    damage.removeAll()
    #expect(damage.isEmpty && damage.bounds.isEmpty)
  }

  @Test("a canvas becomes a PNG")
  func png() throws {
    let canvas = Canvas(width: 33, height: 7)
    let bytes = try canvas.pngData()
    #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    #expect(bytes[16..<24] == [0, 0, 0, 33, 0, 0, 0, 7])
    #expect(throws: CanvasError.notWritten) { try canvas.writePNG(to: "/nonexistent/folder/picture.png") }
  }

  @Test("a frame rate is kept in the mean, whatever the camera's jitter", arguments: [5.0, 10, 15, 20, 24, 30])
  func frameRate(rate: Double) {
    var limiter = FrameRateLimiter(framesPerSecond: rate)
    var random = SeededRandom(seed: 4)
    var admitted = 0
    for index in 0..<300 {
      let jitter = Int64.random(in: -4_000_000...4_000_000, using: &random)
      if limiter.admits(Instant(nanoseconds: Int64(index) * 33_333_333 + jitter)) { admitted += 1 }
    }
    #expect(abs(Double(admitted) - rate * 10) <= 3)
  }

  @Test("a camera whose clock starts anew is not waited for")
  func clockStartsAnew() {
    var limiter = FrameRateLimiter(framesPerSecond: 30)
    let admitted = [9_000_000_000, 1_000, 2_000].map { limiter.admits(Instant(nanoseconds: $0)) }
    #expect(admitted == [true, true, false])
  }

  static let names: [(label: String, given: String, initials: String)] = [
    ("Mathilde Lefèvre", "", "ML"), ("Zoé", "", "Z"), ("jean-François de La Tour", "", "JT"), ("", "", "?"),
    ("🎉", "", "?"), ("Δημήτρης Παπαδόπουλος", "", "ΔΠ"), ("Partage", "ab", "ab"), ("Salle 12", "", "S1"),
  ]

  @Test("initials are those of the first and the last name", arguments: names)
  func initials(label: String, given: String, initials: String) {
    #expect(TileModel(id: TileID(0), label: label, initials: given).shownInitials == initials)
  }
}
