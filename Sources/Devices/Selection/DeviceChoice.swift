/// Which device of a class is used, and why: this one, else the best.
public struct DeviceChoice: Hashable, Sendable {
  /// A device that may be chosen.
  public struct Candidate: Hashable, Sendable {
    /// By what it is known again.
    public var identity: DeviceIdentity
    /// Its node or its name within its class.
    public var node: String
    /// How well it suits a room, by what it can do; nil if it doesn't at all and is used only when asked for.
    public var merit: Int?

    /// A device that may be chosen.
    public init(identity: DeviceIdentity, node: String, merit: Int?) {
      self.identity = identity
      self.node = node
      self.merit = merit
    }
  }

  /// Why a device is used.
  public enum Reason: Hashable, Sendable {
    /// It was asked for by this rule.
    case wished(DeviceRule)
    /// Nothing was asked for, and none suits a room better.
    case best
    /// None that was asked for is there, and none suits a room better.
    case bestInPlaceOfWished
  }

  /// The place of the device among the candidates.
  public let index: Int
  /// Why it is used.
  public let reason: Reason

  /// The device that `wishes` ask for, the first wish before the others; else the one of the most merit. Among equals the
  /// one whose bus path comes first, so that a room has the same camera after every start. Nil if there is none.
  public init?(among candidates: [Candidate], wishes: [DeviceRule]) {
    let order = candidates.indices.sorted { first, second in
      let (left, right) = (candidates[first], candidates[second])
      if left.merit != right.merit { return (left.merit ?? .min) > (right.merit ?? .min) }
      return (left.identity.busPath, left.node) < (right.identity.busPath, right.node)
    }
    for wish in wishes {
      if let found = order.first(where: { wish.matches(candidates[$0].identity, node: candidates[$0].node) }) {
        index = found
        reason = .wished(wish)
        return
      }
    }
    guard let best = order.first, candidates[best].merit != nil else { return nil }
    index = best
    reason = wishes.isEmpty ? .best : .bestInPlaceOfWished
  }
}
