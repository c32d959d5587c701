/// How a loudspeaker is to be driven.
public struct LoudspeakerProfile: Sendable, Hashable {
  /// Corrects its response.
  public var bands: [EqualiserBand]
  /// The greatest sample that it is sent, in dBFS, -40 to 0: what it still reproduces without distortion or harm.
  public var ceiling: Double

  /// A profile; without anything the loudspeaker gets the sound as it is.
  public init(bands: [EqualiserBand] = [], ceiling: Double = 0) {
    self.bands = bands
    self.ceiling = ceiling.isFinite ? min(0, max(-40, ceiling)) : 0
  }
}
