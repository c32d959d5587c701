import Audio
import CAllocationCounter
import Devices
import Realtime

/// Runs the body of the audio thread on the calling thread, and counts what it does.
final class AudioBenchmark {
  /// What was counted.
  struct Figures: CustomStringConvertible {
    var blocks = 0
    var allocations: UInt64 = 0
    var locks: UInt64 = 0
    /// Retains and releases; nil where they can't be counted.
    var references: UInt64?
    /// Processor time of each block, seconds.
    var times: [Double] = []
    var deadlineMisses = 0
    var losses = 0
    var devices = ""

    /// Whether the audio thread left alone what it must leave alone.
    var isClean: Bool { allocations == 0 && locks == 0 && (references ?? 0) == 0 }

    var description: String {
      let sorted = times.sorted()
      let median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
      func perBlock(_ count: UInt64?) -> String { count.map { "\(Double($0) / Double(max(1, blocks)))" } ?? "unknown" }
      return """
        \(blocks) blocks of 10 ms\(devices)
        processor time per block: median \(Int(median * 1e6)) µs, longest \(Int((sorted.last ?? 0) * 1e6)) µs, \
        \(Int(median * 1e4)) % of a core
        per block: \(perBlock(allocations)) allocations, \(perBlock(locks)) locks, \
        \(perBlock(references)) retains and releases
        deadline misses: \(deadlineMisses), over- and underruns: \(losses)
        """
    }
  }

  private let pipeline: AudioPipeline
  private let capture: ALSACapture?
  private let playback: ALSAPlayback?
  private let streams: [AudioReceiveStream]
  private let packets: [[UInt8]]
  private var index = 0

  init(capture: PCMAddress?, playback: PCMAddress?, streamCount: Int, processing: SoundProcessing) throws {
    self.capture = try capture.map { try ALSACapture($0) }
    self.playback = try playback.map { try ALSAPlayback($0) }
    let microphone: any AudioCapture = self.capture ?? SyntheticMicrophone(.speechAndBeep(voice: 1))
    let loudspeaker: any AudioPlayback = try self.playback ?? FileLoudspeaker(channelCount: 2)
    pipeline = try AudioPipeline(
      capture: microphone, playback: loudspeaker, processing: processing, firstTimestamp: 0)
    streams = try (0..<streamCount).map { _ in try AudioReceiveStream() }
    packets = try Self.encode(CallMaterial.makeSound())
    for stream in streams { pipeline.add(stream) }
  }

  /// Does `blocks` blocks.
  @discardableResult
  func run(blocks: Int) throws -> Figures {
    var figures = Figures()
    figures.times.reserveCapacity(blocks)
    let countsReferences = count_references() != 0
    if countsReferences { figures.references = 0 }
    let before = pipeline.currentStatistics
    let missed = capture?.currentReport.deadlineMisses ?? 0
    for _ in 0..<blocks {
      if index % 2 == 0 { receive() }
      index += 1
      let (time, allocations, locks, references) = (
        ProcessCost.threadTime, allocation_count(), lock_count(), reference_count()
      )
      pipeline.processBlock()
      figures.references = countsReferences ? (figures.references ?? 0) + reference_count() - references : nil
      figures.locks += lock_count() - locks
      figures.allocations += allocation_count() - allocations
      figures.times.append(ProcessCost.threadTime - time)
      while pipeline.outgoing.pop({ _, _ in }) {}
    }
    let after = pipeline.currentStatistics
    figures.blocks = blocks
    figures.deadlineMisses =
      capture.map { $0.currentReport.deadlineMisses - missed } ?? figures.times.filter { $0 > 0.01 }.count
    figures.losses =
      after.captureOverruns - before.captureOverruns + after.playbackUnderruns - before.playbackUnderruns
    if let capture { figures.devices += ", capture \(capture.configuration)" }
    if let playback { figures.devices += ", playback \(playback.configuration)" }
    return figures
  }

  /// The next 20 ms of everybody come from the network.
  private func receive() {
    let number = index / 2
    let packet = packets[number % packets.count]
    let header = AudioPacketRing.Header(
      sequenceNumber: Int64(number), timestamp: UInt32(truncatingIfNeeded: number * 960), time: MonotonicClock.now)
    for stream in streams { packet.withUnsafeBytes { _ = stream.packets.push(header, payload: $0) } }
  }

  private static func encode(_ sound: [Float]) throws -> [[UInt8]] {
    let encoder = try OpusEncoder(bitrate: 40_000, complexity: 5)
    encoder.isDiscontinuous = false
    var bytes = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
    return try (0..<sound.count / 960).map { index in
      let samples = Array(sound[index * 960..<(index + 1) * 960])
      let count = try samples.withUnsafeBufferPointer { samples in
        try bytes.withUnsafeMutableBytes { try encoder.encode(samples, into: $0).byteCount }
      }
      return Array(bytes[..<count])
    }
  }
}
