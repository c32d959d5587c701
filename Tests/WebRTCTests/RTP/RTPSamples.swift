import WebRTC

/// Packets that others made, in hexadecimal.
enum RTPSamples {
  // Made with aiortc 1.16.0 (BSD licence): rtp.RtpPacket and rtp.wrap_rtx. The extensions' identifiers are those of
  // `oneByteMap` and `twoByteMap`.
  static let plain = "80effffffffffff0deadbeef6f707573"
  static let oneByte = "90effffffffffff0deadbeefbede000410302168696212345640a551abcd00006f707573"
  static let twoByte = "90effffffffffff0deadbeef1000000501013002026869c8031234561401a50502abcd006f707573"
  static let contributingSources =
    "92effffffffffff0deadbeef0000000100000002bede000410302168696212345640a551abcd00006f707573"
  static let retransmission =
    "92f00007fffffff00000cafe0000000100000002bede000410302168696212345640a551abcd0000ffff6f707573"
  static let padding = "a0600009000000050000000601"

  // Made with aiortc 1.16.0 (BSD licence): rtp.RtcpSrPacket and its siblings.
  static let senderReport =
    "81c8000c01020304e1a2b3c4d5e6f70890abcdef000003e80001e2401122334440fffffd0001fffe000007728765432100010000"
  static let receiverReport = """
    82c9000d010203041122334440fffffd0001fffe00000772876543210001000055667788ff7fffff00000001000000000000000000000000
    """
  static let sourceDescription = "82ca000801020304010950415f787c54525f790f01300000000000050103616263000000"
  static let shortSourceDescription = "81ca000501020304010950415f787c54525f790000000000"
  static let goodbye = "82cb000200000001ffffffff"
  static let genericNACK = "81cd00050000000100000002000a8001001b000000640000"
  static let pictureLossIndication = "81ce00020000000100000002"
  static let fullIntraRequest = "84ce000400000001000000000000000209000000"
  static let receiverEstimatedMaximumBitrate = "8fce0006000000010000000052454d420213f7a00000000200000003"

  // From the tests of pion/rtcp (MIT licence), example1 and example3 to example6 of TestTransportLayerCC_Unmarshal. The
  // counts of padding in example3 and example5 are wrong, and to be survived.
  static let transportFeedback = [
    "afcd0005fa17fa1743032fa0009900013de8021720019401",
    "afcd0007fa17fa17193dd8bb0174000645b15a40400220041ffe1f9ad000d000",
    "afcd0007fa17fa17193dd8bb0004000710636e0120074c2424100c0c10000003",
    "afcd0006fa17fa17193dd8bb0001000e10636d00ba00100c0c100003",
    "afcd00079b74f61f9371dcbc853c000963f916b3d55200309baa6aaa7b010901",
  ]

  static let rtp = [plain, oneByte, twoByte, contributingSources, retransmission, padding]
  static let rtcp =
    [
      senderReport, receiverReport, sourceDescription, shortSourceDescription, goodbye, genericNACK,
      pictureLossIndication, fullIntraRequest, receiverEstimatedMaximumBitrate,
    ] + transportFeedback

  static let oneByteMap = RTPHeaderExtensionMap([
    .mid: 1, .rid: 2, .repairedRid: 3, .audioLevel: 4, .transportSequenceNumber: 5, .absoluteSendTime: 6,
    .absoluteCaptureTime: 7, .playoutDelay: 8, .dependencyDescriptor: 9,
  ])
  static let twoByteMap = RTPHeaderExtensionMap([
    .mid: 1, .rid: 2, .repairedRid: 3, .audioLevel: 20, .transportSequenceNumber: 5, .absoluteSendTime: 200,
  ])
}

extension PacketBuffer {
  /// The packet that `hexadecimal` spells.
  convenience init(hexadecimal: String) {
    self.init()
    var digits = hexadecimal.utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }[...]
    while let high = digits.popFirst(), let low = digits.popFirst() { append(high << 4 | low) }
  }

  /// Appends `byte`.
  func append(_ byte: UInt8) {
    memory[count] = byte
    count += 1
  }

  /// Appends `bytes`.
  func append(_ bytes: [UInt8]) {
    for byte in bytes { append(byte) }
  }

  /// The contents in hexadecimal.
  var hexadecimal: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
