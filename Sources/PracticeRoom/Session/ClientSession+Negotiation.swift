import LiveKitMessages
import Logging
import NIOCore
import Realtime
import SwiftProtobuf
import WebRTC

extension ClientSession {
  /// The client's offer: of what it publishes, and with one connection also of the sections in which it receives.
  func receiveOffer(_ offer: LKSessionDescription) {
    let now = MonotonicClock.now
    do {
      try publisher.connection.setRemoteOffer(passing(Self.withoutUnusedDescriptors(offer.sdp)), at: now)
      if usesOneConnection { placeSubscriptions() }
      let answer = passing(try publisher.connection.createAnswer(at: now))
      learnFormats(answer)
      write?(
        .answer(
          .with {
            $0.type = "answer"
            $0.sdp = answer
            $0.id = offer.id
            if usesOneConnection { $0.midToTrackID = trackMap }
          }))
      describe(.publisher)
      publisher.flush()
    } catch {
      return negotiationFailed(error)
    }
    if usesOneConnection { negotiated(at: now) }
  }

  /// The client's answer to our offer.
  func receiveAnswer(_ answer: LKSessionDescription) {
    guard !usesOneConnection, isOfferOutstanding, answer.id == 0 || answer.id == offerID else { return }
    let now = MonotonicClock.now
    do {
      try subscriber.connection.setRemoteAnswer(passing(answer.sdp), at: now)
    } catch {
      return negotiationFailed(error)
    }
    describe(.subscriber)
    subscriber.flush()
    negotiated(at: now)
  }

  /// What the client receives is agreed on: it may begin, from a key frame on.
  private func negotiated(at now: Instant) {
    isOfferOutstanding = false
    for subscription in subscriptions.values { subscription.negotiated(at: now) }
    if needsOffer { negotiateSoon() }
  }

  /// A description with the dependency descriptor extension in sections of VP9 only. A sender of VP8 that may use it
  /// leaves out of the payload descriptors what stands in it, and there the room reads those alone.
  private static func withoutUnusedDescriptors(_ sdp: String) -> String {
    var sections: [[Substring]] = [[]]
    for line in sdp.split(separator: "\r\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("m=") { sections.append([]) }
      sections[sections.count - 1].append(line)
    }
    return sections.flatMap { lines in
      let isVP9 = prefersVP9(lines)
      return lines.filter {
        isVP9 || !($0.hasPrefix("a=extmap:") && $0.contains("#dependency-descriptor-rtp-header-extension"))
      }
    }.joined(separator: "\r\n")
  }

  /// Whether the first payload type in a section's m-line is VP9's.
  private static func prefersVP9(_ lines: [Substring]) -> Bool {
    guard let fields = lines.first?.split(separator: " "), fields.first == "m=video", fields.count > 3 else {
      return false
    }
    let name = lines.first { $0.hasPrefix("a=rtpmap:\(fields[3]) ") }
    return name?.lowercased().contains(" vp9/") == true
  }

  /// A description as it passes between room and client: without addresses where no media is to pass.
  private func passing(_ sdp: String) -> String {
    guard isMediaBlocked else { return sdp }
    let lines = sdp.split(separator: "\r\n", omittingEmptySubsequences: false)
    return lines.filter { !$0.hasPrefix("a=candidate:") }.joined(separator: "\r\n")
  }

  private func negotiationFailed(_ error: any Error) {
    logger.warning("a description can't be used", metadata: ["error": "\(error)"])
    write?(
      .leave(
        .with {
          $0.reason = .stateMismatch
          $0.action = .reconnect
        }))
    room.remove(member, reason: .stateMismatch, tells: false)
  }

  /// Has the present wishes negotiated, those that come soon after with them.
  func negotiateSoon() {
    guard !isOfferScheduled, !isEnded else { return }
    isOfferScheduled = true
    let session = NIOLoopBound(self, eventLoop: room.eventLoop)
    room.eventLoop.scheduleTask(in: Self.negotiationDelay) { session.value.negotiate() }
  }

  private func negotiate() {
    isOfferScheduled = false
    guard needsOffer, !isOfferOutstanding, !isEnded else { return }
    if usesOneConnection { askForOffer() } else { offer() }
  }

  private func offer() {
    guard let sdp = try? subscriber.connection.createOffer(at: MonotonicClock.now) else { return }
    needsOffer = false
    isOfferOutstanding = true
    offerID &+= 1
    write?(
      .offer(
        .with {
          $0.type = "offer"
          $0.sdp = passing(Self.withoutUnusedDescriptors(sdp))
          $0.id = offerID
          $0.midToTrackID = trackMap
        }))
    subscriber.flush()
  }

  /// With one connection only the client offers: it is asked to, with as many sections more as are missing.
  private func askForOffer() {
    needsOffer = false
    isOfferOutstanding = true
    write?(
      .mediaSectionsRequirement(
        .with {
          $0.numAudios = missingSections(.audio)
          $0.numVideos = missingSections(.video)
        }))
  }

  private func missingSections(_ kind: MediaKind) -> UInt32 {
    let waiting = subscriptions.values.count { $0.transceiver == nil && $0.track.kind == kind }
    return UInt32(max(waiting - subscriber.connection.vacantTransceiverCount(kind), 0))
  }

  /// Which m-line carries which track.
  private var trackMap: [String: String] {
    var tracks: [String: String] = [:]
    for (sid, subscription) in subscriptions {
      guard let transceiver = subscription.transceiver else { continue }
      if let mid = subscriber.connection.mid(of: transceiver) { tracks[mid] = sid }
    }
    return tracks
  }
}
