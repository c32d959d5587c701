import ArgumentParser
import WebRTC

/// What the transport costs per packet, against libsrtp2 alone.
struct TransportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transport",
    abstract: "Cost per packet of a peer connection, sending and receiving, against bare libsrtp2.",
    discussion: """
      Send: packetise, RTP, SRTP, pollTransmit, and the peer's feedback. Receive: SRTP, RTP, frame assembly, feedback.
      Both take turns with libsrtp2 on packets of the same sizes; the median round of each counts, in time and in
      allocations. (ICE's check of consent every five seconds makes OpenSSL's HMAC allocate; that isn't per packet.)
      """)

  @Option(help: "Rounds that are measured.")
  var rounds = 2_000

  /// Most that the whole path may cost, in units of bare libsrtp2.
  private static let goal = 1.5

  func run() throws {
    print("                 ns/packet    libsrtp2    ratio   allocations/packet   of them libsrtp2's")
    var isGood = true
    for profile in [SRTPProfile.aeadAES128GCM, .aes128CMHMACSHA1_80] {
      for medium in TransportBenchmark.Medium.allCases {
        var benchmark = try TransportBenchmark(medium, profile)
        let result = try benchmark.measure(rounds: rounds)
        print("\(medium.rawValue), \(profile)")
        show("  send", result.send, &isGood)
        show("  receive", result.receive, &isGood)
      }
    }
    print("goal: ratio at most \(Self.goal), no allocation of our own: \(isGood ? "met" : "MISSED")")
    if !isGood { throw ExitCode.failure }
  }

  private func show(_ name: String, _ result: TransportBenchmark.Result, _ isGood: inout Bool) {
    isGood = isGood && result.ratio <= Self.goal && result.allocations <= result.referenceAllocations
    let columns = [
      column(result.nanoseconds, 16), column(result.reference, 12), column(result.ratio, 9, hundredths: true),
      column(result.allocations, 13, hundredths: true), column(result.referenceAllocations, 21, hundredths: true),
    ]
    print(name + String(repeating: " ", count: 10 - name.count) + columns.joined())
  }

  private func column(_ value: Double, _ width: Int, hundredths: Bool = false) -> String {
    let hundred = Int((value * 100).rounded())
    let fraction = hundred % 100
    let text = hundredths ? "\(hundred / 100).\(fraction < 10 ? "0" : "")\(fraction)" : "\(Int(value.rounded()))"
    return String(repeating: " ", count: max(width - text.count, 0)) + text
  }
}
