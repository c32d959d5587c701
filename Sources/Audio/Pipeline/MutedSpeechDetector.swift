/// Tells when somebody in the room speaks while the microphone is muted, and seems not to know it.
///
/// A cough or a word to one's neighbour doesn't count: it takes a second of speech within some two. It has been told once
/// until a pause of several seconds, or until the microphone is unmuted.
struct MutedSpeechDetector {
  /// Blocks of speech that it takes.
  private static let needed = 100
  /// How much of the count a block without speech takes away: half a second of speech bridges a pause of a second.
  private static let decay = 0.5
  /// Blocks of silence after which it ends.
  private static let patience = 400

  private var speech = 0.0
  private var silence = 0

  /// Whether somebody speaks in vain.
  private(set) var isSpeaking = false

  /// Takes one block of 10 ms.
  mutating func process(hasVoice: Bool, isMuted: Bool) {
    guard isMuted else {
      self = MutedSpeechDetector()
      return
    }
    speech = hasVoice ? min(speech + 1, Double(2 * Self.needed)) : max(0, speech - Self.decay)
    silence = hasVoice ? 0 : silence + 1
    if speech >= Double(Self.needed) { isSpeaking = true }
    if silence >= Self.patience { isSpeaking = false }
  }
}
