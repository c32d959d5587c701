import Audio
import Devices
import Foundation
import HTTPExchange
import Logging
import Meeting
import NIOPosix
import PracticeRoom
import Realtime
import RoomWatcher
import Testing
import Video
import Visio
import WebRTC
import WebRTCNIO

extension PeerTests {
  /// A whole room, from synthetic camera and microphone on, as libwebrtc gets it through the practice room.
  @Suite("A room seen and heard by libwebrtc", .serialized, .timeLimit(.minutes(3)))
  struct RoomWatcherTests {
    @Test("its picture is the camera's, its tone pure, without a gap", arguments: [VideoCodec.vp8, .vp9])
    func isSeenAndHeard(codec: VideoCodec) async throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "salle-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }

      let watched = try await watch(codec, folder: folder)
      // Of 30; a machine that is busy with other things drops some.
      #expect(watched.rate > 20)
      #expect(watched.longestPictureGap < 200)
      #expect(watched.longestSoundGap < 200)
      #expect(watched.soundDuration > 8)
      #expect(abs(watched.toneFrequency - 440) < 1)
      // A click of −40 dBFS in this tone would stand at −20 dB.
      #expect(watched.residual < -25)
      #expect(watched.pictures.count >= 5)
      for picture in watched.pictures {
        let ratio = try peakSignalToNoiseRatio(of: picture)
        #expect(ratio > 32, "\(ratio) dB")
      }
    }

    /// Runs a room and its watcher in a practice room.
    private func watch(_ codec: VideoCodec, folder: URL) async throws -> WatchedRoom {
      try await PeerTests.withRoom {
        $0.participants = []
      } _: { practice in
        try await watch(codec, folder, practice)
      }
    }

    private func watch(_ codec: VideoCodec, _ folder: URL, _ practice: PracticeRoom) async throws -> WatchedRoom {
      let transport = AsyncHTTPTransport()
      let epoch = MonotonicClock.now
      let pipeline = try AudioPipeline(
        capture: SyntheticMicrophone(.tone(frequency: 440, level: -20), epoch: epoch), playback: FileLoudspeaker(),
        firstTimestamp: 1)
      let meeting = Meeting(
        options: MeetingOptions(
          link: try MeetingLink(typed: "\(practice.url)/\(practice.code)"), name: "Salle Rivoli",
          camera: SyntheticCamera(epoch: epoch), screen: nil, audio: pipeline, videoCodec: codec,
          interfaces: .loopback, version: "test"),
        transport: transport, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "test"))
      let stay = Task { await meeting.run() }
      var ending: MeetingEnding?
      let watched: WatchedRoom = try await PeerTests.ending(with: {
        await meeting.leave()
        ending = await stay.value
        await transport.shutdown()
      }) {
        let peer = try PeerProcess(
          "room_watcher.py",
          [
            "--url", practice.url, "--code", practice.code, "--name", "Salle Rivoli", "--folder", folder.path,
            "--seconds", "12",
          ])
        return try await peer.next()
      }
      #expect(ending == .left)
      return watched
    }

    /// How near the picture is to the scene at the time that its blocks show; luma, dB.
    private func peakSignalToNoiseRatio(of picture: WatchedRoom.Picture) throws -> Double {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: picture.path)))
      let received = VideoFrame(width: picture.width, height: picture.height)
      for row in 0..<picture.height {
        for column in 0..<picture.width {
          received.y[row * received.strideY + column] = bytes[row * picture.width + column]
        }
      }
      let milliseconds = try #require(SyntheticScene.timeCode(of: received))
      let sent = VideoFrame(width: picture.width, height: picture.height)
      // The middle of the millisecond, whose beginning rounding may put into the one before.
      SyntheticScene(width: picture.width, height: picture.height).paint(
        sent, at: .microseconds(milliseconds * 1_000 + 500))
      var sum = 0.0
      for row in 0..<picture.height {
        for column in 0..<picture.width {
          let difference =
            Double(sent.y[row * sent.strideY + column]) - Double(received.y[row * received.strideY + column])
          sum += difference * difference
        }
      }
      let error = sum / Double(picture.width * picture.height)
      return 10 * log10(255 * 255 / max(error, 1e-9))
    }
  }
}
