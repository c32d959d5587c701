import CSRTP

/// SRTP and SRTCP (RFC 3711, RFC 7714) in one direction, for any number of streams under one master key.
///
/// Works in place and allocates only when an SSRC is seen for the first time. Confined to one thread at a time.
///
/// A stream's state comes into being only once a packet of it was authentic, so that forged SSRCs cost no memory. Their
/// number is bounded by `sourceLimit` even against a peer that has the keys: beyond it the received stream that was
/// silent longest is forgotten (and would start again with rollover counter 0). Streams that we send are never
/// forgotten, because a sequence number used twice would betray the key stream; there the limit is an error.
public final class SRTPSession {
  /// Which way packets go.
  public enum Direction: Hashable, Sendable {
    /// We protect with the local key.
    case outbound
    /// We unprotect with the remote key.
    case inbound
  }

  /// Packets that may arrive late: more than a second of a video stream of 1 000 packets a second.
  public static let replayWindow = 1_024
  /// Streams in one session: far above what one meeting's forwarding server uses, about 2 MB of state at most.
  public static let sourceLimit = 1_024

  private static let rtpHeaderLength = 12
  private static let rtcpHeaderLength = 8

  /// The profile that the keys are for.
  public let profile: SRTPProfile
  /// Which way packets go.
  public let direction: Direction
  /// How many streams have state.
  public var sourceCount: Int { lastUse.count }

  private let session: srtp_t
  /// When each SSRC was last used, counted in changes of SSRC.
  private var lastUse: [UInt32: UInt64] = [:]
  private var useCount: UInt64 = 0
  private var latestSource: UInt32?

  /// libsrtp's tables, made once for the process; the language makes a static's first use thread-safe.
  private static let isLibraryReady = srtp_init() == srtp_err_status_ok

  /// A session for one direction of `material`.
  /// - Parameter allowsRepeats: whether a packet may be protected again with the same sequence number. The bytes then
  ///   must be the same as the first time, else the key stream is betrayed; retransmission on an SSRC of its own
  ///   (RFC 4588) doesn't need it.
  /// - Throws: `library` when libsrtp can't do the profile or has no memory.
  public convenience init(
    _ direction: Direction, keying material: SRTPKeyingMaterial, allowsRepeats: Bool = false
  ) throws(SRTPError) {
    try self.init(
      direction, profile: material.profile, key: direction == .outbound ? material.local : material.remote,
      allowsRepeats: allowsRepeats)
  }

