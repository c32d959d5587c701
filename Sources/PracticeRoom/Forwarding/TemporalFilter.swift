/// Decides for one receiver which temporal layers of a stream it gets (RFC 7741 §4.2 and RFC 9628 §4.2: TID, Y, U).
///
/// Fewer are given from the next picture on, since lower layers never refer to higher ones; more only where the stream
/// says that they need nothing that was left out.
struct TemporalFilter {
  /// What a picture allows.
  enum Switching {
    case nothing
    /// It refers to the lowest layer alone, so that its own layer may be taken from it on (VP8's Y).
    case ownLayer
    /// The layers above its own refer to nothing of themselves before it (VP9's U).
    case layersAbove
    /// It begins the stream anew.
    case allLayers
  }

  /// Packets come late by a few pictures at most.
  private static let historyCount = 32

  /// The highest layer that the receiver wants.
  var target = Int.max
  /// The highest layer that it gets.
  private(set) var current = Int.max
  private var newest: UInt32?
  private var isNewestWanted = false
  private var history = [(timestamp: UInt32, isWanted: Bool)?](repeating: nil, count: TemporalFilter.historyCount)
  private var slot = 0

  /// Another stream begins, with a key frame.
  mutating func begin() {
    current = target
    newest = nil
    for index in history.indices { history[index] = nil }
  }

  /// Whether the receiver gets a packet. All packets of a picture have one RTP timestamp, and one fate.
  mutating func admits(timestamp: UInt32, temporalLayer: Int, _ switching: Switching) -> Bool {
    if let newest, Int32(bitPattern: timestamp &- newest) <= 0 {
      if timestamp == newest { return isNewestWanted }
      return verdict(timestamp) ?? (temporalLayer <= current)
    }
    newest = timestamp
    current = min(current, target)
    switch switching {
    case .allLayers: current = target
    // Step by step: what lies between would be missing to those that follow.
    case .ownLayer where temporalLayer == current &+ 1 && temporalLayer <= target: current = temporalLayer
    case .ownLayer, .layersAbove, .nothing: break
    }
    let isWanted = temporalLayer <= current
    isNewestWanted = isWanted
    history[slot] = (timestamp, isWanted)
    slot = (slot + 1) % Self.historyCount
    if case .layersAbove = switching, isWanted { current = target }
    return isWanted
  }

  private func verdict(_ timestamp: UInt32) -> Bool? {
    for case let entry? in history where entry.timestamp == timestamp { return entry.isWanted }
    return nil
  }
}
