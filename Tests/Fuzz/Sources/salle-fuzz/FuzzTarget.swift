/// One kind of input from outside.
struct FuzzTarget: Sendable {
  /// What `SALLE_FUZZ_TARGET` names it, and the folder of its corpus.
  let name: String
  /// Takes one input; must not trap, hang or leak whatever it holds.
  let run: @Sendable (UnsafeRawBufferPointer) -> Void
  /// Valid inputs that the corpus begins with.
  let seeds: @Sendable () -> [[UInt8]]

  /// All targets.
  static let all: [FuzzTarget] = [
    .stun, .candidate, .sdp, .rtp, .rtcp, .red, .opus, .vp8, .vp9, .dependencyDescriptor, .srtp, .dtls, .sctp, .dcep,
    .connection, .negotiation, .signalling, .data, .visio, .meetingLink, .videoFile, .wav, .arrayDescription, .eld,
    .uevent, .motionJPEG,
    .rawPicture, .edid, .frontEnd, .calendar, .terminal, .jsonRPC, .settingsFile,
  ]
}

/// Ends the run as a find: what must hold for every input didn't.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  precondition(condition, message())
}

extension String {
  /// The bytes that this hexadecimal spells.
  var hexadecimalBytes: [UInt8] {
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in utf8.compactMap({ UInt8(String(UnicodeScalar($0)), radix: 16) }) {
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }
}

/// Cuts an input into records, each behind its length in two bytes: a sequence of packets for one fuzz run.
struct RecordReader {
  private var rest: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

  /// The next record, cut short where the input ends; nil at the end.
  mutating func next() -> UnsafeRawBufferPointer? {
    guard rest.count >= 2 else { return nil }
    let length = min(Int(rest[0]) << 8 | Int(rest[1]), rest.count - 2)
    let record = UnsafeRawBufferPointer(rebasing: rest[2..<2 + length])
    rest = UnsafeRawBufferPointer(rebasing: rest[(2 + length)...])
    return record
  }

  /// The records that `packets` become.
  static func join(_ packets: [[UInt8]]) -> [UInt8] {
    packets.flatMap { [UInt8($0.count >> 8 & 0xFF), UInt8($0.count & 0xFF)] + $0 }
  }
}
