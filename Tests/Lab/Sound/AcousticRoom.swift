import Audio
import Devices
import Realtime

/// The air of a room between two sound cards whose cables return to the machine: what is played into the loudspeaker's
/// cable comes out of its other end, goes through a simulated room, and into the microphones' cable.
final class AcousticRoom {
  /// The card into whose device 0 a room listens: the microphones.
  static let microphones = PCMAddress(card: 0, device: 0)
  /// The card on whose device 0 a room plays: the loudspeaker.
  static let loudspeaker = PCMAddress(card: 1, device: 0)

  private let thread: RealtimeThread

  /// Lets sound through; `setup` says how.
  init(_ setup: SimulatedRoom.Setup) throws {
    var setup = setup
    setup.isPaced = false
    let air = Air(
      ear: try ALSACapture(PCMAddress(card: 1, device: 1), PCMRequest(channelCount: 2)),
      mouth: try ALSAPlayback(
        PCMAddress(card: 0, device: 1), PCMRequest(channelCount: setup.array.microphones.count)),
      room: SimulatedRoom(setup))
    thread = try RealtimeThread(name: "air", priority: 60) { context in
      while !context.shouldStop { air.pass() }
    }
  }

  /// Silence from now on.
  func stop() { thread.stop() }
}

/// `@unchecked Sendable`: made before the thread starts, and used by it alone.
private final class Air: @unchecked Sendable {
  private let ear: ALSACapture
  private let mouth: ALSAPlayback
  private let play: any AudioPlayback
  private let hear: any AudioCapture
  private let played: AudioBlock
  private let heard: AudioBlock

  init(ear: ALSACapture, mouth: ALSAPlayback, room: SimulatedRoom) {
    (self.ear, self.mouth) = (ear, mouth)
    (play, hear) = (room.playback, room.capture)
    played = AudioBlock(channelCount: ear.channelCount)
    heard = AudioBlock(channelCount: mouth.channelCount)
  }

  func pass() {
    guard (try? ear.read(into: played)) != nil, (try? play.write(played)) != nil else { return }
    guard (try? hear.read(into: heard)) != nil else { return }
    heard.timestamp = played.timestamp + AudioBlock.duration
    _ = try? mouth.write(heard)
  }
}
