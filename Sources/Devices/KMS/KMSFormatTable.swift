/// The kernel's table of the formats and memory layouts that a plane takes (`drm_format_modifier_blob`, the property
/// IN_FORMATS).
enum KMSFormatTable {
  private static let headerSize = 24
  private static let entrySize = 24

  /// The formats (`DRM_FORMAT_…`) that the plane takes with `DRM_FORMAT_MOD_LINEAR`; nil if `table` isn't one or speaks of
  /// no layouts at all.
  static func linearFormats(_ table: [UInt8]) -> [UInt32]? {
    table.withUnsafeBytes { bytes -> [UInt32]? in
      guard bytes.count >= headerSize else { return nil }
      func word(_ offset: Int) -> Int { Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
      let (version, formats, formatsAt, layouts, layoutsAt) = (word(0), word(8), word(12), word(16), word(20))
      guard version == 1, layouts > 0, formatsAt + 4 * formats <= bytes.count,
        layoutsAt + entrySize * layouts <= bytes.count
      else { return nil }
      var result: [UInt32] = []
      for index in 0..<layouts {
        let entry = layoutsAt + entrySize * index
        // A set of 64 formats from a certain one on, and their layout: 0 is the linear one.
        guard bytes.loadUnaligned(fromByteOffset: entry + 16, as: UInt64.self) == 0 else { continue }
        let set = bytes.loadUnaligned(fromByteOffset: entry, as: UInt64.self)
        for bit in 0..<64 where set & 1 << UInt64(bit) != 0 {
          let number = word(entry + 8) + bit
          if number < formats {
            result.append(bytes.loadUnaligned(fromByteOffset: formatsAt + 4 * number, as: UInt32.self))
          }
        }
      }
      return result
    }
  }
}
