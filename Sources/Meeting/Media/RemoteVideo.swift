import LiveKit
import Realtime
import Synchronization
import Video
import WebRTC
import WebRTCNIO

/// A subscribed video track: from the peer connection's encoded pictures to what the screen shows.
///
/// Three threads meet here, joined by rings: the event loop delivers, a thread of the `DecoderPool` decodes, the screen
/// thread takes the pictures when their time has come. `@unchecked Sendable`: what belongs to which thread is marked.
final class RemoteVideo: VideoFrameSink, FrameSource, @unchecked Sendable {
  /// Encoded pictures that may wait: a second at 30 pictures a second, the longest that a picture waits for its sound.
  static let encodedCapacity = 32
  /// Decoded pictures that may wait; the others wait encoded, which takes less memory.
  static let decodedCapacity = 4
  /// A picture that waited this long past its time tells that the decoder is behind.
  static let maximumLag = Duration.milliseconds(400)
  /// A track whose pictures nobody took for this long isn't watched: it isn't decoded.
  static let unwatchedAfter = Duration.seconds(1)
  /// Key frames are asked for no more often than this: one takes a round trip to come.
  static let keyFrameInterval = Duration.milliseconds(500)

  private let encoded = RecyclingRing<EncodedFrame>(capacity: encodedCapacity) { EncodedFrame() }
  private let decoded = SPSCRing<VideoFrame>(capacity: decodedCapacity)
  private let lipSync: LipSync?
  private let decoders: DecoderPool
  private let requestKeyFrame = Mutex<(@Sendable () -> Void)?>(nil)
  /// Set once, while the track is made.
  private var signal: ThreadSignal?
  private let lastTaken: Atomic<Int64>
  private let received = Atomic<Int>(0)
  private let shown = Atomic<Int>(0)
  private let board: Mutex<RemoteVideoStatistics>

  // Decode thread.
  private var waiting: ContiguousArray<EncodedFrame> = []
  private var decoder = VideoDecoder(codec: .vp8)
  /// All that wait to be shown, the one being shown, the compositor's and one to decode into.
  private let pool = VideoFramePool(capacity: decodedCapacity + 5)
  private var requestedAt: Instant?
  private var caughtUpAt: Instant?
  private var statistics = RemoteVideoStatistics()

  /// What is shown, and what waits to be. A tile that moves from one screen to another is for a moment drawn by both
  /// threads.
  private struct Shown {
    var current: VideoFrame?
    var pending: VideoFrame?
  }

  // Screen threads.
  private let onScreen = Mutex(Shown())

  /// A track of which nothing has come yet.
  /// - Parameters:
  ///   - decoders: whose threads decode it.
  ///   - lipSync: shared with the same participant's sound; nil to show pictures at once.
  ///   - now: the present.
  init(decoders: DecoderPool, lipSync: LipSync? = nil, at now: Instant = MonotonicClock.now) {
    self.decoders = decoders
    self.lipSync = lipSync
    lastTaken = Atomic(now.nanoseconds)
    board = Mutex(statistics)
    waiting.reserveCapacity(Self.encodedCapacity)
    signal = decoders.add(self)
  }

  /// Takes the track that arrives at `endpoint`; its sender is asked for a key frame now and whenever one is needed.
  /// - Throws: `PeerConnectionDriverError.closed`.
  func attach(to endpoint: MediaEndpoint) async throws {
    onKeyFrameNeeded {
      Task {
        try? await endpoint.driver.perform { connection, now in
          connection.requestKeyFrame(from: endpoint.transceiver, at: now)
        }
      }
    }
    try await endpoint.driver.perform { connection, _ in connection.setVideoSink(self, of: endpoint.transceiver) }
  }

  /// Lets go of the track and of its decoder thread. It can't be attached again.
  func detach(from endpoint: MediaEndpoint?) async {
    onKeyFrameNeeded(nil)
    decoders.remove(self)
    lipSync?.removeVideo()
    guard let endpoint else { return }
    try? await endpoint.driver.perform { connection, _ in connection.setVideoSink(nil, of: endpoint.transceiver) }
  }

  /// What to do when decoding can't go on without a key frame; called on the decode thread, at most every
  /// `keyFrameInterval`.
  func onKeyFrameNeeded(_ action: (@Sendable () -> Void)?) {
    requestKeyFrame.withLock { $0 = action }
  }

  /// What has happened so far.
  var currentStatistics: RemoteVideoStatistics {
    var statistics = board.withLock { $0 }
    statistics.received = received.load(ordering: .relaxed)
    statistics.shown = shown.load(ordering: .relaxed)
    return statistics
  }

  // MARK: Event loop

  func vacantFrame() -> EncodedFrame? { encoded.vacant() }

  func deliver(_ frame: EncodedFrame) {
    received.wrappingAdd(1, ordering: .relaxed)
    encoded.push(frame)
    signal?.raise()
  }

