import Testing
import WebRTC

@testable import PracticeRoom

@Suite("Dependency descriptors of streams from which layers are left out")
struct DependencyRewriterTests {
  /// L2T2: decode targets 0 to 3 are S0T0, S0T1, S1T0 and S1T1.
  private var structure: FrameDependencyStructure {
    var structure = FrameDependencyStructure()
    structure.decodeTargetCount = 4
    structure.templates = (0..<4).map { index in
      var template = FrameDependencies(spatialLayer: index / 2, temporalLayer: index % 2)
      for target in 0..<4 where target / 2 >= index / 2 && target % 2 >= index % 2 {
        template.setIndication(.required, target: target)
      }
      return template
    }
    return structure
  }

  private func descriptor(_ template: Int, number: UInt16, isKey: Bool) -> DependencyDescriptor {
    var descriptor = DependencyDescriptor()
    descriptor.startsFrame = true
    descriptor.frameNumber = number
    descriptor.dependencies = structure.templates[template]
    if isKey { descriptor.structure = structure }
    return descriptor
  }

  /// What comes out for a descriptor, read again; nil when it goes out as it is.
  private func rewrite(
    _ descriptor: DependencyDescriptor, _ rewriter: inout DependencyRewriter, spatial: Int, temporal: Int
  ) throws -> DependencyDescriptor? {
    var bytes = [UInt8](repeating: 0, count: 255)
    let count = bytes.withUnsafeMutableBytes { descriptor.write(into: $0, structure: structure) }
    try #require(count > 0)
    var output = [UInt8](repeating: 0, count: 255)
    let length = bytes.withUnsafeBytes { bytes in
      output.withUnsafeMutableBytes { output in
        rewriter.rewrite(
          UnsafeRawBufferPointer(rebasing: bytes[..<count]), spatialLayer: spatial, temporalLayer: temporal,
          into: output)
      }
    }
    guard length > 0 else { return nil }
    return try output.withUnsafeBytes { memory in
      try DependencyDescriptor(parsing: UnsafeRawBufferPointer(rebasing: memory[..<length]), structure: structure)
    }
  }

  @Test("what is whole goes out as it is")
  func passesThrough() throws {
    var rewriter = DependencyRewriter()
    let key = try rewrite(descriptor(0, number: 1, isKey: true), &rewriter, spatial: 1, temporal: .max)
    #expect(key == nil)
    let next = try rewrite(descriptor(1, number: 2, isKey: false), &rewriter, spatial: 1, temporal: 1)
    #expect(next == nil)
  }

  @Test("left-out layers make their decode targets inactive; number, template and structure stay")
  func namesActiveTargets() throws {
    var rewriter = DependencyRewriter()
    let key = try #require(
      try rewrite(descriptor(0, number: 1, isKey: true), &rewriter, spatial: 0, temporal: .max))
    #expect(key.activeDecodeTargets == 0b0011)
    #expect(key.structure == structure && key.frameNumber == 1 && key.startsFrame && !key.endsFrame)
    let next = try #require(
      try rewrite(descriptor(2, number: 2, isKey: false), &rewriter, spatial: 1, temporal: 0))
    #expect(next.activeDecodeTargets == 0b0101)
    #expect(next.structure == nil && next.frameNumber == 2)
    #expect(next.dependencies == structure.templates[2])
  }

  @Test("without its structure, or unreadable, it goes out as it is")
  func survivesNonsense() throws {
    var rewriter = DependencyRewriter()
    let early = try rewrite(descriptor(0, number: 1, isKey: false), &rewriter, spatial: 0, temporal: 0)
    #expect(early == nil)
    for bytes in [[], [0x80], [0x80, 0, 0, 0xFF], [UInt8](repeating: 0xFF, count: 255)] as [[UInt8]] {
      var output = [UInt8](repeating: 0, count: 255)
      let count = bytes.withUnsafeBytes { bytes in
        output.withUnsafeMutableBytes { rewriter.rewrite(bytes, spatialLayer: 0, temporalLayer: 0, into: $0) }
      }
      #expect(count == 0)
    }
  }
}
