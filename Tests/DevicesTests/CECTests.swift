import Realtime
import Testing

@testable import Devices

/// A playback device's part in CEC, without a bus.
@Suite struct CECTests {
  private static let start = Instant(nanoseconds: 1_000_000_000)

  private static func playback() -> CECPlayback {
    var playback = CECPlayback()
    _ = playback.setAddresses(physical: 0x1000, logical: 4, at: start)
    return playback
  }

  /// As in `0f:82:10:00`.
  private static func text(_ messages: [CECMessage]) -> [String] {
    messages.map { message in
      message.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
    }
  }

  private static func message(_ text: String) throws -> CECMessage {
    try #require(CECMessage(text.split(separator: ":").compactMap { UInt8($0, radix: 16) }))
  }

  @Test func spellsMessages() throws {
    let message = CECMessage(from: 4, to: 15, .activeSource, [0x10, 0x00])
    #expect(message.bytes == [0x4F, 0x82, 0x10, 0x00])
    #expect(CECMessage(message.bytes) == message)
    #expect(CECMessage([0x40])?.opcode == nil)
    #expect(CECMessage([UInt8]()) == nil && CECMessage([UInt8](repeating: 0, count: 17)) == nil)
  }

  @Test func tellsDisplayUntilItIsOn() throws {
    var playback = Self.playback()
    #expect(Self.text(playback.turnOn(at: Self.start)) == ["40:04", "4f:82:10:00", "40:8f"])
    #expect(playback.isActiveSource && playback.deadline == Self.start + .seconds(2))
    #expect(playback.tick(at: Self.start + .seconds(1)).isEmpty)
    // Nothing is heard: once more.
    #expect(Self.text(playback.tick(at: Self.start + .seconds(2))) == ["40:04", "4f:82:10:00", "40:8f"])
    // On its way: asked only.
    #expect(playback.receive(try Self.message("04:90:02")).isEmpty)
    #expect(Self.text(playback.tick(at: Self.start + .seconds(4))) == ["40:8f"])
    // On: told again what it may not have heard, and left in peace.
    #expect(Self.text(playback.receive(try Self.message("04:90:00"))) == ["4f:82:10:00"])
    #expect(playback.deadline == nil && playback.displayPower == .on)
    #expect(playback.takeEvents() == [.activeSource(isUs: true), .displayPower(.turningOn), .displayPower(.on)])
  }

  @Test func givesUpOnDumbDisplay() {
    var playback = Self.playback()
    _ = playback.turnOn(at: Self.start)
    var (count, now) = (0, Self.start)
    while let deadline = playback.deadline, count < 100 {
      now = max(deadline, now)
      _ = playback.tick(at: now)
      count += 1
    }
    #expect(count == CECPlayback.attempts + 1)
  }

  @Test func turnsOffOnlyWhatShowsUs() throws {
    var playback = Self.playback()
    _ = playback.turnOn(at: Self.start)
    #expect(playback.receive(try Self.message("1f:82:20:00")).isEmpty)
    #expect(!playback.isActiveSource && playback.activeSource == 0x2000)
    #expect(playback.turnOff().isEmpty)
    #expect(Self.text(playback.turnOff(always: true)) == ["40:36"])
    _ = playback.turnOn(at: Self.start)
    #expect(Self.text(playback.turnOff()) == ["40:36"])
    #expect(playback.deadline == nil && !playback.isActiveSource)
  }

  @Test func answers() throws {
    var playback = Self.playback()
    #expect(Self.text(playback.receive(try Self.message("04:8f"))) == ["40:90:01"])
    _ = playback.turnOn(at: Self.start)
    #expect(Self.text(playback.receive(try Self.message("04:8f"))) == ["40:90:00"])
    #expect(Self.text(playback.receive(try Self.message("0f:85"))) == ["4f:82:10:00"])
    // What isn't understood, but not what only tells something, what is for all, or a refusal.
    #expect(Self.text(playback.receive(try Self.message("04:1a:01"))) == ["40:00:1a:00"])
    for quiet in ["04:00:04:00", "04:47:54:56", "0f:87:00:00:00", "0f:1a:01", "04", "05:8f"] {
      #expect(playback.receive(try Self.message(quiet)).isEmpty, "\(quiet)")
    }
    _ = playback.takeEvents()
    #expect(playback.receive(try Self.message("04:44:40")).isEmpty)
    #expect(playback.receive(try Self.message("04:36")).isEmpty)
    #expect(playback.takeEvents() == [.key(0x40), .standbyRequested] && playback.displayPower == .standby)
  }

  @Test func followsChoiceOfSource() throws {
    var playback = Self.playback()
    #expect(Self.text(playback.receive(try Self.message("0f:86:10:00"))) == ["4f:82:10:00"])
    #expect(playback.isActiveSource && playback.isOn)
    #expect(playback.receive(try Self.message("0f:80:10:00:20:00")).isEmpty)
    #expect(!playback.isActiveSource)
    #expect(Self.text(playback.receive(try Self.message("0f:80:20:00:10:00"))) == ["4f:82:10:00"])
    #expect(Self.text(playback.yield()) == ["40:9d:10:00"])
    #expect(!playback.isActiveSource && playback.yield().isEmpty)
    // Cut short.
    for broken in ["0f:86:10", "0f:80:10:00:20", "0f:82", "04:90"] {
      #expect(playback.receive(try Self.message(broken)).isEmpty)
    }
  }

  @Test func beginsAnewWithDisplayThatIsPluggedIn() {
    var playback = CECPlayback()
    #expect(playback.turnOn(at: Self.start).isEmpty)
    #expect(
      Self.text(playback.setAddresses(physical: 0x2000, logical: 8, at: Self.start))
        == ["80:04", "8f:82:20:00", "80:8f"])
    #expect(playback.setAddresses(physical: 0x2000, logical: 8, at: Self.start).isEmpty)
    #expect(playback.setAddresses(physical: nil, logical: nil, at: Self.start).isEmpty)
    #expect(!playback.isActiveSource && playback.deadline == nil)
  }
}
