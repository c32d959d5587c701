import ArgumentParser
import Audio
import CAllocationCounter
import Glibc
import HTTPExchange
import Logging
import Meeting
import NIOPosix
import Realtime
import Video
import Visio
import WebRTCNIO

/// Salle in the measured call, in a process that does nothing else; afterwards the codecs alone. Prints a line a figure.
struct CallMemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call-member", abstract: "Takes part in the practice room of `call-room`.", shouldDisplay: false)

  @Option var url: String
  @Option var code: String
  @Option var pictures: String
  @Option(help: "Seconds in the call before measuring.") var warmUp = 8
  @Option(help: "Seconds that are measured.") var seconds = 10
  @Flag(help: "Only join until the first picture is there.") var onlyJoin = false
  @Flag(help: "Afterwards measure the codecs alone.") var reference = false

  func run() async throws {
    let frames = try CallMaterial.readPictures(pictures)
    let transport = AsyncHTTPTransport()
    let meeting = Meeting(
      options: MeetingOptions(
        link: try MeetingLink(typed: "\(url)/\(code)"), name: "Salle", camera: PremadeCamera(frames),
        screen: SilentScreen(),
        audio: try AudioPipeline(
          capture: PremadeMicrophone(CallMaterial.makeSound()), playback: SilentLoudspeaker(), firstTimestamp: 1),
        interfaces: .loopback, version: "bench"),
      transport: transport, eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
      logger: Logger(label: "salle.bench") { _ in SwiftLogNoOpLogHandler() })
    let began = MonotonicClock.now
    let stay = Task { await meeting.run() }
    try await awaitPicture(meeting, since: began)
    if !onlyJoin { try await measure(meeting) }
    await meeting.leave()
    _ = await stay.value
    await transport.shutdown()
    if reference { try measureCodecs(frames) }
  }

  private func awaitPicture(_ meeting: Meeting, since began: Instant) async throws {
    while MonotonicClock.now - began < .seconds(20) {
      let statistics = await meeting.statistics()
      if let first = statistics?.videos.values.compactMap(\.firstDecoded).min() {
        return tell("first_picture_ms", (first - began).seconds * 1_000)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    throw BenchError("no picture came within 20 s")
  }

  private func measure(_ meeting: Meeting) async throws {
    try await Task.sleep(for: .seconds(warmUp))
    guard let first = await meeting.statistics() else { throw BenchError("the call broke") }
    let (cost, allocations, time) = (ProcessCost.now, allocation_count(), MonotonicClock.now)
    try await Task.sleep(for: .seconds(seconds))
    let spent = ProcessCost.now - cost
    let allocated = allocation_count() - allocations
    let elapsed = (MonotonicClock.now - time).seconds
    guard let last = await meeting.statistics() else { throw BenchError("the call broke") }
    tell("cpu", spent.processorTime / elapsed)
    for (name, seconds) in spent.threads { tell("thread_\(name)", seconds / elapsed) }
    tell("allocations_per_second", Double(allocated) / elapsed)
    let memory = ProcessCost.residentMemory
    tell("resident_mb", Double(memory.all) / 1e6)
    tell("anonymous_mb", Double(memory.anonymous) / 1e6)
    tellPictures(first, last, elapsed)
  }

  /// What was really done, so that nobody compares a call with half a call.
  private func tellPictures(_ first: MeetingStatistics, _ last: MeetingStatistics, _ elapsed: Double) {
    if let before = first.camera, let after = last.camera {
      tell("sent_low", Double(after.low.frames - before.low.frames) / elapsed)
      tell("sent_middle", Double(after.middle.frames - before.middle.frames) / elapsed)
      tell("sent_high", Double(after.high.frames - before.high.frames) / elapsed)
      let bytes = [
        after.low.bytes - before.low.bytes, after.middle.bytes - before.middle.bytes,
        after.high.bytes - before.high.bytes,
      ].reduce(0, +)
      tell("sent_kbps", Double(bytes) * 8 / 1_000 / elapsed)
    }
    let decoded = last.videos.reduce(0) { $0 + $1.value.decoded - (first.videos[$1.key]?.decoded ?? 0) }
    tell("decoded", Double(decoded) / elapsed)
    tell("decoded_width", Double(last.videos.values.map(\.width).min() ?? 0))
    tell("sounds", Double(last.audioTrackCount))
    if let before = first.screen, let after = last.screen {
      tell("composed", Double(after.composed - before.composed) / elapsed)
      tell("composing", (after.composingTime - before.composingTime).seconds / elapsed)
    }
  }

  private func measureCodecs(_ frames: [VideoFrame]) throws {
    let reference = try CallReference(frames)
    _ = try reference.run(for: .seconds(1))
    let result = try reference.run(for: .seconds(seconds))
    tell("vpx_encode", result.encoding)
    tell("vpx_decode", result.decoding)
    tell("opus", result.opus)
  }

  private func tell(_ name: String, _ value: Double) {
    print("\(name.replacing(" ", with: "_")) \(value)")
    fflush(nil)
  }
}
