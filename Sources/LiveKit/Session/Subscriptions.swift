import LiveKitMessages
import SwiftProtobuf
import Realtime

/// The tracks that arrive, and what the layout wants of them.
struct Subscriptions: Sendable {
  /// How long settings must rest before they are sent, so that an animated layout doesn't flood the server.
  static let settingsDelay = Duration.milliseconds(100)
  /// The most m-lines and settings that are kept: more than a server subscribes anyone to.
  static let maximumTracks = 1_024

  private struct Receiver: Hashable {
    let connection: PeerConnectionRole
    let mid: String
  }

  private struct Settings {
    var wanted: TrackSettings
    var sent: TrackSettings?
    var due: Instant
  }

  private var incoming: [Receiver: IncomingTrack] = [:]
  private var subscribed: [Receiver: SubscribedTrack] = [:]
  private var midToTrackSID: [String: String] = [:]
  private var settings: [String: Settings] = [:]

  var nextDeadline: Instant {
    settings.values.filter { $0.wanted != $0.sent }.map(\.due).min() ?? .distantFuture
  }

  // MARK: Receiving

  /// The server's map from m-line to track: with one peer connection the only one to trust.
  mutating func describe(_ midToTrackSID: [String: String]) {
    self.midToTrackSID = midToTrackSID
  }

  /// A peer connection announced a track. It's subscribed once its publisher has been announced too, in either order.
  mutating func add(_ track: IncomingTrack, on connection: PeerConnectionRole) {
    guard incoming.count < Self.maximumTracks else { return }
    incoming[Receiver(connection: connection, mid: track.mid)] = track
  }

  /// Nothing arrives on the m-line any more.
  mutating func remove(mid: String, on connection: PeerConnectionRole) {
    incoming[Receiver(connection: connection, mid: mid)] = nil
  }

  /// Compares what arrives with what is known to be published and tells the difference.
  mutating func reconcile(_ table: inout ParticipantTable) -> [SessionAction] {
    var current: [Receiver: SubscribedTrack] = [:]
    for (receiver, track) in incoming {
      let sid = receiver.connection == .publisher ? midToTrackSID[receiver.mid] ?? track.trackID : track.trackID
      guard let (publication, participant) = table.room.remoteTrack(sid: sid), publication.kind == track.kind else {
        continue
      }
      current[receiver] = SubscribedTrack(
        sid: sid, participantIdentity: participant.identity, participantSID: participant.sid, kind: track.kind,
        source: publication.source, connection: receiver.connection, mid: receiver.mid)
    }
    guard current != subscribed else { return [] }
    var actions: [SessionAction] = []
    let ended = subscribed.filter { current[$0.key] != $0.value }.values.sorted { $0.sid < $1.sid }
    let begun = current.filter { subscribed[$0.key] != $0.value }.values.sorted { $0.sid < $1.sid }
    subscribed = current
    for track in ended {
      _ = table.modifyTrack(sid: track.sid) { $0.isSubscribed = false }
      actions.append(.emit(.trackUnsubscribed(track)))
    }
    for track in begun {
      _ = table.modifyTrack(sid: track.sid) {
        $0.isSubscribed = true
        $0.failure = nil
      }
      actions.append(.emit(.trackSubscribed(track)))
    }
    return actions
  }

  /// The session is over.
  mutating func close() -> [SessionAction] {
    defer { self = Subscriptions() }
    return subscribed.values.sorted { $0.sid < $1.sid }.map { .emit(.trackUnsubscribed($0)) }
  }

  // MARK: Settings

  /// How the layout shows a track. Showing what was hidden goes out at once, everything else when it has rested.
  mutating func set(_ wanted: TrackSettings, for sid: String, at now: Instant) -> [SessionAction] {
    guard settings[sid] != nil || settings.count < Self.maximumTracks else { return [] }
    let earlier = settings[sid]
    let isShownAgain = earlier?.sent?.isDisabled == true && !wanted.isDisabled
    let due = isShownAgain || earlier == nil ? now : now + Self.settingsDelay
    settings[sid] = Settings(wanted: wanted, sent: earlier?.sent, due: due)
    return settingsDue(at: now)
  }

  /// The settings that have rested long enough.
  mutating func settingsDue(at now: Instant) -> [SessionAction] {
    var actions: [SessionAction] = []
    for sid in settings.keys.sorted() {
      guard let entry = settings[sid], entry.wanted != entry.sent, entry.due <= now else { continue }
      settings[sid]?.sent = entry.wanted
      actions.append(.send(Self.message(entry.wanted, sid: sid)))
    }
    return actions
  }

  /// The track is gone.
  mutating func forget(sid: String) {
    settings[sid] = nil
  }

  private static func message(_ settings: TrackSettings, sid: String) -> LKSignalRequest {
    .with {
      $0.trackSetting.trackSids = [sid]
      $0.trackSetting.disabled = settings.isDisabled
      $0.trackSetting.quality = .high
      $0.trackSetting.width = UInt32(clamping: settings.width)
      $0.trackSetting.height = UInt32(clamping: settings.height)
      $0.trackSetting.fps = UInt32(clamping: settings.framesPerSecond)
      $0.trackSetting.priority = UInt32(clamping: settings.priority)
    }
  }
}
