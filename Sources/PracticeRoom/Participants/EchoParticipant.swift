import DequeModule
import LiveKitMessages
import NIOCore
import Realtime
import WebRTC

/// Returns what it hears two seconds later: the microphone of whoever speaks, as packets, so that nothing is added or
/// lost on the way. Confined to the room's event loop.
final class EchoParticipant: PracticePublisher, TrackOrigin {
  /// How long it waits.
  static let delay = Duration.seconds(2)
  /// Packets kept at most: the delay at 50 a second, and as many again.
  static let capacity = 256

  private struct Kept {
    var buffer: PacketBuffer
    var codec: MediaCodec
    var sequenceNumber: Int64
    var timestamp: UInt32
    var marker: Bool
    var isNewSource: Bool
    var due: Instant
  }

  private final class Ear: TrackListener {
    let track: PublishedTrack
    unowned let echo: EchoParticipant
    var targetLayer: Int? { nil }

    init(_ track: PublishedTrack, _ echo: EchoParticipant) {
      self.track = track
      self.echo = echo
    }

    func receive(_ packet: MediaPacket) { echo.hear(packet, by: self) }
    func missingKeyFrameLayer(at now: Instant) -> Int? { nil }
    func synchronize(layer: Int, _ clock: TimestampRewriter.Clock, at now: Instant) {}
  }

  private var ears: [String: Ear] = [:]
  private var followed: Ear?
  private var hasSwitched = false
  private var kept = Deque<Kept>()
  private let pool = PacketPool()
  private var output: PublishedTrack?
  private var sequence = SequenceRewriter()
  private var timestamps = TimestampRewriter(rate: 48_000)

  /// Puts the echo into the room.
  init(room: MeetingRoom) {
    super.init(identity: "practice-echo", name: "Écho", room: room)
    output = publish(.audio, mimeType: "audio/opus", origin: self)
  }

  override func subscribe(to track: PublishedTrack) {
    // The room's own participants speak to themselves.
    guard track.kind == .audio, !track.publisher.hasPrefix("practice-") else { return }
    let ear = Ear(track, self)
    ears[track.info.sid] = ear
    track.add(ear)
  }

  override func unsubscribe(from track: PublishedTrack) {
    guard let ear = ears.removeValue(forKey: track.info.sid) else { return }
    track.remove(ear)
    if followed === ear { followed = nil }
  }

  private func hear(_ packet: MediaPacket, by ear: Ear) {
    if followed !== ear {
      guard followed == nil || (isSpeaking(ear) && !isSpeaking(followed)) else { return }
      followed = ear
      hasSwitched = true
    }
    guard !packet.payload.isEmpty, kept.count < Self.capacity else { return }
    let buffer = pool.take()
    guard buffer.assign(packet.payload) else { return pool.recycle(buffer) }
    kept.append(
      Kept(
        buffer: buffer, codec: packet.codec, sequenceNumber: packet.sequenceNumber, timestamp: packet.timestamp,
        marker: packet.marker, isNewSource: hasSwitched, due: packet.arrival + Self.delay))
    hasSwitched = false
  }

  private func isSpeaking(_ ear: Ear?) -> Bool {
    guard let ear else { return false }
    return (room.member(identity: ear.track.publisher)?.speech.level ?? 0) > 0
  }

  /// Speaks what is due.
  func pump(at now: Instant) {
    while let next = kept.first, next.due <= now {
      kept.removeFirst()
      if next.isNewSource {
        sequence.beginSource()
        timestamps.beginSource(timestamp: next.timestamp, clock: nil, at: next.due)
      }
      if case .number(let number) = sequence.forward(next.sequenceNumber) {
        member.speech.add(RTPAudioLevel(voice: true, level: 25))
        output?.receive(
          MediaPacket(
            codec: next.codec, sequenceNumber: number, timestamp: timestamps.forward(next.timestamp, at: next.due),
            marker: next.marker, payload: next.buffer.bytes, arrival: now))
      }
      pool.recycle(next.buffer)
    }
  }

  func requestKeyFrame(layer: Int, at now: Instant) {}
  func layerLimitChanged(to layer: Int?) {}
}
