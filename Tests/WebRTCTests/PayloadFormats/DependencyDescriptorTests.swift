import Realtime
import Testing
import WebRTC

/// The bytes of hexadecimal digits.
private func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

private func parse(_ bytes: [UInt8], _ structure: FrameDependencyStructure?) throws -> DependencyDescriptor {
  try bytes.withUnsafeBytes { try DependencyDescriptor(parsing: $0, structure: structure) }
}

private func write(_ descriptor: DependencyDescriptor, _ structure: FrameDependencyStructure?) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: DependencyDescriptor.maximumSize)
  let count = bytes.withUnsafeMutableBytes { descriptor.write(into: $0, structure: structure) }
  return Array(bytes[..<count])
}

/// A frame's meaning to all decode targets, as the specification writes it.
private func letters(_ frame: FrameDependencies, _ count: Int) -> String {
  String((0..<count).map { Array("-DSR")[Int(frame.indication($0).rawValue)] })
}

@Suite("Dependency descriptor")
struct DependencyDescriptorTests {
  /// The structure of a browser's AV1 stream with three spatial and three temporal layers, captured from traffic.
  private let captured =
    "c1017280081485214eafffaaaa863cf0430c10c302afc0aaa0063c00430010c002a000a80006000040001d954926e082b04a0941b820ac12825"
    + "03157f974000ca864330e222222eca8655304224230eca877530077004200ef008601df010d"

  @Test("a browser's descriptors are read")
  func capturedStream() throws {
    let key = try parse(bytes(captured), nil)
    let structure = try #require(key.structure)
    #expect(key.startsFrame && key.endsFrame && key.frameNumber == 0x0172)
    #expect(structure.decodeTargetCount == 9 && structure.chainCount == 3)
    #expect(structure.protectingChains == [0, 0, 0, 1, 1, 1, 2, 2, 2])
    #expect(structure.resolutions.map(\.width) == [120, 240, 480])
    let frame = try #require(key.dependencies)
    #expect(frame.spatialLayer == 0 && frame.temporalLayer == 0 && frame.referenceCount == 0)
    #expect(letters(frame, 9) == "SSSSSSSSS")
    for following in ["86017340fc", "46017340fc", "c3017540fc", "88017640fc", "860173", "8b0174", "c30175"] {
      let descriptor = try parse(bytes(following), structure)
      let frame = try #require(descriptor.dependencies)
      #expect(frame.referenceCount > 0 && frame.spatialLayer < 3)
      #expect(following.count == 6 || descriptor.activeDecodeTargets != nil)
      #expect(write(descriptor, structure) == bytes(following))
    }
  }

  @Test("a browser's structure is written back bit by bit")
  func capturedStructure() throws {
    let key = try parse(bytes(captured), nil)
    #expect(write(key, nil) == bytes(captured))
  }

  @Test("L1T2 by hand")
  func handWorked() throws {
    var generator = DependencyDescriptorGenerator(spatialLayerCount: 1, temporalLayerCount: 2)
    var key = generator.next(spatialLayer: 0, temporalLayer: 0, isKeyPicture: true)
    key.startsFrame = true
    key.endsFrame = true
    // Start, end, template 0, frame 0 | structure present, offset 0, two decode targets | layers T0 T0 T1 end:
    // 00 01 11 | SS SS -D: 1010 1010 0001 | references none, 2, 1: 0, 1 0001 0, 1 0000 0 | one chain of three
    // possibilities: 10 | protecting both: no bits | chain differences 0 2 1: 0000 0010 0001 | no resolutions: 0.
    let bits = "11000000" + "0000000000000000" + "10000" + "000000" + "00001" + "000111" + "101010100001"
    let rest = "0" + "100010" + "100000" + "10" + "000000100001" + "0"
    let all = Array(bits + rest)
    let expected = stride(from: 0, to: all.count, by: 8).map { start in
      UInt8(String(all[start..<min(start + 8, all.count)]).padded(), radix: 2) ?? 0
    }
    #expect(write(key, nil) == expected)
    let second = generator.next(spatialLayer: 0, temporalLayer: 1, isKeyPicture: false)
    #expect(write(second, generator.structure) == [0x02, 0x00, 0x01])
    let third = generator.next(spatialLayer: 0, temporalLayer: 0, isKeyPicture: false)
    #expect(write(third, generator.structure) == [0x01, 0x00, 0x02])
  }

