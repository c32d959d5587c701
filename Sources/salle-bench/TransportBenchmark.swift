import Realtime
import WebRTC

/// One medium over a connected pair of peer connections, and the same packets' sizes over bare libsrtp2.
struct TransportBenchmark {
  /// What is sent.
  enum Medium: String, CaseIterable {
    /// VP8 in full packets.
    case video
    /// Opus packets of 20 ms at 48 kb/s.
    case audio
  }

  /// Costs per packet.
  struct Result {
    var nanoseconds = 0.0
    var reference = 0.0
    /// With those that libsrtp2 and the OpenSSL below it make.
    var allocations = 0.0
    /// What libsrtp2 alone allocates.
    var referenceAllocations = 0.0
    var ratio: Double { nanoseconds / reference }
  }

  private static let framesPerRound = 8
  private static let videoFrameSize = 12_000
  private static let audioPacketSize = 120
  private static let warmUpRounds = 600

  private let medium: Medium
  private let pair: ConnectedPair
  private let reference: SRTPReference
  private let frame = OutgoingVideoFrame()
  private var sentCount = 0
  private var audioTimestamp: UInt32 = 0

  init(_ medium: Medium, _ profile: SRTPProfile) throws {
    self.medium = medium
    pair = try ConnectedPair(medium == .video ? .video : .audio, profile)
    reference = try SRTPReference(profile)
  }

  /// Measures `rounds` rounds once all memory is there.
  mutating func measure(rounds: Int) throws -> (send: Result, receive: Result) {
    for _ in 0..<Self.warmUpRounds {
      _ = sendRound()
      pair.noteSent()
      _ = receiveRound()
      pair.noteFeedback()
      reference.measure(pair.sizes)
      pair.endRound()
    }
    var send = Samples(rounds)
    var receive = Samples(rounds)
    let framesBefore = pair.receivedCount
    for _ in 0..<rounds {
      let sending = sendRound()
      pair.noteSent()
      let receiving = receiveRound()
      pair.noteFeedback()
      send.add(sending, count: pair.sizes.media.count)
      receive.add(receiving, count: pair.sizes.media.count)
      reference.measure(pair.sizes)
      send.addReference(reference.sending, count: pair.sizes.media.count)
      receive.addReference(reference.receiving, count: pair.sizes.media.count)
      pair.endRound()
    }
    // Otherwise something else was measured than what this claims.
    guard pair.receivedCount - framesBefore == rounds * Self.framesPerRound else {
      throw BenchmarkError.mediaLost(received: pair.receivedCount - framesBefore, of: rounds * Self.framesPerRound)
    }
    return (send.result, receive.result)
  }

  private mutating func sendRound() -> Measurement {
    Measurement.take {
      for _ in 0..<Self.framesPerRound {
        pair.advance(by: .milliseconds(20))
        if medium == .video { sendPicture() } else { sendSound() }
        pair.collectSent()
      }
    }
  }

  private func receiveRound() -> Measurement {
    Measurement.take { pair.deliver() }
  }

  private mutating func sendPicture() {
    // A key frame, then always the same one that builds on it.
    if sentCount < 2 { fill(isKeyFrame: sentCount == 0) }
    frame.isKeyFrame = sentCount == 0
    frame.captureTime = pair.now
    sentCount += 1
    pair.left.send(frame, on: pair.transceiver, at: pair.now)
  }

  /// The first bytes are a VP8 frame's as far as the assembler looks.
  private func fill(isKeyFrame: Bool) {
    var bytes = [UInt8](repeating: 0xA5, count: Self.videoFrameSize)
    bytes.replaceSubrange(0..<10, with: [isKeyFrame ? 0x10 : 0x11, 0, 0, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xB4, 0x00])
    frame.removeAll()
    bytes.withUnsafeBytes { frame.append($0) }
  }

  private mutating func sendSound() {
    audioTimestamp &+= 960
    withUnsafeTemporaryAllocation(byteCount: Self.audioPacketSize, alignment: 1) { packet in
      _ = packet.initializeMemory(as: UInt8.self, repeating: 0x78)
      pair.left.sendAudio(
        UnsafeRawBufferPointer(packet), timestamp: audioTimestamp, capturedAt: pair.now,
        level: RTPAudioLevel(voice: true, level: 30), startsTalkspurt: false, on: pair.transceiver, at: pair.now)
    }
  }
}

/// Why nothing was measured.
enum BenchmarkError: Error {
  /// The connections didn't connect.
  case notConnected
  /// libsrtp2 refused.
  case srtp
  /// Not all media arrived, so the cost would be that of something else.
  case mediaLost(received: Int, of: Int)
}
