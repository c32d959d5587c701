import WebRTC

/// Tells a receiver of a stream with dependency descriptors (AV1 RTP specification, appendix A) which decode targets are
/// left when layers are left out. Frame numbers stay: what is left refers to nothing that was left out.
struct DependencyRewriter {
  private var structure: FrameDependencyStructure?
  /// The highest spatial and temporal layer of each decode target.
  private var targets: [(spatial: Int, temporal: Int)] = []

  /// Writes into `memory` what goes out in place of `bytes`, with spatial and temporal layers up to these.
  /// - Returns: bytes written; 0 when `bytes` go out as they are.
  mutating func rewrite(
    _ bytes: UnsafeRawBufferPointer, spatialLayer: Int, temporalLayer: Int, into memory: UnsafeMutableRawBufferPointer
  ) -> Int {
    // It is told with the first packet of each frame, so that no loss matters for long.
    guard bytes.count >= 3, bytes[0] & 0x80 != 0 else { return 0 }
    let bringsStructure = bytes.count > 3 && bytes[3] & 0x80 != 0
    let isWhole = targets.allSatisfy { $0.spatial <= spatialLayer && $0.temporal <= temporalLayer }
    guard bringsStructure || !isWhole else { return 0 }
    guard var descriptor = try? DependencyDescriptor(parsing: bytes, structure: structure) else { return 0 }
    if let new = descriptor.structure, new != structure { learn(new) }
    guard let structure else { return 0 }
    var mask: UInt32 = 0
    for (index, target) in targets.enumerated()
    where target.spatial <= spatialLayer && target.temporal <= temporalLayer {
      mask |= 1 << UInt32(index)
    }
    let all = UInt32.max >> UInt32(32 - structure.decodeTargetCount)
    let sent = descriptor.activeDecodeTargets ?? all
    guard mask & sent != sent, mask & sent != 0 else { return 0 }
    descriptor.activeDecodeTargets = mask & sent
    return descriptor.write(into: memory, structure: structure)
  }

  private mutating func learn(_ new: FrameDependencyStructure) {
    structure = new
    targets = (0..<new.decodeTargetCount).map { target in
      var highest = (spatial: 0, temporal: 0)
      for template in new.templates where template.indication(target) != .notPresent {
        highest.spatial = max(highest.spatial, template.spatialLayer)
        highest.temporal = max(highest.temporal, template.temporalLayer)
      }
      return highest
    }
  }
}
