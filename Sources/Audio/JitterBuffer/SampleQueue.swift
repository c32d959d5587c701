/// Decoded sound that waits to be played, in one piece of memory with the most recent past before it. It can be made
/// shorter or longer by a pitch period without a click (waveform-similarity overlap-add).
final class SampleQueue {
  /// Searched lags: 2.5 to 15 ms, a pitch of 400 down to 67 Hz (and multiples of shorter periods).
  static let shortestLag = 120
  static let longestLag = 720
  /// What must wait for `shorten`: the longest lag and the overlap.
  static let countForShortening = longestLag + overlap
  /// Compared and cross-faded: 10 ms.
  static let overlap = 480
  /// Below this amplitude (-62 dB) similarity doesn't matter.
  private static let quiet: Float = 0.0008

  private static let historyCount = longestLag + overlap
  private static let capacity = 24_576
  private static let decimation = 4

  private let samples: UnsafeMutablePointer<Float>
  private var start = historyCount
  private var end = historyCount
  private let coarse: UnsafeMutablePointer<Float>
  private static let coarseCapacity = (joinCount + longestLag + overlap) / decimation
  /// Overlap of a join: 5 ms.
  static let joinCount = 240

  init() {
    samples = .allocate(capacity: Self.capacity)
    samples.initialize(repeating: 0, count: Self.capacity)
    coarse = .allocate(capacity: Self.coarseCapacity)
    coarse.initialize(repeating: 0, count: Self.coarseCapacity)
  }

  deinit {
    samples.deallocate()
    coarse.deallocate()
  }

  /// Samples that wait.
  var count: Int { end - start }

  /// Room for `extra` samples at the end, to be filled and then claimed by `append(count:)`.
  func vacancy(_ extra: Int) -> UnsafeMutableBufferPointer<Float> {
    if end + extra > Self.capacity {
      let kept = start - Self.historyCount
      samples.update(from: samples + kept, count: end - kept)
      start -= kept
      end -= kept
    }
    return UnsafeMutableBufferPointer(start: samples + end, count: min(extra, Self.capacity - end))
  }

  /// Claims `count` samples that were written into `vacancy`.
  func append(count: Int) { end = min(Self.capacity, end + count) }

  /// Moves the oldest samples into `output`; fills up with silence.
  func remove(into output: UnsafeMutableBufferPointer<Float>) {
    guard let target = output.baseAddress else { return }
    let taken = min(count, output.count)
    target.update(from: samples + start, count: taken)
    if taken < output.count { (target + taken).update(repeating: 0, count: output.count - taken) }
    start += taken
  }

  /// Forgets everything.
  func removeAll() {
    samples.update(repeating: 0, count: Self.capacity)
    start = Self.historyCount
    end = start
  }

  /// Takes one period out at the head, if the sound is alike enough before and after.
  /// - Parameters:
  ///   - longest: the most to take out, in samples.
  ///   - similarity: the normalised correlation asked for, up to 1.
  /// - Returns: samples taken out; 0 if nothing fits.
  func shorten(atMost longest: Int, similarity: Float) -> Int {
    let longest = min(longest, Self.longestLag)
    guard count >= Self.countForShortening, longest >= Self.shortestLag else { return 0 }
    let head = samples + start
    guard
      let match = bestLag(reference: head, direction: 1, longest: longest, count: Self.overlap, similarity: similarity)
    else { return 0 }
    let lag = match.lag
    // Written from the end backwards, because the places written are the ones still to be read when lag < overlap.
    for index in stride(from: Self.overlap - 1, through: 0, by: -1) {
      head[lag + index] = Self.blend(head[index], head[lag + index], index, Self.overlap, match.correlation)
    }
    start += lag
    return lag
  }

  /// Plays one period of the past again at the head, if the sound is alike enough.
  /// - Returns: samples added; 0 if nothing fits.
  func lengthen(atMost longest: Int, similarity: Float) -> Int {
    let longest = min(longest, Self.longestLag)
    let overlap = min(Self.overlap, count)
    guard overlap >= Self.overlap / 2, longest >= Self.shortestLag else { return 0 }
    let head = samples + start
    guard
      let match = bestLag(reference: head, direction: -1, longest: longest, count: overlap, similarity: similarity)
    else { return 0 }
    let lag = match.lag
    for index in 0..<overlap {
      head[index - lag] = Self.blend(head[index], head[index - lag], index, overlap, match.correlation)
    }
    start -= lag
    return lag
  }

