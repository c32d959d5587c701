import Video

/// Which of several buffers is drawn next, and what each has missed while others were shown.
struct KMSSwapChain {
  /// The buffer to draw into: not on the screen.
  private(set) var back = 0
  /// Whether something was added that no buffer on the screen has shown yet.
  private(set) var hasNews = true

  private let bounds: PixelRectangle
  private var missed: ContiguousArray<Damage>

  /// `count` buffers that all lack the whole picture of `bounds`.
  init(count: Int, bounds: PixelRectangle) {
    self.bounds = bounds
    missed = []
    // One by one: copies of one value would share their memory, and lose the room that they have.
    for _ in 0..<count {
      var damage = Damage()
      damage.add(bounds)
      missed.append(damage)
    }
  }

  /// Notes what changed in the picture.
  mutating func add(_ damage: Damage) {
    if damage.isEmpty { return }
    hasNews = true
    for index in missed.indices {
      for rectangle in damage.rectangles { add(rectangle, to: index) }
    }
  }

  /// Notes that all of the picture has to be drawn again.
  mutating func addWhole() {
    hasNews = true
    for index in missed.indices { add(bounds, to: index) }
  }

  /// Notes that the pixels of `rectangle` changed.
  mutating func add(_ rectangle: PixelRectangle) {
    if rectangle.intersection(bounds).isEmpty { return }
    hasNews = true
    for index in missed.indices { add(rectangle, to: index) }
  }

  private mutating func add(_ rectangle: PixelRectangle, to index: Int) {
    let visible = rectangle.intersection(bounds)
    if visible == bounds { missed[index].removeAll() }
    missed[index].add(visible)
    // Rectangles that overlap much are copied several times: where the whole costs less, it is taken.
    if missed[index].rectangles.count > 1 {
      let pixels = missed[index].rectangles.reduce(0) { $0 + $1.width * $1.height }
      if pixels >= bounds.width * bounds.height {
        missed[index].removeAll()
        missed[index].add(bounds)
      }
    }
  }

  /// What the back buffer lacks.
  var stale: Damage { missed[back] }

  /// The back buffer has got all that it lacked.
  mutating func noteDrawn() {
    missed[back].removeAll()
  }

  /// The back buffer was handed to the screen: the one that left the screen longest ago is next.
  mutating func flip() {
    hasNews = false
    back = back + 1 == missed.count ? 0 : back + 1
  }
}
