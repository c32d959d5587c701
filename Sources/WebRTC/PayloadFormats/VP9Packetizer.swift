/// Cuts one VP9 layer frame into RTP payloads (RFC 9628) of nearly equal size.
///
/// A picture with several spatial layers takes one packetizer a layer, lowest first, all with one picture id; the last
/// packet of the highest layer carries the marker.
public struct VP9Packetizer: ~Copyable {
  private let frame: UnsafeRawBufferPointer
  private var descriptor: VP9Descriptor
  private var structure: VP9ScalabilityStructure?
  private var split: PayloadSplit

  /// Prepares `frame`, whose memory must stay valid until the last payload is written. `structure` goes into the first
  /// payload; give it on the base layer of key pictures. The packetizer sets B and E itself. No payload exceeds
  /// `maximumPayloadSize` bytes, descriptor included; the first one stays `firstReserve` bytes below that.
  public init(
    frame: UnsafeRawBufferPointer, descriptor: VP9Descriptor, structure: VP9ScalabilityStructure? = nil,
    maximumPayloadSize: Int, firstReserve: Int = 0
  ) {
    self.frame = frame
    self.descriptor = descriptor
    self.descriptor.startsFrame = true
    self.descriptor.endsFrame = false
    self.structure = structure
    // 255 pictures of 4 bytes are what a structure may take at most.
    let (first, others) = withUnsafeTemporaryAllocation(byteCount: 1_100, alignment: 1) { memory in
      (descriptor.write(into: memory, structure: structure), descriptor.write(into: memory))
    }
    split = PayloadSplit(
      count: frame.count, maximum: maximumPayloadSize - others, firstReserve: first - others + max(firstReserve, 0))
  }

  /// Whether all payloads have been written.
  public var isFinished: Bool { split.isFinished }
  /// Whether the next payload is the last.
  public var isAtLast: Bool {
    var following = split
    _ = following.next()
    return following.isFinished
  }

  /// Writes the next payload into `target`.
  /// - Returns: bytes written; 0 when finished or when `target` is too small.
  public mutating func next(into target: UnsafeMutableRawBufferPointer) -> Int {
    if split.isFinished { return 0 }
    var following = split
    let range = following.next()
    descriptor.endsFrame = following.isFinished
    let count = descriptor.write(into: target, structure: structure)
    guard count > 0, count + range.count <= target.count else { return 0 }
    UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: frame[range]))
    split = following
    descriptor.startsFrame = false
    structure = nil
    return count + range.count
  }
}
