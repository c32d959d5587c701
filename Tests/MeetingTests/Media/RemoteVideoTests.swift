import Realtime
import Synchronization
import Testing
import Video
import WebRTC

@testable import Meeting

private final class Count: Sendable {
  let value = Atomic<Int>(0)
  let signal = ThreadSignal()

  func note() {
    value.wrappingAdd(1, ordering: .relaxed)
    signal.raise()
  }

  var number: Int { value.load(ordering: .relaxed) }
}

@Suite("Received video")
struct RemoteVideoTests {
  private let source = PictureSource()
  private let requests = Count()
  private let start = Instant(nanoseconds: 1_000_000_000)

  private func makeTrack(lipSync: LipSync? = nil) throws -> RemoteVideo {
    let track = RemoteVideo(decoders: try DecoderPool(threadCount: 0), lipSync: lipSync, at: start)
    let requests = requests
    track.onKeyFrameNeeded { requests.note() }
    return track
  }

  @Test("pictures of changing sizes are decoded and the newest is shown")
  func sizes() throws {
    let track = try makeTrack()
    #expect(track.frame(at: start) == nil)
    var now = start
    for (index, width) in [320, 640, 160, 640].enumerated() {
      now = now + .milliseconds(40)
      let picture = try source.encode(width: width, height: width * 9 / 16 & ~1)
      #expect(picture.isKeyFrame)
      #expect(track.deliver(picture, timestamp: UInt32(index) * 3_600, at: now))
      track.decodeAll(at: now)
      let shown = try #require(track.frame(at: now))
      #expect(shown.width == width)
      #expect(shown.rtpTimestamp == UInt32(index) * 3_600)
      #expect(track.frame(at: now) === shown)
    }
    #expect(track.currentStatistics.decoded == 4)
    #expect(track.currentStatistics.shown == 4)
    #expect(requests.number == 0)
  }

  @Test("a track that begins without a key frame asks for one, at most twice a second")
  func noKeyFrame() throws {
    let track = try makeTrack()
    _ = try source.encode(width: 320, height: 180)
    var now = start
    for index in 0..<27 {
      _ = track.frame(at: now)
      #expect(track.deliver(try source.encode(width: 320, height: 180), timestamp: UInt32(index), at: now))
      track.decodeAll(at: now)
      now = now + .milliseconds(40)
    }
    #expect(requests.number == 3)
    #expect(track.currentStatistics.skipped == 27)
    #expect(track.deliver(try source.encode(width: 320, height: 180, isKeyFrame: true), timestamp: 99, at: now))
    track.decodeAll(at: now)
    #expect(track.frame(at: now)?.rtpTimestamp == 99)
  }

  @Test("damaged pictures are never shown, and a key frame is asked for")
  func damaged() throws {
    let track = try makeTrack()
    #expect(track.deliver(try source.encode(width: 320, height: 180), timestamp: 1, at: start))
    track.decodeAll(at: start)
    let good = track.frame(at: start)
    for bytes: [UInt8] in [[], [0xFF], Array(repeating: 0xFF, count: 100), [0x10, 0, 0, 0x9D, 0x01, 0x2A, 0xFF, 0xFF]] {
      #expect(track.deliver((bytes, false), timestamp: 2, at: start))
      track.decodeAll(at: start)
    }
    #expect(track.frame(at: start) === good)
    #expect(requests.number == 1)
  }

  @Test("a decoder that falls behind goes on with the newest key frame")
  func catchUp() throws {
    let track = try makeTrack()
    for index in 0..<20 {
      let picture = try source.encode(width: 320, height: 180, isKeyFrame: index == 5 || index == 15)
      #expect(track.deliver(picture, timestamp: UInt32(index), at: start + .milliseconds(index * 10)))
    }
    let now = start + .milliseconds(700)
    #expect(track.decodeNext(at: now))
    #expect(track.frame(at: now)?.rtpTimestamp == 15)
    #expect(track.currentStatistics.skipped == 15)
    #expect(track.currentStatistics.overloads == 1)
    #expect(requests.number == 0)
    track.decodeAll(at: now)
    #expect(track.frame(at: now)?.rtpTimestamp == 19)
    #expect(track.currentStatistics.overloads == 1)
  }

