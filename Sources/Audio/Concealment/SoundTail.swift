#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Lets sound that ends abruptly die away within some milliseconds, as if it had gone on: what a listener gets in place of
/// a click when a device runs dry or vanishes.
///
/// Linear prediction by Burg's method from the last 10 ms, under half a Hann window. Allocates only when made.
public final class SoundTail {
  /// Samples that are looked back at.
  public static let historyCount = AudioBlock.sampleCount
  private static let order = 16

  /// Samples in which sound dies away.
  public let count: Int
  private let forward: UnsafeMutablePointer<Float>
  private let backward: UnsafeMutablePointer<Float>
  private let window: UnsafeMutablePointer<Float>
  private let tail: UnsafeMutablePointer<Float>
  private let coefficients: UnsafeMutablePointer<Float>
  private let scratch: UnsafeMutablePointer<Float>

  /// A tail of `count` samples (at least 1).
  public init(count: Int) {
    precondition(count > 0, "a tail has samples")
    self.count = count
    forward = .allocate(capacity: Self.historyCount)
    backward = .allocate(capacity: Self.historyCount)
    window = .allocate(capacity: count)
    tail = .allocate(capacity: count + Self.order)
    coefficients = .allocate(capacity: Self.order + 1)
    scratch = .allocate(capacity: Self.order + 1)
    for index in 0..<count {
      window[index] = Float(0.5 + 0.5 * cos(.pi * (Double(index) + 0.5) / Double(count)))
    }
    tail.initialize(repeating: 0, count: count + Self.order)
  }

  deinit {
    forward.deallocate()
    backward.deallocate()
    window.deallocate()
    tail.deallocate()
    coefficients.deallocate()
    scratch.deallocate()
  }

  /// What follows `history`, which has `historyCount` samples: `count` of them, the last nearly zero. Valid until the
  /// next call.
  public func following(_ history: UnsafePointer<Float>) -> UnsafePointer<Float> {
    let result = tail + Self.order
    guard fit(history) else {
      result.update(repeating: 0, count: count)
      return UnsafePointer(result)
    }
    tail.update(from: history + Self.historyCount - Self.order, count: Self.order)
    var bound: Float = 0
    for index in 0..<Self.historyCount { bound = max(bound, abs(history[index])) }
    // For safety alone: to cut a tone's peaks would be heard.
    bound *= 2
    for index in 0..<count {
      var sum: Float = 0
      for tap in 1...Self.order { sum -= coefficients[tap] * result[index - tap] }
      result[index] = min(max(sum, -bound), bound)
    }
    for index in 0..<count { result[index] *= window[index] }
    return UnsafePointer(result)
  }

  /// Makes `samples` begin as the end of what came before: adds `tail`'s sound and fades the new in.
  public func splice(_ tail: UnsafePointer<Float>, into samples: UnsafeMutablePointer<Float>) {
    for index in 0..<count { samples[index] = samples[index] * (1 - window[index]) + tail[index] }
  }

  /// Fades `samples`, at least `count`, in.
  public func fadeIn(_ samples: UnsafeMutablePointer<Float>) {
    for index in 0..<count { samples[index] *= 1 - window[index] }
  }

  /// Burg's method: the filter that leaves least of the sound, both ways. False when there's no sound.
  private func fit(_ history: UnsafePointer<Float>) -> Bool {
    var energy: Float = 0
    for index in 0..<Self.historyCount { energy += history[index] * history[index] }
    guard energy.isFinite, energy > 1e-9 else { return false }
    forward.update(from: history, count: Self.historyCount)
    backward.update(from: history, count: Self.historyCount)
    coefficients.initialize(repeating: 0, count: Self.order + 1)
    coefficients[0] = 1
    for order in 1...Self.order {
      var product: Float = 0
      // A little noise below the sound keeps a pure tone's filter from wild coefficients.
      var power = energy * 1e-7
      for index in order..<Self.historyCount {
        product += forward[index] * backward[index - 1]
        power += forward[index] * forward[index] + backward[index - 1] * backward[index - 1]
      }
      reflect(-2 * product / power, order)
    }
    return true
  }

  private func reflect(_ reflection: Float, _ order: Int) {
    for tap in 0...order { scratch[tap] = coefficients[tap] + reflection * coefficients[order - tap] }
    coefficients.update(from: scratch, count: order + 1)
    var index = Self.historyCount - 1
    while index >= order {
      let (f, b) = (forward[index], backward[index - 1])
      forward[index] = f + reflection * b
      backward[index] = b + reflection * f
      index -= 1
    }
  }
}
