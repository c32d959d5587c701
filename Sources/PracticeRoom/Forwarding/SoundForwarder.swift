import Realtime
import WebRTC

/// Makes one continuous stream of a publisher's Opus packets for one receiver, redundant (RFC 2198) only where the
/// receiver takes that.
struct SoundForwarder {
  /// Whether the receiver takes RED.
  let takesRedundancy: Bool
  private var sequence = SequenceRewriter()
  private var hasBegun = false
  private var lastTimestamp: UInt32?

  /// A forwarder for a receiver that takes RED or not.
  init(takesRedundancy: Bool) {
    self.takesRedundancy = takesRedundancy
  }

  /// What goes out: the decision, the codec and which part of the packet's payload.
  struct Output {
    var decision: ForwardingDecision
    var codec: MediaCodec
    var payload: Range<Int>
  }

  /// Decides about a packet. Nil when it isn't forwarded.
  mutating func forward(_ packet: MediaPacket) -> Output? {
    let isEmpty = packet.payload.isEmpty
    let place = isEmpty ? sequence.leaveOut(packet.sequenceNumber) : sequence.forward(packet.sequenceNumber)
    let whole = 0..<packet.payload.count
    switch place {
    case .nothing: return nil
    case .fill(let number):
      return Output(
        decision: ForwardingDecision(
          sequenceNumber: number, timestamp: packet.timestamp, marker: false, isEmpty: true), codec: .opus,
        payload: 0..<0)
    case .number(let number):
      let decision = ForwardingDecision(
        sequenceNumber: number, timestamp: packet.timestamp, marker: packet.marker)
      guard packet.codec == .red, !takesRedundancy else {
        return Output(decision: decision, codec: packet.codec, payload: whole)
      }
      // The primary block alone; the receiver conceals what is lost.
      var primary: Range<Int>?
      if let red = try? REDPacket(parsing: packet.payload) {
        for block in red where block.isPrimary { primary = block.range }
      }
      return Output(decision: decision, codec: .opus, payload: primary ?? 0..<0)
    }
  }
}
