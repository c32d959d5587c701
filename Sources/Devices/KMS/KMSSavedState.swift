import CDRM
import Video

/// What a card shows at one moment: to be put back when our screens leave, as a console or a boot picture.
struct KMSSavedState {
  private struct CRTC {
    var id: UInt32
    var mode: drmModeModeInfo
    var connectors: [UInt32]
    /// The planes that showed something, with all that places it.
    var planes: [(id: UInt32, properties: [(id: UInt32, value: UInt64)])]
  }

  /// Those that were on.
  private var active: [CRTC] = []

  private static let placing = [
    "FB_ID", "CRTC_ID", "SRC_X", "SRC_Y", "SRC_W", "SRC_H", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H",
    "rotation", "alpha",
  ]

  /// What `card` shows now.
  init(_ card: KMSCard) {
    let connectors = card.connectors(probing: false)
    let planes = card.planes()
    for id in card.crtcs {
      let properties = KMSProperties(descriptor: card.descriptor, object: id, kind: .crtc)
      guard properties.value("ACTIVE") != 0, let crtc = drmModeGetCrtc(card.descriptor, id) else { continue }
      defer { drmModeFreeCrtc(crtc) }
      guard crtc.pointee.mode_valid != 0 else { continue }
      active.append(
        CRTC(
          id: id, mode: crtc.pointee.mode,
          connectors: connectors.filter { $0.currentCRTC == id && !$0.isWriteBack }.map(\.id),
          planes: planes.filter { $0.currentCRTC == id && $0.currentFramebuffer != 0 }.map { plane in
            (plane.id, Self.placing.compactMap { name in plane.properties[name].map { ($0.id, $0.value) } })
          }))
    }
  }

  /// Puts it back, as far as its pictures still exist and its displays are there; what can't be is turned off.
  func restore(_ card: KMSCard) {
    for id in card.crtcs {
      if let saved = active.first(where: { $0.id == id }), Self.restore(saved, card) { continue }
      Self.turnOff(id, card)
    }
  }

  private static func restore(_ saved: CRTC, _ card: KMSCard) -> Bool {
    var request = KMSAtomicRequest()
    clear(saved.id, card, &request)
    var mode = saved.mode
    var blob: UInt32 = 0
    guard
      drmModeCreatePropertyBlob(card.descriptor, &mode, MemoryLayout<drmModeModeInfo>.size, &blob) == 0
    else { return false }
    defer { drmModeDestroyPropertyBlob(card.descriptor, blob) }
    let crtc = KMSProperties(descriptor: card.descriptor, object: saved.id, kind: .crtc)
    request.set(crtc, "MODE_ID", UInt64(blob))
    request.set(crtc, "ACTIVE", 1)
    request.set(crtc, "GAMMA_LUT", 0)
    for id in saved.connectors {
      let connector = KMSProperties(descriptor: card.descriptor, object: id, kind: .connector)
      request.set(connector, "CRTC_ID", UInt64(saved.id))
    }
    for plane in saved.planes {
      for property in plane.properties { request.set(plane.id, property.id, property.value) }
    }
    return request.commit(card.descriptor, flags: UInt32(DRM_MODE_ATOMIC_ALLOW_MODESET)) == 0
  }

  /// Turns a CRTC off with all that hangs on it.
  static func turnOff(_ id: UInt32, _ card: KMSCard) {
    var request = KMSAtomicRequest()
    clear(id, card, &request)
    let crtc = KMSProperties(descriptor: card.descriptor, object: id, kind: .crtc)
    request.set(crtc, "ACTIVE", 0)
    request.set(crtc, "MODE_ID", 0)
    request.set(crtc, "GAMMA_LUT", 0)
    _ = request.commit(card.descriptor, flags: UInt32(DRM_MODE_ATOMIC_ALLOW_MODESET))
  }

  /// Takes planes and connectors off a CRTC; those in `keeping` are left.
  static func clear(_ id: UInt32, _ card: KMSCard, _ request: inout KMSAtomicRequest, keeping: [UInt32] = []) {
    for plane in card.planes() where plane.currentCRTC == id && !keeping.contains(plane.id) {
      KMSPlaneProperties(plane)?.remove(in: &request)
    }
    for connector in card.connectors(probing: false)
    where connector.currentCRTC == id && !keeping.contains(connector.id) {
      request.set(connector.properties, "CRTC_ID", 0)
    }
  }
}
