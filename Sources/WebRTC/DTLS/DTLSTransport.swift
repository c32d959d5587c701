import COpenSSL
import DequeModule
import Realtime

/// One DTLS 1.2 association (RFC 6347) that keys SRTP (RFC 5764) and carries SCTP (RFC 8261), without I/O or clock.
///
/// After every call that may change something, poll `pollTransmit` and `pollEvent` until they give nil, then call
/// `handleTimeout(at:)` when `nextDeadline` has come. Confined to one thread at a time.
///
/// The peer's certificate is compared with the fingerprints of signalling inside the handshake, before our last flight:
/// on a mismatch nothing is keyed, decrypted or delivered.
public final class DTLSTransport {
  /// Who speaks first in the handshake: `a=setup` `active` is the client, `passive` the server (RFC 5763 §5).
  public enum Role: Hashable, Sendable {
    /// Sends ClientHello.
    case client
    /// Waits for ClientHello.
    case server
  }

  /// What happened, in order.
  public enum Event: Hashable, Sendable {
    /// The handshake ended and the peer is the one that signalling announced. Application data may be sent.
    case connected(SRTPKeyingMaterial)
    /// The association is over and unusable; only alerts are still sent.
    case failed(DTLSError)
    /// The peer closed the association in order (close_notify).
    case closed
  }

  /// Where the association stands.
  public enum State: Hashable, Sendable {
    /// `start` wasn't called yet; datagrams are kept.
    case new
    /// The handshake runs.
    case connecting
    /// Application data flows.
    case connected
    /// Closed by either side.
    case closed
    /// Failed.
    case failed
  }

  /// Bytes of the largest datagram sent: below the smallest path MTU that is found in practice, headers included.
  public static let maximumDatagramSize = 1_200
  /// Bytes of application data that fit a datagram: record header, explicit nonce and tag take 37, and the rest is left
  /// for what a relay puts around it.
  public static let maximumApplicationDataSize = maximumDatagramSize - 80

  /// Datagrams kept until role and fingerprint are known: a flight of the peer and one retransmission of it.
  static let earlyDatagramLimit = 16
  /// Microseconds until the first retransmission; doubled up to `retransmissionLimit` (RFC 6347 §4.2.4.1 allows less
  /// than its 1 s where the round trip is known to be short).
  private static let initialRetransmission: UInt32 = 200_000
  private static let retransmissionLimit: UInt32 = 3_000_000
  /// How soon to ask OpenSSL again when its timer turns out not to have expired.
  private static let timerGranularity = Duration.milliseconds(10)

  /// Every WebRTC endpoint has the first or second; all have AES-GCM, on which `DTLSRecords` relies.
  private static let cipherSuites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    + "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"

  /// Where the association stands.
  public private(set) var state = State.new
  /// The role, once started.
  public private(set) var role: Role?
  /// The instant at which to call `handleTimeout(at:)`.
  public private(set) var nextDeadline = Instant.distantFuture

  private let certificate: Certificate
  private let profiles: [SRTPProfile]
  private let handshakeLimit: Duration
  private let datagrams = DatagramBIO()
  private let scratch = PacketBuffer()
  private let pool = PacketPool()
  private var early = Deque<PacketBuffer>()
  private var events = Deque<Event>()
  private var fingerprints: [CertificateFingerprint] = []
  private var fingerprintMatches = false
  private var handshakeDeadline = Instant.distantFuture
  private var context: OpaquePointer?
  private var ssl: OpaquePointer?

  /// A transport that isn't started.
  /// - Parameters:
  ///   - certificate: by which we prove who we are, in either role.
  ///   - profiles: for SRTP, the preferred one first.
  ///   - handshakeLimit: how long the handshake may take before `handshakeTimeout`.
  public init(
    certificate: Certificate, profiles: [SRTPProfile] = [.aeadAES128GCM, .aes128CMHMACSHA1_80],
    handshakeLimit: Duration = .seconds(30)
  ) {
    self.certificate = certificate
    self.profiles = profiles
    self.handshakeLimit = handshakeLimit
  }

  deinit {
    SSL_free(ssl)
    SSL_CTX_free(context)
  }

  /// Starts the handshake, now that ICE has a path and signalling has told role and fingerprints. Datagrams that came
  /// earlier are handled now.
  /// - Parameter fingerprints: of the peer's certificate, one of which has to match (RFC 8122 §5).
  /// - Throws: `invalidState` without fingerprints or when started already, `library`.
  public func start(role: Role, fingerprints: [CertificateFingerprint], at now: Instant) throws(DTLSError) {
    guard state == .new, !fingerprints.isEmpty else { throw .invalidState }
    self.role = role
    self.fingerprints = fingerprints
    guard let context = makeContext() else { throw .library }
    self.context = context
    guard let ssl = makeSSL(context, role) else { throw .library }
    self.ssl = ssl
    state = .connecting
    handshakeDeadline = now + handshakeLimit
    call(at: now) { advanceHandshake() }
    while let datagram = early.popFirst() {
      handle(datagram.bytes, at: now) { _ in }
      pool.recycle(datagram)
    }
    updateDeadline(at: now)
  }

