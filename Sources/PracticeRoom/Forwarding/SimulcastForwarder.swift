import Realtime
import WebRTC

/// Chooses for one receiver which of a publisher's simulcast layers it gets, and makes of it one continuous stream.
///
/// A switch happens only at a key frame of the layer that is wanted; until then the present layer goes on. Layers that
/// fall silent (the publisher has no bandwidth, or was told that nobody wants them) are passed over.
struct SimulcastForwarder {
  /// The most layers.
  static let maximumLayerCount = 4
  /// A layer without a packet for so long isn't there: longer than a picture at 5 a second and some jitter.
  static let silenceLimit = Duration.milliseconds(750)

  private struct Layer {
    var lastArrival: Instant?
    var clock: TimestampRewriter.Clock?
  }

  /// The best layer that the receiver wants; nil while it wants nothing. Takes effect as soon as that layer has a key
  /// frame.
  var targetLayer: Int?
  /// The layer that is forwarded; nil before the first key frame.
  private(set) var currentLayer: Int?

  private var layers = [Layer](repeating: Layer(), count: SimulcastForwarder.maximumLayerCount)
  private var sequence = SequenceRewriter()
  private var timestamps: TimestampRewriter
  private var vp8 = VP8Rewriter()
  private var temporal = TemporalFilter()

  /// A forwarder for a receiver that wants `targetLayer`.
  init(targetLayer: Int?) {
    self.targetLayer = targetLayer
    timestamps = TimestampRewriter(rate: 90_000)
  }

  /// The highest temporal layer that the receiver wants.
  var targetTemporalLayer: Int {
    get { temporal.target }
    set { temporal.target = newValue }
  }

  /// The layer that should be forwarded at `now`: the best one up to the target that is there, else the smallest one
  /// that is there.
  func wantedLayer(at now: Instant) -> Int? {
    guard let targetLayer else { return nil }
    let present = layers.indices.filter { index in
      layers[index].lastArrival.map { now - $0 <= Self.silenceLimit } ?? false
    }
    return present.last { $0 <= targetLayer } ?? present.first
  }

  /// The layer whose key frame is waited for; nil when all is well.
  func missingKeyFrameLayer(at now: Instant) -> Int? {
    guard let wanted = wantedLayer(at: now), wanted != currentLayer else { return nil }
    return wanted
  }

  /// Takes note of a layer's clock.
  mutating func synchronize(layer: Int, _ clock: TimestampRewriter.Clock) {
    guard layers.indices.contains(layer) else { return }
    layers[layer].clock = clock
    if layer == currentLayer { timestamps.learn(clock) }
  }

  /// The clock of what the receiver sees, from that of the present layer; nil while it isn't known.
  var outputClock: TimestampRewriter.Clock? {
    guard let currentLayer, let clock = layers[currentLayer].clock else { return nil }
    return TimestampRewriter.Clock(timestamp: clock.timestamp &+ timestamps.offset, ntp: clock.ntp)
  }

  /// Decides about a packet, and puts its payload as the receiver is to see it into `output` (at least as long as the
  /// payload plus `VP8Descriptor.maximumSize`).
  /// - Returns: nil when it isn't forwarded; else the decision and the payload's length.
  mutating func forward(
    _ packet: MediaPacket, into output: UnsafeMutableRawBufferPointer
  ) -> (decision: ForwardingDecision, count: Int)? {
    guard layers.indices.contains(packet.layer) else { return nil }
    // Padding keeps no layer alive.
    if !packet.payload.isEmpty { layers[packet.layer].lastArrival = packet.arrival }
    guard targetLayer != nil else {
      currentLayer = nil
      return nil
    }
    if packet.layer != currentLayer { switchIfPossible(to: packet) }
    guard packet.layer == currentLayer else { return nil }
    guard !packet.payload.isEmpty, admits(packet) else {
      return fill(sequence.leaveOut(packet.sequenceNumber), packet)
    }
    guard case .number(let number) = sequence.forward(packet.sequenceNumber),
      let count = rewrite(packet, into: output)
    else { return nil }
    let decision = ForwardingDecision(
      sequenceNumber: number, timestamp: timestamps.forward(packet.timestamp, at: packet.arrival),
      marker: packet.marker)
    return (decision, count)
  }

  private mutating func fill(
    _ place: SequenceRewriter.Place, _ packet: MediaPacket
  ) -> (decision: ForwardingDecision, count: Int)? {
    guard case .fill(let number) = place else { return nil }
    let decision = ForwardingDecision(
      sequenceNumber: number, timestamp: packet.timestamp &+ timestamps.offset, marker: false, isEmpty: true)
    return (decision, 0)
  }

  private mutating func switchIfPossible(to packet: MediaPacket) {
    guard packet.layer == wantedLayer(at: packet.arrival), let start = VideoPacketInfo(packet), start.isKeyFrame
    else { return }
    currentLayer = packet.layer
    sequence.beginSource()
    timestamps.beginSource(timestamp: packet.timestamp, clock: layers[packet.layer].clock, at: packet.arrival)
    if let descriptor = start.vp8 { vp8.beginSource(descriptor) }
    temporal.begin()
  }

  /// Whether the packet is of a temporal layer that the receiver gets.
  private mutating func admits(_ packet: MediaPacket) -> Bool {
    // What can't be read fails where it is rewritten.
    guard let info = VideoPacketInfo(packet) else { return true }
    let isWanted = temporal.admits(
      timestamp: packet.timestamp, temporalLayer: info.temporalLayer, info.switching)
    if !isWanted, let descriptor = info.vp8 { vp8.leaveOut(descriptor) }
    return isWanted
  }

  private mutating func rewrite(_ packet: MediaPacket, into output: UnsafeMutableRawBufferPointer) -> Int? {
    guard packet.codec == .video(.vp8) else {
      guard packet.payload.count <= output.count else { return nil }
      output.copyMemory(from: packet.payload)
      return packet.payload.count
    }
    var length = 0
    guard let descriptor = try? VP8Descriptor(parsing: packet.payload, count: &length) else { return nil }
    let written = vp8.rewrite(descriptor).write(into: output)
    let rest = UnsafeRawBufferPointer(rebasing: packet.payload[length...])
    guard written > 0, rest.count <= output.count - written else { return nil }
    UnsafeMutableRawBufferPointer(rebasing: output[written...]).copyMemory(from: rest)
    return written + rest.count
  }
}
