import LiveKitMessages
import Realtime
import WebRTC

/// One participant's reception of one track. Confined to the room's event loop.
final class Subscription: TrackListener {
  let track: PublishedTrack
  private let peer: Peer
  let transceiver: TransceiverID
  /// What the receiver asked for.
  var choice = LayerChoice() {
    didSet { applyChoice() }
  }
  /// Packets sent.
  private(set) var packetCount = 0

  private enum Forwarder {
    case simulcast(SimulcastForwarder)
    case scalable(SVCForwarder)
    case sound(SoundForwarder?)
  }

  private var forwarder: Forwarder
  private let scratch = PacketBuffer()

  init(track: PublishedTrack, peer: Peer, transceiver: TransceiverID) {
    self.track = track
    self.peer = peer
    self.transceiver = transceiver
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
  }

  /// The layer of which a key frame is needed now; nil when none is.
  func missingKeyFrameLayer(at now: Instant) -> Int? {
    guard peer.connection.state == .connected else { return nil }
    switch forwarder {
    case .simulcast(let forwarder): return forwarder.missingKeyFrameLayer(at: now)
    case .scalable(let forwarder): return forwarder.needsKeyFrame ? 0 : nil
    case .sound: return nil
    }
  }

  /// Sends a packet of the track if the receiver is to have it.
  func receive(_ packet: MediaPacket) {
    guard peer.connection.state == .connected else { return }
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
    send(decision, codec: packet.codec, packet.payload, packet)
  }

  private func forwardSound(_ packet: MediaPacket) {
    guard case .sound(let known) = forwarder else { return }
    var sound = known ?? SoundForwarder(takesRedundancy: peer.connection.canSend(.red, on: transceiver))
    forwarder = .sound(nil)
    let output = sound.forward(packet)
    forwarder = .sound(sound)
    guard let output else { return }
    send(
      output.decision, codec: output.codec, UnsafeRawBufferPointer(rebasing: packet.payload[output.payload]), packet)
  }

  private func send(
    _ decision: ForwardingDecision, codec: MediaCodec, _ payload: UnsafeRawBufferPointer, _ packet: MediaPacket
  ) {
    let outgoing = ForwardedPacket(
      codec: codec, marker: decision.marker, sequenceNumber: decision.sequenceNumber, timestamp: decision.timestamp,
      extensions: packet.extensions)
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
    guard let output else { return }
    peer.connection.setForwardedClock(timestamp: output.timestamp, ntp: output.ntp, of: transceiver, at: now)
  }
}
