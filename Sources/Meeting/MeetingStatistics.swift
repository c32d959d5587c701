import Audio

/// What has happened to a meeting's media, for diagnostics and measurements.
public struct MeetingStatistics: Hashable, Sendable {
  /// The room's camera; nil without one.
  public var camera: CameraStatistics?
  /// The room's screen; nil without one.
  public var screen: ScreenStatistics?
  /// The received video tracks, by the server's identifier of the track.
  public var videos: [String: RemoteVideoStatistics] = [:]
  /// How many sounds are received.
  public var audioTrackCount = 0
  /// The room's own sound: what its audio thread has done, and what the microphones' front end knows of the room.
  public var audio = AudioPipelineStatistics()

  /// Nothing has happened.
  public init() {}
}

extension Meeting {
  /// What has happened so far; nil before media begins and after it has ended.
  public func statistics() async -> MeetingStatistics? {
    await media?.statistics
  }
}
