import Audio
import Devices
import Logging
import Realtime
import Video
import WebRTC

/// Makes the pictures and voices of the synthetic participants, on two threads of its own: encoding a picture takes
/// longer than a packet of sound may wait.
final class Studio: Sendable {
  /// One synthetic participant.
  struct Actor: Sendable {
    let codec: VideoCodec
    /// Chooses the colours of the scene.
    let variant: Int
    /// Chooses the pitch.
    let voice: Int
    let name: String
    let pictures: PictureFeed
    let sound: SoundFeed
  }

  private let pictures: RealtimeThread
  private let sound: RealtimeThread

  /// Starts the work.
  /// - Parameter wake: called whenever a feed has something.
  init(
    _ actors: [Actor], options: PracticeRoomOptions, epoch: Instant, logger: Logger,
    wake: @escaping @Sendable () -> Void
  ) throws(RealtimeThread.Failure) {
    let width = options.pictureWidth
    let height = options.pictureHeight
    let rate = min(max(options.framesPerSecond, 1), 60)
    pictures = try RealtimeThread(name: "practice-video", priority: nil) { context in
      let painters = actors.map {
        PicturePainter($0, width: width, height: height, framesPerSecond: rate, epoch: epoch)
      }
      var next = MonotonicClock.now
      while !context.shouldStop {
        for painter in painters { painter.paint(at: next, logger) }
        wake()
        next = Self.advance(next, by: .nanoseconds(Int64(1_000_000_000 / rate)))
      }
    }
    sound = try RealtimeThread(name: "practice-audio", priority: nil) { context in
      let speakers = actors.compactMap { try? VoiceSpeaker($0, epoch: epoch) }
      var start = epoch
      while !context.shouldStop {
        for speaker in speakers { speaker.speak(from: start) }
        wake()
        start = Self.advance(start, by: .milliseconds(20))
      }
    }
  }

  /// Sleeps a period; after a stall of more than 200 ms what was missed is left out.
  private static func advance(_ last: Instant, by period: Duration) -> Instant {
    var next = last + period
    let now = MonotonicClock.now
    while now - next > .milliseconds(200) { next = next + period }
    MonotonicClock.sleep(until: next)
    return next
  }

  /// Ends the threads; returns when they are gone, within about a picture's time.
  func stop() {
    pictures.stop()
    sound.stop()
  }
}

/// Paints and encodes one participant's pictures. Confined to the studio's thread for pictures.
private final class PicturePainter {
  private let actor: Studio.Actor
  private let scene: SyntheticScene
  private let frame: VideoFrame
  private let epoch: Instant
  private let plate: NamePlate
  private var vp8: VP8SimulcastEncoder?
  private var vp9: VP9SVCEncoder?
  private let framesPerSecond: Double

  init(_ actor: Studio.Actor, width: Int, height: Int, framesPerSecond: Double, epoch: Instant) {
    self.actor = actor
    self.epoch = epoch
    self.framesPerSecond = framesPerSecond
    scene = SyntheticScene(width: width, height: height, variant: actor.variant)
    frame = VideoFrame(width: scene.width, height: scene.height)
    plate = NamePlate(actor.name, height: scene.height / 12)
  }

  func paint(at time: Instant, _ logger: Logger) {
    guard let limit = actor.pictures.layerLimit else {
      // Nobody looks: whoever looks again gets a key frame first.
      vp8 = nil
      vp9 = nil
      return
    }
    scene.paint(frame, at: time - epoch)
    plate.draw(on: frame)
    frame.captureTime = time
    do {
      switch actor.codec {
      case .vp8: try encodeVP8(limit)
      case .vp9: try encodeVP9(limit)
      }
    } catch {
      logger.warning("a practice picture can't be encoded", metadata: ["error": "\(error)"])
    }
  }

  /// What the largest layer takes, bits per second: 1.5 Mb/s at 720p, in proportion to the pixels otherwise.
  private var bitrate: Int { max(scene.width * scene.height * 3 / 2 * 1_000_000 / (1_280 * 720), 100_000) }

  private func encodeVP8(_ limit: Int) throws(VideoEncoderError) {
    let encoder = vp8 ?? makeVP8()
    vp8 = encoder
    for index in encoder.layers.indices where encoder.layers[index].isActive != (index <= limit) {
      encoder.layers[index].isActive = index <= limit
    }
    let requests = actor.pictures.takeKeyFrameRequests()
    for index in encoder.layers.indices where requests & (1 << UInt32(index)) != 0 {
      encoder.requestKeyFrame(layer: index)
    }
    try encoder.encode(frame) { actor.pictures.push($0, codec: .vp8) }
  }

  private func makeVP8() -> VP8SimulcastEncoder {
    VP8SimulcastEncoder(layers: [
      SimulcastLayer(
        scaleResolutionDownBy: 4, bitrate: max(bitrate / 8, 60_000), framesPerSecond: framesPerSecond),
      SimulcastLayer(
        scaleResolutionDownBy: 2, bitrate: max(bitrate / 3, 100_000), framesPerSecond: framesPerSecond),
      SimulcastLayer(bitrate: bitrate, framesPerSecond: framesPerSecond),
    ])
  }

  private func encodeVP9(_ limit: Int) throws(VideoEncoderError) {
    let encoder =
      vp9
      ?? VP9SVCEncoder(
        mode: .L3T3_KEY, bitrates: [bitrate / 9, bitrate / 3, bitrate], framesPerSecond: framesPerSecond)
    vp9 = encoder
    if encoder.activeSpatialLayers != limit + 1 { encoder.activeSpatialLayers = limit + 1 }
    if actor.pictures.takeKeyFrameRequests() != 0 { encoder.requestKeyFrame() }
    try encoder.encode(frame) { actor.pictures.push($0, codec: .vp9) }
  }
}

/// Makes and encodes one participant's voice. Confined to the studio's thread for sound.
private final class VoiceSpeaker {
  private let actor: Studio.Actor
  private let encoder: OpusEncoder
  private let epoch: Instant
  private let sound: SyntheticSound
  private var samples = [Float](repeating: 0, count: OpusEncoder.sampleCount)
  private var isInSilence = true

  init(_ actor: Studio.Actor, epoch: Instant) throws(OpusError) {
    self.actor = actor
    self.epoch = epoch
    sound = .speechAndBeep(voice: actor.voice)
    encoder = try OpusEncoder()
  }

  /// Speaks the 20 ms from `time` on.
  func speak(from time: Instant) {
    let first = (time - epoch).nanoseconds / 1_000 * 48 / 1_000
    for index in samples.indices { samples[index] = sound.sample(first + Int64(index)) }
    guard let packet = actor.sound.vacant() else { return }
    let result = try? samples.withUnsafeBufferPointer { samples in
      try packet.bytes.withUnsafeMutableBytes { try encoder.encode(samples, into: $0) }
    }
    guard let result else { return actor.sound.push(empty(packet)) }
    packet.count = result.needsSending ? result.byteCount : 0
    packet.timestamp = VoiceTrack.timestamp(time)
    packet.startsTalkspurt = isInSilence && result.needsSending
    packet.level = RTPAudioLevel(voice: result.voiceActivity, level: result.audioLevel)
    isInSilence = !result.needsSending
    actor.sound.push(packet)
  }

  private func empty(_ packet: SoundFeed.Packet) -> SoundFeed.Packet {
    packet.count = 0
    return packet
  }
}
