import Audio
import Logging
import NIOPosix
import Realtime
import Testing
import Video
import WebRTC
import WebRTCNIO

@testable import LiveKit
@testable import Meeting

// Inside the camera's suite, which runs one test at a time: both count the camera's threads.
extension CameraPublisherTests {
  @Suite("Media between two peer connections on the loopback interface")
  struct EndpointTests {
    private func start(_ name: UInt64) async throws -> (PeerConnectionDriver, AsyncStream<PeerConnectionEvent>) {
      let (events, continuation) = AsyncStream.makeStream(of: PeerConnectionEvent.self)
      let clock = NTPClock(NTPTime(rawValue: 0xE000_0000_0000_0000), at: MonotonicClock.now)
      let driver = try await PeerConnectionDriver.start(
        configuration: .init(certificate: try Certificate(), ntpClock: clock, seed: name), interfaces: .loopback,
        on: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test")
      ) { continuation.yield($0) }
      return (driver, events)
    }

    /// Waits until `driver` is connected, handing its candidates to `peer`.
    private func connect(
      _ driver: PeerConnectionDriver, _ events: AsyncStream<PeerConnectionEvent>, to peer: PeerConnectionDriver
    ) async throws {
      for await event in events {
        switch event {
        case .localCandidate(let line, _, _):
          try await peer.perform { connection, now in try connection.addRemoteCandidate(line, at: now) }
        case .stateChanged(.connected): return
        case .stateChanged(.failed): throw PeerConnectionDriverError.closed
        default: break
        }
      }
    }

    @Test("the camera's pictures and the microphone's packets arrive; nothing is left running afterwards")
    func endToEnd() async throws {
      let (sender, senderEvents) = try await start(1)
      let (receiver, receiverEvents) = try await start(2)
      let (video, audio) = try await sender.perform { connection, _ in
        (
          try connection.addTransceiver(
            .video, TransceiverParameters(direction: .sendOnly, streamID: "s", trackID: "v", codecs: [.video(.vp8)])),
          try connection.addTransceiver(
            .audio, TransceiverParameters(direction: .sendOnly, streamID: "s", trackID: "a", codecs: [.opus]))
        )
      }
      let offer = try await sender.perform { connection, now in try connection.createOffer(at: now) }
      let answer = try await receiver.perform { connection, now in
        try connection.setRemoteOffer(offer, at: now)
        return try connection.createAnswer(at: now)
      }
      try await sender.perform { connection, now in try connection.setRemoteAnswer(answer, at: now) }
      async let first: Void = connect(sender, senderEvents, to: receiver)
      async let second: Void = connect(receiver, receiverEvents, to: sender)
      _ = try await (first, second)

      // Both sides number their transceivers in the order of the offer.
      let track = RemoteVideo(decoders: try DecoderPool(threadCount: 0))
      try await track.attach(to: MediaEndpoint(driver: receiver, transceiver: video))
      let sound = try RemoteAudio()
      try await sound.attach(to: MediaEndpoint(driver: receiver, transceiver: audio))

      let camera = StubCamera()
      let publisher = CameraPublisher(camera: camera, width: 640, height: 360, threads: 1)
      let layers = VideoLayering.layers(
        of: LocalVideo(width: 640, height: 360, isLayered: false), source: .camera, codec: .vp8)
      try await publisher.attach(
        PublishedVariant(cid: "v", codec: .vp8, layers: layers),
        at: MediaEndpoint(driver: sender, transceiver: video))
      try publisher.start()
      let pipeline = try AudioPipeline(capture: nil, playback: nil, firstTimestamp: 0)
      let microphone = MicrophonePublisher(pipeline: pipeline)
      try await microphone.attach(to: MediaEndpoint(driver: sender, transceiver: audio))

      camera.awaitQuestion()
      let bytes: [UInt8] = [0xF8, 0xFF, 0xFE]
      var hasSound = false
      for number in 0..<2_000 where track.frame(at: MonotonicClock.now) == nil || !hasSound {
        camera.give(.init(time: MonotonicClock.now))
        bytes.withUnsafeBytes { payload in
          _ = pipeline.outgoing.push(
            .init(sequenceNumber: 0, timestamp: UInt32(number) * 960, time: MonotonicClock.now), payload: payload)
        }
        // Goes through both loops, behind what was just handed to them.
        try await sender.perform { _, _ in }
        try await receiver.perform { _, _ in }
        while track.decodeNext(at: MonotonicClock.now) {}
        while sound.stream.packets.pop({ hasSound = hasSound || Array($1) == bytes }) {}
      }
      #expect(track.frame(at: MonotonicClock.now)?.width == 640)
      #expect(hasSound)
      #expect(microphone.sentCount > 0)

      await microphone.stop()
      await publisher.detach(cid: "v")
      camera.finish()
      await publisher.stop()
      await track.detach(from: MediaEndpoint(driver: receiver, transceiver: video))
      await sound.detach(from: MediaEndpoint(driver: receiver, transceiver: audio))
      await sender.close()
      await receiver.close()
      #expect(isThreadGone("audio-send"))
      #expect(isThreadGone("camera"))
    }
  }
}
