import LiveKitMessages
import Realtime
import SwiftProtobuf
import WebRTC

extension ClientSession {
  /// Tells the client an address of the room.
  func trickle(_ line: String, mid: String, fragment: String, target: LKSignalTarget) {
    guard !isMediaBlocked else { return }
    let candidate = CandidateInit(candidate: line, sdpMid: mid, sdpMLineIndex: 0, usernameFragment: fragment)
    write?(
      .trickle(
        .with {
          $0.candidateInit = candidate.json
          $0.target = target
        }))
  }

  /// An address of the client.
  func receive(_ trickle: LKTrickleRequest) {
    guard !isMediaBlocked else { return }
    guard let candidate = CandidateInit(json: trickle.candidateInit) else {
      return refuse(.unclassifiedError, "the candidate can't be read") { $0.trickle = trickle }
    }
    let target = usesOneConnection ? .publisher : trickle.target
    guard describedTargets.contains(target) else {
      guard (remoteCandidates[target]?.count ?? 0) < Self.pendingCandidateLimit else { return }
      remoteCandidates[target, default: []].append(candidate.candidate)
      return
    }
    add(candidate.candidate, to: target)
  }

  private func add(_ line: String, to target: LKSignalTarget) {
    let peer = target == .publisher ? publisher : subscriber
    // One that can't be used is passed over.
    try? peer.connection.addRemoteCandidate(line, at: MonotonicClock.now)
    peer.flush()
  }

  /// The client's description for a connection has come; addresses that waited for it are of use now.
  func describe(_ target: LKSignalTarget) {
    describedTargets.insert(target)
    for line in remoteCandidates.removeValue(forKey: target) ?? [] { add(line, to: target) }
  }
}
