import LiveKit
import Realtime
import Synchronization
import Video

/// What the camera's thread does. Confined to it.
final class CameraWorker {
  /// How long the camera is waited for before looking whether to stop.
  static let timeout = Duration.milliseconds(100)
  /// Failures in a row after which a camera that the system refuses counts as gone.
  static let maximumFailures = 20

  private struct Slot {
    let attachment: CameraPublisher.State.Attachment
    let encoder: VariantEncoder
  }

  private let camera: any CameraSource
  private let fitter: FrameFitter
  private let threads: Int
  private let state: CameraPublisher.State
  private let selfView: LatestFrame
  private let onFailure: @Sendable (CameraError) -> Void
  /// The one shown as the room's own picture, the one that replaces it, the compositor's, and two for the camera.
  private let pool = VideoFramePool(capacity: 5)
  private var slots: [Slot] = []
  private var isMuted = false
  private var generation = -1
  private var failures = 0
  private var statistics = CameraStatistics()

  init(
    camera: any CameraSource, fitter: FrameFitter, threads: Int, state: CameraPublisher.State,
    selfView: LatestFrame, onFailure: @escaping @Sendable (CameraError) -> Void
  ) {
    self.camera = camera
    self.fitter = fitter
    self.threads = threads
    self.state = state
    self.selfView = selfView
    self.onFailure = onFailure
    statistics = state.statistics.withLock { $0 }
  }

  /// Captures and encodes until told to stop or the camera is gone.
  func run(_ run: MediaThread.Run) {
    while !run.shouldStop {
      obeyWish()
      if isMuted {
        run.signal.wait()
        continue
      }
      do throws(CameraError) {
        let frame = try camera.nextFrame(from: pool, timeout: Self.timeout)
        failures = 0
        // What was wished while the camera was waited for holds for this picture already, muting above all.
        obeyWish()
        if let frame, !isMuted { publish(frame) }
      } catch {
        if isGone(error) {
          onFailure(error)
          break
        }
        MonotonicClock.sleep(until: MonotonicClock.now + Self.timeout)
      }
    }
    selfView.set(nil)
  }

  private func isGone(_ error: CameraError) -> Bool {
    guard case .system = error else { return true }
    failures += 1
    return failures >= Self.maximumFailures
  }

  private func obeyWish() {
    let newest = state.generation.load(ordering: .acquiring)
    guard newest != generation else { return }
    generation = newest
    let wish = state.wish.withLock { $0 }
    let limit = wish.bitrateLimit.map { $0 / max(wish.attachments.count, 1) }
    slots = wish.attachments.compactMap { attachment in
      if let known = slots.first(where: { $0.attachment.queue === attachment.queue }) {
        known.encoder.update(attachment.variant.layers, bitrateLimit: limit)
        return known
      }
      guard
        let encoder = VariantEncoder(
          attachment.variant, width: fitter.width, queue: attachment.queue, threads: threads)
      else { return nil }
      encoder.update(attachment.variant.layers, bitrateLimit: limit)
      return Slot(attachment: attachment, encoder: encoder)
    }
    isMuted = wish.isMuted
    if isMuted { selfView.set(nil) }
  }

  private func publish(_ frame: VideoFrame) {
    statistics.captured += 1
    defer { state.statistics.withLock { $0 = statistics } }
    guard let picture = fitter.fitted(frame) else { return }
    selfView.set(picture)
    var isEncoded = false
    for slot in slots {
      let outcome = slot.encoder.encode(picture) { layer, byteCount, isKeyFrame in
        statistics.note(layer: layer, byteCount: byteCount, isKeyFrame: isKeyFrame)
      }
      if outcome.isBlocked { statistics.blocked += 1 }
      if outcome.hasFailed { statistics.failed += 1 }
      if outcome.layers > 0 || outcome.isBlocked { slot.attachment.wake() }
      isEncoded = isEncoded || outcome.layers > 0
    }
    if isEncoded { statistics.encoded += 1 }
  }
}
