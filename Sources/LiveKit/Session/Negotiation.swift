import LiveKitMessages
import SwiftProtobuf
import Realtime

/// Offers, answers and candidates of one peer connection.
///
/// Of the two sides of a peer connection only one ever makes offers here, so glare can't happen. Our own offers are
/// numbered from 1 and there is one at a time: what comes up meanwhile waits for its answer. Descriptions go out before
/// their candidates, and candidates that come in before their description wait.
///
/// The second offer waits for the path that the first one makes. A server that gets it while its ICE isn't under way yet
/// takes our credentials for new ones and restarts ICE while it still gathers; on a busy machine it then ends up without
/// a socket for the credentials it answered with, and the path never comes up (seen with LiveKit 1.11, pion ice 4).
/// Nothing is lost by waiting: no media flows without the path.
struct Negotiation: Sendable {
  /// How long the server may take to answer.
  static let answerTimeout = Duration.seconds(15)
  /// How long the second offer waits for the path. A path that takes longer needs relays; servers have begun by then.
  static let pathTimeout = Duration.seconds(5)
  /// The most candidates that wait, in either direction: some twenty interfaces in IPv4 and IPv6.
  static let maximumCandidates = 128

  let role: PeerConnectionRole
  /// When the server has taken too long to answer.
  private(set) var deadline = Instant.distantFuture
  /// When the second offer no longer waits for the path.
  private(set) var pathDeadline = Instant.distantFuture

  private var offerID: UInt32 = 0
  private var isOffering = false
  private var isOfferNeeded = false
  private var mayRenegotiate = false
  private var changes: [SessionAction] = []
  private var hasDescribed = false
  private var waitingLocal: [ICECandidateMessage] = []
  private var remoteFragments: Set<String>?
  private var waitingRemote: [ICECandidateMessage] = []

  init(role: PeerConnectionRole) {
    self.role = role
  }

  private var target: LKSignalTarget { role == .publisher ? .publisher : .subscriber }

  // MARK: We offer

  /// Makes `changes` part of the next offer, which is made as soon as none is out.
  mutating func offer(_ changes: [SessionAction] = []) -> [SessionAction] {
    self.changes += changes
    isOfferNeeded = true
    return offerIfPossible()
  }

  /// The path is there.
  mutating func transportConnected() -> [SessionAction] {
    mayRenegotiate = true
    pathDeadline = .distantFuture
    return offerIfPossible()
  }

  /// Stops waiting for the path if it is time for that.
  mutating func pathTimeout(at now: Instant) -> [SessionAction] {
    pathDeadline <= now ? transportConnected() : []
  }

  private mutating func offerIfPossible() -> [SessionAction] {
    guard isOfferNeeded, !isOffering, offerID == 0 || mayRenegotiate else { return [] }
    isOfferNeeded = false
    isOffering = true
    defer { changes = [] }
    return changes + [.createOffer(role)]
  }

  /// The peer connection made the offer.
  mutating func offerCreated(_ sdp: String, at now: Instant) -> [SessionAction] {
    guard isOffering else { return [] }
    offerID = offerID == .max ? 1 : offerID + 1
    deadline = now + Self.answerTimeout
    let id = offerID
    return [
      .send(
        .with {
          $0.offer.type = "offer"
          $0.offer.sdp = sdp
          $0.offer.id = id
        })
    ] + described()
  }

  /// The server's answer; nil when it belongs to an earlier offer. An answer without a number is taken for the newest.
  mutating func answerReceived(_ answer: LKSessionDescription, at now: Instant) -> [SessionAction]? {
    guard isOffering, deadline != .distantFuture, answer.id == 0 || answer.id == offerID else { return nil }
    isOffering = false
    deadline = .distantFuture
    if !mayRenegotiate { pathDeadline = now + Self.pathTimeout }
    return [.setRemoteAnswer(role, sdp: answer.sdp)] + remoteDescribed(answer.sdp) + offerIfPossible()
  }

  // MARK: The server offers

  /// The server's offer.
  mutating func offerReceived(_ offer: LKSessionDescription) -> [SessionAction] {
    [.setRemoteOffer(role, sdp: offer.sdp)] + remoteDescribed(offer.sdp) + [.createAnswer(role, offerID: offer.id)]
  }

  /// The peer connection made the answer.
  mutating func answerCreated(_ sdp: String, offerID: UInt32) -> [SessionAction] {
    [
      .send(
        .with {
          $0.answer.type = "answer"
          $0.answer.sdp = sdp
          $0.answer.id = offerID
        })
    ] + described()
  }

  // MARK: Candidates

  /// The peer connection found an address of ours.
  mutating func localCandidate(_ candidate: ICECandidateMessage) -> [SessionAction] {
    // One that the server can't parse would end the session.
    guard candidate.candidate.hasPrefix("candidate:") else { return [] }
    guard hasDescribed else {
      if waitingLocal.count < Self.maximumCandidates { waitingLocal.append(candidate) }
      return []
    }
    return [trickle(candidate)]
  }

  /// The server trickled a candidate.
  mutating func remoteCandidate(_ candidate: ICECandidateMessage) -> [SessionAction] {
    guard !candidate.candidate.isEmpty else { return [] }
    if let remoteFragments, belongs(candidate, to: remoteFragments) {
      return [.addCandidate(role, candidate.candidate)]
    }
    if waitingRemote.count < Self.maximumCandidates { waitingRemote.append(candidate) }
    return []
  }

  private func trickle(_ candidate: ICECandidateMessage) -> SessionAction {
    .send(
      .with {
        $0.trickle.candidateInit = candidate.json
        $0.trickle.target = target
      })
  }

  private mutating func described() -> [SessionAction] {
    hasDescribed = true
    defer { waitingLocal = [] }
    return waitingLocal.map { trickle($0) }
  }

  private mutating func remoteDescribed(_ sdp: String) -> [SessionAction] {
    let fragments = Self.usernameFragments(in: sdp)
    remoteFragments = fragments
    // Those of another generation are of an earlier one: nothing needs them any more.
    defer { waitingRemote = [] }
    return waitingRemote.filter { belongs($0, to: fragments) }.map { .addCandidate(role, $0.candidate) }
  }

  private func belongs(_ candidate: ICECandidateMessage, to fragments: Set<String>) -> Bool {
    guard let fragment = candidate.usernameFragment, !fragment.isEmpty, !fragments.isEmpty else { return true }
    return fragments.contains(fragment)
  }

  private static func usernameFragments(in sdp: String) -> Set<String> {
    var fragments: Set<String> = []
    for line in sdp.split(whereSeparator: \.isNewline) where line.hasPrefix("a=ice-ufrag:") {
      fragments.insert(String(line.dropFirst("a=ice-ufrag:".count)))
    }
    return fragments
  }
}
