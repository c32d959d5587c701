import Video

extension VideoFrame {
  /// Turns samples of full range (0 to 255, as in JPEG) into limited range (luma 16 to 235), which is what all take VP8
  /// and VP9 to hold that isn't marked otherwise: else receivers would show a picture with crushed shadows. In place.
  func limitRange() {
    switch colorMatrix {
    case .bt601, .bt709: return
    case .bt601FullRange: colorMatrix = .bt601
    case .bt709FullRange: colorMatrix = .bt709
    }
    // 220/256 for 219/255 and 225/256 for 224/255, which 16 bits hold: never off by more than one step. Padding at the
    // end of rows is converted, too, which is faster than leaving it out.
    Self.scale(y, count: strideY * height, factor: 220, offset: 4_224)
    Self.scale(u, count: strideUV * chromaHeight, factor: 225, offset: 4_096)
    Self.scale(v, count: strideUV * chromaHeight, factor: 225, offset: 4_096)
  }

  private static func scale(_ samples: UnsafeMutablePointer<UInt8>, count: Int, factor: UInt16, offset: UInt16) {
    for index in 0..<count {
      samples[index] = UInt8(truncatingIfNeeded: (UInt16(samples[index]) &* factor &+ offset) &>> 8)
    }
  }
}
