import COpenSSL
import DequeModule

/// OpenSSL's view of the network: a BIO that keeps the boundaries of datagrams, which its memory BIO doesn't.
///
/// OpenSSL reads the records of the one datagram that is being handled, then nothing. What it writes becomes a
/// datagram, together with what it wrote just before in the same call if both fit: it retransmits each message of a flight
/// by itself, and a flight of one or two datagrams gets through a lossy path more often than one of five (RFC 6347
/// §4.1.1 allows it). What it writes after reading is of another flight and begins another datagram: when a
/// HelloVerifyRequest comes just as our ClientHello is due again, OpenSSL writes the old and the new ClientHello in one
/// call, and Pion, on which LiveKit stands, never answers a datagram that has both, nor repetitions of the new one.
final class DatagramBIO {
  /// Datagrams that wait to be sent, at most. A handshake flight has about five; more only queue up when the owner
  /// doesn't poll, and then SCTP retransmits what was dropped.
  static let capacity = 256

  /// The records to be read next, borrowed from the caller of `DTLSTransport.handle`.
  var incoming: DTLSRecords?
  private(set) var outgoing = Deque<PacketBuffer>()
  private let pool = PacketPool()
  private var canExtendLast = false

  /// Makes an OpenSSL BIO that refers to this object, which must outlive it; nil when OpenSSL fails.
  func makeBIO() -> OpaquePointer? {
    guard let method = Self.method, let bio = BIO_new(method.pointer) else { return nil }
    BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(bio, 1)
    return bio
  }

  /// Whether datagrams wait to be sent.
  var hasOutgoing: Bool { !outgoing.isEmpty }

  /// The next datagram to send, copied into a buffer of `pool`; nil when there is none.
  func pollTransmit(into pool: PacketPool) -> PacketBuffer? {
    guard let datagram = outgoing.popFirst() else { return nil }
    let buffer = pool.take()
    buffer.assign(datagram.bytes)
    self.pool.recycle(datagram)
    return buffer
  }

  /// Forgets the datagrams that wait.
  func discardOutgoing() {
    while let datagram = outgoing.popFirst() { pool.recycle(datagram) }
  }

  /// Tells that OpenSSL is called anew: what it writes goes into datagrams of its own.
  func beginCall() {
    canExtendLast = false
  }

  private func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    if canExtendLast, let last = outgoing.last, last.count + bytes.count <= DTLSTransport.maximumDatagramSize {
      UnsafeMutableRawBufferPointer(rebasing: last.memory[last.count...]).copyMemory(from: bytes)
      last.count += bytes.count
      return Int32(clamping: bytes.count)
    }
    // A full queue and an oversized datagram are what a network does too: it loses them.
    if outgoing.count < Self.capacity, bytes.count <= PacketBuffer.capacity {
      let datagram = pool.take()
      datagram.assign(bytes)
      outgoing.append(datagram)
      canExtendLast = true
    }
    return Int32(clamping: bytes.count)
  }

  private func read(into memory: UnsafeMutableRawBufferPointer) -> Int32 {
    // OpenSSL reads into memory for the largest record; a longer one is dropped.
    while let record = incoming?.next() {
      guard record.count <= memory.count else { continue }
      memory.copyMemory(from: record)
      canExtendLast = false
      return Int32(clamping: record.count)
    }
    return -1
  }

  private static func object(of bio: OpaquePointer?) -> DatagramBIO? {
    guard let bio, let data = BIO_get_data(bio) else { return nil }
    return Unmanaged<DatagramBIO>.fromOpaque(data).takeUnretainedValue()
  }

  /// OpenSSL's table of functions: made once, never changed, so any thread may use it.
  private struct Method: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private static let method: Method? = {
    guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams") else { return nil }
    BIO_meth_set_write(method) { bio, bytes, count in
      guard let object = DatagramBIO.object(of: bio), let bytes, count > 0 else { return -1 }
      salle_bio_clear_retry(bio)
      return object.write(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
    }
    BIO_meth_set_read(method) { bio, memory, count in
      guard let object = DatagramBIO.object(of: bio), let memory, count > 0 else { return -1 }
      salle_bio_clear_retry(bio)
      let result = object.read(into: UnsafeMutableRawBufferPointer(start: memory, count: Int(count)))
      if result < 0 { salle_bio_should_retry_read(bio) }
      return result
    }
    BIO_meth_set_ctrl(method) { _, command, _, _ in
      switch command {
      case BIO_CTRL_FLUSH: 1
      case BIO_CTRL_DGRAM_QUERY_MTU, BIO_CTRL_DGRAM_GET_FALLBACK_MTU: DTLSTransport.maximumDatagramSize
      default: 0
      }
    }
    return Method(pointer: method)
  }()
}
