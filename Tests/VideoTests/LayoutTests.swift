import Realtime
import Testing
import Video

@Suite("Layout")
struct LayoutTests {
  static let gridTable: [(count: Int, columns: Int, rows: Int)] = [
    (1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 2, 2), (5, 3, 2), (6, 3, 2), (7, 3, 3), (9, 3, 3), (10, 4, 3), (12, 4, 3),
    (13, 4, 4), (16, 4, 4), (17, 5, 4), (25, 5, 5),
  ]

  @Test("a grid on a 16:9 screen has the rows and columns that make the largest tiles", arguments: gridTable)
  func grid(count: Int, columns: Int, rows: Int) {
    let area = PixelRectangle(x: 0, y: 0, width: 1_920, height: 1_080)
    let tiles = LayoutGeometry.grid(count: count, in: area, gap: 12)
    #expect(tiles.count == count)
    #expect(Set(tiles.map(\.y)).count == rows)
    #expect(tiles.filter { $0.y == tiles[0].y }.count == columns)
  }

  @Test("tiles are equal, 16:9, inside the screen and apart", arguments: 1...49)
  func gridGeometry(count: Int) {
    let area = PixelRectangle(x: 10, y: 20, width: 1_900, height: 1_000)
    let tiles = LayoutGeometry.grid(count: count, in: area, gap: 8)
    for (index, tile) in tiles.enumerated() {
      #expect(area.contains(tile))
      #expect(tile.width == tiles[0].width && tile.height == tiles[0].height)
      #expect(abs(tile.width * 9 - tile.height * 16) <= 32)
      for other in tiles[..<index] {
        let apart = PixelRectangle(x: tile.x - 7, y: tile.y - 7, width: tile.width + 14, height: tile.height + 14)
        #expect(apart.intersection(other).isEmpty)
      }
    }
  }

  @Test("an upright screen gets an upright grid")
  func portrait() {
    let tiles = LayoutGeometry.grid(
      count: 3, in: PixelRectangle(x: 0, y: 0, width: 1_080, height: 1_920), gap: 12)
    #expect(Set(tiles.map(\.x)).count == 1)
  }

  func people(_ count: Int, own: Bool = true) -> [LayoutCandidate] {
    (0..<count).map { LayoutCandidate(id: TileID($0)) } + (own ? [LayoutCandidate(id: TileID(99), isSelf: true)] : [])
  }

