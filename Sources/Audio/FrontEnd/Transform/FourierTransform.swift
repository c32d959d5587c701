#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The discrete Fourier transform of eight real signals at once, of an even size whose half has no prime factor above 5.
///
/// A mixed-radix Stockham transform (no bit reversal). Libraries vectorise within one transform and lose time on
/// shuffling; here each lane is a microphone, so the butterflies need none. Not thread-safe: it has working memory.
final class FourierTransform {
  private struct Stage {
    var radix: Int
    var groups: Int
    var stride: Int
    var twiddleStart: Int
  }

  /// Samples per signal.
  let size: Int
  /// Values of the half spectrum, from 0 Hz to half the sample rate.
  let binCount: Int

  private let half: Int
  private var stages: [Stage] = []
  private let twiddles: Buffer<Complex>
  private let rotations: Buffer<Complex>
  private let first: Buffer<ComplexLanes>
  private let second: Buffer<ComplexLanes>

  init(size: Int) {
    precondition(size >= 4 && size % 2 == 0, "the size is even")
    self.size = size
    half = size / 2
    binCount = half + 1
    var rest = half
    var stride = 1
    var factors: [Complex] = []
    while rest > 1 {
      guard let radix = [4, 2, 3, 5].first(where: { rest % $0 == 0 }) else {
        preconditionFailure("half the size has a prime factor above 5")
      }
      stages.append(Stage(radix: radix, groups: rest / radix, stride: stride, twiddleStart: factors.count))
      for group in 0..<rest / radix {
        for branch in 1..<radix { factors.append(Self.root(group * branch, of: rest)) }
      }
      rest /= radix
      stride *= radix
    }
    twiddles = Buffer(.zero, count: factors.count)
    for (index, factor) in factors.enumerated() { twiddles[index] = factor }
    rotations = Buffer(.zero, count: half + 1)
    for index in 0...half { rotations[index] = Self.root(index, of: size) }
    first = Buffer(.zero, count: half)
    second = Buffer(.zero, count: half)
  }

  /// The spectrum of `signal` (`size` values) into `spectrum` (`binCount` values), not scaled.
  func forward(_ signal: UnsafePointer<Lanes>, into spectrum: UnsafeMutablePointer<ComplexLanes>) {
    // Two real signals travel as one complex: even samples as real, odd ones as imaginary part.
    let packed = first.start
    for index in 0..<half {
      packed[index] = ComplexLanes(real: signal[2 * index], imaginary: signal[2 * index + 1])
    }
    let result = transform()
    for index in 0...half {
      let a = result[index == half ? 0 : index]
      let b = result[index == 0 ? 0 : half - index]
      let evenReal = (a.real + b.real) * 0.5
      let evenImaginary = (a.imaginary - b.imaginary) * 0.5
      let oddReal = (a.imaginary + b.imaginary) * 0.5
      let oddImaginary = (b.real - a.real) * 0.5
      let w = rotations[index]
      spectrum[index].real = evenReal + oddReal * w.real - oddImaginary * w.imaginary
      spectrum[index].imaginary = evenImaginary + oddReal * w.imaginary + oddImaginary * w.real
    }
  }

  /// The signal of which `spectrum` is the spectrum: the exact inverse of `forward`.
  func inverse(_ spectrum: UnsafePointer<ComplexLanes>, into signal: UnsafeMutablePointer<Lanes>) {
    // A transform with real and imaginary part exchanged on both sides is the inverse one.
    let packed = first.start
    for index in 0..<half {
      let a = spectrum[index]
      let b = spectrum[half - index]
      let evenReal = a.real + b.real
      let evenImaginary = a.imaginary - b.imaginary
      let differenceReal = a.real - b.real
      let differenceImaginary = a.imaginary + b.imaginary
      let w = rotations[index]
      let oddReal = differenceReal * w.real + differenceImaginary * w.imaginary
      let oddImaginary = differenceImaginary * w.real - differenceReal * w.imaginary
      packed[index] = ComplexLanes(real: evenImaginary + oddReal, imaginary: evenReal - oddImaginary)
    }
    let result = transform()
    let scale = 1 / Float(size)
    for index in 0..<half {
      signal[2 * index] = result[index].imaginary * scale
      signal[2 * index + 1] = result[index].real * scale
    }
  }

  private static func root(_ index: Int, of size: Int) -> Complex {
    let angle = -2 * Double.pi * Double(index % size) / Double(size)
    return Complex(real: Float(cos(angle)), imaginary: Float(sin(angle)))
  }

  /// The complex transform of what is in `first`; says where the result is.
  private func transform() -> UnsafeMutablePointer<ComplexLanes> {
    var source = first.start
    var target = second.start
    for stage in stages {
      let twiddle = twiddles.start + stage.twiddleStart
      switch stage.radix {
      case 4: Self.radix4(source, target, twiddle, groups: stage.groups, stride: stage.stride)
      case 2: Self.radix2(source, target, twiddle, groups: stage.groups, stride: stage.stride)
      case 3: Self.radix3(source, target, twiddle, groups: stage.groups, stride: stage.stride)
      default: Self.radix5(source, target, twiddle, groups: stage.groups, stride: stage.stride)
      }
      swap(&source, &target)
    }
    return source
  }
}
