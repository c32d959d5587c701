import Realtime
import WebRTC

/// Keeps what a video track delivers. `@unchecked Sendable`: each test runs its connections on one thread.
final class FrameCollector: VideoFrameSink, @unchecked Sendable {
  private(set) var frames: [(timestamp: UInt32, isKeyFrame: Bool, bytes: [UInt8])] = []
  private(set) var reports: [(timestamp: UInt32, ntp: NTPTime)] = []
  private let frame = EncodedFrame()

  func vacantFrame() -> EncodedFrame? { frame }

  func deliver(_ frame: EncodedFrame) {
    frames.append((frame.timestamp, frame.isKeyFrame, Array(frame.bytes)))
  }

  func synchronize(timestamp: UInt32, ntp: NTPTime) { reports.append((timestamp, ntp)) }
}

/// Keeps what an audio track delivers. `@unchecked Sendable`: each test runs its connections on one thread.
final class PacketCollector: AudioPacketSink, @unchecked Sendable {
  private(set) var packets: [(number: Int64, timestamp: UInt32, payload: [UInt8], isRedundant: Bool)] = []
  private(set) var reports: [(timestamp: UInt32, ntp: NTPTime)] = []

  func deliver(
    sequenceNumber: Int64, timestamp: UInt32, payload: UnsafeRawBufferPointer, isRedundant: Bool, arrival: Instant
  ) {
    packets.append((sequenceNumber, timestamp, Array(payload), isRedundant))
  }

  func synchronize(timestamp: UInt32, ntp: NTPTime) { reports.append((timestamp, ntp)) }
}