  func synchronize(timestamp: UInt32, ntp: NTPTime) {
    lipSync?.noteVideoReport(timestamp: timestamp, ntp: ntp)
  }

  // MARK: Screen threads

  func frame(at now: Instant) -> VideoFrame? {
    lastTaken.store(now.nanoseconds, ordering: .relaxed)
    let wasFull = decoded.count >= Self.decodedCapacity
    let frame = onScreen.withLock { onScreen in
      while let next = onScreen.pending ?? decoded.pop() {
        onScreen.pending = next
        guard next.captureTime <= now else { break }
        onScreen.pending = nil
        onScreen.current = next
        shown.wrappingAdd(1, ordering: .relaxed)
      }
      return onScreen.current
    }
    // The decoder stopped because nothing more could wait.
    if wasFull { signal?.raise() }
    return frame
  }

  // MARK: Decode thread

  /// Decodes the next picture if there is one and room for it; false when there is nothing to do.
  func decodeNext(at now: Instant) -> Bool {
    takeDelivered()
    guard !waiting.isEmpty else { return false }
    defer { board.withLock { $0 = statistics } }
    if now - Instant(nanoseconds: lastTaken.load(ordering: .relaxed)) > Self.unwatchedAfter {
      statistics.unwatched += waiting.count
      discard(waiting.count)
      decoder.reset()
      return false
    }
    guard decoded.count < Self.decodedCapacity else { return false }
    if isBehind(at: now) { catchUp(at: now) }
    guard let frame = waiting.first else { return false }
    waiting.removeFirst()
    decode(frame, at: now)
    encoded.recycle(frame)
    return true
  }

  private func takeDelivered() {
    while waiting.count < Self.encodedCapacity, let frame = encoded.pop() { waiting.append(frame) }
  }

  private func discard(_ count: Int) {
    for index in 0..<count { encoded.recycle(waiting[index]) }
    waiting.removeFirst(count)
  }

  /// Whether the oldest picture waits for nothing but the decoder, for too long already.
  private func isBehind(at now: Instant) -> Bool {
    guard let oldest = waiting.first else { return false }
    // Those left are old too; they get the same time to be decoded.
    if let caughtUpAt, now - caughtUpAt < Self.maximumLag { return false }
    let due = lipSync?.dueTime(ofVideo: oldest.timestamp, at: now) ?? oldest.completedAt
    return now - max(due, oldest.completedAt) > Self.maximumLag
  }

  /// Goes on with the newest key frame that is there, or leaves out everything and asks for one.
  private func catchUp(at now: Instant) {
    let next = waiting.lastIndex { $0.isKeyFrame }
    if next == 0 { return }
    caughtUpAt = now
    statistics.overloads += 1
    statistics.skipped += next ?? waiting.count
    discard(next ?? waiting.count)
    decoder.reset()
    if next == nil { askForKeyFrame(at: now) }
  }

  private func decode(_ frame: EncodedFrame, at now: Instant) {
    let codec: VideoDecoderCodec = frame.codec == .vp8 ? .vp8 : .vp9
    if decoder.codec != codec { decoder = VideoDecoder(codec: codec) }
    do throws(VideoDecoderError) {
      guard let picture = try decoder.decode(frame.bytes, into: pool, time: now, rtpTimestamp: frame.timestamp) else {
        return
      }
      picture.captureTime = lipSync?.renderTime(ofVideo: frame.timestamp, readyAt: now) ?? now
      statistics.decoded += 1
      if statistics.firstDecoded == nil { statistics.firstDecoded = MonotonicClock.now }
      statistics.width = picture.width
      statistics.height = picture.height
      decoded.push(picture)
    } catch {
      if error == .keyFrameNeeded { statistics.skipped += 1 } else { statistics.failed += 1 }
      askForKeyFrame(at: now)
    }
  }

  private func askForKeyFrame(at now: Instant) {
    if let requestedAt, now - requestedAt < Self.keyFrameInterval { return }
    requestedAt = now
    statistics.keyFramesRequested += 1
    requestKeyFrame.withLock { $0 }?()
  }
}

/// What has happened to a received video track's pictures.
public struct RemoteVideoStatistics: Hashable, Sendable {
  /// Complete pictures that the peer connection delivered.
  public var received = 0
  /// Pictures decoded.
  public var decoded = 0
  /// Pictures given to the screen.
  public var shown = 0
  /// Pictures that the decoder refused as damaged or unsupported.
  public var failed = 0
  /// Pictures left out because decoding had to go on with a later key frame.
  public var skipped = 0
  /// Pictures left out because the track wasn't shown.
  public var unwatched = 0
  /// How often decoding was so late that pictures were left out.
  public var overloads = 0
  /// Key frames that the decoder asked for.
  public var keyFramesRequested = 0
  /// When the first picture was decoded.
  public var firstDecoded: Instant?
  /// Width of the last picture, pixels.
  public var width = 0
  /// Height of the last picture, pixels.
  public var height = 0
}
