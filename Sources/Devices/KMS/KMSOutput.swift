import CDRM
import Realtime
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The way of pictures to one display in one mode: buffers, primary plane, CRTC, connector. Exists while that is set.
///
/// Not thread-safe: belongs to its screen, which calls it under its lock.
final class KMSOutput {
  /// What it is made of.
  struct Path {
    var card: KMSCard
    var connector: KMSConnector
    var crtc: UInt32
    var crtcProperties: KMSProperties
    var plane: KMSPlaneProperties
    var mode: KMSMode
    /// Where the picture lies, the rest being hidden by the display.
    var area: PixelRectangle
    var writeBack: KMSWriteBack?
    /// The kernel's copy of the mode.
    var modeBlob: UInt32

    var id: KMSDisplayID { KMSDisplayID(card: card.path, connector: connector.name) }

    /// The socket as the kernel's CEC adapters call it.
    var cec: CECDevice.Connector? {
      Int(card.path.drop { !$0.isNumber }).map { CECDevice.Connector(card: $0, id: connector.id) }
    }

    var claims: [UInt32] { [connector.id, crtc, plane.plane] + (writeBack.map { [$0.connector] } ?? []) }
  }

  let path: Path
  let layers: KMSLayers
  private(set) var isActive = true
  /// Flips that were handed to the kernel.
  private(set) var flipCount = 0

  private let buffers: [KMSBuffer]
  private var chain: KMSSwapChain
  private var request = KMSAtomicRequest()
  private let active: UInt32
  private var clips: ContiguousArray<drm_mode_rect> = []

  /// The way that `path` describes, on which the kernel already scans out the last of `buffers`, all of them black.
  init(_ path: Path, buffers: [KMSBuffer]) {
    self.path = path
    self.buffers = buffers
    chain = KMSSwapChain(
      count: buffers.count, bounds: PixelRectangle(x: 0, y: 0, width: path.area.width, height: path.area.height))
    active = path.crtcProperties["ACTIVE"]?.id ?? 0
    layers = KMSLayers(path)
    clips.reserveCapacity(Damage.limit)
  }

  deinit {
    drmModeDestroyPropertyBlob(path.card.descriptor, path.modeBlob)
  }

  /// The size of the pictures to compose, and their pace.
  var screenMode: ScreenMode {
    ScreenMode(width: path.area.width, height: path.area.height, refreshRate: path.mode.refreshRate)
  }

  /// Notes what changed, without showing it: the next submission does.
  func note(_ damage: Damage) {
    chain.add(damage)
  }

  /// Hands the picture to the kernel, to be shown at the next vertical blank; without news, asks to be told of it only.
  /// - Parameters:
  ///   - canvas: the picture, of which `damage` differs from the last one.
  ///   - video: pictures to lay over it.
  /// - Returns: the token that comes back with the event.
  func submit(_ canvas: Canvas, _ damage: Damage, _ video: [VideoLayer]) throws(KMSError) -> UInt64 {
    chain.add(damage)
    layers.update(video, damaging: &chain)
    do throws(KMSError) {
      return try commit(canvas)
    } catch {
      // What the kernel takes as a test it may refuse all the same, for want of memory or bandwidth say. The same
      // picture is shown then without planes.
      guard error.mayComeFromPlanes, layers.giveUpPlanes(damaging: &chain) else { throw error }
      return try commit(canvas)
    }
  }

  private func commit(_ canvas: Canvas) throws(KMSError) -> UInt64 {
    request.removeAll()
    var clipBlob: UInt32 = 0
    let hasNews = chain.hasNews
    if hasNews {
      let buffer = buffers[chain.back]
      clipBlob = makeClips()
      for rectangle in chain.stale.rectangles { copy(canvas, rectangle, to: buffer) }
      layers.paint(into: buffer, where: chain.stale)
      chain.noteDrawn()
      path.plane.show(buffer.framebuffer, in: &request)
      if let property = path.plane.damage { request.set(path.plane.plane, property, UInt64(clipBlob)) }
    }
    layers.add(to: &request)
    request.set(path.crtc, active, 1)
    let token = path.card.makeToken()
    let flags = UInt32(DRM_MODE_ATOMIC_NONBLOCK) | UInt32(DRM_MODE_PAGE_FLIP_EVENT)
    let code = request.commit(path.card.descriptor, flags: flags, token: token)
    if clipBlob != 0 { drmModeDestroyPropertyBlob(path.card.descriptor, clipBlob) }
    guard code == 0 else {
      // The buffer is up to date but for the kernel's knowing: whatever was to be uploaded must be next time.
      if hasNews, path.plane.damage != nil { chain.addWhole() }
      throw .system(operation: "showing a picture", code: code)
    }
    flipCount += 1
    if hasNews { chain.flip() }
    layers.noteShown()
    return token
  }

  /// Turns the display off or on (DPMS); what it shows stays.
  func setActive(_ isOn: Bool) throws(KMSError) {
    request.removeAll()
    request.set(path.crtc, active, isOn ? 1 : 0)
    let code = request.commit(path.card.descriptor, flags: UInt32(DRM_MODE_ATOMIC_ALLOW_MODESET))
    guard code == 0 else { throw .system(operation: isOn ? "turning the display on" : "turning it off", code: code) }
    isActive = isOn
  }

  /// Turns the way off and gives back what it was made of.
  func close() {
    layers.close()
    KMSSavedState.turnOff(path.crtc, path.card)
    path.card.release(path.claims)
  }

  /// The part of what the buffer gets that the controller has to look at, as a blob; 0 where it doesn't care. It is all
  /// that was copied into this buffer, not only what changed on the screen: some controllers keep a copy of each buffer.
  private func makeClips() -> UInt32 {
    guard path.plane.damage != nil else { return 0 }
    clips.removeAll(keepingCapacity: true)
    for rectangle in chain.stale.rectangles {
      let (x, y) = (Int32(rectangle.x + path.area.x), Int32(rectangle.y + path.area.y))
      clips.append(drm_mode_rect(x1: x, y1: y, x2: x + Int32(rectangle.width), y2: y + Int32(rectangle.height)))
    }
    var blob: UInt32 = 0
    clips.withUnsafeBytes { bytes in
      // Without a blob the controller looks at everything.
      if drmModeCreatePropertyBlob(path.card.descriptor, bytes.baseAddress, bytes.count, &blob) != 0 { blob = 0 }
    }
    return blob
  }

  private func copy(_ canvas: Canvas, _ rectangle: PixelRectangle, to buffer: KMSBuffer) {
    let area = rectangle.intersection(canvas.bounds)
    if area.isEmpty { return }
    buffer.copy(
      from: canvas.pixels + area.y * canvas.stride + 4 * area.x, stride: canvas.stride,
      to: PixelRectangle(
        x: area.x + path.area.x, y: area.y + path.area.y, width: area.width, height: area.height))
  }
}

extension KMSError {
  /// Whether a commit may have been refused for what was on overlay planes: not if another one is under way, another
  /// program is master, or the card is gone.
  fileprivate var mayComeFromPlanes: Bool {
    guard case .system(_, let code) = self else { return false }
    return code != EBUSY && code != EACCES && code != EPERM && code != ENODEV
  }
}
