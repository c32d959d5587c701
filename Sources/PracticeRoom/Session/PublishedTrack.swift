import LiveKitMessages
import Realtime
import WebRTC

/// Where a track's media comes from: a client's publisher connection, or a participant inside of the room. Called on the
/// room's event loop.
protocol TrackOrigin: AnyObject {
  /// Somebody needs a key frame of a layer (0 the smallest).
  func requestKeyFrame(layer: Int, at now: Instant)
  /// The best layer that anybody wants has changed; nil: nobody wants any.
  func layerLimitChanged(to layer: Int?)
}

/// Who receives a track: a client's subscription, or a participant inside of the room. Called on the room's event loop.
protocol TrackListener: AnyObject {
  /// The best layer that it wants; nil when it wants none.
  var targetLayer: Int? { get }
  /// Takes a packet; it is valid during the call.
  func receive(_ packet: MediaPacket)
  /// The layer of which a key frame is needed now; nil when none is.
  func missingKeyFrameLayer(at now: Instant) -> Int?
  /// Takes note of a layer's clock.
  func synchronize(layer: Int, _ clock: TimestampRewriter.Clock, at now: Instant)
}

/// A track that a participant publishes, and what goes from it to its subscribers. Confined to the room's event loop.
final class PublishedTrack {
  /// Requests for a key frame of the same layer go to the publisher with at least this distance.
  static let keyFrameInterval = Duration.milliseconds(500)
  /// Layers that nobody wants any more are told to the publisher so much later, lest it stops and starts.
  static let layerLimitDelay = Duration.seconds(5)

  let kind: MediaKind
  /// What others are told about it.
  var info: LKTrackInfo
  /// Identity of who publishes it.
  let publisher: String
  weak var origin: (any TrackOrigin)?
  /// Whether media may flow and others know about it.
  var isAnnounced = false
  /// Sizes of the layers, smallest first; empty when unknown.
  var layerSizes: [LayerChoice.Size] = []
  /// How many layers it has: simulcast streams or spatial layers.
  var layerCount = 1
  /// Whether its layers are spatial ones of one stream rather than streams of their own.
  var isScalable = false
  private(set) var listeners: [any TrackListener] = []
  /// How many pictures a second its streams have.
  private(set) var frameRates = FrameRateMeter()
  /// When the last packet with media came.
  private(set) var lastArrival: Instant?
  /// Packets that came in.
  private(set) var packetCount = 0
  /// Packets that came in, by layer.
  private(set) var layerPacketCounts = [Int](repeating: 0, count: SimulcastForwarder.maximumLayerCount)

  private var nextKeyFrameRequest = [Instant](
    repeating: Instant(nanoseconds: .min), count: SimulcastForwarder.maximumLayerCount)
  private(set) var layerLimit: Int?
  private var lowerLimitSince: Instant?
  private var isLimitKnown = false

  init(kind: MediaKind, info: LKTrackInfo, publisher: String) {
    self.kind = kind
    self.info = info
    self.publisher = publisher
  }

  // MARK: Listeners

  func add(_ listener: any TrackListener) {
    listeners.append(listener)
  }

  func remove(_ listener: any TrackListener) {
    listeners.removeAll { $0 === listener }
  }

  // MARK: Media

  /// Hands a packet on to all subscribers.
  func receive(_ packet: MediaPacket) {
    packetCount += 1
    if layerPacketCounts.indices.contains(packet.layer) { layerPacketCounts[packet.layer] += 1 }
    if !packet.payload.isEmpty { lastArrival = packet.arrival }
    if kind == .video, packet.marker, let picture = VideoPacketInfo(packet) {
      frameRates.add(layer: packet.layer, temporalLayer: picture.temporalLayer, at: packet.arrival)
    }
    guard !info.muted else { return }
    for listener in listeners {
      listener.receive(packet)
      if kind == .video, let layer = listener.missingKeyFrameLayer(at: packet.arrival) {
        requestKeyFrame(layer: layer, at: packet.arrival)
      }
    }
  }

  /// Hands on the clock of a layer.
  func synchronize(layer: Int, timestamp: UInt32, ntp: NTPTime, at now: Instant) {
    let clock = TimestampRewriter.Clock(timestamp: timestamp, ntp: ntp)
    for listener in listeners { listener.synchronize(layer: layer, clock, at: now) }
  }

  /// Asks the publisher for a key frame, not too often.
  func requestKeyFrame(layer: Int, at now: Instant) {
    guard nextKeyFrameRequest.indices.contains(layer), now >= nextKeyFrameRequest[layer] else { return }
    nextKeyFrameRequest[layer] = now + Self.keyFrameInterval
    origin?.requestKeyFrame(layer: layer, at: now)
  }

  /// Does the regular work.
  func tick(at now: Instant) {
    frameRates.update(at: now)
    updateLayerLimit(at: now)
  }

  /// Tells the publisher when the best layer that anybody wants has changed: higher at once, lower with a delay.
  func updateLayerLimit(at now: Instant) {
    guard kind == .video else { return }
    let wanted = listeners.compactMap(\.targetLayer).max()
    guard wanted != layerLimit || !isLimitKnown else {
      lowerLimitSince = nil
      return
    }
    if (wanted ?? -1) < (layerLimit ?? -1) || (!isLimitKnown && wanted == nil) {
      let since = lowerLimitSince ?? now
      lowerLimitSince = since
      guard now - since >= Self.layerLimitDelay else { return }
    }
    lowerLimitSince = nil
    isLimitKnown = true
    layerLimit = wanted
    origin?.layerLimitChanged(to: wanted)
  }
}
