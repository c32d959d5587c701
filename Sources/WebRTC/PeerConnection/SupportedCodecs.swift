/// The codecs that Salle speaks, as it writes them into session descriptions of its own and knows them in others'.
enum SupportedCodecs {
  // Opus has 111, since LiveKit's server writes that number into the RED packets it makes, whatever was negotiated.
  static let opus = RTPCodecParameters(
    payloadType: 111, name: "opus", clockRate: 48_000, channels: 2,
    formatParameters: [FormatParameter("minptime", "10"), FormatParameter("useinbandfec", "1")], feedback: ["nack"])
  static let red = RTPCodecParameters(
    payloadType: 63, name: "red", clockRate: 48_000, channels: 2, formatParameters: [FormatParameter("111/111")])

  /// RTCP feedback for video (RFC 4585, RFC 5104, draft-alvestrand-rmcat-remb-03,
  /// draft-holmer-rmcat-transport-wide-cc-extensions-01).
  static let videoFeedback = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"]
  static let vp8 = RTPCodecParameters(payloadType: 96, name: "VP8", clockRate: 90_000, feedback: videoFeedback)
  static let vp9 = RTPCodecParameters(
    payloadType: 98, name: "VP9", clockRate: 90_000, formatParameters: [FormatParameter("profile-id", "0")],
    feedback: videoFeedback)

  /// The payload types of `codecs` for an offer, retransmission (RFC 4588) beside each video codec.
  static func offer(_ codecs: [MediaCodec]) -> [RTPCodecParameters] {
    codecs.flatMap { codec -> [RTPCodecParameters] in
      switch codec {
      case .opus: [opus]
      case .red: [red]
      case .video(.vp8): [vp8, retransmission(of: vp8)]
      case .video(.vp9): [vp9, retransmission(of: vp9)]
      }
    }
  }

  private static func retransmission(of codec: RTPCodecParameters) -> RTPCodecParameters {
    RTPCodecParameters(
      payloadType: codec.payloadType + 1, name: "rtx", clockRate: codec.clockRate,
      formatParameters: [FormatParameter("apt", String(codec.payloadType))])
  }

  /// What `parameters` is among our codecs; nil for retransmission and for what we don't speak.
  static func codec(of parameters: RTPCodecParameters) -> MediaCodec? {
    if parameters.isNamed("opus"), parameters.clockRate == 48_000 { return .opus }
    if parameters.isRedundancy, parameters.clockRate == 48_000 { return .red }
    if parameters.isNamed("VP8"), parameters.clockRate == 90_000 { return .video(.vp8) }
    // Profile 0 is what a description without a profile means (RFC 9628 §7).
    if parameters.isNamed("VP9"), parameters.clockRate == 90_000,
      parameters.formatParameter("profile-id") ?? "0" == "0"
    {
      return .video(.vp9)
    }
    return nil
  }
}