  @Test("L3T3_KEY has the fifteen templates that its dependencies ask for")
  func threeByThree() throws {
    let structure = DependencyDescriptorGenerator(spatialLayerCount: 3, temporalLayerCount: 3).structure
    #expect(structure.templates.count == 15 && structure.decodeTargetCount == 9 && structure.chainCount == 3)
    let expected: [(Int, Int, String, [Int], [Int])] = [
      (0, 0, "SSSSSSSSS", [], [0, 0, 0]), (0, 0, "SSS------", [12], [12, 11, 10]), (0, 1, "-DS------", [6], [6, 5, 4]),
      (0, 2, "--D------", [3], [3, 2, 1]), (0, 2, "--D------", [3], [9, 8, 7]), (1, 0, "---SSSSSS", [1], [1, 1, 1]),
      (1, 0, "---SSS---", [12], [1, 12, 11]), (1, 1, "----DS---", [6], [7, 6, 5]), (1, 2, "-----D---", [3], [4, 3, 2]),
      (1, 2, "-----D---", [3], [10, 9, 8]), (2, 0, "------SSS", [1], [2, 1, 1]), (2, 0, "------SSS", [12], [2, 1, 12]),
      (2, 1, "-------DS", [6], [8, 7, 6]), (2, 2, "--------D", [3], [5, 4, 3]), (2, 2, "--------D", [3], [11, 10, 9]),
    ]
    for (template, (spatial, temporal, indications, references, chains)) in zip(structure.templates, expected) {
      #expect(template.spatialLayer == spatial && template.temporalLayer == temporal)
      #expect(letters(template, 9) == indications)
      #expect((0..<template.referenceCount).map { template.reference($0) } == references)
      #expect((0..<3).map { template.chainDifference($0) } == chains)
    }
  }

  @Test("regular streams take three bytes a packet, and what leaves the pattern is read back as it was")
  func roundTrip() throws {
    for (spatialCount, temporalCount) in [(1, 1), (1, 2), (1, 3), (3, 3)] {
      var generator = DependencyDescriptorGenerator(
        spatialLayerCount: spatialCount, temporalLayerCount: temporalCount,
        resolutions: (0..<spatialCount).map { .init(width: 320 << $0, height: 180 << $0) }, templateIDOffset: 60)
      var structure: FrameDependencyStructure?
      var random = SeededRandom(seed: 20)
      let pattern = [[0], [0, 1], [0, 2, 1, 2]][temporalCount - 1]
      for picture in 0..<200 {
        let isKeyPicture = picture % 80 == 0
        for spatial in 0..<spatialCount {
          let isIrregular = picture >= 40 && spatial > 0 && Int.random(in: 0..<5, using: &random) == 0
          if isIrregular && !isKeyPicture { continue }
          var descriptor = generator.next(
            spatialLayer: spatial, temporalLayer: pattern[picture % pattern.count], isKeyPicture: isKeyPicture)
          if picture == 10 { descriptor.activeDecodeTargets = generator.decodeTargets(spatialLayers: 1) }
          let written = write(descriptor, structure)
          let parsed = try parse(written, structure)
          structure = parsed.structure ?? structure
          #expect(parsed.dependencies == descriptor.dependencies && parsed.frameNumber == descriptor.frameNumber)
          #expect(parsed.structure == descriptor.structure)
          #expect(parsed.activeDecodeTargets == descriptor.activeDecodeTargets)
          if picture < 40, picture != 10, !(isKeyPicture && spatial == 0) { #expect(written.count == 3) }
        }
      }
    }
  }

  @Test("truncated and altered descriptors are refused or read within their bounds")
  func mutations() throws {
    let good = bytes(captured)
    let structure = try #require(try parse(good, nil).structure)
    for count in 0..<good.count { _ = try? parse(Array(good[..<count]), structure) }
    #expect(throws: PayloadFormatError.truncated) { try parse(Array(good[..<40]), nil) }
    var random = SeededRandom(seed: 21)
    for _ in 0..<5_000 {
      var altered = good
      for _ in 0..<4 { altered[Int.random(in: 0..<good.count, using: &random)] = .random(in: 0...255, using: &random) }
      if let descriptor = try? parse(altered, structure) { _ = write(descriptor, structure) }
    }
  }
}

extension String {
  /// Eight binary digits, zeros appended.
  fileprivate func padded() -> String { self + String(repeating: "0", count: 8 - count) }
}