  /// A session with `key`: master key then master salt.
  /// - Throws: `invalidState` when the key's length isn't that of `profile`; else as above.
  public init(
    _ direction: Direction, profile: SRTPProfile, key: [UInt8], allowsRepeats: Bool = false
  ) throws(SRTPError) {
    guard key.count == profile.keyLength + profile.saltLength else { throw .invalidState }
    guard Self.isLibraryReady else { throw .library(srtp_err_status_init_fail.rawValue) }
    self.profile = profile
    self.direction = direction
    var policy = srtp_policy_t()
    let libraryProfile = srtp_profile_t(UInt32(profile.rawValue))
    guard srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, libraryProfile) == srtp_err_status_ok,
      srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, libraryProfile) == srtp_err_status_ok
    else { throw .library(srtp_err_status_bad_param.rawValue) }
    policy.ssrc.type = direction == .outbound ? ssrc_any_outbound : ssrc_any_inbound
    policy.window_size = UInt(Self.replayWindow)
    policy.allow_repeat_tx = allowsRepeats ? 1 : 0
    var key = key
    var session: srtp_t?
    let status = key.withUnsafeMutableBufferPointer { key in
      policy.key = key.baseAddress
      return srtp_create(&session, &policy)
    }
    guard status == srtp_err_status_ok, let session else { throw .library(status.rawValue) }
    self.session = session
    // No rehashing while media flows.
    lastUse.reserveCapacity(Self.sourceLimit)
  }

  deinit {
    srtp_dealloc(session)
  }

  /// Encrypts the RTP packet in `buffer` and appends the tag.
  public func protectRTP(_ buffer: PacketBuffer) throws(SRTPError) {
    try protect(buffer, headerLength: Self.rtpHeaderLength, ssrcOffset: 8, overhead: profile.rtpOverhead) {
      srtp_protect($0, $1, $2)
    }
  }

  /// Encrypts the compound RTCP packet in `buffer` and appends index and tag.
  public func protectRTCP(_ buffer: PacketBuffer) throws(SRTPError) {
    try protect(buffer, headerLength: Self.rtcpHeaderLength, ssrcOffset: 4, overhead: profile.rtcpOverhead) {
      srtp_protect_rtcp($0, $1, $2)
    }
  }

  /// Checks and decrypts the SRTP packet in `packet` in place, and returns the bytes of the RTP packet that is left.
  /// After an error the contents are undefined.
  public func unprotectRTP(_ packet: UnsafeMutableRawBufferPointer) throws(SRTPError) -> Int {
    try unprotect(packet, minimum: Self.rtpHeaderLength + profile.rtpOverhead, ssrcOffset: 8) {
      srtp_unprotect($0, $1, $2)
    }
  }

  /// Checks and decrypts the SRTCP packet in `packet` in place, and returns the bytes of the RTCP packet that is left.
  /// After an error the contents are undefined.
  public func unprotectRTCP(_ packet: UnsafeMutableRawBufferPointer) throws(SRTPError) -> Int {
    try unprotect(packet, minimum: Self.rtcpHeaderLength + profile.rtcpOverhead, ssrcOffset: 4) {
      srtp_unprotect_rtcp($0, $1, $2)
    }
  }

  /// Forgets the state of a received stream that has ended; its late packets would pass again.
  public func removeSource(_ ssrc: UInt32) {
    guard direction == .inbound, lastUse.removeValue(forKey: ssrc) != nil else { return }
    srtp_remove_stream(session, ssrc.bigEndian)
    if latestSource == ssrc { latestSource = nil }
  }

  private typealias Operation = (
    _ session: srtp_t, _ packet: UnsafeMutableRawPointer, _ count: UnsafeMutablePointer<Int32>
  ) -> srtp_err_status_t

  @inline(__always)
  private func protect(
    _ buffer: PacketBuffer, headerLength: Int, ssrcOffset: Int, overhead: Int, by operation: Operation
  ) throws(SRTPError) {
    guard direction == .outbound else { throw .invalidState }
    guard buffer.count >= headerLength else { throw .malformed }
    guard buffer.count + overhead <= PacketBuffer.capacity else { throw .tooLong }
    let ssrc = Self.ssrc(buffer.base, at: ssrcOffset)
    guard latestSource == ssrc || lastUse[ssrc] != nil || lastUse.count < Self.sourceLimit else {
      throw .tooManySources
    }
    var count = Int32(buffer.count)
    let status = operation(session, buffer.base, &count)
    guard status == srtp_err_status_ok else { throw Self.error(status) }
    buffer.count = Int(count)
    noteUse(of: ssrc)
  }

  @inline(__always)
  private func unprotect(
    _ packet: UnsafeMutableRawBufferPointer, minimum: Int, ssrcOffset: Int, by operation: Operation
  ) throws(SRTPError) -> Int {
    guard direction == .inbound else { throw .invalidState }
    guard packet.count >= minimum, packet.count <= PacketBuffer.capacity, let base = packet.baseAddress else {
      throw .malformed
    }
    let ssrc = Self.ssrc(base, at: ssrcOffset)
    var count = Int32(packet.count)
    let status = operation(session, base, &count)
    guard status == srtp_err_status_ok else { throw Self.error(status) }
    noteUse(of: ssrc)
    return Int(count)
  }

  /// Marks `ssrc` as just used; when there are too many received streams, forgets the one that was silent longest.
  private func noteUse(of ssrc: UInt32) {
    if latestSource == ssrc { return }
    latestSource = ssrc
    useCount &+= 1
    if lastUse.updateValue(useCount, forKey: ssrc) == nil, lastUse.count > Self.sourceLimit,
      let oldest = lastUse.min(by: { $0.value < $1.value })?.key
    {
      removeSource(oldest)
    }
  }

  private static func ssrc(_ base: UnsafeRawPointer, at offset: Int) -> UInt32 {
    UInt32(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  private static func error(_ status: srtp_err_status_t) -> SRTPError {
    switch status {
    case srtp_err_status_auth_fail: .authentication
    case srtp_err_status_replay_fail, srtp_err_status_replay_old, srtp_err_status_pkt_idx_old: .replay
    case srtp_err_status_bad_param, srtp_err_status_parse_err, srtp_err_status_cipher_fail: .malformed
    case srtp_err_status_key_expired: .keyExpired
    default: .library(status.rawValue)
    }
  }
}
