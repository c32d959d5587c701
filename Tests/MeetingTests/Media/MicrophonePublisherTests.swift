import Audio
import Realtime
import Testing
import WebRTC

@testable import Meeting

@Suite("Microphone and received sound")
struct MicrophonePublisherTests {
  private let start = Instant(nanoseconds: 1_000_000_000)

  private func push(_ pipeline: AudioPipeline, _ timestamp: UInt32, at time: Instant, _ byte: UInt8) {
    let bytes = [byte]
    bytes.withUnsafeBytes { payload in
      _ = pipeline.outgoing.push(
        .init(sequenceNumber: 0, timestamp: timestamp, time: time, audioLevel: 30, voiceActivity: true),
        payload: payload)
    }
  }

  @Test("packets are sent in order; one after left-out silence starts a talkspurt")
  func talkspurts() throws {
    let pipeline = try AudioPipeline(capture: nil, playback: nil, firstTimestamp: 0)
    let publisher = MicrophonePublisher(pipeline: pipeline)
    let first = UInt32.max - 900
    push(pipeline, first, at: start, 1)
    push(pipeline, first &+ 960, at: start, 2)
    push(pipeline, first &+ 960 * 20, at: start, 3)
    var sent: [(UInt8, Bool)] = []
    publisher.takePackets(at: start) { header, payload, startsTalkspurt in
      #expect(header.audioLevel == 30 && header.voiceActivity)
      sent.append((payload[0], startsTalkspurt))
    }
    #expect(sent.map(\.0) == [1, 2, 3])
    #expect(sent.map(\.1) == [true, false, true])
    #expect(publisher.sentCount == 3)
  }

  @Test("packets that waited too long for a connection aren't sent")
  func stale() throws {
    let pipeline = try AudioPipeline(capture: nil, playback: nil, firstTimestamp: 0)
    let publisher = MicrophonePublisher(pipeline: pipeline)
    push(pipeline, 0, at: start, 1)
    push(pipeline, 960, at: start + .milliseconds(600), 2)
    var sent: [UInt8] = []
    publisher.takePackets(at: start + .milliseconds(700)) { _, payload, _ in sent.append(payload[0]) }
    #expect(sent == [2])
    #expect(publisher.staleCount == 1)
  }

  @Test("muting is the pipeline's")
  func muting() throws {
    let pipeline = try AudioPipeline(capture: nil, playback: nil, firstTimestamp: 0)
    let publisher = MicrophonePublisher(pipeline: pipeline)
    publisher.isMuted = true
    #expect(pipeline.isMicrophoneMuted)
    publisher.isMuted = false
    #expect(!publisher.isMuted)
  }

  @Test("received packets reach the stream with what tells them apart")
  func receiving() throws {
    let audio = try RemoteAudio()
    let bytes: [UInt8] = [9, 8, 7]
    bytes.withUnsafeBytes { payload in
      audio.deliver(sequenceNumber: 70_000, timestamp: 960, payload: payload, isRedundant: false, arrival: start)
      audio.deliver(sequenceNumber: 69_999, timestamp: 0, payload: payload, isRedundant: true, arrival: start)
    }
    var headers: [AudioPacketRing.Header] = []
    while audio.stream.packets.pop({ header, payload in
      headers.append(header)
      #expect(Array(payload) == bytes)
    }) {}
    #expect(headers.map(\.sequenceNumber) == [70_000, 69_999])
    #expect(headers.map(\.timestamp) == [960, 0])
    #expect(headers.first?.kind == .primary && headers.last?.kind == .redundant)
    #expect(headers.first?.time == start)
  }
}
