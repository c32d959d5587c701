/// Numbers forwarded packets so that their receiver sees one stream without gaps, whatever of the publisher's streams is
/// left out or switched between.
///
/// Numbers that the publisher's packets have not reached yet in order keep a place free, since they may still come. When
/// such a late packet turns out not to be wanted, its place has to be filled with an empty packet, or the receiver would
/// ask for it for ever.
struct SequenceRewriter {
  /// Late packets are placed this far back at most; older ones are dropped. A power of two.
  static let historyCount = 2_048
  /// A jump of the publisher's numbers beyond this is taken for a restart of its stream.
  static let maximumGap: Int64 = 1_024

  /// What becomes of a packet.
  enum Place: Equatable {
    /// It goes out under this number.
    case number(Int64)
    /// It isn't sent, and nobody misses it.
    case nothing
    /// It isn't sent, but its place was kept free: fill it with an empty packet.
    case fill(Int64)
  }

  // For the input number n, slot n mod count: output number + 1, or 0 when n was left out.
  private var history = [Int64](repeating: 0, count: SequenceRewriter.historyCount)
  private var highest: Int64?
  private var oldest: Int64 = 0
  private var next: Int64 = 0

  /// The number that the next packet in order gets.
  var nextNumber: Int64 { next }

  /// Begins a source, or continues with another one: its packets follow what was forwarded before.
  mutating func beginSource() {
    highest = nil
  }

  /// The number of packet `input` of the present source, which is to be sent.
  mutating func forward(_ input: Int64) -> Place {
    advance(to: input, isWanted: true)
  }

  /// What is to be done about packet `input` of the present source, which isn't to be sent.
  mutating func leaveOut(_ input: Int64) -> Place {
    advance(to: input, isWanted: false)
  }

  /// The number for an empty packet of our own.
  mutating func insert() -> Int64 {
    defer { next += 1 }
    return next
  }

  private mutating func advance(to input: Int64, isWanted: Bool) -> Place {
    guard let last = highest, Self.isNear(input, last) else {
      begin(at: input)
      return place(input, isWanted: isWanted)
    }
    guard input > last else { return placeLate(input, isWanted: isWanted) }
    // What is missing in between may come late.
    for missing in (last + 1)..<input { keep(missing) }
    return place(input, isWanted: isWanted)
  }

  private static func isNear(_ input: Int64, _ last: Int64) -> Bool {
    let (distance, isOverflow) = input.subtractingReportingOverflow(last)
    return !isOverflow && distance.magnitude <= UInt64(maximumGap)
  }

  private mutating func begin(at input: Int64) {
    highest = input &- 1
    oldest = input
  }

  private mutating func keep(_ input: Int64) {
    store(next + 1, for: input)
    next += 1
  }

  private mutating func place(_ input: Int64, isWanted: Bool) -> Place {
    highest = input
    guard isWanted else {
      store(0, for: input)
      return .nothing
    }
    store(next + 1, for: input)
    next += 1
    return .number(next - 1)
  }

  private mutating func placeLate(_ input: Int64, isWanted: Bool) -> Place {
    guard input >= oldest, let last = highest, last - input < Int64(Self.historyCount) else { return .nothing }
    let kept = history[slot(input)]
    guard kept > 0 else { return .nothing }
    if isWanted { return .number(kept - 1) }
    store(0, for: input)
    return .fill(kept - 1)
  }

  private mutating func store(_ value: Int64, for input: Int64) {
    history[slot(input)] = value
    oldest = max(oldest, input &- Int64(Self.historyCount) &+ 1)
  }

  private func slot(_ input: Int64) -> Int { Int(input & Int64(Self.historyCount - 1)) }
}