  /// Takes in a datagram from the peer (first byte 20…63, RFC 7983). Anything malformed is dropped, as RFC 6347
  /// §4.1.2.7 asks. `receive` is called with each piece of application data, valid during the call, which may be before
  /// `connected` is polled; it mustn't call this object.
  public func handle(
    _ datagram: UnsafeRawBufferPointer, at now: Instant, receive: (UnsafeRawBufferPointer) -> Void
  ) {
    switch state {
    case .new:
      keepEarly(datagram)
    case .connecting, .connected:
      datagrams.incoming = DTLSRecords(of: datagram, isConnected: state == .connected)
      call(at: now) {
        if state == .connecting { advanceHandshake() }
        if state == .connected { readApplicationData(receive) }
      }
      datagrams.incoming = nil
      updateDeadline(at: now)
    case .closed, .failed:
      break
    }
  }

  /// Sends application data in one datagram.
  /// - Throws: `notConnected`, `invalidLength`, or `library` when OpenSSL refuses.
  public func send(_ applicationData: UnsafeRawBufferPointer, at now: Instant) throws(DTLSError) {
    guard state == .connected, let ssl else { throw .notConnected }
    guard !applicationData.isEmpty, applicationData.count <= Self.maximumApplicationDataSize else {
      throw .invalidLength(applicationData.count)
    }
    let written = call(at: now) {
      ERR_clear_error()
      return SSL_write(ssl, applicationData.baseAddress, Int32(applicationData.count))
    }
    if written <= 0 { throw .library }
  }

  /// The next datagram to send, in a buffer of `pool`; nil when there is none.
  public func pollTransmit(into pool: PacketPool) -> PacketBuffer? {
    datagrams.hasOutgoing ? datagrams.pollTransmit(into: pool) : nil
  }

  /// The next event; nil when there is none.
  public func pollEvent() -> Event? {
    events.isEmpty ? nil : events.removeFirst()
  }

  /// Retransmits the flight that isn't answered, or gives up, if it is time for that.
  public func handleTimeout(at now: Instant) {
    guard state == .connecting, let ssl, now >= nextDeadline else { return }
    guard now < handshakeDeadline else { return fail(.handshakeTimeout) }
    call(at: now) {
      ERR_clear_error()
      if salle_dtls_handle_timeout(ssl) < 0 { fail(.handshakeTimeout) }
    }
    updateDeadline(at: now)
  }

  /// Ends the association in order: sends close_notify, delivers nothing more.
  public func close(at now: Instant) {
    if let ssl, state == .connected {
      call(at: now) {
        ERR_clear_error()
        _ = SSL_shutdown(ssl)
      }
    }
    if state != .failed { state = .closed }
    discardEarly()
    nextDeadline = .distantFuture
  }

  /// Calls into OpenSSL, which then sees `now` and writes new datagrams.
  private func call<Result>(at now: Instant, _ body: () -> Result) -> Result {
    datagrams.beginCall()
    return LibraryClock.run(at: now, body)
  }

  // MARK: - Handshake

  private func advanceHandshake() {
    guard let ssl else { return }
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 { return finishHandshake(ssl) }
    let reason = SSL_get_error(ssl, result)
    if reason != SSL_ERROR_WANT_READ, reason != SSL_ERROR_WANT_WRITE { fail(currentError()) }
  }

  private func finishHandshake(_ ssl: OpaquePointer) {
    guard fingerprintMatches else { return fail(.fingerprintMismatch) }
    guard let number = SSL_get_selected_srtp_profile(ssl)?.pointee.id,
      let profile = SRTPProfile(rawValue: UInt16(truncatingIfNeeded: number)), profiles.contains(profile)
    else { return fail(.noCommonSRTPProfile) }
    let label = "EXTRACTOR-dtls_srtp"
    var exported = [UInt8](repeating: 0, count: 2 * (profile.keyLength + profile.saltLength))
    let status = SSL_export_keying_material(ssl, &exported, exported.count, label, label.utf8.count, nil, 0, 0)
    guard status == 1,
      let material = SRTPKeyingMaterial(profile: profile, exported: exported, isClient: role == .client)
    else { return fail(.library) }
    state = .connected
    events.append(.connected(material))
  }

