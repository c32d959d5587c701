/// Cuts one VP8 frame into RTP payloads (RFC 7741, section 4.4) of nearly equal size.
public struct VP8Packetizer: ~Copyable {
  private let frame: UnsafeRawBufferPointer
  private var descriptor: VP8Descriptor
  private var split: PayloadSplit

  /// Prepares `frame`, whose memory must stay valid until the last payload is written. The packetizer sets
  /// `descriptor`'s partition fields itself. No payload exceeds `maximumPayloadSize` bytes, descriptor included.
  public init(frame: UnsafeRawBufferPointer, descriptor: VP8Descriptor, maximumPayloadSize: Int) {
    self.frame = frame
    self.descriptor = descriptor
    self.descriptor.partition = 0
    self.descriptor.startsPartition = true
    split = PayloadSplit(count: frame.count, maximum: maximumPayloadSize - Self.size(of: descriptor))
  }

  /// Whether all payloads have been written; the last packet written carries the marker.
  public var isFinished: Bool { split.isFinished }

  /// Writes the next payload into `target`.
  /// - Returns: bytes written; 0 when finished or when `target` is too small.
  public mutating func next(into target: UnsafeMutableRawBufferPointer) -> Int {
    if split.isFinished { return 0 }
    let count = descriptor.write(into: target)
    var following = split
    let range = following.next()
    guard count > 0, count + range.count <= target.count else { return 0 }
    UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: frame[range]))
    split = following
    descriptor.startsPartition = false
    return count + range.count
  }

  private static func size(of descriptor: VP8Descriptor) -> Int {
    withUnsafeTemporaryAllocation(byteCount: VP8Descriptor.maximumSize, alignment: 1) { descriptor.write(into: $0) }
  }
}
