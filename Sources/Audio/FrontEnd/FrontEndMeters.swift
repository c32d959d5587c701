#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Levels of the front end, and what its canceller achieves.
struct FrontEndMeters {
  /// Per block: a meter's inertia of 0.3 s.
  private static let levelRate: Float = 0.033
  /// Per block of echo.
  private static let echoRate: Float = 0.03
  /// From which part of the loudest echo's power on the loudspeaker is loud.
  private static let loud: Float = 0.25
  /// Blocks of loud echo before its distortion is believed: the canceller has settled by then.
  private static let leastLoudBlocks = 300

  private var heardPower: Float = 0
  private var sentPower: Float = 0
  private var echoPower: Float = 0
  private var cleanedPower: Float = 0
  private var loudest: Float = 0
  private var loudPower: Float = 0
  private var loudRest: Float = 0
  private var loudBlocks = 0

  var captureLevel: Double { Self.level(heardPower) }
  var outputLevel: Double { Self.level(sentPower) }

  /// How much of the echo the linear canceller removes, in decibels; 0 while there was none.
  var echoReturnLossEnhancement: Double {
    echoPower > 1e-7 ? max(0, Double(10 * log10f(echoPower / max(cleanedPower, 1e-12)))) : 0
  }

  /// See `MicrophoneFrontEndReport.nonLinearity`.
  var nonLinearity: Double? {
    guard loudBlocks >= Self.leastLoudBlocks, loudPower > 0 else { return nil }
    return Double(10 * log10f(max(loudRest, 1e-12) / loudPower))
  }

  /// Takes the power of one block as it was heard and as it is sent.
  mutating func addLevels(heard: Float, sent: Float) {
    heardPower += Self.levelRate * (heard - heardPower)
    sentPower += Self.levelRate * (sent - sentPower)
  }

  /// Takes the power that one microphone had in a block with echo, before and after the linear canceller.
  /// - Parameter isAlone: whether nobody in the room speaks.
  mutating func addEcho(heard: Float, cleaned: Float, isAlone: Bool) {
    // What the talker adds to both says nothing of the canceller.
    guard isAlone else { return }
    echoPower += Self.echoRate * (heard - echoPower)
    cleanedPower += Self.echoRate * (cleaned - cleanedPower)
    // The loudest echo is forgotten within a minute, or one crash of a door would end the measurement.
    loudest = max(heard, loudest * 0.9998)
    guard heard > Self.loud * loudest, heard > 1e-7 else { return }
    loudBlocks += 1
    loudPower += 0.005 * (heard - loudPower)
    loudRest += 0.005 * (cleaned - loudRest)
  }

  private static func level(_ power: Float) -> Double {
    max(MicrophoneFrontEndReport.silence, Double(10 * log10f(power + 1e-12)))
  }
}