  @Test("a decoder that falls behind and has no key frame leaves out all and asks for one")
  func overload() throws {
    let track = try makeTrack()
    #expect(track.deliver(try source.encode(width: 320, height: 180), timestamp: 0, at: start))
    track.decodeAll(at: start)
    for index in 1..<20 {
      #expect(track.deliver(try source.encode(width: 320, height: 180), timestamp: UInt32(index), at: start))
    }
    let now = start + .milliseconds(500)
    #expect(!track.decodeNext(at: now))
    #expect(track.currentStatistics.skipped == 19)
    #expect(requests.number == 1)
    // What refers to the pictures left out isn't shown.
    #expect(track.deliver(try source.encode(width: 320, height: 180), timestamp: 20, at: now))
    track.decodeAll(at: now)
    #expect(track.frame(at: now)?.rtpTimestamp == 0)
    #expect(track.deliver(try source.encode(width: 320, height: 180, isKeyFrame: true), timestamp: 21, at: now))
    track.decodeAll(at: now)
    #expect(track.frame(at: now)?.rtpTimestamp == 21)
  }

  @Test("what waits is bounded, and goes on when the screen takes pictures again")
  func bounded() throws {
    let track = try makeTrack()
    var delivered = 0
    for index in 0..<100 {
      if track.deliver(try source.encode(width: 160, height: 90), timestamp: UInt32(index), at: start) {
        delivered += 1
      }
      track.decodeAll(at: start)
    }
    #expect(delivered == RemoteVideo.encodedCapacity + RemoteVideo.decodedCapacity)
    #expect(track.currentStatistics.decoded == RemoteVideo.decodedCapacity)
    #expect(track.frame(at: start)?.rtpTimestamp == UInt32(RemoteVideo.decodedCapacity - 1))
    track.decodeAll(at: start)
    #expect(track.currentStatistics.decoded == 2 * RemoteVideo.decodedCapacity)
  }

  @Test("a track that nobody watches isn't decoded, and begins with a key frame when it is watched again")
  func unwatched() throws {
    let track = try makeTrack()
    var now = start
    for index in 0..<40 {
      #expect(track.deliver(try source.encode(width: 160, height: 90), timestamp: UInt32(index), at: now))
      track.decodeAll(at: now)
      now = now + .milliseconds(100)
    }
    #expect(track.currentStatistics.decoded == RemoteVideo.decodedCapacity)
    #expect(track.currentStatistics.unwatched > 25)
    #expect(requests.number == 0)
    _ = track.frame(at: now)
    #expect(track.deliver(try source.encode(width: 160, height: 90), timestamp: 50, at: now))
    track.decodeAll(at: now)
    #expect(requests.number == 1)
    #expect(track.deliver(try source.encode(width: 160, height: 90, isKeyFrame: true), timestamp: 51, at: now))
    track.decodeAll(at: now)
    #expect(track.frame(at: now)?.rtpTimestamp == 51)
  }

  @Test("the threads decode, a track leaves its thread, and no thread is left after stopping")
  func threads() async throws {
    let pool = try DecoderPool(threadCount: 2)
    let tracks = (0..<3).map { _ in RemoteVideo(decoders: pool) }
    let delta = try {
      _ = try source.encode(width: 160, height: 90); return try source.encode(width: 160, height: 90)
    }()
    for track in tracks {
      let count = Count()
      track.onKeyFrameNeeded { count.note() }
      #expect(track.deliver(delta, timestamp: 0, at: MonotonicClock.now))
      // Raised by the thread that tried to decode.
      count.signal.wait()
    }
    for track in tracks { await track.detach(from: nil) }
    await pool.stop()
    #expect(isThreadGone("video-decode"))
    // Nobody decodes any more; delivering is still harmless.
    for _ in 0..<50 { _ = tracks[0].deliver(delta, timestamp: 1, at: MonotonicClock.now) }
    #expect(tracks[0].currentStatistics.decoded == 0)
  }

  @Test("pictures wait for the sound that belongs to them")
  func waiting() throws {
    let lipSync = LipSync()
    let audio = try RemoteAudio(lipSync: lipSync)
    let track = try makeTrack(lipSync: lipSync)
    let ntp = NTPTime(rawValue: 0xE000_0000_0000_0000)
    audio.synchronize(timestamp: 0, ntp: ntp)
    track.synchronize(timestamp: 0, ntp: ntp)
    // Nothing is played yet: shown at once.
    #expect(track.deliver(try source.encode(width: 160, height: 90), timestamp: 0, at: start))
    track.decodeAll(at: start)
    #expect(track.frame(at: start)?.rtpTimestamp == 0)
    #expect(!lipSync.statistics.isSynchronized)
  }
}
