import Audio
import LiveKit
import Realtime
import Synchronization
import WebRTC
import WebRTCNIO

/// Takes the microphone's Opus packets from the audio pipeline to the peer connection.
///
/// Waking an event loop takes a lock, which the audio thread must not wait for. So a packet raises a signal, upon which
/// a thread of this wakes the loop. `@unchecked Sendable`: the fields under "Event loop" belong to the loop of the
/// endpoint.
final class MicrophonePublisher: MediaSource, @unchecked Sendable {
  /// Older packets aren't sent: they waited for a connection.
  static let maximumAge = Duration.milliseconds(500)

  private let pipeline: AudioPipeline
  private let target = Target()
  private let sent = Atomic<Int>(0)
  private let stale = Atomic<Int>(0)

  // Event loop.
  private var nextTimestamp: UInt32?

  /// A publisher of what `pipeline` encodes; it must be the only one.
  init(pipeline: AudioPipeline) {
    self.pipeline = pipeline
  }

  /// Whether silence is sent in place of what the microphone hears.
  var isMuted: Bool {
    get { pipeline.isMicrophoneMuted }
    set { pipeline.isMicrophoneMuted = newValue }
  }

  /// How many packets were sent.
  var sentCount: Int { sent.load(ordering: .relaxed) }
  /// How many packets were too old to be sent.
  var staleCount: Int { stale.load(ordering: .relaxed) }

  /// Sends to `endpoint` from now on; one that was attached before is left first.
  /// - Throws: `PeerConnectionDriverError.closed`, or `RealtimeThread.Failure` when the system refuses the thread.
  func attach(to endpoint: MediaEndpoint) async throws {
    await detach()
    try await endpoint.driver.perform { connection, _ in connection.setSource(self, of: endpoint.transceiver) }
    try target.state.withLock { state in
      guard !state.isStopped else { throw PeerConnectionDriverError.closed }
      if state.thread == nil { state.thread = try makeThread() }
      state.endpoint = endpoint
    }
  }

  /// Sends no more.
  func detach() async {
    let endpoint = target.state.withLock { state in
      defer { state.endpoint = nil }
      return state.endpoint
    }
    guard let endpoint else { return }
    try? await endpoint.driver.perform { connection, _ in connection.setSource(nil, of: endpoint.transceiver) }
  }

  /// Sends no more, for good; the thread is gone afterwards.
  func stop() async {
    await detach()
    let thread = target.state.withLock { state in
      defer { state.thread = nil }
      state.isStopped = true
      return state.thread
    }
    await thread?.stop()
  }

  // Real-time priority: it computes nothing, and what it delays is heard.
  private func makeThread() throws(RealtimeThread.Failure) -> MediaThread {
    try MediaThread(name: "audio-send", priority: 40, signal: pipeline.outgoing.signal) { [target] run in
      while true {
        run.signal.wait()
        if run.shouldStop { return }
        target.state.withLock { $0.endpoint }?.driver.wake()
      }
    }
  }

  // What the thread sees of the publisher, which it must not hold.
  private final class Target: Sendable {
    struct State {
      var endpoint: MediaEndpoint?
      var thread: MediaThread?
      var isStopped = false
    }

    let state = Mutex(State())
  }

  // MARK: Event loop

  func sendPending(on connection: PeerConnection, transceiver: TransceiverID, at now: Instant) {
    takePackets(at: now) { header, payload, startsTalkspurt in
      connection.sendAudio(
        payload, timestamp: header.timestamp, capturedAt: header.time,
        level: RTPAudioLevel(voice: header.voiceActivity, level: header.audioLevel), startsTalkspurt: startsTalkspurt,
        on: transceiver, at: now)
    }
  }

  /// Hands the packets that wait and are still worth sending to `send`.
  func takePackets(
    at now: Instant,
    _ send: (_ header: AudioPacketRing.Header, _ payload: UnsafeRawBufferPointer, _ startsTalkspurt: Bool) -> Void
  ) {
    while pipeline.outgoing.pop({ header, payload in
      guard now - header.time <= Self.maximumAge else {
        stale.wrappingAdd(1, ordering: .relaxed)
        return
      }
      // Silence that isn't sent is a gap in the timestamps, which count samples.
      let startsTalkspurt = header.timestamp != nextTimestamp
      nextTimestamp = header.timestamp &+ UInt32(OpusEncoder.sampleCount)
      send(header, payload, startsTalkspurt)
      sent.wrappingAdd(1, ordering: .relaxed)
    }) {}
  }
}
