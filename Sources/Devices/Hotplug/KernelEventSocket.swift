import CNetlink

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The netlink socket on which the kernel tells of devices. Any user may listen.
final class KernelEventSocket {
  /// What was received.
  enum Message {
    case event(KernelEvent)
    /// Messages were lost, or one wasn't understood: anything may have changed.
    case lost
  }

  /// Room for some thousand events: a dock brings a hundred at once.
  private static let receiveBuffer: Int32 = 1 << 20

  let descriptor: Int32
  private var memory = MemoryBlock(byteCount: KernelEvent.maximumLength)

  init() throws(DeviceMonitor.Failure) {
    descriptor = salle_uevent_socket(Self.receiveBuffer)
    guard descriptor >= 0 else { throw .system(errno) }
  }

  deinit { close(descriptor) }

  /// The next message that waits; nil if none does.
  func receive() -> Message? {
    while true {
      var sender: UInt32 = 0
      let count = salle_uevent_receive(descriptor, memory.bytes.baseAddress, memory.bytes.count, &sender)
      if count < 0 {
        if errno == EINTR { continue }
        return errno == ENOBUFS ? .lost : nil
      }
      // Other programs may send to this socket as well. They aren't believed.
      guard sender == 0 else { continue }
      guard count <= memory.bytes.count else { return .lost }
      guard let event = try? KernelEvent(parsing: UnsafeRawBufferPointer(memory.prefix(count))) else { return .lost }
      return .event(event)
    }
  }
}
