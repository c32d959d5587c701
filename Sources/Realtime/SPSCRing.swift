import Synchronization

/// A bounded queue between exactly one producer thread and one consumer thread, lock-free and free of allocation.
///
/// A full ring never blocks the producer: `push` gives the element back and counts it as dropped, so the producer
/// decides what is lost. The consumer uses `discardOldest` to catch up after a stall.
///
/// `@unchecked Sendable`: slots between `head` and `tail` belong to the consumer, all others to the producer; each index
/// is stored by one side only, with release order, and loaded by the other with acquire order.
public final class SPSCRing<Element>: @unchecked Sendable {
  private let slots: UnsafeMutablePointer<Element>
  private let mask: Int
  private let head = Atomic<Int>(0)
  private let tail = Atomic<Int>(0)
  private let dropped = Atomic<Int>(0)

  /// A ring that holds up to `capacity` elements, rounded up to a power of two.
  public init(capacity: Int) {
    var size = 1
    while size < capacity { size <<= 1 }
    slots = .allocate(capacity: size)
    mask = size - 1
  }

  deinit {
    while pop() != nil {}
    slots.deallocate()
  }

  /// How many elements the ring can hold.
  public var capacity: Int { mask + 1 }

  /// How many elements wait. Exact only on the consumer's or the producer's thread.
  public var count: Int { tail.load(ordering: .acquiring) - head.load(ordering: .acquiring) }

  /// How many pushes found the ring full since it was made.
  public var droppedCount: Int { dropped.load(ordering: .relaxed) }

  /// Appends `element`; returns it when the ring is full. Producer's thread only.
  @discardableResult
  public func push(_ element: Element) -> Element? {
    let end = tail.load(ordering: .relaxed)
    if end - head.load(ordering: .acquiring) > mask {
      dropped.wrappingAdd(1, ordering: .relaxed)
      return element
    }
    (slots + (end & mask)).initialize(to: element)
    tail.store(end + 1, ordering: .releasing)
    return nil
  }

  /// Takes the oldest element; nil when there is none. Consumer's thread only.
  public func pop() -> Element? {
    let start = head.load(ordering: .relaxed)
    if start == tail.load(ordering: .acquiring) { return nil }
    let element = (slots + (start & mask)).move()
    head.store(start + 1, ordering: .releasing)
    return element
  }

  /// Drops the oldest elements until at most `keep` wait; returns how many were dropped. Consumer's thread only.
  @discardableResult
  public func discardOldest(keeping keep: Int) -> Int {
    var count = 0
    while self.count > keep, pop() != nil { count += 1 }
    return count
  }
}
