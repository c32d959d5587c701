/// The figures of all rounds, as a table.
struct CallTable {
  var salle: [[String: Double]] = []
  var peer: [[String: Double]] = []
  var salleJoins: [[String: Double]] = []
  var peerJoins: [[String: Double]] = []
  private(set) var isGood = true

  mutating func print(hasPeer: Bool) {
    Swift.print("What was done, a second                               min   median      max")
    for name in ["sent_high", "sent_middle", "sent_low", "sent_kbps", "decoded", "decoded_width", "sounds", "composed"]
    {
      row("Salle \(name)", salle.compactMap { $0[name] })
    }
    if hasPeer {
      for name in ["sent_high", "sent_middle", "sent_low", "sent_kbps", "decoded", "decoded_width", "sounds"] {
        row("libwebrtc \(name)", peer.compactMap { $0[name] })
      }
    }
    checkWork("Salle", salle)
    checkWork("libwebrtc", peer)
    Swift.print("\nProcessor seconds a second")
    row("Salle, all of the process", each { $0("cpu") })
    row("Salle without its screen thread", each { $0("cpu") - $0("thread_screen") })
    for name in Set(salle.flatMap(\.keys)).filter({ $0.hasPrefix("thread_") }).sorted() {
      row("  of it \(name.dropFirst(7))", each { $0(name) })
    }
    row("libvpx alone, encoding", each { $0("vpx_encode") })
    row("libvpx alone, decoding", each { $0("vpx_decode") })
    row("libopus alone", each { $0("opus") })
    if hasPeer { row("libwebrtc (Python client)", peer.compactMap { $0["cpu"] }) }
    printRatios(hasPeer: hasPeer)
  }

  // Who does less than the call asks for costs less: such figures compare nothing.
  private mutating func checkWork(_ name: String, _ rounds: [[String: Double]]) {
    for (work, least) in [("sent_high", 27.0), ("sent_middle", 18), ("sent_low", 14), ("decoded", 114), ("sounds", 4)] {
      guard rounds.contains(where: { ($0[work] ?? 0) < least }) else { continue }
      isGood = false
      Swift.print("\(name) did less than the work: \(work) below \(Self.text(least, width: 1)) in a round")
    }
  }

  private mutating func printRatios(hasPeer: Bool) {
    Swift.print("\nRatios                                                                       goal")
    let vpx: (Figures) -> Double = { $0("vpx_encode") + $0("vpx_decode") }
    let call: (Figures) -> Double = { $0("cpu") - $0("thread_screen") }
    // libvpx does nothing for sound. What remains has all of the network thread, its part for sound too.
    let video: (Figures) -> Double = { call($0) - $0("thread_audio") - $0("thread_audio-send") }
    row("the call's video without composing / libvpx", each { video($0) / vpx($0) }, goal: 1.25)
    row("call without composing / libvpx + libopus", each { call($0) / (vpx($0) + $0("opus")) }, goal: 1.25)
    row("call without composing / libvpx", each { call($0) / vpx($0) })
    row("call with composing / libvpx", each { $0("cpu") / vpx($0) })
    if hasPeer {
      row("call with composing / libwebrtc", pairs(salle, peer, "cpu"), goal: 1)
      row("call without composing / libwebrtc", withoutScreen)
    }
    Swift.print("\nTime from joining to the first decoded picture, ms")
    row("Salle", salleJoins.compactMap { $0["first_picture_ms"] })
    if hasPeer {
      row("libwebrtc (Python client)", peerJoins.compactMap { $0["first_picture_ms"] })
      row("ratio", pairs(salleJoins, peerJoins, "first_picture_ms"), goal: 1)
    }
    Swift.print("\nMemory")
    row("Salle, resident, MB", each { $0("resident_mb") }, goal: 120)
    row("  of it anonymous, MB (7 are the camera's pictures)", each { $0("anonymous_mb") })
    row("Salle, allocations a second", each { $0("allocations_per_second") })
    if hasPeer { row("libwebrtc (Python client), resident, MB", peer.compactMap { $0["resident_mb"] }) }
  }

  typealias Figures = (String) -> Double

  private func each(_ value: (Figures) -> Double) -> [Double] {
    salle.map { figures in value { figures[$0] ?? 0 } }
  }

  private func pairs(_ ours: [[String: Double]], _ theirs: [[String: Double]], _ name: String) -> [Double] {
    zip(ours, theirs).map { ($0[name] ?? 0) / ($1[name] ?? 0) }
  }

  private var withoutScreen: [Double] {
    zip(salle, peer).map { (($0["cpu"] ?? 0) - ($0["thread_screen"] ?? 0)) / ($1["cpu"] ?? 0) }
  }

  private mutating func row(_ name: String, _ values: [Double], goal: Double? = nil) {
    let sorted = values.sorted()
    guard let least = sorted.first, let most = sorted.last else { return }
    let median = sorted[sorted.count / 2]
    var line = name + String(repeating: " ", count: max(48 - name.count, 1))
    for value in [least, median, most] { line += Self.text(value, width: 9) }
    if let goal {
      let isMet = median < goal
      isGood = isGood && isMet
      line += Self.text(goal, width: 9) + (isMet ? " met" : " MISSED")
    }
    Swift.print(line)
  }

  private static func text(_ value: Double, width: Int) -> String {
    guard value.isFinite else { return String(repeating: " ", count: width - 1) + "-" }
    let isLarge = abs(value) >= 100
    let scaled = Int((value * (isLarge ? 1 : 1_000)).rounded())
    let fraction = String(scaled % 1_000)
    let text =
      isLarge ? String(scaled) : "\(scaled / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    return String(repeating: " ", count: max(width - text.count, 0)) + text
  }
}
