/// What a `VideoFrameAssembler` has done since it was made.
public struct VideoAssemblyStatistics: Hashable, Sendable {
  /// Frames handed on.
  public var framesAssembled = 0
  /// Key frames among them.
  public var keyFramesAssembled = 0
  /// Frames dropped because packets of theirs were lost for good.
  public var framesDroppedLostPackets = 0
  /// Complete frames dropped because a frame that they refer to was not handed on.
  public var framesDroppedMissingReference = 0
  /// Frames dropped while waiting for a key frame.
  public var framesDroppedAwaitingKeyFrame = 0
  /// Frames dropped because the window was full.
  public var framesDroppedOverflow = 0
  /// Frames handed on without their upper spatial layers, which were lost or lacked a reference.
  public var framesReduced = 0
  /// Packets that came after their place had been given up.
  public var packetsLate = 0
  /// Packets that came again.
  public var packetsDuplicate = 0
  /// Packets whose payload couldn't be read.
  public var packetsMalformed = 0
  /// How often a key frame came to be needed.
  public var keyFramesNeeded = 0

  /// Nothing done.
  public init() {}
}
