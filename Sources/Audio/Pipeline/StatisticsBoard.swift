import Synchronization

/// Shows a value of counters to other threads, without locks: the owner writes it word by word, readers read it word by
/// word. A reader may see some counters one update newer than others, never half a counter.
///
/// `Value` must consist of whole machine words (`Int` and the like).
public final class StatisticsBoard<Value: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let words: UnsafeMutablePointer<Atomic<Int>>
  private let count: Int
  /// What the words are laid over when read: a value of the same shape.
  private let first: Value

  /// A board that shows `value`.
  public init(_ value: Value) {
    precondition(MemoryLayout<Value>.size % MemoryLayout<Int>.size == 0, "counters are whole words")
    count = MemoryLayout<Value>.size / MemoryLayout<Int>.size
    words = .allocate(capacity: count)
    for index in 0..<count { (words + index).initialize(to: Atomic(0)) }
    first = value
    publish(value)
  }

  deinit {
    words.deinitialize(count: count)
    words.deallocate()
  }

  /// Shows `value`. One thread only.
  public func publish(_ value: Value) {
    var value = value
    write(&value)
  }

  /// The value last shown. Any thread.
  public var value: Value {
    var value = first
    read(&value)
    return value
  }

  // Pointers to a value, not closures that are given one: Swift 6.3 compiles the generic form of those wrongly, such that
  // a word that isn't zero counts as an error thrown by a closure that throws none.

  private func write(_ value: UnsafeRawPointer) {
    for index in 0..<count {
      words[index].store(
        value.loadUnaligned(fromByteOffset: index * MemoryLayout<Int>.size, as: Int.self), ordering: .relaxed)
    }
  }

  private func read(_ value: UnsafeMutableRawPointer) {
    for index in 0..<count {
      value.storeBytes(
        of: words[index].load(ordering: .relaxed), toByteOffset: index * MemoryLayout<Int>.size, as: Int.self)
    }
  }
}
