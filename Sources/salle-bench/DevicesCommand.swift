import ArgumentParser

/// `salle-bench devices`.
struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "What the room's devices cost and how late they are.",
    discussion: """
      Composition needs no device; its cost is compared with libyuv's, doing the same scaling and conversion.
      """)

  @Option(help: "Pictures that are composed.") var pictures = 300

  func run() throws {
    let composition = CompositionBenchmark().run(rounds: pictures)
    print("Composition of nine moving pictures, 1080p")
    Self.row("  a picture, ms", composition.milliseconds)
    Self.row("  libyuv alone, ms", composition.reference)
    Self.row("  ratio", composition.milliseconds / composition.reference)
    Self.row("  at 30 pictures a second, percent of one core", composition.milliseconds * 3, goal: 40)
    Self.row("  allocations a picture beyond libyuv's own", composition.allocations, goal: 0.5)
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
