#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Chooses an equaliser for a loudspeaker in its room.
public enum EqualiserDesign {
  /// What is played: full, and not so bright as to be sharp in a live room.
  private static let middle = 400.0...4_000.0
  /// What is so far below the middle is beyond what the loudspeaker can do; raising it would only distort.
  private static let reach = 12.0
  /// Bands that are cut or raised at most.
  private static let bandCount = 6
  /// A dip is raised by no more: it is a place in the room, mostly, at which sound cancels itself.
  private static let gains = -9.0...4.0
  /// Deviations that nobody hears.
  private static let tolerance = 2.0

  /// The bands that even out `response`, in decibels by thirds of an octave. A high-pass keeps away what the loudspeaker
  /// can't play.
  public static func bands(for response: [RoomMeasurement.Band]) -> [EqualiserBand] {
    let inMiddle = response.filter { middle.contains($0.frequency) && $0.value.isFinite }
    guard !inMiddle.isEmpty else { return [] }
    let target = inMiddle.reduce(0) { $0 + $1.value } / Double(inMiddle.count)
    let usable = response.filter { $0.value.isFinite && $0.value > target - reach && $0.frequency <= 12_500 }
    guard let lowest = usable.map(\.frequency).min() else { return [] }
    var deviations = usable.map { (frequency: $0.frequency, value: $0.value - target) }
    var bands = [EqualiserBand(.highPass, frequency: max(60, 0.8 * lowest))].compactMap { $0 }
    for _ in 0..<bandCount {
      guard let best = best(for: deviations) else { break }
      bands.append(best)
      let filter = Biquad(best)
      for index in deviations.indices { deviations[index].value += filter.gain(at: deviations[index].frequency) }
    }
    return bands
  }

  /// The band that does most for `deviations`; nil when none is worth it.
  private static func best(for deviations: [(frequency: Double, value: Double)]) -> EqualiserBand? {
    func rest(_ band: EqualiserBand?) -> Double {
      let filter = band.map(Biquad.init)
      return deviations.reduce(0) { sum, deviation in
        let value = deviation.value + (filter?.gain(at: deviation.frequency) ?? 0)
        return sum + value * value
      }
    }
    guard let worst = deviations.max(by: { abs($0.value) < abs($1.value) }), abs(worst.value) > tolerance else {
      return nil
    }
    let candidates = deviations.flatMap { deviation in
      [0.7, 1.4, 2.8, 4.3].compactMap { quality in
        EqualiserBand(
          .peaking, frequency: deviation.frequency,
          gain: min(max(-deviation.value, gains.lowerBound), gains.upperBound), quality: quality)
      }
    }
    guard let best = candidates.min(by: { rest($0) < rest($1) }), rest(best) < 0.97 * rest(nil) else { return nil }
    return best
  }
}
