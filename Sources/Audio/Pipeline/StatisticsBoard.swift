import Synchronization

/// Shows a value of counters to other threads, without locks: the owner writes it word by word, readers read it word by
/// word. A reader may see some counters one update newer than others, never half a counter.
///
/// `Value` must consist of whole machine words (`Int` and the like).
public final class StatisticsBoard<Value: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let words: UnsafeMutablePointer<Atomic<Int>>
  private let count: Int

  /// A board that shows `value`.
  public init(_ value: Value) {
    precondition(MemoryLayout<Value>.size % MemoryLayout<Int>.size == 0, "counters are whole words")
    count = MemoryLayout<Value>.size / MemoryLayout<Int>.size
    words = .allocate(capacity: count)
    for index in 0..<count { (words + index).initialize(to: Atomic(0)) }
    publish(value)
  }

  deinit {
    words.deinitialize(count: count)
    words.deallocate()
  }

  /// Shows `value`. One thread only.
  public func publish(_ value: Value) {
    withUnsafeBytes(of: value) { bytes in
      for index in 0..<count {
        words[index].store(
          bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Int>.size, as: Int.self), ordering: .relaxed)
      }
    }
  }

  /// The value last shown. Any thread.
  public var value: Value {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: max(1, count)) { buffer in
      for index in 0..<count { buffer[index] = words[index].load(ordering: .relaxed) }
      return UnsafeRawBufferPointer(buffer).loadUnaligned(as: Value.self)
    }
  }
}
