import Realtime
import WebRTC

/// Chooses for one receiver how many spatial and temporal layers of a publisher's VP9 stream (RFC 9628) it gets, and makes
/// of them a stream without gaps. Picture ids stay as they are, since pictures refer to each other by their differences.
///
/// More layers are given from the first layer frame on that needs no earlier picture, so that only what the receiver
/// has is referred to; fewer from the next picture on.
struct SVCForwarder {
  /// The highest spatial layer that the receiver wants; nil while it wants nothing.
  var targetLayer: Int?
  /// The highest spatial layer that is forwarded; nil before the first key picture.
  private(set) var currentLayer: Int?
  /// How many spatial layers the publisher was last seen to send.
  private(set) var seenLayerCount = 1

  private var clock: TimestampRewriter.Clock?
  private var sequence = SequenceRewriter()
  private var timestamps: TimestampRewriter
  private var pictureTimestamp: UInt32?
  private var highestInPicture = 0
  private var isKeyPicture = false
  private var temporal = TemporalFilter()

  /// A forwarder for a receiver that wants layers up to `targetLayer`.
  init(targetLayer: Int?) {
    self.targetLayer = targetLayer
    timestamps = TimestampRewriter(rate: 90_000)
  }

  /// Whether a key picture is needed: for the first picture, or for more layers.
  var needsKeyFrame: Bool {
    guard let targetLayer else { return false }
    guard let currentLayer else { return true }
    return currentLayer < min(targetLayer, seenLayerCount - 1)
  }

  /// The highest temporal layer that the receiver wants.
  var targetTemporalLayer: Int {
    get { temporal.target }
    set { temporal.target = newValue }
  }

  /// The highest temporal layer that is forwarded.
  var currentTemporalLayer: Int { temporal.current }

  /// The highest spatial layer of the present picture that goes out, now or with a later packet.
  var pictureLayer: Int { currentLayer.map { highestExpected($0, targetLayer ?? 0) } ?? 0 }

  /// Takes note of the stream's clock.
  mutating func synchronize(_ clock: TimestampRewriter.Clock) {
    self.clock = clock
    timestamps.learn(clock)
  }

  /// The clock of what the receiver sees; nil while it isn't known.
  var outputClock: TimestampRewriter.Clock? {
    clock.map { TimestampRewriter.Clock(timestamp: $0.timestamp &+ timestamps.offset, ntp: $0.ntp) }
  }

  /// Decides about a packet; its payload goes out as it is. Nil when it isn't forwarded.
  mutating func forward(_ packet: MediaPacket) -> ForwardingDecision? {
    guard let targetLayer else {
      currentLayer = nil
      return nil
    }
    var length = 0
    guard let descriptor = try? VP9Descriptor(parsing: packet.payload, count: &length) else {
      // Padding, or what no receiver could read.
      return currentLayer == nil ? nil : decision(sequence.leaveOut(packet.sequenceNumber), packet, marker: false)
    }
    let layer = Int(descriptor.spatialLayer)
    notePicture(packet, layer, targetLayer)
    raiseIfPossible(to: layer, descriptor, targetLayer, packet)
    guard let currentLayer else { return nil }
    let info = VideoPacketInfo(descriptor)
    let isWanted = temporal.admits(
      timestamp: packet.timestamp, temporalLayer: info.temporalLayer, info.switching)
    guard isWanted, layer <= currentLayer else {
      return decision(sequence.leaveOut(packet.sequenceNumber), packet, marker: false)
    }
    // RFC 9628 §4.1: the marker is on the picture's last packet, which may be of a layer that is left out here.
    let marker = packet.marker || (descriptor.endsFrame && layer == highestExpected(currentLayer, targetLayer))
    return decision(sequence.forward(packet.sequenceNumber), packet, marker: marker)
  }

  private mutating func notePicture(_ packet: MediaPacket, _ layer: Int, _ target: Int) {
    if let known = pictureTimestamp, Int32(bitPattern: packet.timestamp &- known) <= 0 {
      if known == packet.timestamp {
        highestInPicture = max(highestInPicture, layer)
        seenLayerCount = max(seenLayerCount, highestInPicture + 1)
      }
      return
    }
    if pictureTimestamp != nil { seenLayerCount = highestInPicture + 1 }
    pictureTimestamp = packet.timestamp
    highestInPicture = layer
    isKeyPicture = false
    if let current = currentLayer, current > target { currentLayer = target }
  }

  private mutating func raiseIfPossible(
    to layer: Int, _ descriptor: VP9Descriptor, _ target: Int, _ packet: MediaPacket
  ) {
    guard descriptor.startsFrame, !descriptor.isInterPicturePredicted, packet.timestamp == pictureTimestamp else {
      return
    }
    if layer == 0 {
      isKeyPicture = true
      learnLayerCount(descriptor, packet.payload)
      guard currentLayer == nil else { return }
      sequence.beginSource()
      timestamps.beginSource(timestamp: packet.timestamp, clock: clock, at: packet.arrival)
      temporal.begin()
      currentLayer = 0
    } else if let current = currentLayer, layer == current + 1, layer <= target {
      currentLayer = layer
    }
  }

  /// The highest layer of the present picture that will be sent: in a key picture more layers may be added.
  private func highestExpected(_ current: Int, _ target: Int) -> Int {
    isKeyPicture ? max(current, min(target, seenLayerCount - 1)) : current
  }

  private mutating func learnLayerCount(_ descriptor: VP9Descriptor, _ payload: UnsafeRawBufferPointer) {
    guard let range = descriptor.scalabilityStructure,
      let structure = try? VP9ScalabilityStructure(parsing: UnsafeRawBufferPointer(rebasing: payload[range]))
    else { return }
    seenLayerCount = structure.layerCount
  }

  private mutating func decision(
    _ place: SequenceRewriter.Place, _ packet: MediaPacket, marker: Bool
  ) -> ForwardingDecision? {
    switch place {
    case .nothing: nil
    case .number(let number):
      ForwardingDecision(
        sequenceNumber: number, timestamp: timestamps.forward(packet.timestamp, at: packet.arrival), marker: marker)
    case .fill(let number):
      ForwardingDecision(
        sequenceNumber: number, timestamp: packet.timestamp &+ timestamps.offset, marker: false, isEmpty: true)
    }
  }
}
