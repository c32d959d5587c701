import Realtime

/// The media of one m-line: what it sends, what it receives, and the endpoints that the owner attached.
final class Transceiver {
  let id: Int
  let kind: MediaKind
  private(set) var sender: MediaSender?
  private(set) var receiver: MediaReceiver?
  private(set) var remoteTrack: RemoteTrack?
  var source: (any MediaSource)?
  var sinks = MediaReceiver.Sinks() {
    didSet { receiver?.sinks = sinks }
  }

  init(id: Int, kind: MediaKind) {
    self.id = id
    self.kind = kind
  }

  /// Becomes what offer and answer agreed on. Streams whose sources are unchanged go on undisturbed.
  func apply(_ agreed: NegotiatedMedia, parameters: TransceiverParameters, random: inout SeededRandom) {
    applySender(agreed, parameters, &random)
    applyReceiver(agreed)
  }

  private func applySender(
    _ agreed: NegotiatedMedia, _ parameters: TransceiverParameters, _ random: inout SeededRandom
  ) {
    guard agreed.direction.sends, let format = MediaSender.Format(agreed) else {
      sender = nil
      return
    }
    if let sender, sender.format == format { return }
    sender = MediaSender(format, agreed, parameters, random: &random)
  }

  private func applyReceiver(_ agreed: NegotiatedMedia) {
    guard agreed.direction.receives else {
      receiver = nil
      remoteTrack = nil
      return
    }
    let track = RemoteTrack(
      transceiver: TransceiverID(index: id), kind: kind, mid: agreed.mid,
      streamID: agreed.remoteStream.map { $0.stream == "-" ? "" : $0.stream } ?? "",
      trackID: agreed.remoteStream?.track ?? "")
    let format = MediaReceiver.Format(agreed)
    // A media server puts another track into an m-line that fell free: nothing of the old one may remain.
    if receiver == nil || receiver?.format != format || track != remoteTrack {
      receiver = MediaReceiver(format, kind: kind, sinks: sinks)
    }
    remoteTrack = track
  }
}
