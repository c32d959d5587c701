import LiveKitMessages
import SwiftProtobuf
import Realtime

extension Session {
  /// How long the server may take to answer a change of our metadata.
  static let metadataTimeout = Duration.seconds(5)

  /// What was asked by the session's user; nil when `event` is something else.
  mutating func handleRequest(_ event: SessionEvent, at now: Instant) -> [SessionAction]? {
    switch event {
    case .publish(let track, let request):
      guard isJoined else { return [.finish(request, .failed(notJoinedError))] }
      return publish(track, request, at: now)
    case .unpublish(let cid, let request):
      guard isJoined else { return [.finish(request, .failed(notJoinedError))] }
      return unpublish(cid, request)
    case .setMuted(let cid, let isMuted, let request):
      guard isJoined else { return [.finish(request, .failed(notJoinedError))] }
      return setMuted(cid, isMuted, request)
    case .setTrackSettings(let sid, let settings):
      // A track that's gone has nothing to set; its successor has another SID.
      guard isJoined, room?.remoteTrack(sid: sid) != nil else { return [] }
      return subscriptions.set(settings, for: sid, at: now)
    case .setSubscribed(let sids, let isSubscribed):
      guard isJoined, !sids.isEmpty else { return [] }
      return [
        .send(
          .with {
            $0.subscription.trackSids = sids
            $0.subscription.subscribe = isSubscribed
          })
      ]
    case .updateMetadata(let metadata, let request):
      guard isJoined else { return [.finish(request, .failed(notJoinedError))] }
      return updateMetadata(metadata, request, at: now)
    default:
      return nil
    }
  }

  private var notJoinedError: LiveKitError {
    if case .closed(let reason) = state { return .closed(reason) }
    return .notConnected
  }

  private mutating func publish(_ track: LocalTrack, _ request: RequestID, at now: Instant) -> [SessionAction] {
    guard room?.localParticipant.permissions.allowsPublishing(track.source) == true else {
      return [.finish(request, .failed(.notAllowed))]
    }
    return publications.publish(track, codecs: enabledCodecs, request: request, at: now)
  }

  private mutating func unpublish(_ cid: String, _ request: RequestID) -> [SessionAction] {
    guard let (changes, actions) = publications.unpublish(cid: cid) else {
      return [.finish(request, .failed(.unknownTrack))]
    }
    return actions + (changes.isEmpty ? [] : negotiate(changes)) + [.finish(request, .done)]
  }

  private mutating func setMuted(_ cid: String, _ isMuted: Bool, _ request: RequestID) -> [SessionAction] {
    guard let actions = publications.setMuted(cid: cid, isMuted) else {
      return [.finish(request, .failed(.unknownTrack))]
    }
    return actions + [.finish(request, .done)]
  }

  private mutating func updateMetadata(
    _ metadata: LKUpdateParticipantMetadata, _ request: RequestID, at now: Instant
  ) -> [SessionAction] {
    guard metadataRequests.count < 64 else { return [.finish(request, .failed(.limitExceeded))] }
    metadataRequests[request.number] = (request, now + Self.metadataTimeout)
    return [
      .send(
        .with {
          $0.updateMetadata = metadata
          $0.updateMetadata.requestID = request.number
        })
    ]
  }
}
