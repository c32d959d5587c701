import CVPX

/// Which buffers each picture of a VP8 stream with temporal layers refers to and updates.
///
/// The base layer refers to "last" alone and updates it. With three layers, 0-2-1-2: the middle layer refers to "last"
/// and updates "golden"; the upper refers to both, but to "golden" only after the middle layer's picture of the same
/// period, and updates nothing. So every picture above the base depends only on its own period, and any receiver may
/// take higher layers from any base picture on.
enum VP8TemporalPattern {
  struct Slot {
    var temporalLayer: Int
    /// `VP8_EFLAG_…` for libvpx.
    var flags: Int
    /// RFC 7741's Y: refers to the base layer alone.
    var isLayerSync: Bool
  }

  static func period(layers: Int) -> Int { 1 << (layers - 1) }

  /// The part of the bitrate that layers 0…`layer` get together.
  static func cumulativeShare(layers: Int, layer: Int) -> Double {
    switch layers {
    case 2: layer == 0 ? 0.6 : 1
    case 3: layer == 0 ? 0.4 : layer == 1 ? 0.6 : 1
    default: 1
    }
  }

  static func slot(layers: Int, position: Int) -> Slot {
    let base = Int(VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF)
    let noUpdate = Int(
      VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_GF | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY)
    let onlyLast = Int(VP8_EFLAG_NO_REF_GF | VP8_EFLAG_NO_REF_ARF)
    switch (layers, position % period(layers: layers)) {
    case (2, 1), (3, 1):
      return Slot(temporalLayer: layers - 1, flags: onlyLast | noUpdate, isLayerSync: true)
    case (3, 2):
      let flags = onlyLast | Int(VP8_EFLAG_NO_UPD_LAST | VP8_EFLAG_NO_UPD_ARF | VP8_EFLAG_NO_UPD_ENTROPY)
      return Slot(temporalLayer: 1, flags: flags, isLayerSync: true)
    case (3, 3):
      return Slot(temporalLayer: 2, flags: Int(VP8_EFLAG_NO_REF_ARF) | noUpdate, isLayerSync: false)
    case (2, _), (3, _):
      return Slot(temporalLayer: 0, flags: base, isLayerSync: false)
    default:
      return Slot(temporalLayer: 0, flags: 0, isLayerSync: false)
    }
  }
}
