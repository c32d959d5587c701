import LiveKit
import Logging
import NIOPosix
import Realtime
import Synchronization
import WebRTC
import WebRTCNIO

@testable import PracticeRoom

/// A client in a practice room, with a camera and a microphone whose media are made up.
final class RoomGuest: Sendable {
  let identity: String
  let client: LiveKitClient
  private let log = Log()
  private let reading: Task<Void, Never>
  private let devices = Mutex<[String: Task<Void, Never>]>([:])
  private let wishes = Wishes()

  /// What happened.
  private final class Log: Sendable {
    let events = Mutex<[RoomEvent]>([])
  }

  /// The key frames that were asked for.
  private final class Wishes: Sendable {
    let keyFrames = Mutex<Set<Int>>([0, 1, 2])

    /// The encodings that are to begin anew; they are forgotten by this.
    func takeKeyFrames() -> Set<Int> {
      keyFrames.withLock { set in
        defer { set.removeAll() }
        return set
      }
    }
  }

  /// Joins `room`; media comes up meanwhile.
  init(
    _ room: PracticeRoom, _ identity: String, topology: ConnectionTopology = .twoPeerConnections,
    adaptsStreams: Bool = false
  ) async throws {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let group = MultiThreadedEventLoopGroup.singleton
    let token = room.server.makeToken(identity: identity, name: identity)
    let client = LiveKitClient(
      options: ConnectOptions(
        url: room.mediaURL, token: token.text, topology: topology, adaptsStreams: adaptsStreams,
        client: .init(version: "1.0")),
      connector: WebRTCMediaConnector(
        interfaces: .loopback, certificate: try Certificate(),
        ntpClock: NTPClock(NTPTime(rawValue: 0xE000_0000_0000_0000), at: MonotonicClock.now), eventLoop: group.next(),
        logger: logger),
      eventLoop: group.next(), logger: logger)
    self.identity = identity
    self.client = client
    reading = Task { [log, wishes] in
      for await event in client.events {
        log.events.withLock { $0.append(event) }
        if case .keyFrameRequested(_, let encoding) = event {
          wishes.keyFrames.withLock { _ = $0.insert(encoding) }
        }
      }
    }
    try await client.connect()
  }

  /// Leaves, with all devices off.
  func leave() async {
    for device in devices.withLock({ Array($0.values) }) { device.cancel() }
    await client.leave()
    await reading.value
  }

  // MARK: What is seen of the room

  /// The track of `kind` that `other` publishes, once it arrives.
  func subscription(to other: String, _ kind: MediaKind) async throws -> SubscribedTrack {
    try await eventually("\(identity) receives \(kind) of \(other)") {
      var current: SubscribedTrack?
      for event in self.log.events.withLock({ $0 }) {
        switch event {
        case .trackSubscribed(let track) where track.participantIdentity == other && track.kind == kind:
          current = track
        case .trackUnsubscribed(let track) where track == current: current = nil
        default: break
        }
      }
      return current
    }
  }

  /// Waits until something has happened.
  func experiences(_ what: String, _ condition: @escaping @Sendable (RoomEvent) -> Bool) async throws {
    try await eventually("\(identity) experiences \(what)") {
      self.log.events.withLock { $0.contains(where: condition) } ? true : nil
    }
  }

  /// What is known of the track.
  func publication(_ track: SubscribedTrack) async -> TrackPublication? {
    await client.room?.remoteTrack(sid: track.sid)?.track
  }

  /// Watches a track.
  func watch(_ track: SubscribedTrack) async throws -> Eye {
    let eye = Eye()
    let endpoint = try await eventually("a receiver") { await self.client.receiver(of: track) }
    try await endpoint.driver.perform { connection, _ in connection.setVideoSink(eye, of: endpoint.transceiver) }
    return eye
  }

  /// Listens to a track.
  func listen(to track: SubscribedTrack) async throws -> Ear {
    let ear = Ear()
    let endpoint = try await eventually("a receiver") { await self.client.receiver(of: track) }
    try await endpoint.driver.perform { connection, _ in connection.setAudioSink(ear, of: endpoint.transceiver) }
    return ear
  }

  // MARK: What it publishes

