import LiveKitMessages
import Realtime
import WebRTC

/// Watches every camera in its best quality without being seen, so that all layers are wanted. Confined to the room's
/// event loop.
final class Spectator: PracticePublisher {
  private final class Eye: TrackListener {
    private unowned let track: PublishedTrack
    // All layers up to this one are kept.
    var targetLayer: Int? { track.layerCount - 1 }

    init(_ track: PublishedTrack) { self.track = track }

    func receive(_ packet: MediaPacket) {}
    func missingKeyFrameLayer(at now: Instant) -> Int? { nil }
    func synchronize(layer: Int, _ clock: TimestampRewriter.Clock, at now: Instant) {}
  }

  private var eyes: [String: Eye] = [:]

  /// Puts the spectator into the room.
  init(room: MeetingRoom) {
    super.init(identity: "practice-spectator", name: "", room: room, isHidden: true)
  }

  override func subscribe(to track: PublishedTrack) {
    guard track.kind == .video else { return }
    let eye = Eye(track)
    eyes[track.info.sid] = eye
    track.add(eye)
  }

  override func unsubscribe(from track: PublishedTrack) {
    if let eye = eyes.removeValue(forKey: track.info.sid) { track.remove(eye) }
  }
}
