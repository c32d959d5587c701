/// Memory that is freed with its owner, also when the owner's initialiser throws before its `deinit` could do it.
struct MemoryBlock: ~Copyable {
  private(set) var bytes: UnsafeMutableRawBufferPointer
  private let alignment: Int

  init(byteCount: Int, alignment: Int = 16) {
    bytes = .allocate(byteCount: byteCount, alignment: alignment)
    self.alignment = alignment
  }

  deinit {
    bytes.deallocate()
  }

  /// Makes it at least `byteCount` bytes long; what was in it may be lost.
  mutating func reserve(_ byteCount: Int) {
    guard byteCount > bytes.count else { return }
    bytes.deallocate()
    bytes = .allocate(byteCount: byteCount, alignment: alignment)
  }

  /// The first `count` bytes.
  func prefix(_ count: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
  }
}
