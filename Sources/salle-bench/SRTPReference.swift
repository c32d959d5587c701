import CSRTP
import WebRTC

/// libsrtp2 alone, on packets of given sizes: those of the media, and the control packets that go with them.
final class SRTPReference {
  /// What the sender of the media has to do.
  private(set) var sending = Measurement()
  /// What the receiver of the media has to do.
  private(set) var receiving = Measurement()

  private let sender: srtp_t
  private let receiver: srtp_t
  private let feedbackSender: srtp_t
  private let feedbackReceiver: srtp_t
  private var media = PacketList()
  private var control = PacketList()
  private var feedback = PacketList()
  private var sequenceNumber: UInt16 = 0

  init(_ profile: SRTPProfile) throws {
    sender = try Self.makeSession(profile, ssrc_any_outbound)
    receiver = try Self.makeSession(profile, ssrc_any_inbound)
    feedbackSender = try Self.makeSession(profile, ssrc_any_outbound)
    feedbackReceiver = try Self.makeSession(profile, ssrc_any_inbound)
  }

  deinit {
    srtp_dealloc(sender)
    srtp_dealloc(receiver)
    srtp_dealloc(feedbackSender)
    srtp_dealloc(feedbackReceiver)
  }

  private static func makeSession(_ profile: SRTPProfile, _ direction: srtp_ssrc_type_t) throws -> srtp_t {
    var policy = srtp_policy_t()
    let number = srtp_profile_t(UInt32(profile.rawValue))
    guard srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, number) == srtp_err_status_ok,
      srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, number) == srtp_err_status_ok
    else { throw BenchmarkError.srtp }
    policy.ssrc.type = direction
    policy.window_size = UInt(SRTPSession.replayWindow)
    var key = [UInt8](repeating: 7, count: 64)
    var session: srtp_t?
    let status = key.withUnsafeMutableBufferPointer { key in
      policy.key = key.baseAddress
      return srtp_create(&session, &policy)
    }
    guard status == srtp_err_status_ok, let session else { throw BenchmarkError.srtp }
    return session
  }

  /// Does for a round's packets, given by their bytes before protection, what both ends have to do. Feedback arrives in
  /// the round after its own.
  func measure(_ sizes: RoundSizes) {
    media.prepare(sizes.media) { memory in
      memory.storeBytes(of: UInt16(0x6080), toByteOffset: 0, as: UInt16.self)
      memory.storeBytes(of: sequenceNumber.bigEndian, toByteOffset: 2, as: UInt16.self)
      memory.storeBytes(of: UInt64(1), toByteOffset: 4, as: UInt64.self)
      sequenceNumber &+= 1
    }
    control.prepare(sizes.control, Self.writeControlHeader)
    sending = Measurement.take {
      feedback.run { srtp_unprotect_rtcp(feedbackReceiver, $0, $1) }
      media.run { srtp_protect(sender, $0, $1) }
      control.run { srtp_protect_rtcp(sender, $0, $1) }
    }
    feedback.prepare(sizes.feedback, Self.writeControlHeader)
    receiving = Measurement.take {
      media.run { srtp_unprotect(receiver, $0, $1) }
      control.run { srtp_unprotect_rtcp(receiver, $0, $1) }
      feedback.run { srtp_protect_rtcp(feedbackSender, $0, $1) }
    }
  }

  private static func writeControlHeader(_ memory: UnsafeMutableRawBufferPointer) {
    memory.storeBytes(of: UInt32(0x0100_C980), toByteOffset: 0, as: UInt32.self)
    memory.storeBytes(of: UInt32(1), toByteOffset: 4, as: UInt32.self)
  }
}

/// Bytes before protection of a round's packets.
struct RoundSizes {
  /// RTP.
  var media: [Int] = []
  /// RTCP of the sender of media.
  var control: [Int] = []
  /// RTCP of the receiver of media.
  var feedback: [Int] = []

  mutating func removeAll() {
    media.removeAll(keepingCapacity: true)
    control.removeAll(keepingCapacity: true)
    feedback.removeAll(keepingCapacity: true)
  }
}

/// Packets in memory that is reused.
private struct PacketList {
  private var buffers: [PacketBuffer] = []
  private var count = 0

  mutating func prepare(_ sizes: [Int], _ writeHeader: (UnsafeMutableRawBufferPointer) -> Void) {
    while buffers.count < sizes.count { buffers.append(PacketBuffer()) }
    count = sizes.count
    for (index, size) in sizes.enumerated() {
      writeHeader(buffers[index].memory)
      buffers[index].count = size
    }
  }

  func run(_ operation: (UnsafeMutableRawPointer, UnsafeMutablePointer<Int32>) -> srtp_err_status_t) {
    for index in 0..<count {
      var length = Int32(buffers[index].count)
      let status = operation(buffers[index].base, &length)
      precondition(status == srtp_err_status_ok, "libsrtp2 refuses a packet of its own")
      buffers[index].count = Int(length)
    }
  }
}
