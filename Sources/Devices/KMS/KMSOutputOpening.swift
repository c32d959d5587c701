import CDRM
import Video

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension KMSOutput {
  /// Sets up the way to a display: the best mode, CRTC and format that the controller takes, found by asking it
  /// (`DRM_MODE_ATOMIC_TEST_ONLY`), then set. The display is black afterwards.
  /// - Throws: `.busy`, `.noUsableMode`, or what the kernel said. The caller is DRM master.
  static func open(
    _ card: KMSCard, _ connector: KMSConnector, _ settings: KMSSettings
  ) throws(KMSError) -> KMSOutput {
    guard connector.isUsable else { throw .disconnected }
    var attempt = Attempt(card: card, connector: connector, settings: settings)
    for mode in settings.modes.ranked(connector.modes) {
      for index in attempt.crtcIndices {
        if let output = try attempt.open(mode, crtcIndex: index) { return output }
      }
    }
    throw .noUsableMode
  }

  private struct Attempt {
    let card: KMSCard
    let connector: KMSConnector
    let settings: KMSSettings
    private let planes: [KMSPlane]
    private var buffers: [KMSBuffer] = []

    init(card: KMSCard, connector: KMSConnector, settings: KMSSettings) {
      self.card = card
      self.connector = connector
      self.settings = settings
      planes = card.planes()
    }

    /// CRTCs that no screen of ours has, first the one that drives the connector already: a change less.
    var crtcIndices: [Int] {
      let possible = card.crtcs.indices.filter {
        connector.possibleCRTCs & (1 << UInt32($0)) != 0 && !card.isClaimed(card.crtcs[$0])
      }
      return possible.filter { card.crtcs[$0] == connector.currentCRTC }
        + possible.filter { card.crtcs[$0] != connector.currentCRTC }
    }

    mutating func open(_ mode: KMSMode, crtcIndex: Int) throws(KMSError) -> KMSOutput? {
      let crtc = card.crtcs[crtcIndex]
      let fitting = planes.filter {
        $0.kind == .primary && $0.possibleCRTCs & (1 << UInt32(crtcIndex)) != 0 && !card.isClaimed($0.id)
      }
      let writeBack = KMSWriteBack.find(card, crtcIndex: crtcIndex)
      for plane in fitting.filter({ $0.currentCRTC == crtc }) + fitting.filter({ $0.currentCRTC != crtc }) {
        guard let properties = KMSPlaneProperties(plane), let format = format(of: plane) else { continue }
        try prepareBuffers(mode, format)
        for writeBack in writeBack == nil ? [nil] : [writeBack, nil] {
          let path = try path(mode, crtc, properties, writeBack)
          if let output = try set(path) { return output }
        }
      }
      return nil
    }

    /// The first of the formats that cost least.
    private func format(of plane: KMSPlane) -> KMSBuffer.Format? {
      [.xrgb8888, .xbgr8888, .rgb565].first { plane.formats.contains($0.code) }
    }

    private mutating func prepareBuffers(_ mode: KMSMode, _ format: KMSBuffer.Format) throws(KMSError) {
      if let first = buffers.first, first.width == mode.width, first.height == mode.height, first.format == format {
        return
      }
      buffers = []
      for _ in 0..<settings.bufferCount {
        buffers.append(try KMSBuffer(card, width: mode.width, height: mode.height, format: format))
      }
    }

    private func path(
      _ mode: KMSMode, _ crtc: UInt32, _ plane: KMSPlaneProperties, _ writeBack: KMSWriteBack?
    ) throws(KMSError) -> Path {
      var info = mode.info
      var blob: UInt32 = 0
      let code = drmModeCreatePropertyBlob(card.descriptor, &info, MemoryLayout<drmModeModeInfo>.size, &blob)
      guard code == 0 else { throw .system(operation: "describing a mode", code: -code) }
      return Path(
        card: card, connector: connector, crtc: crtc,
        crtcProperties: KMSProperties(descriptor: card.descriptor, object: crtc, kind: .crtc), plane: plane, mode: mode,
        area: hardwareMargins(mode) == nil
          ? area(mode) : PixelRectangle(x: 0, y: 0, width: mode.width, height: mode.height),
        writeBack: writeBack, modeBlob: blob)
    }

    /// Asks whether the controller can, and does it.
    private func set(_ path: Path) throws(KMSError) -> KMSOutput? {
      let table = rangeTable(path)
      // The kernel keeps it as long as it is used.
      defer { if table != 0 { drmModeDestroyPropertyBlob(card.descriptor, table) } }
      var request = request(path, table: table)
      let test = UInt32(DRM_MODE_ATOMIC_TEST_ONLY) | UInt32(DRM_MODE_ATOMIC_ALLOW_MODESET)
      var code = request.commit(card.descriptor, flags: test)
      if code == EINVAL, table != 0 {
        // A picture in the wrong range is better than none.
        request = self.request(path, table: 0)
        code = request.commit(card.descriptor, flags: test)
      }
      guard code == 0, card.claim(path.claims) else {
        drmModeDestroyPropertyBlob(card.descriptor, path.modeBlob)
        if code == EACCES || code == EPERM { throw .busy(path: card.path) }
        if code == ENODEV { throw .system(operation: "setting a mode", code: code) }
        return nil
      }
      code = request.commit(card.descriptor, flags: UInt32(DRM_MODE_ATOMIC_ALLOW_MODESET))
      guard code == 0 else {
        drmModeDestroyPropertyBlob(card.descriptor, path.modeBlob)
        card.release(path.claims)
        throw .system(operation: "setting a mode", code: code)
      }
      return KMSOutput(path, buffers: buffers)
    }

    /// The look-up table of colours that makes the limited range where the connector has no property for it, as a blob; 0
    /// where it isn't wanted or the controller has no table.
    private func rangeTable(_ path: Path) -> UInt32 {
      guard settings.colorRange == .limited, !path.connector.features.contains(.colorRange),
        path.crtcProperties["GAMMA_LUT"] != nil
      else { return 0 }
      let size = Int(clamping: path.crtcProperties.value("GAMMA_LUT_SIZE"))
      guard (2...65_536).contains(size) else { return 0 }
      let entries = (0..<size).map { index in
        let level = UInt16((16 + 219 * Double(index) / Double(size - 1)) * 257)
        return drm_color_lut(red: level, green: level, blue: level, reserved: 0)
      }
      var blob: UInt32 = 0
      let code = entries.withUnsafeBytes { bytes in
        drmModeCreatePropertyBlob(card.descriptor, bytes.baseAddress, bytes.count, &blob)
      }
      return code == 0 ? blob : 0
    }

    private func request(_ path: Path, table: UInt32) -> KMSAtomicRequest {
      var request = KMSAtomicRequest()
      // What others left on this CRTC, and the connector on another one.
      let keeping = [path.connector.id, path.plane.plane] + (path.writeBack.map { [$0.connector] } ?? [])
      KMSSavedState.clear(path.crtc, card, &request, keeping: keeping)
      let former = path.connector.currentCRTC
      if former != 0, former != path.crtc, !card.isClaimed(former) {
        KMSSavedState.clear(former, card, &request, keeping: keeping)
        let properties = KMSProperties(descriptor: card.descriptor, object: former, kind: .crtc)
        request.set(properties, "ACTIVE", 0)
        request.set(properties, "MODE_ID", 0)
      }
      request.set(path.connector.properties, "CRTC_ID", UInt64(path.crtc))
      request.set(path.crtcProperties, "MODE_ID", UInt64(path.modeBlob))
      request.set(path.crtcProperties, "ACTIVE", 1)
      // Without another program's correction of colours.
      for name in ["DEGAMMA_LUT", "CTM"] { request.set(path.crtcProperties, name, 0) }
      request.set(path.crtcProperties, "GAMMA_LUT", UInt64(table))
      path.plane.reset(in: &request)
      path.plane.order(inFront: false, in: &request)
      path.writeBack?.attach(to: path.crtc, in: &request)
      let bounds = PixelRectangle(x: 0, y: 0, width: path.mode.width, height: path.mode.height)
      path.plane.place(
        buffers[buffers.count - 1].framebuffer, on: path.crtc, source: bounds, destination: bounds, in: &request)
      for (name, value) in hardwareMargins(path.mode) ?? Self.noMargins {
        request.set(path.connector.properties, name, value)
      }
      if let range = path.connector.properties["Broadcast RGB"],
        let value = range.value(of: settings.colorRange.rawValue)
      {
        request.set(path.connector.id, range.id, value)
      }
      return request
    }

    /// The values of the connector's own margin properties, pixels; nil where it has none or they would be too large
    /// for it, and the picture is composed smaller instead.
    private func hardwareMargins(_ mode: KMSMode) -> [(String, UInt64)]? {
      guard connector.features.contains(.margins) else { return nil }
      let area = area(mode)
      let values = [
        ("left margin", area.x), ("top margin", area.y), ("right margin", mode.width - area.maxX),
        ("bottom margin", mode.height - area.maxY),
      ]
      guard values.allSatisfy({ $0.1 <= 100 }) else { return nil }
      return values.map { ($0.0, UInt64($0.1)) }
    }

    private static let noMargins: [(String, UInt64)] = [
      ("left margin", 0), ("top margin", 0), ("right margin", 0), ("bottom margin", 0),
    ]

    /// What the display doesn't hide, on even pixels.
    private func area(_ mode: KMSMode) -> PixelRectangle {
      func part(_ share: Double, _ length: Int) -> Int { Int((share * Double(length)).rounded()) & ~1 }
      let margins = settings.margins
      let (left, top) = (part(margins.left, mode.width), part(margins.top, mode.height))
      return PixelRectangle(
        x: left, y: top, width: mode.width - left - part(margins.right, mode.width),
        height: mode.height - top - part(margins.bottom, mode.height))
    }
  }
}
