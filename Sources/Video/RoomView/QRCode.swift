import CQREncode

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A QR code (ISO/IEC 18004) of a text, with error correction level M: 15 % of it may be covered.
struct QRCode: Hashable {
  /// How wide the light border around it must be, modules.
  static let quietZone = 4

  /// Modules in a row and in a column.
  let size: Int
  private let modules: [Bool]

  /// The smallest code of `text`; nil if it is empty, or longer than codes can be.
  init?(_ text: String) {
    guard !text.isEmpty, let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
    defer { QRcode_free(code) }
    size = Int(code.pointee.width)
    modules = UnsafeBufferPointer(start: code.pointee.data, count: size * size).map { $0 & 1 == 1 }
  }

  /// Draws the dark modules, each `module` pixels wide, on a light plate whose top left corner is at (`x`, `y`) and which is
  /// wider by the quiet zone on each side.
  func draw(_ drawing: Drawing, x: Double, y: Double, module: Double) {
    let start = Double(Self.quietZone) * module
    for row in 0..<size {
      for column in 0..<size where self[column, row] {
        drawing.rectangle(
          x: x + start + Double(column) * module, y: y + start + Double(row) * module, width: module, height: module)
      }
    }
    drawing.fill(Palette.darkText)
  }

  /// Whether the module in column `x` of row `y` is dark.
  subscript(x: Int, y: Int) -> Bool { modules[y * size + x] }
}
