import ArgumentParser
import Devices

/// `salle-bench devices`.
struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "What the room's devices cost and how late they are.",
    discussion: """
      Composition and the idle screen need no device; composing is compared with libyuv, doing the same scaling and
      conversion. The room's own picture needs a camera and a free display, sound two cards whose cables come back
      (snd-aloop): what isn't there is said so and left out.
      """)

  @Option(help: "Pictures that are composed.") var pictures = 300
  @Option(help: "Seconds for each of the others.") var seconds = 10
  @Option(help: "The camera's node.") var camera = "/dev/video0"
  @Option(help: "The number of the sound card that is the microphone.") var microphone = 0
  @Option(help: "The number of the sound card that is the loudspeaker.") var loudspeaker = 1

  func run() throws {
    composition()
    plane()
    print("Idle screen")
    Self.row("  composing thread, percent of one core", IdleScreenBenchmark(seconds: seconds).percent, goal: 2)
    selfView()
    sound(isCoded: false)
    sound(isCoded: true)
  }

  private func composition() {
    let composition = CompositionBenchmark().run(rounds: pictures)
    print("Composition of nine moving pictures, 1080p")
    Self.row("  a picture, ms", composition.milliseconds)
    Self.row("  libyuv alone, ms", composition.reference)
    Self.row("  ratio", composition.milliseconds / composition.reference)
    Self.row("  at 30 pictures a second, percent of one core", composition.milliseconds * 3, goal: 40)
    Self.row("  allocations a picture beyond libyuv's own", composition.allocations, goal: 0.5)
  }

  private func plane() {
    let cost = KMSLayerCost()
    var samples = Samples(pictures)
    for index in 0..<pictures {
      samples.add(Measurement.take { cost.layer(index) }, count: 1)
      samples.addReference(Measurement.take { cost.compose(index) }, count: 1)
    }
    let result = samples.result
    print("A large picture with another in front, 720p on 1080p, up to where it is scanned out")
    Self.row("  on a plane of its own, ms", result.nanoseconds / 1e6)
    Self.row("  composed and copied, ms", result.reference / 1e6)
    Self.row("  ratio", result.nanoseconds / result.reference, goal: 1)
  }

  private func selfView() {
    print("The room's own picture, from the camera's time stamp to the page flip")
    do {
      let result = try SelfViewBenchmark(node: camera, seconds: seconds)
      guard !result.delays.isEmpty else { return print("  left out: the camera gave no picture") }
      Self.row("  median, ms", result.delays[result.delays.count / 2], goal: 2 * result.framePeriod)
      Self.row("  nine of ten below, ms", result.delays[result.delays.count * 9 / 10])
    } catch {
      print("  left out: \(error)")
    }
  }

  private func sound(isCoded: Bool) {
    print(
      "Sound, from air to air"
        + (isCoded ? ", coded, through the jitter buffer and decoded" : ", through the front end"))
    do {
      let result = try SoundDelayBenchmark(
        microphone: microphone, loudspeaker: loudspeaker, seconds: seconds, isCoded: isCoded)
      Self.row("  all, ms", result.delay, goal: isCoded ? nil : 60)
      Self.row("  of it the devices' buffers, ms", result.devices)
      let processing = result.delay - result.devices
      Self.row("  of it our processing, with gathering a block of 10 ms, ms", processing, goal: isCoded ? nil : 25)
    } catch {
      print("  left out: \(error)")
    }
  }

  /// Prints a figure, and whether it is below its goal.
  static func row(_ name: String, _ value: Double, goal: Double? = nil) {
    let scaled = Int((value * 100).rounded())
    let fraction = scaled % 100
    let text = "\(scaled / 100)." + (fraction < 10 ? "0" : "") + "\(fraction)"
    let padding = String(repeating: " ", count: max(60 - name.count - text.count, 1))
    print(name + padding + text + (goal.map { "  goal \($0) " + (value < $0 ? "met" : "MISSED") } ?? ""))
  }
}
