import Realtime

extension PeerConnection {
  /// What a connection is made with.
  public struct Configuration: Sendable {
    /// Who we are in DTLS.
    public var certificate: Certificate
    /// The NTP clock that all sender reports of this participant use, on every connection of theirs.
    public var ntpClock: NTPClock
    /// STUN servers for reflexive addresses.
    public var stunServers: [SocketAddress] = []
    /// SRTP protection profiles, the preferred one first.
    public var protectionProfiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMHMACSHA1_80]
    /// Seed of SSRCs, sequence numbers, timers and identifiers, but of no secret.
    public var seed: UInt64
    /// Adjusts the ICE agent's settings; the default changes nothing.
    public var adjustICE: @Sendable (inout ICEAgent.Configuration) -> Void = { _ in }

    /// A configuration with default settings.
    public init(certificate: Certificate, ntpClock: NTPClock, seed: UInt64) {
      self.certificate = certificate
      self.ntpClock = ntpClock
      self.seed = seed
    }
  }

  /// Most bytes of an RTP packet before SRTP, chosen so that the datagram stays below 1,200 bytes of UDP payload, which
  /// pass every path seen in practice (VPNs and IPv6 tunnels included).
  public static let maximumRTPPacketSize = 1_180
}
