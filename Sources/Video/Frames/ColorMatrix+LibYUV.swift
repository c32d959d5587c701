import CYUV

extension ColorMatrix {
  /// The matrix as libyuv's conversions to RGB take it.
  package var yuvConstants: UnsafePointer<YuvConstants>? {
    switch self {
    case .bt601: salle_yuv_bt601()
    case .bt601FullRange: salle_yuv_bt601_full()
    case .bt709: salle_yuv_bt709()
    case .bt709FullRange: salle_yuv_bt709_full()
    }
  }
}
