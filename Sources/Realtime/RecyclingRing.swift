/// Hands reusable objects from a producer thread to a consumer thread and the empty ones back, without allocation.
///
/// The producer takes an empty object with `vacant()`, fills it and `push`es it; the consumer `pop`s, uses and
/// `recycle`s it. All objects are made up front. When the consumer falls behind, `vacant()` has nothing to give and the
/// producer drops its datum (counted in `starvedCount`).
public final class RecyclingRing<Element: AnyObject>: Sendable {
  private let full: SPSCRing<Element>
  private let empty: SPSCRing<Element>

  /// A ring with `capacity` objects made by `make`.
  public init(capacity: Int, make: () -> Element) {
    full = SPSCRing(capacity: capacity)
    empty = SPSCRing(capacity: capacity)
    for _ in 0..<capacity { empty.push(make()) }
  }

  /// An empty object to fill, or nil when the consumer holds them all. Producer's thread only.
  public func vacant() -> Element? { empty.pop() }

  /// Hands a filled object over. Producer's thread only.
  public func push(_ element: Element) { full.push(element) }

  /// The oldest filled object, or nil. Consumer's thread only.
  public func pop() -> Element? { full.pop() }

  /// Gives a used object back to the producer. Consumer's thread only.
  public func recycle(_ element: Element) { empty.push(element) }

  /// How many filled objects wait.
  public var count: Int { full.count }
}
