import CDRM
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A display controller (`/dev/dri/cardN`), open for all screens of this program at once: the kernel lets one open file
/// be DRM master, so they share it.
///
/// Closed when its last user lets go of it; what it showed before is put back by then.
///
/// `@unchecked Sendable`: what changes is under `claims` or in `flips`, which looks after itself.
public final class KMSCard: @unchecked Sendable {
  /// The device file.
  public let path: String
  /// The device in sysfs with all links resolved: the place on the bus that the controller has after each start.
  public let sysfsPath: String
  /// The kernel's driver, such as `vc4` or `i915`.
  public let driver: String

  let descriptor: Int32
  let flips: KMSFlipEvents
  /// In the order in which the masks of possible CRTCs count.
  let crtcs: [UInt32]

  private struct Claims {
    var objects: Set<UInt32> = []
    var nextToken: UInt64 = 1
    var before: KMSSavedState?
  }
  private let claims = Mutex(Claims())

  // MARK: - Opening

  private struct Known {
    weak var card: KMSCard?
  }
  private static let known = Mutex<[String: Known]>([:])

  /// The card behind a device file; the same object for all who ask while anybody holds it.
  /// - Throws: `.unsupported` if it can't set modes atomically, `.system` if it can't be opened.
  public static func open(_ path: String) throws(KMSError) -> KMSCard {
    try known.withLock { (known) throws(KMSError) -> KMSCard in
      if let card = known[path]?.card { return card }
      let card = try KMSCard(path: path)
      known[path] = Known(card: card)
      return card
    }
  }

  /// The device files of all display controllers, in their order.
  public static var paths: [String] {
    guard let folder = opendir("/dev/dri") else { return [] }
    defer { closedir(folder) }
    var numbers: [Int] = []
    while let entry = readdir(folder) {
      let name = string(from: entry.pointee.d_name)
      if name.hasPrefix("card"), let number = Int(name.dropFirst(4)) { numbers.append(number) }
    }
    return numbers.sorted().map { "/dev/dri/card\($0)" }
  }

  private init(path: String) throws(KMSError) {
    let descriptor = Self.openFile(path)
    guard descriptor >= 0 else { throw .system(operation: "opening \(path)", code: errno) }
    guard drmSetClientCap(descriptor, UInt64(DRM_CLIENT_CAP_UNIVERSAL_PLANES), 1) == 0,
      drmSetClientCap(descriptor, UInt64(DRM_CLIENT_CAP_ATOMIC), 1) == 0,
      let resources = drmModeGetResources(descriptor)
    else {
      Self.closeFile(descriptor)
      throw .unsupported(path: path)
    }
    // Not every controller has one.
    _ = drmSetClientCap(descriptor, UInt64(DRM_CLIENT_CAP_WRITEBACK_CONNECTORS), 1)
    crtcs = (0..<Int(resources.pointee.count_crtcs)).map { resources.pointee.crtcs[$0] }
    drmModeFreeResources(resources)
    self.path = path
    self.descriptor = descriptor
    flips = KMSFlipEvents(descriptor: descriptor)
    driver =
      drmGetVersion(descriptor).map { version in
        defer { drmFreeVersion(version) }
        return version.pointee.name.map { String(cString: $0) } ?? ""
      } ?? ""
    let name = path.split(separator: "/").last.map(String.init) ?? ""
    sysfsPath =
      realpath("/sys/class/drm/\(name)/device", nil).map { resolved in
        defer { free(resolved) }
        return String(cString: resolved)
      } ?? ""
  }

  deinit {
    Self.closeFile(descriptor)
  }

  private static func openFile(_ path: String) -> Int32 {
    #if canImport(Glibc)
      Glibc.open(path, O_RDWR | O_CLOEXEC)
    #else
      Musl.open(path, O_RDWR | O_CLOEXEC)
    #endif
  }

  private static func closeFile(_ descriptor: Int32) {
    #if canImport(Glibc)
      _ = Glibc.close(descriptor)
    #else
      _ = Musl.close(descriptor)
    #endif
  }

  // MARK: - Asking

  /// The sockets for displays. With `probing`, and as DRM master, each display is asked anew, which can take tenths of
  /// a second; else what the kernel remembers.
  func connectors(probing: Bool) -> [KMSConnector] {
    guard let resources = drmModeGetResources(descriptor) else { return [] }
    defer { drmModeFreeResources(resources) }
    return (0..<Int(resources.pointee.count_connectors)).compactMap {
      KMSConnector(descriptor: descriptor, id: resources.pointee.connectors[$0], probing: probing)
    }
  }

  /// All planes.
  func planes() -> [KMSPlane] {
    guard let list = drmModeGetPlaneResources(descriptor) else { return [] }
    defer { drmModeFreePlaneResources(list) }
    return (0..<Int(list.pointee.count_planes)).compactMap {
      KMSPlane(descriptor: descriptor, id: list.pointee.planes[$0])
    }
  }

  /// Becomes DRM master, or finds that it is.
  /// - Throws: `.busy` if another program is.
  func becomeMaster() throws(KMSError) {
    guard drmSetMaster(descriptor) != 0 else { return }
    // An unprivileged program that wasn't master when it opened the file gets EACCES for ever: it opens it again.
    guard errno == EBUSY || errno == EACCES || errno == EPERM else {
      throw .system(operation: "becoming DRM master of \(path)", code: errno)
    }
    throw .busy(path: path)
  }

  // MARK: - Sharing

  /// A number for a commit's event, higher than all before.
  func makeToken() -> UInt64 {
    claims.withLock { claims in
      defer { claims.nextToken += 1 }
      return claims.nextToken
    }
  }

  /// Takes objects (CRTC, planes, connectors) for one screen, all or none.
  func claim(_ objects: [UInt32]) -> Bool {
    claims.withLock { claims in
      guard claims.objects.isDisjoint(with: objects) else { return false }
      // What was shown before anything of ours.
      if claims.before == nil { claims.before = KMSSavedState(self) }
      claims.objects.formUnion(objects)
      return true
    }
  }

  /// Whether a screen of ours has that object.
  func isClaimed(_ object: UInt32) -> Bool {
    claims.withLock { $0.objects.contains(object) }
  }

  /// Gives objects back.
  func release(_ objects: [UInt32]) {
    claims.withLock { $0.objects.subtract(objects) }
    Self.releases.add(1, ordering: .releasing)
  }

  private static let releases = Atomic<Int>(0)

  /// How often screens of this program have given something back, on any card.
  static var releaseCount: Int { releases.load(ordering: .acquiring) }

  /// Puts back what was shown before, if no screen of ours shows anything any more, and lets others be DRM master.
  func leave() {
    claims.withLock { claims in
      guard claims.objects.isEmpty else { return }
      claims.before?.restore(self)
      claims.before = nil
      drmDropMaster(descriptor)
    }
  }
}
