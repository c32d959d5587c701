import WebRTC

/// Decides from audio levels (RFC 6464) whether a participant speaks, as LiveKit's server does by default: louder than
/// −35 dBov in two fifths of a period's packets.
struct SpeechMeter: Hashable, Sendable {
  /// −dBov.
  static let threshold: UInt8 = 35

  private var packets = 0
  private var loudPackets = 0
  private var loudSum = 0
  /// What was last told: loudness 0…1 in steps of 1/8, 0 when silent.
  private(set) var level: Float = 0

  /// Takes note of a packet's level.
  mutating func add(_ level: RTPAudioLevel) {
    packets += 1
    guard level.level <= Self.threshold else { return }
    loudPackets += 1
    loudSum += Int(level.level)
  }

  /// Ends a period; true when what is to be told has changed.
  mutating func endPeriod() -> Bool {
    let before = level
    if packets > 0, loudPackets * 5 >= packets * 2 {
      // −35 dBov is 1/8, 0 dBov is 1: what matters to receivers is who is louder.
      let mean = Float(loudSum) / Float(loudPackets)
      level = ((1 - mean / Float(Self.threshold)) * 7 + 1).rounded() / 8
    } else {
      level = 0
    }
    packets = 0
    loudPackets = 0
    loudSum = 0
    return level != before
  }
}
