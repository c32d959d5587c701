import CVPX

/// Knows which picture each of VP9's eight reference buffers holds, and so turns libvpx's buffer indices into the
/// differences of picture ID that RFC 9628 wants.
struct VP9ReferenceTracker {
  private struct Buffer {
    var picture = Int64.min
    var spatialLayer = 0
  }

  private var buffers = [Buffer](repeating: Buffer(), count: 8)

  /// Notes that spatial layer `layer` of `picture` was coded as `configuration` says, and gives what it refers to.
  ///
  /// A key frame (base layer of a key picture) refers to nothing and fills all buffers.
  mutating func note(
    _ configuration: vpx_svc_ref_frame_config_t, layer: Int, picture: Int64, isKeyFrame: Bool
  ) -> (earlier: PictureReferences, isInterLayerPredicted: Bool) {
    if isKeyFrame {
      for index in buffers.indices { buffers[index] = Buffer(picture: picture, spatialLayer: layer) }
      return (PictureReferences(), false)
    }
    var earlier = PictureReferences()
    var isInterLayerPredicted = false
    func refer(_ isUsed: Int32, _ index: Int32) {
      guard isUsed != 0, buffers.indices.contains(Int(index)) else { return }
      let buffer = buffers[Int(index)]
      if buffer.picture == picture {
        isInterLayerPredicted = isInterLayerPredicted || buffer.spatialLayer < layer
      } else if buffer.picture != .min, picture - buffer.picture <= 127 {
        earlier.insert(UInt8(picture - buffer.picture))
      }
    }
    refer(
      element(configuration.reference_last, layer, as: Int32.self),
      element(configuration.lst_fb_idx, layer, as: Int32.self))
    refer(
      element(configuration.reference_golden, layer, as: Int32.self),
      element(configuration.gld_fb_idx, layer, as: Int32.self))
    refer(
      element(configuration.reference_alt_ref, layer, as: Int32.self),
      element(configuration.alt_fb_idx, layer, as: Int32.self))

    let updated = element(configuration.update_buffer_slot, layer, as: Int32.self)
    for index in buffers.indices where updated & (1 << index) != 0 {
      buffers[index] = Buffer(picture: picture, spatialLayer: layer)
    }
    return (earlier, isInterLayerPredicted)
  }
}