  @Test("who is where, by number of participants and mode")
  func arrangements() {
    var grid = Layout()
    #expect(roles(grid.arrange(people(0), speaker: nil, width: 1_920, height: 1_080)) == ["99 grid"])
    #expect(roles(grid.arrange(people(1), speaker: nil, width: 1_920, height: 1_080)) == ["0 main", "99 corner"])
    #expect(
      roles(grid.arrange(people(3), speaker: nil, width: 1_920, height: 1_080))
        == ["0 grid", "1 grid", "2 grid", "99 grid"])
    var speaker = Layout(mode: .speaker)
    #expect(
      roles(speaker.arrange(people(3), speaker: TileID(1), width: 1_920, height: 1_080))
        == ["1 main", "0 strip", "2 strip", "99 strip"])
    var shared = people(2)
    shared.append(LayoutCandidate(id: TileID(50), isScreenShare: true))
    #expect(
      roles(grid.arrange(shared, speaker: nil, width: 1_920, height: 1_080))
        == ["50 main", "0 strip", "1 strip", "99 strip"])
    var hidden = Layout(selfView: .hidden)
    #expect(roles(hidden.arrange(people(2), speaker: nil, width: 1_920, height: 1_080)) == ["0 grid", "1 grid"])
    var corner = Layout(selfView: .corner)
    #expect(
      roles(corner.arrange(people(2), speaker: nil, width: 1_920, height: 1_080)) == ["0 grid", "1 grid", "99 corner"])
  }

  func roles(_ arrangement: Arrangement) -> [String] {
    arrangement.tiles.map { "\($0.id.rawValue) \($0.role)" }
  }

  func ids(_ arrangement: Arrangement) -> [Int] {
    arrangement.tiles.map(\.id.rawValue)
  }

  @Test("with more people than places, who speaks takes the place of the one silent longest; others stay")
  func paging() {
    var layout = Layout(selfView: .hidden, maximumGridTiles: 4)
    var candidates = people(6, own: false)
    func arrange() -> Arrangement { layout.arrange(candidates, speaker: nil, width: 1_920, height: 1_080) }
    #expect(ids(arrange()) == [0, 1, 2, 3])
    #expect(arrange().hidden.count == 2)
    for id in [0, 2, 3] { candidates[id].lastSpoke = Instant(nanoseconds: Int64(10 + id)) }
    #expect(ids(arrange()) == [0, 1, 2, 3])
    candidates[5].lastSpoke = Instant(nanoseconds: 20)
    #expect(ids(arrange()) == [0, 5, 2, 3])
    #expect(arrange().hidden.map(\.rawValue) == [1, 4])
    candidates[4].lastSpoke = Instant(nanoseconds: 21)
    #expect(ids(arrange()) == [4, 5, 2, 3])
    #expect(ids(arrange()) == [4, 5, 2, 3])
    candidates.removeAll { $0.id == TileID(5) }
    #expect(ids(arrange()) == [4, 2, 3, 0])
  }

  @Test("a change of speaker moves nobody but the two")
  func speakerChange() {
    var layout = Layout(mode: .speaker)
    let first = layout.arrange(people(4), speaker: TileID(0), width: 1_920, height: 1_080)
    let second = layout.arrange(people(4), speaker: TileID(3), width: 1_920, height: 1_080)
    #expect(ids(first) == [0, 1, 2, 3, 99])
    #expect(ids(second) == [3, 0, 1, 2, 99])
    #expect(ids(layout.arrange(people(4), speaker: TileID(0), width: 1_920, height: 1_080)) == [0, 1, 2, 3, 99])
  }

  @Test(
    "every arrangement lies on the canvas and only the corner overlaps",
    arguments: [(1_920, 1_080), (1_280, 800), (3_840, 2_160), (1_080, 1_920), (64, 36)])
  func bounds(width: Int, height: Int) {
    for mode in [LayoutMode.grid, .speaker] {
      for count in 0...20 {
        var layout = Layout(mode: mode)
        let arrangement = layout.arrange(people(count), speaker: TileID(0), width: width, height: height)
        let canvas = PixelRectangle(x: 0, y: 0, width: width, height: height)
        for (index, tile) in arrangement.tiles.enumerated() {
          #expect(canvas.contains(tile.rectangle))
          if tile.role == .corner { continue }
          for other in arrangement.tiles[..<index] {
            #expect(tile.rectangle.intersection(other.rectangle).isEmpty)
          }
        }
      }
    }
  }
}

@Suite("Choice of the speaker")
struct SpeakerSelectorTests {
  let present = [TileID(0), TileID(1), TileID(2)]

  /// Runs a conversation, one entry for each 200 ms, and gives who was shown.
  func run(_ conversation: [[Int]]) -> [Int?] {
    var selector = SpeakerSelector()
    return conversation.enumerated().map { index, speaking in
      let now = Instant(nanoseconds: Int64(index) * 200_000_000)
      return selector.update(speaking: speaking.map { TileID($0) }, present: present, at: now)?.rawValue
    }
  }

  @Test("the first to speak is shown at once and stays through silence")
  func first() {
    #expect(run([[], [1], [1], []] + [[Int]](repeating: [], count: 20)) == [nil] + [Int?](repeating: 1, count: 23))
  }

  @Test("a cough doesn't move the picture")
  func cough() {
    let conversation = [[Int]](repeating: [0], count: 15) + [[], [2], [2], []] + [[Int]](repeating: [0], count: 10)
    #expect(run(conversation).allSatisfy { $0 == 0 })
  }

  @Test("who goes on speaking while the other is silent is shown within a second and a half")
  func change() {
    let shown = run([[Int]](repeating: [0], count: 15) + [[Int]](repeating: [1], count: 10))
    #expect(shown[..<18].allSatisfy { $0 == 0 })
    #expect(shown[22] == 1 && shown.last == 1)
  }

  @Test("who speaks over the speaker is shown after three seconds, not before")
  func takeover() {
    let shown = run([[Int]](repeating: [0], count: 15) + [[Int]](repeating: [0, 1], count: 20))
    #expect(shown[28] == 0)
    #expect(shown[31] == 1)
  }

  @Test("a speaker who leaves is replaced")
  func leaving() {
    var selector = SpeakerSelector()
    _ = selector.update(speaking: [TileID(0)], present: present, at: Instant(nanoseconds: 0))
    let next = selector.update(speaking: [TileID(2)], present: [TileID(2)], at: Instant(nanoseconds: 1))
    #expect(next == TileID(2))
  }
}
