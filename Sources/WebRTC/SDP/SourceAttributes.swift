/// What SDP says of one synchronisation source (RFC 5576 §4.1).
public struct SourceAttributes: Hashable, Sendable {
  /// The synchronisation source.
  public var ssrc: UInt32
  /// Its attributes in their order: `cname`, `msid` and others.
  public var attributes: [Attribute]

  /// A source with these attributes.
  public init(ssrc: UInt32, attributes: [Attribute] = []) {
    self.ssrc = ssrc
    self.attributes = attributes
  }

  /// A source with its canonical name.
  public init(ssrc: UInt32, canonicalName: String) {
    self.init(ssrc: ssrc, attributes: [Attribute(name: "cname", value: canonicalName)])
  }

  /// The canonical name (RFC 3550 §6.5.1), equal for all sources that share a clock.
  public var canonicalName: String? { value(of: "cname") }

  /// The value of the attribute `name`.
  public func value(of name: String) -> String? {
    attributes.first { $0.name == name }?.value
  }

  /// An attribute of a source.
  public struct Attribute: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// What follows the colon.
    public var value: String?

    /// The attribute `name`.
    public init(name: String, value: String?) {
      self.name = name
      self.value = value
    }
  }
}

/// Sources that belong together (RFC 5576 §4.2).
public struct SourceGroup: Hashable, Sendable {
  /// `FID`: the source and its retransmissions (RFC 4588 §8.8); `SIM`: simulcast layers, low to high, without rid.
  public var semantics: String
  /// The sources.
  public var ssrcs: [UInt32]

  /// The group of `ssrcs`.
  public init(semantics: String, ssrcs: [UInt32]) {
    self.semantics = semantics
    self.ssrcs = ssrcs
  }
}

extension MediaDescription {
  /// The source that retransmits for `ssrc`, by its FID group.
  public func retransmissionSource(for ssrc: UInt32) -> UInt32? {
    sourceGroups.first { $0.semantics == "FID" && $0.ssrcs.count > 1 && $0.ssrcs[0] == ssrc }?.ssrcs[1]
  }

  /// The sources that carry media, in their order: all but those that retransmit for another.
  public var mediaSources: [UInt32] {
    var repairs = Set<UInt32>()
    for group in sourceGroups where group.semantics != "SIM" { repairs.formUnion(group.ssrcs.dropFirst()) }
    return sources.lazy.map(\.ssrc).filter { !repairs.contains($0) }
  }

  /// The source with this number.
  public func source(_ ssrc: UInt32) -> SourceAttributes? {
    sources.first { $0.ssrc == ssrc }
  }
}
