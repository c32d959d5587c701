import LiveKitMessages
import Realtime
import SwiftProtobuf

extension ClientSession {
  /// Does what the client asks.
  func handle(_ request: LKSignalRequest) {
    guard !isEnded, let message = request.message else { return }
    switch message {
    case .offer(let offer): receiveOffer(offer)
    case .answer(let answer): receiveAnswer(answer)
    case .trickle(let request): receive(request)
    case .addTrack(let request): addTrack(request)
    case .mute(let request): mute(request)
    case .subscription(let request): updateSubscription(request)
    case .trackSetting(let settings): updateSettings(settings)
    case .leave(let leave): room.remove(member, reason: Self.acceptedReason(leave.reason), tells: false)
    case .ping: write?(.pong(WallClock.milliseconds))
    case .pingReq(let ping):
      write?(
        .pongResp(
          .with {
            $0.lastPingTimestamp = ping.timestamp
            $0.timestamp = WallClock.milliseconds
          }))
    case .updateMetadata(let request): updateMetadata(request)
    case .updateAudioTrack(let request): updateAudioTrack(request)
    case .updateVideoTrack(let request): updateVideoTrack(request)
    case .subscriptionPermission(let permission): room.setPermission(permission, of: member)
    case .simulate, .syncState: break
    }
  }

  static func acceptedReason(_ reason: LKDisconnectReason) -> LKDisconnectReason {
    switch reason {
    case .clientInitiated, .userUnavailable, .userRejected, .agentError: reason
    default: .clientInitiated
    }
  }

  func updateMetadata(_ request: LKUpdateParticipantMetadata) {
    guard member.grant.canUpdateOwnMetadata ?? false else {
      return refuse(.notAllowed, "does not have permission to update own metadata", id: request.requestID) {
        $0.updateMetadata = request
      }
    }
    room.update(member) { info in
      if !request.name.isEmpty { info.name = String(request.name.prefix(256)) }
      if !request.metadata.isEmpty { info.metadata = request.metadata }
      for (key, value) in request.attributes { info.attributes[key] = value.isEmpty ? nil : value }
    }
    write?(
      .requestResponse(
        .with {
          $0.requestID = request.requestID
          $0.reason = .ok
        }))
  }

  /// Answers that a request isn't fulfilled.
  func refuse(
    _ reason: LKRequestResponse.Reason, _ message: String, id: UInt32 = 0, _ fill: (inout LKRequestResponse) -> Void
  ) {
    write?(
      .requestResponse(
        .with {
          $0.requestID = id
          $0.reason = reason
          $0.message = message
          fill(&$0)
        }))
  }
}
