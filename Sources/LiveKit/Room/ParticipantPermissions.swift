import LiveKitMessages

/// What the server lets a participant do.
public struct ParticipantPermissions: Hashable, Sendable {
  /// Whether it may receive others' tracks.
  public var canSubscribe: Bool
  /// Whether it may publish at all.
  public var canPublish: Bool
  /// Whether it may send data: chat, reactions.
  public var canPublishData: Bool
  /// The sources it may publish; empty means all of them, as long as `canPublish`.
  public var publishableSources: Set<TrackSource>
  /// Whether it may change its own metadata and attributes.
  public var canUpdateMetadata: Bool
  /// Whether the others don't see it.
  public var isHidden: Bool

  /// Whether tracks of `source` may be published.
  public func allowsPublishing(_ source: TrackSource) -> Bool {
    canPublish && (publishableSources.isEmpty || publishableSources.contains(source))
  }

  /// Of a participant whose permissions the server doesn't tell: everything, as the server refuses what it must.
  init() {
    canSubscribe = true
    canPublish = true
    canPublishData = true
    publishableSources = []
    canUpdateMetadata = true
    isHidden = false
  }

  init(_ message: LKParticipantPermission) {
    canSubscribe = message.canSubscribe
    canPublish = message.canPublish
    canPublishData = message.canPublishData
    publishableSources = Set(message.canPublishSources.map(TrackSource.init))
    canUpdateMetadata = message.canUpdateMetadata
    isHidden = message.hidden
  }
}