  /// Joins what was made up to what was decoded after it: the last `joinCount` samples before the last `added` are laid
  /// over the head of those, which the decoder bends towards its mistaken past. Where the two don't fit in time, they are
  /// laid where they fit best, and what lies between is left out.
  /// - Returns: samples left out beyond the `joinCount` overlapped; nil if nothing was changed.
  func join(added: Int, isAligned: Bool) -> Int? {
    guard count >= added + Self.joinCount, added >= 2 * Self.joinCount else { return nil }
    let seam = samples + (end - added - Self.joinCount)
    var match = Match(lag: Self.joinCount, correlation: 0)
    if isAligned {
      match.correlation = max(0, Self.correlation(seam, seam + match.lag, Self.joinCount))
    } else if let best = bestLag(
      reference: seam, direction: 1, shortest: Self.joinCount + Self.shortestLag,
      longest: min(Self.longestLag + Self.joinCount, added), count: Self.joinCount, similarity: 0.3)
    {
      match = best
    }
    for index in 0..<Self.joinCount {
      seam[index] = Self.blend(seam[index], seam[match.lag + index], index, Self.joinCount, match.correlation)
    }
    let rest = added - match.lag
    (seam + Self.joinCount).update(from: seam + Self.joinCount + match.lag, count: rest)
    end -= match.lag
    return match.lag - Self.joinCount
  }

  /// Cross-fades from `from` to `to`, keeping the power that sounds of this `correlation` have.
  private static func blend(_ from: Float, _ to: Float, _ index: Int, _ count: Int, _ correlation: Float) -> Float {
    let weight = (Float(index) + 0.5) / Float(count)
    let rest = 1 - weight
    let power = weight * weight + rest * rest + 2 * correlation * weight * rest
    return (rest * from + weight * to) / power.squareRoot()
  }

  private struct Match {
    var lag: Int
    var correlation: Float
  }

  /// The lag at which the sound after (`direction` 1) or before (-1) the reference is most like the reference.
  private func bestLag(
    reference: UnsafeMutablePointer<Float>, direction: Int, shortest: Int = shortestLag, longest: Int, count: Int,
    similarity: Float
  ) -> Match? {
    let reach = direction > 0 ? count + longest : count
    let lowest = direction > 0 ? 0 : -longest
    var energy: Float = 0
    for index in lowest..<reach { energy += reference[index] * reference[index] }
    if energy / Float(reach - lowest) < Self.quiet * Self.quiet { return Match(lag: longest, correlation: 0) }

    let rough = coarseLag(
      reference: reference, direction: direction, shortest: shortest, longest: longest, count: count)
    var best = Match(lag: 0, correlation: -1)
    let around = Self.decimation + 1
    for lag in max(shortest, min(longest, rough - around))...min(longest, max(shortest, rough + around)) {
      let value = Self.correlation(reference, reference + direction * lag, count)
      if value > best.correlation { best = Match(lag: lag, correlation: value) }
    }
    guard best.correlation >= similarity else { return nil }
    best.correlation = max(0, min(1, best.correlation))
    return best
  }

  /// The search over all lags, on every fourth sample of the smoothed sound.
  private func coarseLag(
    reference: UnsafeMutablePointer<Float>, direction: Int, shortest: Int, longest: Int, count: Int
  ) -> Int {
    let step = Self.decimation
    let length = count / step
    let lags = longest / step
    let origin = direction > 0 ? reference : reference - lags * step
    let total = min(Self.coarseCapacity, length + lags)
    for index in 0..<total {
      let place = origin + index * step
      coarse[index] = place[0] + place[1] + place[2] + place[3]
    }
    let middle = direction > 0 ? 0 : lags
    var bestLag = shortest / step
    var bestValue: Float = -2
    for lag in shortest / step...max(shortest / step, lags) {
      guard middle + direction * lag + length <= total else { break }
      let value = Self.correlation(coarse + middle, coarse + middle + direction * lag, length)
      if value > bestValue {
        bestValue = value
        bestLag = lag
      }
    }
    return bestLag * step
  }

  /// The normalised correlation of two stretches of sound, -1 to 1.
  private static func correlation(
    _ left: UnsafeMutablePointer<Float>, _ right: UnsafeMutablePointer<Float>, _ count: Int
  ) -> Float {
    var product: Float = 0
    var leftEnergy: Float = 1e-9
    var rightEnergy: Float = 1e-9
    for index in 0..<count {
      product += left[index] * right[index]
      leftEnergy += left[index] * left[index]
      rightEnergy += right[index] * right[index]
    }
    return product / (leftEnergy * rightEnergy).squareRoot()
  }
}
