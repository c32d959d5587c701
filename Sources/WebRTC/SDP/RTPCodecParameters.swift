/// One payload type of a media section: codec, parameters and feedback (RFC 8866 §6.6, RFC 4585 §4.2).
public struct RTPCodecParameters: Hashable, Sendable {
  /// The payload type, 0 to 127.
  public var payloadType: UInt8
  /// The codec's name as written, such as `VP8` or `opus`; compared without regard to case. Empty when the peer lists
  /// a dynamic payload type without saying what it is: then nothing matches it.
  public var name: String
  /// The RTP clock rate, Hz.
  public var clockRate: UInt32
  /// The number of audio channels; 1 for video.
  public var channels: UInt8
  /// The format parameters (`fmtp`) in their order.
  public var formatParameters: [FormatParameter]
  /// The RTCP feedback that may be sent for it, such as `nack pli`; each as written after the payload type.
  public var feedback: [String]

  /// The codec `name` as the payload type `payloadType`.
  public init(
    payloadType: UInt8, name: String, clockRate: UInt32, channels: UInt8 = 1,
    formatParameters: [FormatParameter] = [], feedback: [String] = []
  ) {
    self.payloadType = payloadType
    self.name = name
    self.clockRate = clockRate
    self.channels = channels
    self.formatParameters = formatParameters
    self.feedback = feedback
  }

  /// The value of the format parameter `name`.
  public func formatParameter(_ name: String) -> String? {
    formatParameters.first { SDPText.equal($0.name, name) }?.value
  }

  /// Whether the codec's name is `name`, in either case.
  public func isNamed(_ name: String) -> Bool { SDPText.equal(self.name, name) }

  /// Whether it only repeats packets of another payload type (RFC 4588).
  public var isRetransmission: Bool { isNamed("rtx") }
  /// Whether it wraps another payload type with redundant copies (RFC 2198).
  public var isRedundancy: Bool { isNamed("red") }

  /// The payload type that a retransmission belongs to (`apt`, RFC 4588 §8.1).
  public var associatedPayloadType: UInt8? {
    isRetransmission ? formatParameter("apt").flatMap { UInt8($0) } : nil
  }

  /// The payload types that redundancy wraps, in the order of its blocks (`111/111`, RFC 2198 §5).
  public var redundantPayloadTypes: [UInt8] {
    guard isRedundancy, let list = formatParameters.first(where: { $0.value == nil })?.name else { return [] }
    return list.utf8.split(separator: UInt8(ascii: "/")).compactMap { UInt8(Substring($0)) }
  }
}

/// One parameter of `fmtp` or `rid`.
public struct FormatParameter: Hashable, Sendable {
  /// Its name; the whole text where the codec's parameters aren't `name=value` pairs.
  public var name: String
  /// What follows the equals sign.
  public var value: String?

  /// The parameter `name`.
  public init(_ name: String, _ value: String? = nil) {
    self.name = name
    self.value = value
  }
}

/// A numbered RTP header extension (RFC 8285 §5).
public struct RTPHeaderExtensionParameters: Hashable, Sendable {
  /// The number on the wire: 1 to 14 fit one-byte headers, up to 255 two-byte headers; 4096 and up are provisional.
  public var id: UInt16
  /// What it is.
  public var uri: String
  /// Which way it is used; nil for the section's direction.
  public var direction: MediaDirection?
  /// Further parameters as written.
  public var attributes: String?

  /// The extension `uri` under the number `id`.
  public init(id: UInt16, uri: String, direction: MediaDirection? = nil, attributes: String? = nil) {
    self.id = id
    self.uri = uri
    self.direction = direction
    self.attributes = attributes
  }
}
