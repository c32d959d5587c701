/// Finds a howl, the narrow sound that grows when what the room sends comes out of a loudspeaker that it hears without its
/// being the room's own, and turns that frequency down.
///
/// Speech has narrow parts too, but not for long at one place, and seldom one alone: what stays for half a second within a
/// bin, stands far above all around it and doesn't get fainter is no speech.
final class HowlGuard {
  /// A howl in a room is here.
  private static let bins = SpectralFrame.bin(120)..<SpectralFrame.bin(14_000)
  /// Bins on each side with which one is compared, those that the window fills apart.
  private static let reach = 12
  private static let lobe = 3
  /// By which factor it stands above them: 17 dB.
  private static let prominence: Float = 50
  /// The share of all power that it has.
  private static let share: Float = 0.5
  /// Below this power per bin, about -70 dBFS, nothing howls.
  private static let least: Float = 1e-2
  /// Frames after which a howl is one.
  private static let patience = 50
  /// By how much each further stretch of howling is turned down, down to `lowest`.
  private static let step: Float = 0.35
  private static let lowest: Float = 0.01
  /// Frames for which it stays turned down.
  private static let hold = 1_500
  private static let slots = 4

  private struct Notch {
    var bin = 0
    var gain: Float = 1
    var target: Float = 1
    var rest = 0
  }

  private let power: Buffer<Float>
  private let notches = Buffer(Notch(), count: slots)
  private var candidate = 0
  private var age = 0
  private var startPower: Float = 0

  /// The frequency in Hz of the strongest howl that is turned down; nil if there is none.
  var frequency: Float? {
    var strongest: Notch?
    for index in 0..<Self.slots where notches[index].rest > 0 && notches[index].gain < strongest?.gain ?? 1 {
      strongest = notches[index]
    }
    return strongest.map { Float($0.bin) * SpectralFrame.binWidth }
  }

  init() {
    power = Buffer(0, count: SpectralFrame.binCount)
  }

  /// Turns down what howls in `output`.
  func apply(to output: Buffer<Complex>) {
    for index in 0..<Self.slots { apply(index, to: output) }
  }

  /// Looks at a frame as it was heard, before a suppressor has changed it.
  func listen(_ spectrum: Buffer<Complex>) {
    var total: Float = 1e-20
    var peak = Self.bins.lowerBound
    for bin in Self.bins {
      power[bin] = spectrum[bin].power
      total += power[bin]
      if power[bin] > power[peak] { peak = bin }
    }
    guard power[peak] > Self.least, isAlone(peak, total) else {
      age = max(0, age - 3)
      return
    }
    if age > 0, abs(peak - candidate) > 2 { age = max(0, age - 3) }
    if age == 0 { (candidate, startPower) = (peak, power[peak]) }
    // Several waves of nearly the same frequency beat, and the greatest bin wavers.
    guard abs(peak - candidate) <= 2 else { return }
    age += 1
    guard age >= Self.patience else { return }
    // What dies away by itself needs no help.
    if power[peak] > 0.5 * startPower { turnDown(peak) }
    (age, startPower) = (Self.patience / 2, power[peak])
  }

  /// Whether `peak` is the one narrow sound there is.
  private func isAlone(_ peak: Int, _ total: Float) -> Bool {
    var own: Float = 0
    var around: Float = 1e-20
    var count: Float = 0
    for bin in max(0, peak - Self.reach)..<min(SpectralFrame.binCount, peak + Self.reach + 1) {
      if abs(bin - peak) <= Self.lobe {
        own += power[bin]
      } else {
        around += power[bin]
        count += 1
      }
    }
    return power[peak] > Self.prominence * around / max(count, 1) && own > Self.share * total
  }

  private func turnDown(_ bin: Int) {
    var slot = 0
    for index in 0..<Self.slots {
      if notches[index].rest > 0, abs(notches[index].bin - bin) <= 3 {
        slot = index
        break
      }
      // Else the one that has been quiet for longest.
      if notches[index].rest < notches[slot].rest { slot = index }
    }
    if abs(notches[slot].bin - bin) > 3 || notches[slot].rest == 0 { notches[slot] = Notch(bin: bin) }
    notches[slot].target = max(Self.lowest, notches[slot].target * Self.step)
    notches[slot].rest = Self.hold
  }

  private func apply(_ index: Int, to output: Buffer<Complex>) {
    guard notches[index].rest > 0 || notches[index].gain < 1 else { return }
    if notches[index].rest > 0 { notches[index].rest -= 1 }
    let target = notches[index].rest > 0 ? notches[index].target : 1
    // Down within some frames, back within a few seconds.
    let rate: Float = target < notches[index].gain ? 0.2 : 0.01
    notches[index].gain += rate * (target - notches[index].gain)
    if notches[index].gain > 0.99, target == 1 { notches[index].gain = 1 }
    let middle = notches[index].bin
    // The window's skirts are wider than its lobe.
    let width = Self.lobe + 2
    for bin in max(0, middle - width)..<min(SpectralFrame.binCount, middle + width + 1) {
      output[bin] = output[bin] * notches[index].gain
    }
  }
}
