/// The start of a VP9 frame's uncompressed header (VP9 bitstream specification §6.2, §7.2): what must be known before
/// the codec sees the frame.
struct VP9FrameHeader: Equatable {
  var profile: Int
  var isKeyFrame = false
  var isIntraOnly = false
  /// The frame's size if this header states it (0 otherwise): in key and intra-only frames, and in others that don't
  /// take it from a reference.
  var width = 0
  var height = 0

  /// Reads the header; nil when it is cut short or not VP9.
  init?(_ bytes: UnsafeRawBufferPointer) {
    var reader = BitReader(bytes)
    guard reader.read(2) == 2, let low = reader.read(1), let high = reader.read(1) else { return nil }
    profile = Int(high << 1 | low)
    if profile == 3 { _ = reader.read(1) }
    guard let showsExisting = reader.readFlag() else { return nil }
    if showsExisting { return }
    guard let isInter = reader.readFlag(), let isShown = reader.readFlag(), let isResilient = reader.readFlag() else {
      return nil
    }
    isKeyFrame = !isInter
    if isKeyFrame {
      guard Self.readSync(&reader), readColor(&reader), readSize(&reader) else { return nil }
      return
    }
    if !isShown {
      guard let flag = reader.readFlag() else { return nil }
      isIntraOnly = flag
    }
    if !isResilient, reader.read(2) == nil { return nil }
    if isIntraOnly {
      guard Self.readSync(&reader) else { return nil }
      if profile > 0, !readColor(&reader) { return nil }
      guard reader.read(8) != nil, readSize(&reader) else { return nil }
      return
    }
    // refresh_frame_flags, then three references of 3 bits and a sign bias.
    guard reader.read(8) != nil, reader.read(12) != nil else { return nil }
    for _ in 0..<3 {
      guard let isFound = reader.readFlag() else { return nil }
      if isFound { return }
    }
    guard readSize(&reader) else { return nil }
  }

  private static func readSync(_ reader: inout BitReader) -> Bool {
    reader.read(24) == 0x49_8342
  }

  private func readColor(_ reader: inout BitReader) -> Bool {
    if profile >= 2, reader.read(1) == nil { return false }
    guard let space = reader.read(3) else { return false }
    if space == 7 { return profile & 1 == 1 && reader.read(1) != nil }
    return reader.read(profile & 1 == 1 ? 4 : 1) != nil
  }

  private mutating func readSize(_ reader: inout BitReader) -> Bool {
    guard let width = reader.read(16), let height = reader.read(16) else { return false }
    self.width = Int(width) + 1
    self.height = Int(height) + 1
    return true
  }
}

/// The index at the end of a VP9 superframe (VP9 bitstream specification, annex B): the sizes of the frames in it.
struct VP9SuperframeIndex {
  /// How many frames there are, 1…8.
  private(set) var count = 0
  private var offsets: InlineSizes = InlineSizes()

  /// The range of frame `index` in the superframe.
  func range(_ index: Int) -> Range<Int> { offsets[index]..<offsets[index + 1] }

  /// Reads the index; nil when there is none. An index whose sizes don't fit gives `count` 0.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard let marker = bytes.last, marker & 0xE0 == 0xC0 else { return nil }
    let frames = Int(marker & 7) + 1
    let sizeLength = Int(marker >> 3 & 3) + 1
    let length = 2 + frames * sizeLength
    guard bytes.count >= length, bytes[bytes.count - length] == marker else { return nil }
    var offset = 0
    var position = bytes.count - length + 1
    for frame in 0..<frames {
      var size = 0
      for byte in 0..<sizeLength { size |= Int(bytes[position + byte]) << (8 * byte) }
      position += sizeLength
      guard size <= bytes.count - length - offset else { return }
      offset += size
      offsets[frame + 1] = offset
    }
    count = frames
  }

  /// Nine integers without an array.
  private struct InlineSizes {
    private var values: (Int, Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0, 0)

    subscript(index: Int) -> Int {
      get { element(values, index, as: Int.self) }
      set { setElement(&values, index, newValue) }
    }
  }
}
