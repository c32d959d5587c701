/// The header extensions that Salle speaks, with the identifiers that it gives them in offers of its own: within 1 to 14,
/// so that one-byte headers do (RFC 8285 §4.2).
enum SupportedHeaderExtensions {
  private static let offeredIDs: KeyValuePairs<RTPHeaderExtensionKind, UInt16> = [
    .mid: 1, .rid: 2, .repairedRid: 3, .audioLevel: 4, .transportSequenceNumber: 5, .absoluteSendTime: 6,
    .absoluteCaptureTime: 7, .playoutDelay: 8, .dependencyDescriptor: 9,
  ]

  private static func serves(_ kind: RTPHeaderExtensionKind, _ media: MediaKind) -> Bool {
    switch kind {
    case .mid, .absoluteCaptureTime: true
    case .audioLevel: media == .audio
    case .rid, .repairedRid, .transportSequenceNumber, .absoluteSendTime, .playoutDelay, .dependencyDescriptor:
      media == .video
    }
  }

  /// What an offer lists for a section.
  static func offer(_ media: MediaKind) -> [RTPHeaderExtensionParameters] {
    offeredIDs.filter { serves($0.key, media) }.map { RTPHeaderExtensionParameters(id: $0.value, uri: $0.key.uri) }
  }

  /// The URIs that an answer may accept for a section.
  static func uris(_ media: MediaKind) -> Set<String> {
    Set(offeredIDs.lazy.map(\.key).filter { serves($0, media) }.map(\.uri))
  }
}
