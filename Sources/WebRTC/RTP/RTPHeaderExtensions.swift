import Realtime

/// The values of a packet's header extensions, each nil when the packet doesn't carry it.
///
/// What has no fixed length is told by where in the packet it lies, so that a header costs no memory of its own; when
/// writing, it is given beside the header (`RTPHeader.write`) and ignored here.
public struct RTPHeaderExtensions: Hashable, Sendable {
  /// Identification of the media description, UTF-8 (RFC 9143).
  public var mid: PacketRange?
  /// Identifier of the simulcast layer, UTF-8 (RFC 8852).
  public var rid: PacketRange?
  /// Identifier of the simulcast layer that an RTX packet repairs, UTF-8 (RFC 8852).
  public var repairedRid: PacketRange?
  /// How loud the packet's audio is (RFC 6464).
  public var audioLevel: RTPAudioLevel?
  /// The packet's number among all of the transport's packets.
  public var transportSequenceNumber: UInt16?
  /// When the packet was sent: seconds in 6.18 fixed point, modulo 64 s; 24 bits.
  public var absoluteSendTime: UInt32?
  /// When the first of the packet's samples was captured.
  public var absoluteCaptureTime: AbsoluteCaptureTime?
  /// The playout delay that the sender wishes from this packet on.
  public var playoutDelay: PlayoutDelay?
  /// The dependency descriptor.
  public var dependencyDescriptor: PacketRange?

  /// No extension at all.
  public init() {}

  /// The value of `absoluteSendTime` for a packet that is sent at `instant`.
  public static func absoluteSendTime(at instant: Instant) -> UInt32 {
    let nanoseconds = instant.nanoseconds % 64_000_000_000
    return UInt32(truncatingIfNeeded: (nanoseconds << 18) / 1_000_000_000) & 0xFF_FFFF
  }
}

/// How loud an audio packet is (RFC 6464 section 3).
public struct RTPAudioLevel: Hashable, Sendable {
  /// Whether the sender believes that the packet contains voice.
  public var voice: Bool
  /// −dBov: 0 is the loudest, 127 is silence.
  public var level: UInt8

  /// The level `level`, in −dBov and at most 127, with or without `voice`.
  public init(voice: Bool, level: UInt8) {
    self.voice = voice
    self.level = min(level, 127)
  }
}

/// When a packet's first sample was captured.
public struct AbsoluteCaptureTime: Hashable, Sendable {
  /// On the capturing system's NTP clock.
  public var time: NTPTime
  /// The capturing system's clock minus the sending system's, in 1/2³² s; nil when the sender doesn't know it.
  public var clockOffset: Int64?

  /// The capture time `time`, with the clocks' difference where known.
  public init(time: NTPTime, clockOffset: Int64? = nil) {
    self.time = time
    self.clockOffset = clockOffset
  }
}

/// The range of playout delays that a sender wishes.
public struct PlayoutDelay: Hashable, Sendable {
  /// Milliseconds, carried as a multiple of 10 and at most 40,950.
  public var minimum: Int
  /// Milliseconds, carried as a multiple of 10 and at most 40,950.
  public var maximum: Int

  /// The range from `minimum` to `maximum`, in milliseconds.
  public init(minimum: Int, maximum: Int) {
    self.minimum = minimum
    self.maximum = maximum
  }
}

/// Some of a packet's bytes.
public struct PacketRange: Hashable, Sendable {
  // No packet is longer than 16 bits tell, and headers with many ranges are copied often.
  private var storedOffset: UInt16
  private var storedCount: UInt16

  /// The first byte, counted from the packet's start; at most 65,535.
  public var offset: Int {
    get { Int(storedOffset) }
    set { storedOffset = UInt16(clamping: newValue) }
  }
  /// How many bytes; at most 65,535.
  public var count: Int {
    get { Int(storedCount) }
    set { storedCount = UInt16(clamping: newValue) }
  }

  /// The `count` bytes from `offset` on.
  public init(offset: Int, count: Int) {
    storedOffset = UInt16(clamping: offset)
    storedCount = UInt16(clamping: count)
  }

  /// These bytes of `packet`; empty when the packet is too short to be the one that this range is of.
  public func bytes(of packet: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard count > 0, offset <= packet.count, count <= packet.count - offset else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return packet.part(at: offset, count: count)
  }

  /// These bytes of `packet` as text.
  public func text(of packet: UnsafeRawBufferPointer) -> String { String(decoding: bytes(of: packet), as: UTF8.self) }
}

/// The identifiers that a packet is to carry.
public struct RTPHeaderExtensionTexts: Hashable, Sendable {
  /// Identification of the media description; nil for none.
  public var mid: String?
  /// Identifier of the simulcast layer; nil for none.
  public var rid: String?
  /// Identifier of the simulcast layer that an RTX packet repairs; nil for none.
  public var repairedRid: String?

  /// Those that aren't nil.
  public init(mid: String? = nil, rid: String? = nil, repairedRid: String? = nil) {
    self.mid = mid
    self.rid = rid
    self.repairedRid = repairedRid
  }
}
