/// A protection profile of SRTP, by its number in the `use_srtp` extension of DTLS (RFC 5764 §4.1.2, RFC 7714 §14.2).
public enum SRTPProfile: UInt16, Hashable, Sendable, CaseIterable {
  /// AES in counter mode with 128-bit key, HMAC-SHA1 with an 80-bit tag.
  case aes128CMHMACSHA1_80 = 0x0001
  /// AES-GCM with 128-bit key and 128-bit tag.
  case aeadAES128GCM = 0x0007
  /// AES-GCM with 256-bit key and 128-bit tag.
  case aeadAES256GCM = 0x0008

  /// Bytes of the master key.
  public var keyLength: Int { self == .aeadAES256GCM ? 32 : 16 }

  /// Bytes of the master salt.
  public var saltLength: Int { self == .aes128CMHMACSHA1_80 ? 14 : 12 }

  /// Bytes that protection adds to an RTP packet.
  public var rtpOverhead: Int { self == .aes128CMHMACSHA1_80 ? 10 : 16 }

  /// Bytes that protection adds to an RTCP packet: tag and index.
  public var rtcpOverhead: Int { rtpOverhead + 4 }

  /// The name that OpenSSL knows it by.
  var openSSLName: String {
    switch self {
    case .aes128CMHMACSHA1_80: "SRTP_AES128_CM_SHA1_80"
    case .aeadAES128GCM: "SRTP_AEAD_AES_128_GCM"
    case .aeadAES256GCM: "SRTP_AEAD_AES_256_GCM"
    }
  }
}
