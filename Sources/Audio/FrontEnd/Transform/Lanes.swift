/// One value of eight signals. The front end computes on eight microphones at once, so that each kernel is plain scalar
/// code on this type; arrays of more take several.
typealias Lanes = SIMD8<Float>

extension Lanes {
  /// How many `Lanes` it takes for `count` signals.
  @inline(__always) static func groupCount(for count: Int) -> Int { (count + scalarCount - 1) / scalarCount }

  /// Which of several `Lanes` signal `index` is in.
  @inline(__always) static func group(of index: Int) -> Int { index / scalarCount }

  /// Which lane of its group signal `index` is.
  @inline(__always) static func lane(of index: Int) -> Int { index % scalarCount }
}

/// One complex value of eight signals.
struct ComplexLanes {
  var real: Lanes
  var imaginary: Lanes

  static let zero = ComplexLanes(real: .zero, imaginary: .zero)

  /// The squared magnitudes.
  @inline(__always) var power: Lanes { real * real + imaginary * imaginary }

  @inline(__always) subscript(lane: Int) -> Complex {
    get { Complex(real: real[lane], imaginary: imaginary[lane]) }
    set {
      real[lane] = newValue.real
      imaginary[lane] = newValue.imaginary
    }
  }
}

/// A complex number.
struct Complex {
  var real: Float
  var imaginary: Float

  static let zero = Complex(real: 0, imaginary: 0)

  /// The squared magnitude.
  @inline(__always) var power: Float { real * real + imaginary * imaginary }

  @inline(__always) var conjugate: Complex { Complex(real: real, imaginary: -imaginary) }

  @inline(__always) static func + (a: Complex, b: Complex) -> Complex {
    Complex(real: a.real + b.real, imaginary: a.imaginary + b.imaginary)
  }

  @inline(__always) static func - (a: Complex, b: Complex) -> Complex {
    Complex(real: a.real - b.real, imaginary: a.imaginary - b.imaginary)
  }

  @inline(__always) static func * (a: Complex, b: Complex) -> Complex {
    Complex(
      real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
  }

  @inline(__always) static func * (a: Complex, b: Float) -> Complex {
    Complex(real: a.real * b, imaginary: a.imaginary * b)
  }
}

/// One `Buffer` for each group of eight signals, in one piece of memory: going through an array of objects would count
/// references.
final class GroupedBuffer<Element> {
  let groupCount: Int
  /// Elements in a group.
  let count: Int
  private let elements: Buffer<Element>

  init(_ initial: Element, groupCount: Int, count: Int) {
    self.groupCount = groupCount
    self.count = count
    elements = Buffer(initial, count: groupCount * count)
  }

  /// The first element of a group.
  @inline(__always) subscript(group: Int) -> UnsafeMutablePointer<Element> { elements.start + group * count }

  /// Gives every element its first value again.
  func reset() { elements.reset() }
}

/// Memory of a fixed size that a processing block takes when it is made, so that it takes none while it runs.
final class Buffer<Element> {
  let start: UnsafeMutablePointer<Element>
  let count: Int
  private let initial: Element

  init(_ initial: Element, count: Int) {
    self.initial = initial
    self.count = count
    start = .allocate(capacity: max(count, 1))
    start.initialize(repeating: initial, count: count)
  }

  deinit {
    start.deinitialize(count: count)
    start.deallocate()
  }

  @inline(__always) subscript(index: Int) -> Element {
    get { start[index] }
    set { start[index] = newValue }
  }

  /// Gives every element its first value again.
  func reset() {
    start.update(repeating: initial, count: count)
  }
}
