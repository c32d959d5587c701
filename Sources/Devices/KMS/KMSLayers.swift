import CDRM
import Video

/// The video layers of one output: those that the controller's overlay planes take, found out by asking the kernel
/// (`DRM_MODE_ATOMIC_TEST_ONLY`), and the others, which the processor paints.
///
/// Not thread-safe: belongs to its output.
final class KMSLayers {
  /// What decides whether a plane can take a layer: asked again only when it changes.
  private struct Shape: Hashable {
    var width: Int
    var height: Int
    var destination: PixelRectangle
    var matrix: ColorMatrix
  }

  private struct Entry {
    var layer: KMSVideoLayer
    var shape: Shape
    var shownFrame: VideoFrame?
    var way: KMSLayerPath
    var plane: KMSOverlay?
  }

  private let path: KMSOutput.Path
  private let planes: [KMSOverlay]
  private let painter = KMSVideoPainter()
  private var entries: [Entry] = []
  private var request = KMSAtomicRequest()

  init(_ path: KMSOutput.Path) {
    self.path = path
    let bit = UInt32(1) << UInt32(path.card.crtcs.firstIndex(of: path.crtc) ?? 0)
    planes = path.card.planes().filter {
      $0.kind == .overlay && $0.possibleCRTCs & bit != 0 && $0.formats.contains(KMSBuffer.Format.nv12.code)
    }.compactMap { KMSOverlay($0, path.card, crtc: path.crtc) }
  }

  /// How many overlay planes could show video, at best.
  var planeCount: Int { planes.count }

  /// How the layer of that number is shown at present.
  func way(of id: Int) -> KMSLayerPath? { entries.first { $0.layer.id == id }?.way }

  /// Takes over what is to lie over the canvas from now on; what the processor has to paint or uncover becomes damage.
  func update(_ layers: [KMSVideoLayer], damaging chain: inout KMSSwapChain) {
    if layers.isEmpty && entries.isEmpty { return }
    for index in entries.indices.reversed() where !layers.contains(where: { $0.id == entries[index].layer.id }) {
      drop(entries.remove(at: index), &chain)
    }
    for layer in layers {
      let shape = Shape(
        width: layer.source.width & ~1, height: layer.source.height & ~1, destination: layer.destination,
        matrix: layer.frame.colorMatrix)
      guard shape.width > 0, shape.height > 0, !layer.destination.isEmpty else { continue }
      if let index = entries.firstIndex(where: { $0.layer.id == layer.id }) {
        entries[index].layer = layer
        if entries[index].shape != shape {
          drop(entries[index], &chain)
          entries[index] = place(layer, shape)
        }
      } else {
        entries.append(place(layer, shape))
      }
    }
    for index in entries.indices { refresh(index, &chain) }
  }

  /// Finds the best way for a layer.
  private func place(_ layer: KMSVideoLayer, _ shape: Shape) -> Entry {
    var entry = Entry(layer: layer, shape: shape, shownFrame: nil, way: .processor, plane: nil)
    let visible = PixelRectangle(x: 0, y: 0, width: path.area.width, height: path.area.height)
    guard visible.contains(layer.destination) else { return entry }
    let onScreen = PixelRectangle(
      x: layer.destination.x + path.area.x, y: layer.destination.y + path.area.y, width: layer.destination.width,
      height: layer.destination.height)
    let isScaled = shape.width != onScreen.width || shape.height != onScreen.height
    for plane in planes where !plane.isTaken {
      for way in isScaled ? [KMSLayerPath.scalingPlane, .plane] : [.plane] {
        let width = way == .scalingPlane ? shape.width : onScreen.width
        let height = way == .scalingPlane ? shape.height : onScreen.height
        guard plane.take(width: width, height: height, destination: onScreen, matrix: shape.matrix) else { continue }
        entry.way = way
        entry.plane = plane
        return entry
      }
    }
    return entry
  }

  private func drop(_ entry: Entry, _ chain: inout KMSSwapChain) {
    if let plane = entry.plane { plane.leave() } else { chain.add(entry.shape.destination) }
  }

  private func refresh(_ index: Int, _ chain: inout KMSSwapChain) {
    let layer = entries[index].layer
    guard entries[index].shownFrame !== layer.frame else { return }
    entries[index].shownFrame = layer.frame
    guard let plane = entries[index].plane else { return chain.add(entries[index].shape.destination) }
    painter.convert(layer.frame, layer.source, to: plane.nextBuffer)
    plane.noteDrawn()
  }

  /// Paints what the processor has to into the buffer that becomes visible next, where the canvas was just copied.
  func paint(into buffer: KMSBuffer, where stale: Damage) {
    for entry in entries where entry.plane == nil {
      let destination = entry.shape.destination
      guard stale.rectangles.contains(where: { !$0.intersection(destination).isEmpty }) else { continue }
      let visible = destination.intersection(
        PixelRectangle(x: 0, y: 0, width: path.area.width, height: path.area.height))
      painter.paint(
        entry.layer.frame, entry.layer.source, destination, visible: visible, offset: (path.area.x, path.area.y),
        into: buffer)
    }
  }

  /// Adds what changed on the planes.
  func add(to request: inout KMSAtomicRequest) {
    for plane in planes { plane.add(to: &request) }
  }

  /// The changes were taken by the kernel.
  func noteShown() {
    for plane in planes { plane.noteShown() }
  }

  /// Takes all planes off the screen.
  func close() {
    request.removeAll()
    for plane in planes where plane.isTaken || plane.isVisible { plane.remove(in: &request) }
    if !request.isEmpty { _ = request.commit(path.card.descriptor, flags: 0) }
    for plane in planes { plane.release() }
    entries = []
  }
}
