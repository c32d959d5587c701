import LiveKit
import Realtime
import Synchronization
import Video
import WebRTC
import WebRTCNIO

/// The camera's thread: takes its pictures, encodes them for each variant of the published track and hands them to the
/// peer connection; the newest is there for the room's own tile.
///
/// Control changes what is to be done under a lock; the thread copies it when it has changed.
final class CameraPublisher: Sendable {
  /// The newest picture, as the others get it; none while muted or stopped.
  let selfView: LatestFrame
  private let state: State
  private let name: String
  private let makeWorker: @Sendable () -> CameraWorker
  private let thread = MediaThreadSlot()

  /// What control and the camera thread share.
  final class State: Sendable {
    struct Attachment: Sendable {
      var variant: PublishedVariant
      let queue: OutgoingVideoQueue
      let endpoint: MediaEndpoint?
      let wake: @Sendable () -> Void
    }

    struct Wish: Sendable {
      var attachments: [Attachment] = []
      var isMuted = false
      var bitrateLimit: Int?
    }

    let wish = Mutex(Wish())
    let generation = Atomic<Int>(0)
    let signal = ThreadSignal()
    let statistics = Mutex(CameraStatistics())

    func change<Result: Sendable>(_ body: (inout sending Wish) -> sending Result) -> Result {
      let result = wish.withLock(body)
      generation.wrappingAdd(1, ordering: .acquiringAndReleasing)
      signal.raise()
      return result
    }
  }

  /// A publisher that does nothing yet.
  /// - Parameters:
  ///   - camera: used by the thread alone once started.
  ///   - width: of the published pictures, pixels; the camera's are scaled to it.
  ///   - height: of the published pictures, pixels.
  ///   - fitting: what becomes of pictures with other proportions.
  ///   - name: of the thread.
  ///   - threads: how many threads an encoder may use.
  ///   - onFailure: told once, on the camera's thread, when the camera gives no more pictures.
  init(
    camera: any CameraSource, width: Int, height: Int, fitting: FrameFitter.Fitting = .cover, name: String = "camera",
    threads: Int = max(1, ProcessorCount.online - 1), onFailure: @escaping @Sendable (CameraError) -> Void = { _ in }
  ) {
    let (state, selfView) = (State(), LatestFrame())
    self.state = state
    self.name = name
    self.selfView = selfView
    makeWorker = {
      CameraWorker(
        camera: camera, fitter: FrameFitter(width: max(width, 2), height: max(height, 2), fitting: fitting),
        threads: threads, state: state, selfView: selfView, onFailure: onFailure)
    }
  }

  /// Starts the thread; nothing happens if it runs already.
  /// - Throws: when the system refuses a thread.
  func start() throws(RealtimeThread.Failure) {
    let (makeWorker, signal, name) = (makeWorker, state.signal, name)
    try thread.start { () throws(RealtimeThread.Failure) in
      try MediaThread(name: name, signal: signal) { run in makeWorker().run(run) }
    }
  }

  /// Ends the thread and waits until it is gone; the camera is free then. It may be started again.
  func stop() async {
    await thread.stop()
  }

  /// Encodes for `variant` from now on and sends it at `endpoint`, beginning with a key frame.
  /// - Throws: `PeerConnectionDriverError.closed`.
  func attach(_ variant: PublishedVariant, at endpoint: MediaEndpoint) async throws {
    let driver = endpoint.driver
    let queue = attach(variant, endpoint: endpoint) { driver.wake() }
    do {
      try await driver.perform { connection, _ in connection.setSource(queue, of: endpoint.transceiver) }
    } catch {
      remove(cid: variant.cid)
      throw error
    }
  }

  /// Encodes for `variant` from now on into the queue that it gives; `wake` is called, on the camera's thread, after
  /// each picture. A variant with the same cid is replaced.
  @discardableResult
  func attach(
    _ variant: PublishedVariant, endpoint: MediaEndpoint? = nil, wake: @escaping @Sendable () -> Void
  ) -> OutgoingVideoQueue {
    let queue = OutgoingVideoQueue()
    let attachment = State.Attachment(variant: variant, queue: queue, endpoint: endpoint, wake: wake)
    state.change { wish in
      wish.attachments.removeAll { $0.variant.cid == variant.cid }
      wish.attachments.append(attachment)
    }
    return queue
  }

  /// Encodes no more for the variant `cid`.
  func detach(cid: String) async {
    guard let endpoint = remove(cid: cid) else { return }
    try? await endpoint.driver.perform { connection, _ in connection.setSource(nil, of: endpoint.transceiver) }
  }

  @discardableResult
  private func remove(cid: String) -> MediaEndpoint? {
    state.change { wish in
      let endpoint = wish.attachments.first { $0.variant.cid == cid }?.endpoint
      wish.attachments.removeAll { $0.variant.cid == cid }
      return endpoint
    }
  }

  /// Takes over which layers of the attached variants are active and whether the track is muted. A muted camera isn't
  /// looked at; after it, all begins with key frames.
  func update(_ track: PublishedTrack) {
    update(isMuted: track.isMuted, variants: track.variants)
  }

  /// As `update(_:)`, from a track's parts.
  func update(isMuted: Bool, variants: [PublishedVariant]) {
    state.change { wish in
      // Asked for here: the thread may miss a short mute, but the others have been told of it.
      if wish.isMuted && !isMuted {
        for attachment in wish.attachments { attachment.queue.requestKeyFrame(encoding: nil) }
      }
      wish.isMuted = isMuted
      for variant in variants {
        for index in wish.attachments.indices where wish.attachments[index].variant.cid == variant.cid {
          wish.attachments[index].variant = variant
        }
      }
    }
  }

  /// Lets all variants together send at most `bitsPerSecond`, each the same; nil for what their layers want. Upper layers
  /// are given up first.
  func limitBitrate(to bitsPerSecond: Int?) {
    state.change { $0.bitrateLimit = bitsPerSecond }
  }

  /// Asks that the next picture of an encoding of the variant `cid` be a key frame.
  func requestKeyFrame(cid: String, encoding: Int) {
    let queue = state.wish.withLock { wish in wish.attachments.first { $0.variant.cid == cid }?.queue }
    queue?.requestKeyFrame(encoding: encoding)
  }

  /// What has happened so far.
  var statistics: CameraStatistics { state.statistics.withLock { $0 } }
}
