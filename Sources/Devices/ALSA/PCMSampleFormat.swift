import CALSA

/// How a sample lies in a device's memory; little-endian.
public enum PCMSampleFormat: String, CaseIterable, Sendable {
  /// Integers of 32 bits.
  case s32
  /// Integers of 24 bits in the lower part of 32.
  case s24
  /// Integers of 24 bits in three bytes.
  case s24Packed
  /// IEEE numbers of 32 bits within ±1.
  case float32
  /// Integers of 16 bits.
  case s16

  var alsa: snd_pcm_format_t {
    switch self {
    case .s32: SND_PCM_FORMAT_S32_LE
    case .s24: SND_PCM_FORMAT_S24_LE
    case .s24Packed: SND_PCM_FORMAT_S24_3LE
    case .float32: SND_PCM_FORMAT_FLOAT_LE
    case .s16: SND_PCM_FORMAT_S16_LE
    }
  }

  /// Bytes of a sample.
  public var byteCount: Int {
    switch self {
    case .s32, .s24, .float32: 4
    case .s24Packed: 3
    case .s16: 2
    }
  }

  /// Reads `count` samples that lie `stride` bytes apart. Numbers that aren't any are silence.
  func load(_ source: UnsafeRawPointer, stride: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
    switch self {
    case .s16:
      for index in 0..<count {
        target[index] = Float(source.loadUnaligned(fromByteOffset: index * stride, as: Int16.self)) * 0x1p-15
      }
    case .s32:
      for index in 0..<count {
        target[index] = Float(source.loadUnaligned(fromByteOffset: index * stride, as: Int32.self)) * 0x1p-31
      }
    case .s24:
      for index in 0..<count {
        let value = source.loadUnaligned(fromByteOffset: index * stride, as: Int32.self)
        target[index] = Float(value << 8) * 0x1p-31
      }
    case .s24Packed:
      for index in 0..<count {
        let low = source.loadUnaligned(fromByteOffset: index * stride, as: UInt16.self)
        let high = source.load(fromByteOffset: index * stride + 2, as: Int8.self)
        target[index] = Float(Int32(high) << 24 | Int32(low) << 8) * 0x1p-31
      }
    case .float32:
      for index in 0..<count {
        let value = source.loadUnaligned(fromByteOffset: index * stride, as: Float.self)
        target[index] = value.isFinite ? value : 0
      }
    }
  }

  /// Writes `count` samples, `stride` bytes apart, limited to full scale; what isn't a number becomes silence.
  func store(_ source: UnsafePointer<Float>, count: Int, into target: UnsafeMutableRawPointer, stride: Int) {
    switch self {
    case .s16:
      for index in 0..<count {
        let value = Int16(Self.scaled(source[index], 0x1p15, 32_767))
        target.storeBytes(of: value, toByteOffset: index * stride, as: Int16.self)
      }
    case .s32:
      // The largest number of 24 significant bits below 2^31.
      for index in 0..<count {
        let value = Int32(Self.scaled(source[index], 0x1p31, 2_147_483_520))
        target.storeBytes(of: value, toByteOffset: index * stride, as: Int32.self)
      }
    case .s24:
      for index in 0..<count {
        let value = Int32(Self.scaled(source[index], 0x1p23, 8_388_607))
        target.storeBytes(of: value, toByteOffset: index * stride, as: Int32.self)
      }
    case .s24Packed:
      for index in 0..<count {
        let value = Int32(Self.scaled(source[index], 0x1p23, 8_388_607))
        target.storeBytes(of: UInt16(truncatingIfNeeded: value), toByteOffset: index * stride, as: UInt16.self)
        target.storeBytes(of: Int8(truncatingIfNeeded: value >> 16), toByteOffset: index * stride + 2, as: Int8.self)
      }
    case .float32:
      for index in 0..<count {
        let value = source[index].isFinite ? min(max(source[index], -1), 1) : 0
        target.storeBytes(of: value, toByteOffset: index * stride, as: Float.self)
      }
    }
  }

  @inline(__always)
  private static func scaled(_ sample: Float, _ scale: Float, _ limit: Float) -> Float {
    sample.isFinite ? min(max((sample * scale).rounded(), -scale), limit) : 0
  }
}
