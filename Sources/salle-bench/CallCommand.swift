import ArgumentParser
import Glibc
import Realtime

/// What a call costs, against the codecs alone and against LiveKit's own client.
struct CallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call", abstract: "Processor time, memory and time to join of a call, against libvpx and libwebrtc.",
    discussion: """
      The call: send 1280 × 720 pixels at 30 pictures a second as VP8 in three layers, and Opus with RED; receive four \
      pictures of 640 × 360 pixels at 30 a second in VP8, and four sounds in Opus; compose the screen of 1920 × 1080 \
      pixels 30 times a second. The practice room of the call is a process of its own, which is not counted. All send \
      the same pictures and sound, which were made beforehand.

      Each round measures Salle, then libvpx alone (same settings and pictures, same pace, one thread) in the same \
      process, then LiveKit's published Python client (libwebrtc) in the same room. It composes nothing, is handed \
      finished pictures, and nothing that it decodes is read but the first picture.
      """)

  @Option(help: "Rounds.") var rounds = 5
  @Option(help: "Seconds in the call before measuring.") var warmUp = 8
  @Option(help: "Seconds that are measured in each round.") var seconds = 10
  @Option(help: "Times that each client joins, for the time to the first picture.") var joins = 7
  @Option(help: "Python that has LiveKit's client (PyPI livekit); without, there is no comparison with it.")
  var python: String?
  @Option(help: "The Python client's part.") var script = "Tests/Peers/bench_livekit.py"

  func run() throws {
    let folder = "/tmp/salle-bench-\(getpid())"
    mkdir(folder, 0o700)
    let (pictures, sound) = ("\(folder)/pictures.i420", "\(folder)/sound.s16")
    defer {
      unlink(pictures)
      unlink(sound)
      rmdir(folder)
    }
    try CallMaterial.write(pictures: pictures, sound: sound)
    let room = try ChildProcess(Self.ownPath, ["call-room"])
    guard let words = room.nextLine()?.split(separator: " "), words.count == 3 else {
      throw BenchError("the practice room doesn't start")
    }
    let place = ["--url", String(words[1]), "--code", String(words[2]), "--pictures", pictures]
    var table = CallTable()
    try measure(place, sound: sound, into: &table)
    try room.finish()
    table.print(hasPeer: python != nil)
    if !table.isGood { throw ExitCode.failure }
  }

  private func measure(_ place: [String], sound: String, into table: inout CallTable) throws {
    let timing = ["--warm-up", String(warmUp), "--seconds", String(seconds)]
    for round in 0..<rounds {
      tellProgress("round \(round + 1) of \(rounds)")
      table.salle.append(
        try ChildProcess.figures(Self.ownPath, ["call-member"] + place + timing + ["--reference"]))
      guard let python else { continue }
      table.peer.append(try ChildProcess.figures(python, [script, "--sound", sound] + place + timing))
    }
    for _ in 0..<joins {
      tellProgress("joining")
      awaitKeyFrames()
      table.salleJoins.append(try ChildProcess.figures(Self.ownPath, ["call-member", "--only-join"] + place))
      guard let python else { continue }
      awaitKeyFrames()
      table.peerJoins.append(try ChildProcess.figures(python, [script, "--sound", sound, "--only-join"] + place))
    }
  }

  // A media server asks a sender for no second key frame within half a second, so who joins right after another waits.
  private func awaitKeyFrames() {
    MonotonicClock.sleep(until: MonotonicClock.now + .seconds(1))
  }

  private func tellProgress(_ text: String) {
    let line = Array("\(text)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
  }

  private static var ownPath: String {
    var path = [CChar](repeating: 0, count: 4_096)
    let count = readlink("/proc/self/exe", &path, path.count)
    return String(decoding: path.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
