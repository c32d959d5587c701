import LiveKitMessages
import Realtime
import WebRTC

/// One participant's reception of one track. Confined to the room's event loop.
final class Subscription: TrackListener {
  let track: PublishedTrack
  private let peer: Peer
  /// Where it is sent; nil while it waits for a section.
  var transceiver: TransceiverID?
  /// What the receiver asked for.
  var choice = LayerChoice() {
    didSet { applyChoice() }
  }
  /// Packets sent.
  private(set) var packetCount = 0
  /// Whether the receiver knows what comes: before, nothing is sent.
  private var isNegotiated = false
  private var beginning: Instant?

  private enum Forwarder {
    case simulcast(SimulcastForwarder)
    case scalable(SVCForwarder)
    case sound(SoundForwarder?)
  }

  private var forwarder: Forwarder
  private let scratch = PacketBuffer()
  private var dependencies = DependencyRewriter()
  private let dependencyScratch = PacketBuffer()

  init(track: PublishedTrack, peer: Peer) {
    self.track = track
    self.peer = peer
    let target = choice.layer(of: track.layerSizes, count: track.layerCount)
    switch track.kind {
    case .audio: forwarder = .sound(nil)
    case .video:
      forwarder =
        track.isScalable
        ? .scalable(SVCForwarder(targetLayer: target)) : .simulcast(SimulcastForwarder(targetLayer: target))
    }
  }

  /// The best layer that the receiver wants; nil when it wants nothing.
  var targetLayer: Int? {
    choice.layer(of: track.layerSizes, count: track.layerCount)
  }

  /// The layer that it gets.
  var currentLayer: Int? {
    switch forwarder {
    case .simulcast(let forwarder): forwarder.currentLayer
    case .scalable(let forwarder): forwarder.currentLayer
    case .sound: nil
    }
  }

  private func applyChoice() {
    let target = targetLayer
    switch forwarder {
    case .simulcast(var simulcast):
      simulcast.targetLayer = target
      forwarder = .simulcast(simulcast)
    case .scalable(var scalable):
      scalable.targetLayer = target
      forwarder = .scalable(scalable)
    case .sound: break
    }
    updateTemporalLayer()
  }

  /// Brings the temporal layer to what the receiver asked for, as far as the track's frame rates are known.
  func updateTemporalLayer() {
    let count = track.layerCount
    switch forwarder {
    case .simulcast(var simulcast):
      simulcast.targetTemporalLayer = choice.temporalLayer(
        of: simulcast.currentLayer ?? 0, count: count, track.frameRates)
      forwarder = .simulcast(simulcast)
    case .scalable(var scalable):
      scalable.targetTemporalLayer = choice.temporalLayer(of: 0, count: count, track.frameRates)
      forwarder = .scalable(scalable)
    case .sound: break
    }
  }

  /// An offer and its answer are through; they may have been made before this subscription.
  func negotiated(at now: Instant) {
    guard let transceiver, !isNegotiated, peer.connection.sendCodec(of: transceiver) != nil else { return }
    isNegotiated = true
    requestMissingKeyFrame(at: now)
  }

  /// Asks the publisher for the key frame with which something new may begin, if need be.
  func requestMissingKeyFrame(at now: Instant) {
    if track.kind == .video, let layer = missingKeyFrameLayer(at: now) { track.requestKeyFrame(layer: layer, at: now) }
  }

  /// A picture whose publisher sends nothing for so long has stopped.
  static let stallLimit = Duration.seconds(2)

  /// Whether the receiver waits for a picture that its publisher doesn't send, though it isn't muted.
  func isStalled(at now: Instant) -> Bool {
    guard track.kind == .video, isReady, targetLayer != nil, !track.info.muted else {
      beginning = nil
      return false
    }
    let since = beginning ?? now
    beginning = since
    return now - max(since, track.lastArrival ?? since) > Self.stallLimit
  }

  private var isReady: Bool { isNegotiated && peer.connection.state == .connected }

