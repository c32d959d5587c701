import Audio
import Realtime
import Testing
import Video
import WebRTC

@testable import Meeting

/// A microphone in virtual time, which hears a buzz.
private final class BuzzCapture: AudioCapture, @unchecked Sendable {
  let channelCount = 1
  private var index = 0

  func read(into block: AudioBlock) throws(AudioDeviceError) {
    let channel = block.channel(0)
    for sample in 0..<AudioBlock.sampleCount { channel[sample] = sample % 120 < 60 ? 0.2 : -0.2 }
    block.timestamp = Instant(nanoseconds: Int64(index) * 10_000_000)
    index += 1
  }
}

/// A loudspeaker that lags by 20 ms.
private final class LaggingPlayback: AudioPlayback, @unchecked Sendable {
  let channelCount = 1
  private var index = 0

  func write(_ block: AudioBlock) throws(AudioDeviceError) -> Instant {
    index += 1
    return Instant(nanoseconds: Int64(index) * 10_000_000 + 20_000_000)
  }
}

@Suite("Lip sync through jitter buffer and decoder")
struct LipSyncTests {
  private struct Packet {
    var header: AudioPacketRing.Header
    var payload: [UInt8]
  }

  @Test(
    "pictures are shown when their sound is heard",
    arguments: [Duration.milliseconds(20), .milliseconds(60), .milliseconds(250)])
  func endToEnd(videoDelay: Duration) throws {
    let pipeline = try AudioPipeline(capture: BuzzCapture(), playback: LaggingPlayback(), firstTimestamp: 77)
    let lipSync = LipSync()
    let audio = try RemoteAudio(lipSync: lipSync)
    let video = RemoteVideo(
      decoders: try DecoderPool(threadCount: 0), lipSync: lipSync, at: Instant(nanoseconds: 0))
    pipeline.add(audio.stream)
    let ntp = NTPTime(rawValue: 0xE000_0000_0000_0000)
    audio.synchronize(timestamp: 77, ntp: ntp)
    video.synchronize(timestamp: 0, ntp: ntp)
    let source = PictureSource()
    var underway: [Packet] = []
    var lastShown: UInt32?
    var worst = Duration.zero
    var count = 0
    for block in 1...1_500 {
      pipeline.processBlock()
      let now = Instant(nanoseconds: Int64(block) * 10_000_000)
      while pipeline.outgoing.pop({ underway.append(Packet(header: $0, payload: Array($1))) }) {}
      // Packets take 30 ms once their 20 ms are over.
      while let packet = underway.first, now >= packet.header.time + .milliseconds(50) {
        underway.removeFirst()
        packet.payload.withUnsafeBytes { payload in
          audio.deliver(
            sequenceNumber: packet.header.sequenceNumber, timestamp: packet.header.timestamp, payload: payload,
            isRedundant: false, arrival: now)
        }
      }
      if block.isMultiple(of: 4) {
        let captured = now - videoDelay
        let timestamp = UInt32(truncatingIfNeeded: captured.nanoseconds * 9 / 100_000)
        #expect(video.deliver(try source.encode(width: 64, height: 64), timestamp: timestamp, at: now))
      }
      while video.decodeNext(at: now) {}
      guard let shown = video.frame(at: now)?.rtpTimestamp, shown != lastShown else { continue }
      lastShown = shown
      guard block > 700, let playout = audio.stream.playout(at: now) else { continue }
      let heard = Duration.seconds(Double(playout.timestamp &- 77) / 48_000)
      let captured = Duration.seconds(Double(Int32(bitPattern: shown)) / 90_000)
      let skew = now - (playout.heardAt + (captured - heard))
      worst = max(worst, skew, .zero - skew)
      count += 1
    }
    #expect(count > 190)
    #expect(worst <= .milliseconds(40))
    #expect(lipSync.statistics.isSynchronized)
    if videoDelay > .milliseconds(200) {
      #expect(audio.stream.minimumDelay > .milliseconds(100))
      lipSync.removeAudio(audio.stream)
      #expect(audio.stream.minimumDelay == .zero)
    } else {
      #expect(audio.stream.minimumDelay == .zero)
    }
  }
}
