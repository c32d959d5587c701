import CSRTP
import Realtime

@testable import WebRTC

extension FuzzTarget {
  private static let key = [UInt8](0..<28)

  private static func session(_ direction: SRTPSession.Direction) -> SRTPSession? {
    try? SRTPSession(direction, profile: .aeadAES128GCM, key: key)
  }

  private static func copy(_ bytes: UnsafeRawBufferPointer, into buffer: PacketBuffer) -> Bool {
    guard bytes.count > 0, bytes.count <= PacketBuffer.capacity - 64 else { return false }
    return buffer.assign(bytes)
  }

  /// SRTP and SRTCP: records as they are, and records that the peer protected.
  static let srtp = FuzzTarget(name: "srtp") { bytes in
    guard let sender = session(.outbound), let receiver = session(.inbound) else { return }
    let buffer = PacketBuffer()
    var reader = RecordReader(bytes)
    while let record = reader.next() {
      guard let choice = record.first, copy(UnsafeRawBufferPointer(rebasing: record[1...]), into: buffer) else {
        continue
      }
      if choice & 1 != 0, (try? choice & 2 != 0 ? sender.protectRTCP(buffer) : sender.protectRTP(buffer)) == nil {
        continue
      }
      let memory = UnsafeMutableRawBufferPointer(start: buffer.base, count: buffer.count)
      let count = try? choice & 2 != 0 ? receiver.unprotectRTCP(memory) : receiver.unprotectRTP(memory)
      require(count ?? 0 <= buffer.count, "longer than it was")
    }
  } seeds: {
    let media = "80effffffffffff0deadbeef6f707573".hexadecimalBytes
    return [
      RecordReader.join([[1] + media, [0] + media]), RecordReader.join([[3] + rtcpSeeds[0], [2] + rtcpSeeds[1]]),
    ]
  }

  private static let certificate = try? Certificate()

  /// DTLS records for a transport that awaits, or has begun, its handshake.
  static let dtls = FuzzTarget(name: "dtls") { bytes in
    guard let certificate, let choice = bytes.first else { return }
    let transport = DTLSTransport(certificate: certificate, profiles: [.aeadAES128GCM])
    let pool = PacketPool()
    var now = Instant(nanoseconds: 1_000_000_000)
    guard
      (try? transport.start(
        role: choice & 1 == 0 ? .server : .client, fingerprints: [certificate.fingerprint], at: now)) != nil
    else { return }
    var reader = RecordReader(UnsafeRawBufferPointer(rebasing: bytes[1...]))
    var sent = 0
    while let record = reader.next() {
      transport.handle(record, at: now) { _ in }
      now = now + .milliseconds(100)
      transport.handleTimeout(at: now)
      while let packet = transport.pollTransmit(into: pool) {
        sent += 1
        pool.recycle(packet)
      }
      while transport.pollEvent() != nil {}
    }
    require(sent < 4_096, "answers without end")
  } seeds: {
    guard let certificate else { return [] }
    // What either side says first.
    let (client, server) = (
      DTLSTransport(certificate: certificate, profiles: [.aeadAES128GCM]),
      DTLSTransport(certificate: certificate, profiles: [.aeadAES128GCM])
    )
    let (pool, now) = (PacketPool(), Instant(nanoseconds: 1_000_000_000))
    try? client.start(role: .client, fingerprints: [certificate.fingerprint], at: now)
    try? server.start(role: .server, fingerprints: [certificate.fingerprint], at: now)
    var heard: (client: [[UInt8]], server: [[UInt8]]) = ([], [])
    for _ in 0..<6 {
      while let packet = client.pollTransmit(into: pool) {
        heard.server.append(Array(packet.bytes))
        server.handle(packet.bytes, at: now) { _ in }
      }
      while let packet = server.pollTransmit(into: pool) {
        heard.client.append(Array(packet.bytes))
        client.handle(packet.bytes, at: now) { _ in }
      }
    }
    return [[0] + RecordReader.join(heard.server), [1] + RecordReader.join(heard.client)]
  }

  /// DCEP messages (RFC 8832).
  static let dcep = FuzzTarget(name: "dcep") { bytes in
    guard let message = DataChannelEstablishment(Array(bytes)) else { return }
    require(message.bytes.count <= DataChannelEstablishment.maximumLength * 3, "longer than it may be")
  } seeds: {
    [
      DataChannelEstablishment.acknowledgement,
      .open(label: "_reliable", options: DataChannelOptions()),
      .open(label: "é", options: DataChannelOptions(isOrdered: false, reliability: .maximumRetransmits(3))),
    ].map(\.bytes)
  }

  /// SCTP packets for an association that is up, each with the right verification tag and checksum.
  static let sctp = FuzzTarget(name: "sctp") { bytes in
    let (client, server) = (SCTPAssociation(), SCTPAssociation())
    let pool = PacketPool()
    var now = Instant(nanoseconds: 1_000_000_000)
    guard (try? client.start(role: .client, remoteMaximumMessageSize: 65_536, at: now)) != nil,
      (try? server.start(role: .server, remoteMaximumMessageSize: 65_536, at: now)) != nil
    else { return }
    var header = [UInt8](repeating: 0, count: 12)
    func exchange() {
      for _ in 0..<6 {
        while let packet = client.pollTransmit(into: pool) {
          header = Array(packet.bytes.prefix(12))
          server.handle(packet.bytes, at: now)
          pool.recycle(packet)
        }
        while let packet = server.pollTransmit(into: pool) {
          client.handle(packet.bytes, at: now)
          pool.recycle(packet)
        }
      }
    }
    exchange()
    var reader = RecordReader(bytes)
    while let record = reader.next() {
      guard record.count <= 1_500 else { continue }
      var packet = header + record
      packet.replaceSubrange(8..<12, with: [0, 0, 0, 0])
      let checksum = crc32c(packet)
      for index in 0..<4 { packet[8 + index] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(index))) }
      packet.withUnsafeBytes { server.handle($0, at: now) }
      now = now + .milliseconds(50)
      server.handleTimeout(at: now)
      while let answer = server.pollTransmit(into: pool) { pool.recycle(answer) }
      while server.pollEvent() != nil {}
    }
    client.close(at: now)
    server.close(at: now)
    while let packet = client.pollTransmit(into: pool) { pool.recycle(packet) }
    while let packet = server.pollTransmit(into: pool) { pool.recycle(packet) }
  } seeds: {
    // One chunk of each kind: DATA with an opening, SACK, HEARTBEAT, RE-CONFIG, FORWARD-TSN, INIT, COOKIE-ECHO, ABORT.
    [
      "0003001d00000001000000000000003203000000000000000001000061000000", "0300001000000001000100000000000000",
      "0400000c0001000801020304", "8200001400 0d001000000001000000010000000100000000", "c0000008 00000002",
      "01000014 11223344 00020000 00100010 00000001", "0a00000801020304", "06000004", "07000008 00000001",
    ].map { RecordReader.join([$0.hexadecimalBytes]) }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 != 0 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  /// CRC32c (RFC 9260 appendix A).
  private static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }
}
