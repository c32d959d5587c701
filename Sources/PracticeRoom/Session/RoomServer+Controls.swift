import FoundationEssentials
import LiveKitMessages
import Realtime

extension RoomServer {
  /// Raises or lowers a hand as Visio does: by an attribute with the time. False when there is no such participant.
  func setHand(identity: String, raised: Bool) async -> Bool {
    let time = raised ? Self.timestamp(WallClock.milliseconds) : nil
    return await update(identity) { $0.attributes["handRaisedAt"] = time }
  }

  /// Renames a participant. False when there is no such participant.
  func rename(identity: String, to name: String) async -> Bool {
    await update(identity) { $0.name = name }
  }

  private func update(_ identity: String, _ change: @escaping @Sendable (inout LKParticipantInfo) -> Void) async -> Bool
  {
    let isDone = try? await perform { room in
      guard let member = room.member(identity: identity) else { return false }
      room.update(member) { info in
        change(&info)
        // What Visio's requests leave there.
        info.metadata = "null"
      }
      return true
    }
    return isDone ?? false
  }

  /// A time in ISO 8601 with microseconds and offset, as Python writes it.
  static func timestamp(_ milliseconds: Int64) -> String {
    let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    // 2026-01-31T10:20:30.123Z
    let text = date.formatted(style)
    return text.hasSuffix("Z") ? text.dropLast() + "000+00:00" : text
  }
}
