import Audio
import Realtime
import Synchronization
import WebRTC

/// Keeps one participant's sound and pictures together: a `LipSyncEstimator` that the network and decode threads share.
///
/// A shared screen and its sound are a pair of their own. The audio thread isn't involved: what it plays is read from
/// `AudioReceiveStream`'s atomics.
final class LipSync: Sendable {
  /// What can be told about a pair.
  struct Statistics: Hashable, Sendable {
    /// Whether the last picture was timed by the sound.
    var isSynchronized = false
    /// How much later than its sound the last picture was there; negative when it could wait.
    var lateness = Duration.zero
    /// How long the sound is held back for the pictures' sake at least.
    var minimumAudioDelay = Duration.zero
  }

  private struct State {
    var estimator = LipSyncEstimator()
    var audio: AudioReceiveStream?
  }

  private let state = Mutex(State())

  init() {}

  /// The participant's sound is played by `stream` from now on.
  func setAudio(_ stream: AudioReceiveStream) {
    state.withLock { state in
      if state.audio === stream { return }
      state.audio?.minimumDelay = .zero
      state.audio = stream
      state.estimator.removeAudio()
    }
  }

  /// The track that `stream` plays has ended.
  func removeAudio(_ stream: AudioReceiveStream) {
    state.withLock { state in
      guard state.audio === stream else { return }
      stream.minimumDelay = .zero
      state.audio = nil
      state.estimator.removeAudio()
    }
  }

  /// The pictures' track has ended.
  func removeVideo() {
    state.withLock { state in
      state.estimator.removeVideo()
      state.audio?.minimumDelay = .zero
    }
  }

  /// A sender report of the sound's.
  func noteAudioReport(timestamp: UInt32, ntp: NTPTime) {
    state.withLock { $0.estimator.noteAudioReport(timestamp: timestamp, ntp: ntp) }
  }

  /// A sender report of the pictures'.
  func noteVideoReport(timestamp: UInt32, ntp: NTPTime) {
    state.withLock { $0.estimator.noteVideoReport(timestamp: timestamp, ntp: ntp) }
  }

  /// When the sound of the picture of `timestamp` is heard; nil when that isn't known.
  func dueTime(ofVideo timestamp: UInt32, at now: Instant) -> Instant? {
    state.withLock { state in
      Self.notePlayout(&state, at: now)
      return state.estimator.dueTime(ofVideo: timestamp, at: now)
    }
  }

  /// When to show the picture of `timestamp`, which is ready at `now`.
  func renderTime(ofVideo timestamp: UInt32, readyAt now: Instant) -> Instant {
    state.withLock { state in
      Self.notePlayout(&state, at: now)
      let time = state.estimator.renderTime(ofVideo: timestamp, readyAt: now)
      state.audio?.minimumDelay = state.estimator.minimumAudioDelay
      return time
    }
  }

  /// How the pair does.
  var statistics: Statistics {
    state.withLock { state in
      Statistics(
        isSynchronized: state.estimator.isSynchronized, lateness: state.estimator.lateness,
        minimumAudioDelay: state.estimator.minimumAudioDelay)
    }
  }

  private static func notePlayout(_ state: inout State, at now: Instant) {
    guard let audio = state.audio, let playout = audio.playout(at: now) else { return }
    let delay = Duration.nanoseconds(Int64(audio.statistics.currentDelay) * 1_000_000 / 48)
    state.estimator.noteAudioPlayout(timestamp: playout.timestamp, heardAt: playout.heardAt, delay: delay)
  }
}
