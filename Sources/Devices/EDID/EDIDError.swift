/// Why a display's description of itself (EDID) cannot be used.
public enum EDIDError: Error, Hashable, Sendable {
  /// There are fewer bytes than the 128 of the base block. The cable or the display is at fault, or there is none.
  case tooShort(Int)
  /// It doesn't begin with the eight bytes that every EDID begins with.
  case noHeader
  /// The bytes of a block, counted from 0, don't add up to 0: it was read wrongly, or written so at the factory.
  case checksum(block: Int)
}

extension EDIDError: CustomStringConvertible {
  /// What is wrong, for logs.
  public var description: String {
    switch self {
    case .tooShort(let count): "the display's EDID has \(count) bytes where at least 128 are needed"
    case .noHeader: "the display's EDID doesn't begin as one"
    case .checksum(let block): "block \(block) of the display's EDID has a wrong checksum"
    }
  }
}