  /// The layer of which a key frame is needed now; nil when none is.
  func missingKeyFrameLayer(at now: Instant) -> Int? {
    guard isReady else { return nil }
    switch forwarder {
    case .simulcast(let forwarder): return forwarder.missingKeyFrameLayer(at: now)
    case .scalable(let forwarder): return forwarder.needsKeyFrame ? 0 : nil
    case .sound: return nil
    }
  }

  /// Sends a packet of the track if the receiver is to have it.
  func receive(_ packet: MediaPacket) {
    guard isReady else { return }
    switch forwarder {
    case .simulcast: forwardSimulcast(packet)
    case .scalable: forwardScalable(packet)
    case .sound: forwardSound(packet)
    }
  }

  private func forwardSimulcast(_ packet: MediaPacket) {
    guard case .simulcast(var simulcast) = forwarder else { return }
    forwarder = .sound(nil)
    let result = simulcast.forward(packet, into: scratch.memory)
    forwarder = .simulcast(simulcast)
    guard let (decision, count) = result else { return }
    scratch.count = count
    send(decision, codec: packet.codec, scratch.bytes, packet)
  }

  private func forwardScalable(_ packet: MediaPacket) {
    guard case .scalable(var scalable) = forwarder else { return }
    forwarder = .sound(nil)
    let decision = scalable.forward(packet)
    forwarder = .scalable(scalable)
    guard let decision else { return }
    guard !packet.dependencyDescriptor.isEmpty, !decision.isEmpty else {
      return send(decision, codec: packet.codec, packet.payload, packet)
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: dependencyScratch.memory[..<DependencyDescriptor.maximumSize])
    let count = dependencies.rewrite(
      packet.dependencyDescriptor, spatialLayer: scalable.pictureLayer, temporalLayer: scalable.currentTemporalLayer,
      into: room)
    send(
      decision, codec: packet.codec, packet.payload, packet,
      dependencyDescriptor: count > 0
        ? UnsafeRawBufferPointer(rebasing: room[..<count]) : packet.dependencyDescriptor)
  }

  private func forwardSound(_ packet: MediaPacket) {
    guard case .sound(let known) = forwarder, let transceiver else { return }
    var sound = known ?? SoundForwarder(takesRedundancy: peer.connection.canSend(.red, on: transceiver))
    forwarder = .sound(nil)
    let output = sound.forward(packet)
    forwarder = .sound(sound)
    guard let output else { return }
    send(
      output.decision, codec: output.codec, UnsafeRawBufferPointer(rebasing: packet.payload[output.payload]), packet)
  }

  private func send(
    _ decision: ForwardingDecision, codec: MediaCodec, _ payload: UnsafeRawBufferPointer, _ packet: MediaPacket,
    dependencyDescriptor: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) {
    guard let transceiver else { return }
    var outgoing = ForwardedPacket(
      codec: codec, marker: decision.marker, sequenceNumber: decision.sequenceNumber, timestamp: decision.timestamp,
      extensions: packet.extensions)
    outgoing.dependencyDescriptor = dependencyDescriptor
    let bytes = decision.isEmpty ? UnsafeRawBufferPointer(start: nil, count: 0) : payload
    peer.connection.forward(outgoing, payload: bytes, on: transceiver, at: packet.arrival)
    packetCount += 1
    peer.flush()
  }

  /// Hands on the clock of a layer.
  func synchronize(layer: Int, _ clock: TimestampRewriter.Clock, at now: Instant) {
    let output: TimestampRewriter.Clock?
    switch forwarder {
    case .simulcast(var simulcast):
      simulcast.synchronize(layer: layer, clock)
      forwarder = .simulcast(simulcast)
      output = layer == simulcast.currentLayer ? simulcast.outputClock : nil
    case .scalable(var scalable):
      scalable.synchronize(clock)
      forwarder = .scalable(scalable)
      output = scalable.currentLayer == nil ? nil : scalable.outputClock
    case .sound:
      output = clock
    }
    guard let output, let transceiver else { return }
    peer.connection.setForwardedClock(timestamp: output.timestamp, ntp: output.ntp, of: transceiver, at: now)
  }
}
