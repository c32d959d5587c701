import CDRM
import Video

/// One overlay plane that can show NV12 pictures, with its two buffers.
///
/// Not thread-safe: belongs to its output's layers.
final class KMSOverlay {
  let id: UInt32
  /// Whether a layer has it.
  private(set) var isTaken = false
  /// Whether the kernel shows something on it.
  private(set) var isVisible = false

  private enum Change {
    case none, place, show, remove
  }

  private let card: KMSCard
  private let crtc: UInt32
  private let properties: KMSPlaneProperties
  private var buffers: [KMSBuffer] = []
  private var retired: [KMSBuffer] = []
  private var back = 0
  private var destination = PixelRectangle(x: 0, y: 0, width: 0, height: 0)
  private var matrix = ColorMatrix.bt601
  private var change = Change.none
  private var request = KMSAtomicRequest()

  init?(_ plane: KMSPlane, _ card: KMSCard, crtc: UInt32) {
    guard let properties = KMSPlaneProperties(plane) else { return nil }
    id = plane.id
    self.card = card
    self.crtc = crtc
    self.properties = properties
  }

  /// Takes the plane for pictures of that size at that place, if the kernel says that the controller can.
  func take(width: Int, height: Int, destination: PixelRectangle, matrix: ColorMatrix) -> Bool {
    guard !isTaken, supports(matrix), isVisible || card.claim([id]) else { return false }
    if buffers.first?.width != width || buffers.first?.height != height {
      // What is on the screen stays until something else is there.
      if isVisible { retired += buffers }
      buffers = []
      // Without memory the processor paints.
      guard let first = try? KMSBuffer(card, width: width, height: height, format: .nv12),
        let second = try? KMSBuffer(card, width: width, height: height, format: .nv12)
      else { return giveUp() }
      buffers = [first, second]
    }
    self.destination = destination
    self.matrix = matrix
    request.removeAll()
    place(buffers[back], in: &request)
    guard request.commit(card.descriptor, flags: UInt32(DRM_MODE_ATOMIC_TEST_ONLY)) == 0 else { return giveUp() }
    isTaken = true
    change = .place
    return true
  }

  private func giveUp() -> Bool {
    if !isVisible { card.release([id]) }
    return false
  }

  /// The buffer to draw the next picture into; only while taken.
  var nextBuffer: KMSBuffer { buffers[back] }

  /// The next picture is drawn.
  func noteDrawn() {
    if change == .none { change = .show }
  }

  /// The layer is gone.
  func leave() {
    isTaken = false
    change = isVisible ? .remove : .none
    if !isVisible { card.release([id]) }
  }

  /// Adds what is to be changed with the next picture.
  func add(to request: inout KMSAtomicRequest) {
    switch change {
    case .none: return
    case .place: place(buffers[back], in: &request)
    case .show: properties.show(buffers[back].framebuffer, in: &request)
    case .remove: properties.remove(in: &request)
    }
  }

  /// The kernel took the changes.
  func noteShown() {
    switch change {
    case .none: return
    case .place, .show:
      isVisible = true
      back = 1 - back
    case .remove:
      isVisible = false
      card.release([id])
    }
    change = .none
    if !retired.isEmpty { retired = [] }
  }

  /// Takes it off the screen whatever it shows.
  func remove(in request: inout KMSAtomicRequest) {
    properties.remove(in: &request)
  }

  /// It was taken off the screen.
  func release() {
    if isTaken || isVisible { card.release([id]) }
    isTaken = false
    isVisible = false
    change = .none
    buffers = []
    retired = []
  }

  private func place(_ buffer: KMSBuffer, in request: inout KMSAtomicRequest) {
    properties.reset(in: &request)
    properties.order(inFront: true, in: &request)
    properties.place(
      buffer.framebuffer, on: crtc,
      source: PixelRectangle(x: 0, y: 0, width: buffer.width, height: buffer.height), destination: destination,
      in: &request)
    if let property = properties.colorEncoding, let value = property.value(of: encodingName(matrix)) {
      request.set(id, property.id, value)
    }
    if let property = properties.colorRange, let value = property.value(of: rangeName(matrix)) {
      request.set(id, property.id, value)
    }
  }

  /// Planes that can't be told how to convert take BT.601 with limited range for granted.
  private func supports(_ matrix: ColorMatrix) -> Bool {
    let encoding = properties.colorEncoding.map { $0.value(of: encodingName(matrix)) != nil }
    let range = properties.colorRange.map { $0.value(of: rangeName(matrix)) != nil }
    return (encoding ?? (matrix == .bt601 || matrix == .bt601FullRange))
      && (range ?? (matrix == .bt601 || matrix == .bt709))
  }

  private func encodingName(_ matrix: ColorMatrix) -> String {
    switch matrix {
    case .bt601, .bt601FullRange: "ITU-R BT.601 YCbCr"
    case .bt709, .bt709FullRange: "ITU-R BT.709 YCbCr"
    }
  }

  private func rangeName(_ matrix: ColorMatrix) -> String {
    switch matrix {
    case .bt601, .bt709: "YCbCr limited range"
    case .bt601FullRange, .bt709FullRange: "YCbCr full range"
    }
  }
}
