import CDRM
import Realtime

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The page-flip events of one card, which all its screens read from one file: whoever waits reads for all, and hands
/// the others theirs.
///
/// `@unchecked Sendable`: `flips` and `isReading` are touched under `mutex` alone; `buffer` only by the one thread for
/// which `isReading` was set.
final class KMSFlipEvents: @unchecked Sendable {
  private struct Flip {
    var crtc: UInt32
    var token: UInt64
    var time: Instant
  }

  private let descriptor: Int32
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 8)
  private var isReading = false
  private var flips: ContiguousArray<Flip> = []

  init(descriptor: Int32) {
    self.descriptor = descriptor
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
    flips.reserveCapacity(16)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
    buffer.deallocate()
  }

  /// Waits for the flip of the commit that carried `token` on `crtc`, or a later one; tokens of a CRTC grow.
  /// - Returns: the kernel's time of the vertical blank at which it happened; nil if it didn't until `deadline`.
  func wait(for token: UInt64, crtc: UInt32, until deadline: Instant) -> Instant? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let flip = flips.first(where: { $0.crtc == crtc }), flip.token >= token { return flip.time }
      guard MonotonicClock.now < deadline else { return nil }
      if isReading {
        var time = deadline.timespec
        pthread_cond_timedwait(condition, mutex, &time)
        continue
      }
      isReading = true
      pthread_mutex_unlock(mutex)
      let count = read(until: deadline)
      pthread_mutex_lock(mutex)
      isReading = false
      note(count)
      pthread_cond_broadcast(condition)
      if count < 0 { return nil }
    }
  }

  /// Bytes read into the buffer; 0 when none came in time, negative when the card is gone.
  private func read(until deadline: Instant) -> Int {
    // At least a millisecond, so that no rounding makes it spin.
    let remaining = max((deadline - MonotonicClock.now).nanoseconds / 1_000_000 + 1, 1)
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let result = pollOne(&poll, Int32(clamping: remaining))
    if result == 0 || (result < 0 && errno == EINTR) { return 0 }
    guard result > 0, poll.revents & Int16(POLLIN) != 0 else { return -1 }
    let count = readBytes(descriptor, buffer.baseAddress, buffer.count)
    return count < 0 && (errno == EINTR || errno == EAGAIN) ? 0 : count
  }

  private func note(_ count: Int) {
    var offset = 0
    while offset + MemoryLayout<drm_event>.size <= count {
      let header = buffer.loadUnaligned(fromByteOffset: offset, as: drm_event.self)
      let length = Int(header.length)
      guard length >= MemoryLayout<drm_event>.size, offset + length <= count else { return }
      if header.type == UInt32(DRM_EVENT_FLIP_COMPLETE), length >= MemoryLayout<drm_event_vblank>.size {
        let event = buffer.loadUnaligned(fromByteOffset: offset, as: drm_event_vblank.self)
        let time = Instant(nanoseconds: Int64(event.tv_sec) * 1_000_000_000 + Int64(event.tv_usec) * 1_000)
        note(Flip(crtc: event.crtc_id, token: event.user_data, time: time))
      }
      offset += length
    }
  }

  private func note(_ flip: Flip) {
    if let index = flips.firstIndex(where: { $0.crtc == flip.crtc }) {
      flips[index] = flip
    } else {
      flips.append(flip)
    }
  }
}

// The methods above have these names too.
private func pollOne(_ descriptor: UnsafeMutablePointer<pollfd>, _ timeout: Int32) -> Int32 {
  poll(descriptor, 1, timeout)
}

private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}
