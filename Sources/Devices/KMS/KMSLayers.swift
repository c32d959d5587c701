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
    /// Whether nothing is to be drawn into the picture.
    var isPlain: Bool
  }

  /// What a picture was made of: while it is the same, so is the picture.
  private struct Content {
    var frame: VideoFrame
    var source: PixelRectangle
    var marks: LayerMarks?
    var insetFrame: VideoFrame?
    var insetPlace: PixelRectangle?
    var insetMarks: LayerMarks?

    init(_ layer: VideoLayer) {
      frame = layer.frame
      source = layer.source
      marks = layer.marks
      insetFrame = layer.inset?.frame
      insetPlace = layer.inset?.place
      insetMarks = layer.inset?.marks
    }

    func isSame(_ other: Content) -> Bool {
      frame === other.frame && source == other.source && marks === other.marks
        && insetFrame === other.insetFrame && insetPlace == other.insetPlace && insetMarks === other.insetMarks
    }
  }

  private struct Entry {
    var layer: VideoLayer
    var shape: Shape
    var shown: Content?
    var way: KMSLayerPath
    var plane: KMSOverlay?
  }

  private let path: KMSOutput.Path
  private let planes: [KMSOverlay]
  private let painter = KMSVideoPainter()
  private var entries: [Entry] = []
  private var request = KMSAtomicRequest()
  /// Whether the kernel refused to show what it had said that it could: then it isn't asked again.
  private var isRefused = false

  init(_ path: KMSOutput.Path) {
    self.path = path
    let background = path.plane.position
    let bit = UInt32(1) << UInt32(path.card.crtcs.firstIndex(of: path.crtc) ?? 0)
    planes = path.card.planes().filter {
      $0.kind == .overlay && $0.possibleCRTCs & bit != 0 && $0.formats.contains(KMSBuffer.Format.nv12.code)
        && $0.canLie(inFrontOf: background)
    }.compactMap { KMSOverlay($0, path.card, crtc: path.crtc) }
  }

  /// How many overlay planes could show video, at best.
  var planeCount: Int { isRefused ? 0 : planes.count }

  /// How the layer of that number is shown at present.
  func way(of id: Int) -> KMSLayerPath? { entries.first { $0.layer.id == id }?.way }

  /// Takes over what is to lie over the canvas from now on; what the processor has to paint or uncover becomes damage.
  func update(_ layers: [VideoLayer], damaging chain: inout KMSSwapChain) {
    if layers.isEmpty && entries.isEmpty { return }
    var hasFreed = false
    for index in entries.indices.reversed() where !layers.contains(where: { $0.id == entries[index].layer.id }) {
      hasFreed = hasFreed || entries[index].plane != nil
      drop(entries.remove(at: index), &chain)
    }
    for layer in layers {
      let shape = Shape(
        width: layer.source.width & ~1, height: layer.source.height & ~1, destination: layer.destination,
        matrix: layer.frame.colorMatrix, isPlain: layer.marks == nil && layer.inset == nil)
      guard shape.width > 0, shape.height > 0, !layer.destination.isEmpty else { continue }
      if let index = entries.firstIndex(where: { $0.layer.id == layer.id }) {
        entries[index].layer = layer
        if entries[index].shape != shape {
          hasFreed = hasFreed || entries[index].plane != nil
          drop(entries[index], &chain)
          entries[index] = place(layer, shape)
        }
      } else {
        entries.append(place(layer, shape))
      }
    }
    // What one left, another may take.
    for index in entries.indices where hasFreed && entries[index].plane == nil {
      let entry = place(entries[index].layer, entries[index].shape)
      if entry.plane == nil { continue }
      drop(entries[index], &chain)
      entries[index] = entry
    }
    for index in entries.indices { refresh(index, &chain) }
  }

  /// Leaves the planes alone from now on, as the kernel refused a picture with them in it: the processor paints what they
  /// were to show, which becomes damage.
  /// - Returns: false if there was nothing on them.
  func giveUpPlanes(damaging chain: inout KMSSwapChain) -> Bool {
    guard entries.contains(where: { $0.plane != nil }) else { return false }
    isRefused = true
    for index in entries.indices {
      guard let plane = entries[index].plane else { continue }
      plane.leave()
      entries[index].plane = nil
      entries[index].way = .processor
      chain.add(entries[index].shape.destination)
    }
    return true
  }

  /// Finds the best way for a layer.
  private func place(_ layer: VideoLayer, _ shape: Shape) -> Entry {
    var entry = Entry(layer: layer, shape: shape, shown: nil, way: .processor, plane: nil)
    let visible = PixelRectangle(x: 0, y: 0, width: path.area.width, height: path.area.height)
    guard !isRefused, visible.contains(layer.destination) else { return entry }
    let onScreen = PixelRectangle(
      x: layer.destination.x + path.area.x, y: layer.destination.y + path.area.y, width: layer.destination.width,
      height: layer.destination.height)
    // What is written on a picture that the controller scales would be blurred: then the processor scales.
    let isScaled = shape.isPlain && (shape.width != onScreen.width || shape.height != onScreen.height)
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
    let content = Content(layer)
    if let shown = entries[index].shown, shown.isSame(content) { return }
    entries[index].shown = content
    guard let plane = entries[index].plane else { return chain.add(entries[index].shape.destination) }
    painter.convert(layer, to: plane.nextBuffer)
    plane.noteDrawn()
  }

  /// Paints what the processor has to into the buffer that becomes visible next, where the canvas was just copied.
  func paint(into buffer: KMSBuffer, where stale: Damage) {
    for entry in entries where entry.plane == nil {
      let destination = entry.shape.destination
      guard stale.rectangles.contains(where: { !$0.intersection(destination).isEmpty }) else { continue }
      let visible = destination.intersection(
        PixelRectangle(x: 0, y: 0, width: path.area.width, height: path.area.height))
      painter.paint(entry.layer, visible: visible, offset: (path.area.x, path.area.y), into: buffer)
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
