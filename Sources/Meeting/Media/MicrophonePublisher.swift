import Audio
import LiveKit
import Realtime
import Synchronization
import WebRTC
import WebRTCNIO

/// Takes the microphone's Opus packets from the audio pipeline to the peer connection.
///
/// The audio thread must neither lock nor make system calls, so it tells nobody of its packets: a thread of this looks
/// every few milliseconds and wakes the event loop when there is something. `@unchecked Sendable`: the fields under
/// "Event loop" belong to the loop of the endpoint.
final class MicrophonePublisher: MediaSource, @unchecked Sendable {
  /// How often is looked for packets, of which one comes every 20 ms.
  static let pollInterval = Duration.milliseconds(4)
  /// Older packets aren't sent: they waited for a connection.
  static let maximumAge = Duration.milliseconds(500)

  private let pipeline: AudioPipeline
  private let attachment = Mutex<(endpoint: MediaEndpoint, thread: MediaThread)?>(nil)
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
    let (pipeline, driver) = (pipeline, endpoint.driver)
    // Real-time priority: it computes nothing, and what it delays is heard.
    let thread = try MediaThread(name: "audio-send", priority: 40) { run in
      while !run.shouldStop {
        MonotonicClock.sleep(until: MonotonicClock.now + Self.pollInterval)
        if pipeline.outgoing.count > 0 { driver.wake() }
      }
    }
    let displaced = attachment.withLock { attachment in
      defer { attachment = (endpoint, thread) }
      return attachment
    }
    await displaced?.thread.stop()
  }

  /// Sends no more; the thread is gone afterwards.
  func detach() async {
    let attached = attachment.withLock { attachment in
      defer { attachment = nil }
      return attachment
    }
    guard let attached else { return }
    await attached.thread.stop()
    try? await attached.endpoint.driver.perform { connection, _ in
      connection.setSource(nil, of: attached.endpoint.transceiver)
    }
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
