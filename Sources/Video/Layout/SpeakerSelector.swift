import Realtime

/// Chooses whom to show large, so that the picture follows the conversation without jumping at every cough.
///
/// Somebody becomes the speaker after `attack` of speech while the present one is silent, or after `takeover` of speech
/// while the present one speaks too; and not sooner than `hold` after the last change. The speaker stays when all are
/// silent.
public struct SpeakerSelector: Sendable {
  /// Who speaks, or spoke last.
  public private(set) var speaker: TileID?
  /// How long somebody speaks before being shown.
  public var attack: Duration = .milliseconds(800)
  /// How long somebody speaks over the present speaker before being shown instead.
  public var takeover: Duration = .seconds(3)
  /// How long a speaker is shown at least.
  public var hold: Duration = .seconds(2)
  /// Pauses up to this long count as speech going on.
  public var pause: Duration = .milliseconds(600)

  private struct Speech {
    var id: TileID
    var start: Instant
    var last: Instant
  }

  private var speeches: [Speech] = []
  private var changedAt: Instant?

  /// A selector that has heard nobody.
  public init() {}

  /// Takes in who speaks at `now`, loudest first, and who is present; gives the speaker.
  ///
  /// Call it when the server tells of speakers and at least every 250 ms.
  public mutating func update(speaking: [TileID], present: [TileID], at now: Instant) -> TileID? {
    speeches.removeAll { speech in !present.contains(speech.id) || speech.last + pause < now }
    for id in speaking where present.contains(id) {
      if let index = speeches.firstIndex(where: { $0.id == id }) {
        speeches[index].last = now
      } else {
        speeches.append(Speech(id: id, start: now, last: now))
      }
    }
    if let current = speaker, !present.contains(current) { speaker = nil }
    if let current = speaker {
      if let changedAt, now < changedAt + hold { return current }
      let patience = speeches.contains { $0.id == current } ? takeover : attack
      if let next = longest(except: current), now >= next.start + patience { change(to: next.id, at: now) }
    } else if let next = longest(except: nil) {
      change(to: next.id, at: now)
    }
    return speaker
  }

  private func longest(except id: TileID?) -> Speech? {
    speeches.filter { $0.id != id }.min { $0.start < $1.start }
  }

  private mutating func change(to id: TileID, at now: Instant) {
    speaker = id
    changedAt = now
  }
}
