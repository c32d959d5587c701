import Realtime

@testable import WebRTC

extension FuzzTarget {
  /// Sequences of VP8 packets (RFC 7741) through frame assembly.
  static let vp8 = FuzzTarget(name: "vp8") {
    assemble($0, .vp8)
  } seeds: {
    []
  }

  /// Sequences of VP9 packets (RFC 9628) through frame assembly.
  static let vp9 = FuzzTarget(name: "vp9") {
    assemble($0, .vp9)
  } seeds: {
    []
  }

  /// Each record is an RTP packet; its CSRC bits, free here, say what the network does before it.
  private static func assemble(_ bytes: UnsafeRawBufferPointer, _ codec: VideoCodec) {
    let assembler = VideoFrameAssembler()
    let frame = EncodedFrame()
    var now = Instant(nanoseconds: 0)
    var reader = RecordReader(bytes)
    var tracker = RTPSequenceTracker(clockRate: 90_000)
    while let record = reader.next() {
      guard record.count >= RTPHeader.fixedCount else { continue }
      let (_, number) = tracker.receive(record.networkUInt16(at: 2), timestamp: record.networkUInt32(at: 4))
      switch record[0] & 0x0F {
      case 1: now = now + .milliseconds(200)
      case 2: assembler.abandon(sequenceNumber: number - 1)
      case 3: assembler.insertPadding(sequenceNumber: number - 1)
      default: now = now + .milliseconds(1)
      }
      assembler.insert(
        sequenceNumber: number, timestamp: record.networkUInt32(at: 4), marker: record[1] & 0x80 != 0,
        payload: UnsafeRawBufferPointer(rebasing: record[RTPHeader.fixedCount...]),
        codec: record[0] & 0x0F == 4 ? (codec == .vp8 ? .vp9 : .vp8) : codec, at: now)
      while assembler.nextFrame(into: frame, at: now) { require(frame.count > 0, "an empty frame") }
    }
    // All that waits is given up in time.
    for _ in 0..<4 where assembler.nextDeadline != .distantFuture {
      now = max(now, assembler.nextDeadline)
      while assembler.nextFrame(into: frame, at: now) {}
    }
  }
}