  private func readApplicationData(_ receive: (UnsafeRawBufferPointer) -> Void) {
    guard let ssl else { return }
    while true {
      ERR_clear_error()
      let count = SSL_read(ssl, scratch.base, Int32(PacketBuffer.capacity))
      if count > 0 {
        receive(UnsafeRawBufferPointer(start: scratch.base, count: Int(count)))
        continue
      }
      switch SSL_get_error(ssl, count) {
      case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
        return
      case SSL_ERROR_ZERO_RETURN:
        _ = SSL_shutdown(ssl)
        state = .closed
        events.append(.closed)
        return
      default:
        return fail(currentError())
      }
    }
  }

  /// Called by OpenSSL with the peer's certificate, in place of checking a chain.
  private func verify(_ certificate: OpaquePointer) -> Bool {
    fingerprintMatches = fingerprints.contains { expected in
      CertificateFingerprint(of: certificate, by: expected.hashFunction) == expected
    }
    return fingerprintMatches
  }

  private func currentError() -> DTLSError {
    let code = ERR_peek_error()
    let reason = ERR_GET_REASON(code)
    if reason == SSL_R_CERTIFICATE_VERIFY_FAILED { return .fingerprintMismatch }
    // OpenSSL's reasons for an alert that came in are 1000 and the alert's number.
    if (1_000...1_255).contains(reason) { return .alert(UInt8(reason - 1_000)) }
    return reason == SSL_R_READ_TIMEOUT_EXPIRED ? .handshakeTimeout : .handshakeFailure(code)
  }

  private func fail(_ error: DTLSError) {
    guard state != .failed else { return }
    state = .failed
    nextDeadline = .distantFuture
    events.append(.failed(error))
  }

  // MARK: - Deadlines and early datagrams

  private func updateDeadline(at now: Instant) {
    guard state == .connecting, let ssl else {
      nextDeadline = .distantFuture
      return
    }
    let left = LibraryClock.run(at: now) { salle_dtls_microseconds_left(ssl) }
    let retransmission = left < 0 ? .distantFuture : now + max(.microseconds(left), Self.timerGranularity)
    nextDeadline = min(retransmission, handshakeDeadline)
  }

  private func keepEarly(_ datagram: UnsafeRawBufferPointer) {
    guard early.count < Self.earlyDatagramLimit, !datagram.isEmpty, datagram.count <= PacketBuffer.capacity else {
      return
    }
    let buffer = pool.take()
    buffer.assign(datagram)
    early.append(buffer)
  }

  private func discardEarly() {
    while let datagram = early.popFirst() { pool.recycle(datagram) }
  }

  // MARK: - OpenSSL objects

  private func makeContext() -> OpaquePointer? {
    guard let context = SSL_CTX_new(DTLS_method()) else { return nil }
    salle_ssl_context_set_dtls_options(context)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    SSL_CTX_set_cert_verify_callback(
      context,
      { store, transport in
        guard let store, let transport, let certificate = X509_STORE_CTX_get0_cert(store) else { return 0 }
        if Unmanaged<DTLSTransport>.fromOpaque(transport).takeUnretainedValue().verify(certificate) { return 1 }
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED)
        return 0
      }, Unmanaged.passUnretained(self).toOpaque())
    let names = profiles.map(\.openSSLName).joined(separator: ":")
    let isReady =
      salle_ssl_context_use_dtls_1_2_only(context) == 1
      && SSL_CTX_set_cipher_list(context, Self.cipherSuites) == 1
      && salle_ssl_context_set_groups(context, "X25519:P-256:P-384") == 1
      && SSL_CTX_use_certificate(context, certificate.x509) == 1
      && SSL_CTX_use_PrivateKey(context, certificate.key) == 1
      // Unlike all the others this function gives 0 for success.
      && SSL_CTX_set_tlsext_use_srtp(context, names) == 0
    if isReady { return context }
    SSL_CTX_free(context)
    return nil
  }

  private func makeSSL(_ context: OpaquePointer, _ role: Role) -> OpaquePointer? {
    guard let ssl = SSL_new(context), let bio = datagrams.makeBIO() else { return nil }
    // One reference for both directions; OpenSSL takes it.
    SSL_set_bio(ssl, bio, bio)
    salle_ssl_set_mtu(ssl, Self.maximumDatagramSize)
    DTLS_set_timer_cb(ssl) { _, previous in
      previous == 0
        ? DTLSTransport.initialRetransmission
        : min(previous.multipliedReportingOverflow(by: 2).partialValue, DTLSTransport.retransmissionLimit)
    }
    if role == .client { SSL_set_connect_state(ssl) } else { SSL_set_accept_state(ssl) }
    return ssl
  }
}