  /// Publishes a microphone that says `mark`, and speaks.
  func speak(_ mark: UInt8) async throws -> LiveKit.PublishedTrack {
    let track = try await client.publishMicrophone(LocalAudio(usesRedundancy: false))
    guard let sender = await client.sender(cid: track.cid) else { throw LiveKitError.notConnected }
    let task = Task {
      var index: UInt32 = 0
      while !Task.isCancelled {
        let timestamp = index * 960
        try? await sender.driver.perform { connection, now in
          [UInt8](repeating: mark, count: 20).withUnsafeBytes { bytes in
            connection.sendAudio(
              bytes, timestamp: timestamp, capturedAt: now, level: .init(voice: true, level: 20),
              startsTalkspurt: false, on: sender.transceiver, at: now)
          }
        }
        index += 1
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
    devices.withLock { $0[track.cid] = task }
    return track
  }

  /// Publishes a camera with three layers, each of three temporal layers, at 25 pictures a second.
  func show() async throws -> LiveKit.PublishedTrack {
    let track = try await client.publishCamera(LocalVideo(width: 1_280, height: 720))
    try await film(track)
    return track
  }

  /// Feeds a camera that is published.
  func film(_ track: LiveKit.PublishedTrack) async throws {
    guard let sender = await client.sender(cid: track.cid) else { throw LiveKitError.notConnected }
    let layers = track.variants[0].layers.count
    let task = Task { [wishes] in
      var positions = [Int](repeating: 0, count: layers)
      while !Task.isCancelled {
        let wanted = wishes.takeKeyFrames()
        for layer in 0..<layers {
          let isKey = wanted.contains(layer)
          if isKey { positions[layer] = 0 }
          let position = positions[layer] % 4
          try? await sender.driver.perform { connection, now in
            connection.send(
              Self.picture(layer: layer, position: position, isKeyFrame: isKey, at: now), on: sender.transceiver,
              at: now)
          }
          positions[layer] += 1
        }
        try? await Task.sleep(for: .milliseconds(40))
      }
    }
    devices.withLock { $0[track.cid] = task }
  }

  /// Publishes a camera in VP9 with two spatial layers, at 25 pictures a second.
  func showScalable() async throws -> LiveKit.PublishedTrack {
    let track = try await client.publishCamera(LocalVideo(width: 640, height: 360, codec: .vp9))
    guard let sender = await client.sender(cid: track.cid) else { throw LiveKitError.notConnected }
    let task = Task { [wishes] in
      while !Task.isCancelled {
        let isKey = !wishes.takeKeyFrames().isEmpty
        try? await sender.driver.perform { connection, now in
          for layer in 0..<2 {
            connection.send(Self.layerFrame(layer, isKeyFrame: isKey, at: now), on: sender.transceiver, at: now)
          }
        }
        try? await Task.sleep(for: .milliseconds(40))
      }
    }
    devices.withLock { $0[track.cid] = task }
    return track
  }

  /// Counts the packets of a track as they are.
  func inspect(_ track: SubscribedTrack) async throws -> PacketInspector {
    let inspector = PacketInspector()
    let endpoint = try await eventually("a receiver") { await self.client.receiver(of: track) }
    try await endpoint.driver.perform { connection, _ in
      connection.setPacketSink(inspector, of: endpoint.transceiver)
    }
    return inspector
  }

  private static func layerFrame(_ layer: Int, isKeyFrame: Bool, at now: Instant) -> OutgoingVideoFrame {
    let frame = OutgoingVideoFrame()
    [UInt8](repeating: 0x82, count: 2_000).withUnsafeBytes { frame.append($0) }
    frame.codec = .vp9
    frame.captureTime = now
    frame.isKeyFrame = isKeyFrame
    frame.width = 320 << layer
    frame.height = 180 << layer
    frame.spatialLayer = UInt8(layer)
    frame.spatialLayerCount = 2
    frame.isLastLayerOfPicture = layer == 1
    frame.isInterLayerPredicted = isKeyFrame && layer == 1
    frame.isInterLayerReference = isKeyFrame && layer == 0
    if !isKeyFrame { frame.references = (1, 0, 0) }
    return frame
  }

  /// Stops what feeds a track; it stays published.
  func freeze(_ track: LiveKit.PublishedTrack) {
    devices.withLock { $0.removeValue(forKey: track.cid) }?.cancel()
  }

  /// What looks like VP8 to whoever reads its first bytes, with layer and temporal layer as its last ones.
  private static func picture(layer: Int, position: Int, isKeyFrame: Bool, at now: Instant) -> OutgoingVideoFrame {
    let frame = OutgoingVideoFrame()
    let temporal = UInt8([0, 2, 1, 2][position])
    let header: [UInt8] = isKeyFrame ? [0x10, 0, 0, 0x9D, 1, 0x2A, 64, 0, 64, 0] : [0x11, 0, 0]
    // More than one packet.
    let bytes = header + [UInt8](repeating: 7, count: 1_500) + [UInt8(layer), temporal]
    bytes.withUnsafeBytes { frame.append($0) }
    frame.encoding = layer
    frame.captureTime = now
    frame.isKeyFrame = isKeyFrame
    frame.temporalLayer = temporal
    frame.temporalLayerCount = 3
    frame.isSwitchingUpPoint = position == 1 || position == 2
    return frame
  }
}

/// Keeps what arrives of a camera.
final class Eye: VideoFrameSink {
  struct Picture: Sendable {
    var layer: Int
    var temporalLayer: Int
  }

  private let pictures = Mutex<[Picture]>([])

  /// What came so far.
  var seen: [Picture] { pictures.withLock { $0 } }

  func vacantFrame() -> EncodedFrame? { EncodedFrame() }

  func deliver(_ frame: EncodedFrame) {
    let bytes = frame.bytes
    guard bytes.count > 2 else { return }
    let picture = Picture(layer: Int(bytes[bytes.count - 2]), temporalLayer: Int(bytes[bytes.count - 1]))
    pictures.withLock { $0.append(picture) }
  }

  func synchronize(timestamp: UInt32, ntp: NTPTime) {}

  /// Waits until the last `count` pictures all are as `condition` says.
  func sees(_ count: Int, _ condition: @escaping @Sendable (Picture) -> Bool) async throws {
    try await eventually("\(count) such pictures") {
      let last = self.pictures.withLock { $0.suffix(count) }
      return last.count == count && last.allSatisfy(condition) ? true : nil
    }
  }
}

/// Reads what a VP9 track's packets say of themselves.
final class PacketInspector: RTPPacketSink {
  struct Packet: Sendable {
    var spatialLayer: Int
    var marker: Bool
    /// As read with the structure that came last; nil when it isn't there or can't be read.
    var dependencies: DependencyDescriptor?
  }

  private struct State {
    var packets: [Packet] = []
    var structure: FrameDependencyStructure?
  }

  private let state = Mutex(State())

  /// What came so far.
  var packets: [Packet] { state.withLock { $0.packets } }

  func deliver(
    _ header: RTPHeader, packet: UnsafeRawBufferPointer, sequenceNumber: Int64, rid: String, arrival: Instant
  ) {
    var length = 0
    guard let payload = try? VP9Descriptor(parsing: header.payload.bytes(of: packet), count: &length) else { return }
    let bytes = header.extensions.dependencyDescriptor?.bytes(of: packet)
    state.withLock { state in
      var seen = Packet(spatialLayer: Int(payload.spatialLayer), marker: header.marker)
      if let bytes { seen.dependencies = try? DependencyDescriptor(parsing: bytes, structure: state.structure) }
      if let new = seen.dependencies?.structure { state.structure = new }
      state.packets.append(seen)
    }
  }

  func synchronize(rid: String, timestamp: UInt32, ntp: NTPTime) {}
}

/// Keeps what arrives of a microphone.
final class Ear: AudioPacketSink {
  private let marks = Mutex<[UInt8]>([])

  /// How many packets came so far.
  var count: Int { marks.withLock { $0.count } }

  func deliver(
    sequenceNumber: Int64, timestamp: UInt32, payload: UnsafeRawBufferPointer, isRedundant: Bool, arrival: Instant
  ) {
    guard let mark = payload.first, !isRedundant else { return }
    marks.withLock { $0.append(mark) }
  }

  func synchronize(timestamp: UInt32, ntp: NTPTime) {}

  /// Waits until `mark` was heard five times since the beginning.
  func hears(_ mark: UInt8) async throws {
    try await eventually("the sound \(mark)") { self.marks.withLock { $0.count { $0 == mark } >= 5 } ? true : nil }
  }
}

/// What was waited for and didn't come.
struct Missing: Error, CustomStringConvertible {
  let description: String
}

/// What `body` finds, as soon as it finds something; `Missing` after 20 s.
@discardableResult
func eventually<Value: Sendable>(
  _ what: String, _ body: @escaping @Sendable () async throws -> Value?
) async throws -> Value {
  let deadline = ContinuousClock.now + .seconds(20)
  while true {
    if let value = try await body() { return value }
    guard ContinuousClock.now < deadline else { throw Missing(description: what) }
    try await Task.sleep(for: .milliseconds(10))
  }
}
