import Audio
import Devices
import Glibc
import Realtime
import Synchronization
import Testing

/// A room with a USB microphone array that is also its loudspeaker, in virtual time.
@Suite(.serialized, .lab("room-sound")) struct RoomSoundTests {
  private static let control = "/run/array.control"

  /// Starts the array, which is a program.
  private func startArray(_ options: String) throws {
    #expect(Lab.shell("python3 Tests/Lab/usb/uac2.py --control \(Self.control) \(options) >/tmp/array.log 2>&1 &") == 0)
    try until("the array is there", within: .seconds(5)) { !SoundDevice.all(.capture).isEmpty }
  }

  private func tell(_ command: String) { Lab.shell("echo \(command) >\(Self.control)") }

  private func endArray() throws {
    tell("quit")
    try until("the array is gone", within: .seconds(5)) { SoundDevice.all().isEmpty }
  }

  /// Waits for `condition`, in steps of 5 ms, and gives how long it took.
  @discardableResult
  private func until(_ what: String, within limit: Duration, _ condition: () -> Bool) throws -> Duration {
    let began = MonotonicClock.now
    while !condition() {
      guard MonotonicClock.now - began < limit else { throw Late(what: what) }
      MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(5))
    }
    return MonotonicClock.now - began
  }

  private struct Late: Error { var what: String }

  private let array: RoomSound.Choice = { devices in
    devices.first { $0.identity.usb?.vendor == 0x1209 && $0.identity.usb?.product == 0x0A01 }
  }

  /// A room whose watcher of devices is a thread that looks at the cards every 20 ms.
  private final class Room {
    let pipeline: AudioPipeline
    let sound: RoomSound
    private let audio: RealtimeThread
    private let watcher: RealtimeThread

    init(_ wish: RoomSound.Wish) throws {
      pipeline = try AudioPipeline(capture: nil, playback: nil, firstTimestamp: 0)
      sound = try RoomSound(pipeline, wish: wish)
      audio = try pipeline.startThread()
      let sound = sound
      watcher = try RealtimeThread(name: "watcher", priority: nil) { context in
        var last = -1
        while !context.shouldStop {
          let cards = (0..<8).reduce(0) { $0 | (access("/dev/snd/controlC\($1)", F_OK) == 0 ? 1 << $1 : 0) }
          if cards != last { sound.devicesChanged() }
          last = cards
          MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(20))
        }
      }
    }

    func stop() {
      watcher.stop()
      sound.stop()
      audio.stop()
    }
  }

  private func isOpen(_ state: SoundDeviceState) -> Bool {
    if case .open = state { return true }
    return false
  }

  @Test func unpluggedAndPluggedInAgain() throws {
    try startArray("--ppm 80")
    let devices = SoundDevice.all()
    let microphones = try #require(devices.first { $0.direction == .capture })
    #expect(microphones.capabilities?.channelCounts == 8...8)
    #expect(microphones.capabilities?.sampleRates == [48_000])
    #expect(microphones.capabilities?.formats == [.s16])
    #expect(microphones.cardName == "Microphone array" && microphones.sysfsPath.contains("vhci_hcd"))
    #expect(access(microphones.node, R_OK) == 0)
    let room = try Room(RoomSound.Wish(capture: array, playback: array))
    try until("both run", within: .seconds(2)) {
      isOpen(room.sound.report.capture.state) && isOpen(room.sound.report.playback.state)
    }
    for round in 1...2 {
      MonotonicClock.sleep(until: MonotonicClock.now + .seconds(1))
      #expect(room.pipeline.currentStatistics.hasCapture == 1 && room.pipeline.currentStatistics.hasPlayback == 1)
      // The tone of channel 0 and the others: the microphones are heard.
      #expect(room.pipeline.currentStatistics.captureLevel < 40)
      let blocks = room.pipeline.currentStatistics.blocks
      tell("unplug")
      try until("the loss is noticed", within: .milliseconds(500)) {
        room.pipeline.currentStatistics.hasCapture == 0 && room.pipeline.currentStatistics.hasPlayback == 0
      }
      MonotonicClock.sleep(until: MonotonicClock.now + .seconds(1))
      // The others go on being heard: the audio thread runs on the machine's clock.
      #expect(room.pipeline.currentStatistics.blocks > blocks + 90)
      #expect(room.sound.report.capture.state == .absent)
      tell("plug")
      try until("the array is there again", within: .seconds(3)) { !SoundDevice.all(.capture).isEmpty }
      let outage = try until("both run again", within: .milliseconds(500)) {
        room.pipeline.currentStatistics.hasCapture == 1 && room.pipeline.currentStatistics.hasPlayback == 1
      }
      print("unplugged and plugged in, round \(round): both run \(outage.milliseconds) ms after the card is there")
      let report = room.sound.report
      #expect(report.capture.losses == round && report.playback.losses == round)
      #expect(report.capture.openings == round + 1)
    }
    MonotonicClock.sleep(until: MonotonicClock.now + .seconds(4))
    let report = room.sound.report
    #expect(abs((report.capture.device?.partsPerMillion ?? 0) - 80) < 60)
    print(
      "USB array after 4 s: capture \(report.capture.device?.partsPerMillion ?? 0) ppm, \(report.playback.device ?? .init())"
    )
    #expect(report.playback.device?.underruns == 0 && report.capture.device?.overruns == 0)
    room.stop()
    try endArray()
  }

  /// The array's firmware hangs: nothing comes any more, but it is still plugged in.
  @Test func stalledArray() throws {
    try startArray("")
    let room = try Room(RoomSound.Wish(capture: array))
    try until("it runs", within: .seconds(2)) { room.pipeline.currentStatistics.hasCapture == 1 }
    MonotonicClock.sleep(until: MonotonicClock.now + .seconds(1))
    tell("stall on")
    try until("the loss is noticed", within: .milliseconds(500)) { room.pipeline.currentStatistics.hasCapture == 0 }
    tell("unplug")
    MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(500))
    tell("stall off")
    tell("plug")
    try until("it runs again", within: .seconds(3)) { room.pipeline.currentStatistics.hasCapture == 1 }
    room.stop()
    try endArray()
  }

  /// Another program holds the microphones when the room wants them, and lets them go.
  @Test func heldBySomeoneElse() throws {
    try startArray("")
    #expect(
      Lab.shell(
        "(arecord -q -D hw:0,0 -f S16_LE -c 8 -r 48000 -d 3 -t raw /dev/null; touch /tmp/let-go) 2>/dev/null &") == 0)
    MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(500))
    let room = try Room(RoomSound.Wish(capture: array))
    try until("it is seen to be busy", within: .seconds(1)) {
      if case .failed(_, .busy) = room.sound.report.capture.state { return true }
      return false
    }
    try until("arecord is done", within: .seconds(5)) { access("/tmp/let-go", F_OK) == 0 }
    let wait = try until("it runs", within: .milliseconds(500)) { room.pipeline.currentStatistics.hasCapture == 1 }
    print("a device let go by another program runs \(wait.milliseconds) ms later")
    room.stop()
    try endArray()
  }

  /// The level goes to the card's mixer as far as it reaches, and is made up digitally.
  @Test func levels() throws {
    try startArray("--sound tones")
    var wish = RoomSound.Wish(capture: array, playback: array)
    wish.captureLevel = -20
    wish.playbackLevel = -12
    let room = try Room(wish)
    try until("both run", within: .seconds(2)) {
      isOpen(room.sound.report.capture.state) && isOpen(room.sound.report.playback.state)
    }
    #expect(room.sound.report.capture.mixerElement == "Mic")
    #expect(room.sound.report.playback.mixerElement == "PCM")
    #expect(Lab.shell("amixer -c 0 sget Mic | grep -q -e '\\[-20.00dB\\] \\[on\\]'") == 0)
    #expect(Lab.shell("amixer -c 0 sget PCM | grep -q -e '\\[-12.00dB\\] \\[on\\]'") == 0)
    // Louder than the card can: the rest is done digitally. (The emulated card itself doesn't attenuate.)
    MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(500))
    let before = room.pipeline.currentStatistics.captureLevel
    wish.captureLevel = 6
    room.sound.wish = wish
    MonotonicClock.sleep(until: MonotonicClock.now + .milliseconds(500))
    #expect(Lab.shell("amixer -c 0 sget Mic | grep -q -e '\\[0.00dB\\] \\[on\\]'") == 0)
    #expect(abs(before - room.pipeline.currentStatistics.captureLevel - 6) <= 1)
    room.stop()
    try endArray()
  }
}
