import Audio
import LiveKit
import Realtime
import WebRTC
import WebRTCNIO

/// A subscribed audio track: takes its packets from the peer connection to the stream that the audio pipeline plays.
final class RemoteAudio: AudioPacketSink {
  /// What plays the track; add it to the `AudioPipeline`.
  let stream: AudioReceiveStream
  private let lipSync: LipSync?

  /// A track of which nothing has come yet. `lipSync` is shared with the same participant's pictures.
  init(lipSync: LipSync? = nil) throws(OpusError) {
    stream = try AudioReceiveStream()
    self.lipSync = lipSync
    lipSync?.setAudio(stream)
  }

  /// Takes the track that arrives at `endpoint`.
  /// - Throws: `PeerConnectionDriverError.closed`.
  func attach(to endpoint: MediaEndpoint) async throws {
    try await endpoint.driver.perform { connection, _ in connection.setAudioSink(self, of: endpoint.transceiver) }
  }

  /// Lets go of the track. Take the stream out of the pipeline too.
  func detach(from endpoint: MediaEndpoint?) async {
    lipSync?.removeAudio(stream)
    guard let endpoint else { return }
    try? await endpoint.driver.perform { connection, _ in connection.setAudioSink(nil, of: endpoint.transceiver) }
  }

  func deliver(
    sequenceNumber: Int64, timestamp: UInt32, payload: UnsafeRawBufferPointer, isRedundant: Bool, arrival: Instant
  ) {
    stream.packets.push(
      AudioPacketRing.Header(
        sequenceNumber: sequenceNumber, timestamp: timestamp, time: arrival, kind: isRedundant ? .redundant : .primary),
      payload: payload)
  }

  func synchronize(timestamp: UInt32, ntp: NTPTime) {
    lipSync?.noteAudioReport(timestamp: timestamp, ntp: ntp)
  }
}
