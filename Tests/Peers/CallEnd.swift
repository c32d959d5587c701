import Audio
import Devices
import Logging
import NIOCore
import NIOPosix
import Realtime
import Synchronization
import Video
import WebRTC
import WebRTCNIO

/// Our end of a bare call: one peer connection that sends a synthetic picture and a tone, and looks and listens to what
/// comes.
final class CallEnd: Sendable {
  /// What came.
  struct Report: Sendable {
    var pictures = 0
    var pictureErrors = 0
    var leftLuma = 0.0
    var rightLuma = 0.0
    var longestPictureGap = Duration.zero
    var packets = 0
    var tone = 0.0
    var messages: [String] = []
    var states: [String] = []
  }

  private let driver: PeerConnectionDriver
  private let report: Received
  private let sender: RealtimeThread
  /// The transceivers of sound and picture.
  private let audio: TransceiverID
  private let video: TransceiverID

  private init(
    driver: PeerConnectionDriver, report: Received, audio: TransceiverID, video: TransceiverID
  ) throws {
    self.driver = driver
    self.report = report
    self.audio = audio
    self.video = video
    sender = try RealtimeThread(name: "call-end", priority: nil) { context in
      Self.send(driver, audio, video, context)
    }
  }

  static func make(on eventLoop: any EventLoop, opensChannel: Bool) async throws -> CallEnd {
    let report = Received()
    let clock = NTPClock(NTPTime(rawValue: 0xE000_0000_0000_0000), at: MonotonicClock.now)
    var configuration = PeerConnection.Configuration(
      certificate: try Certificate(), ntpClock: clock, seed: .random(in: .min ... .max))
    configuration.adjustICE = { $0.pairsLoopbackWithOthers = true }
    let box = NIOLoopBoundBox<PeerConnectionDriver?>.makeEmptyBox(
      valueType: PeerConnectionDriver.self, eventLoop: eventLoop)
    let driver = try await PeerConnectionDriver.start(
      configuration: configuration, interfaces: .loopback, on: eventLoop, logger: Logger(label: "call")
    ) { event in
      report.note(event)
      guard case .dataChannelOpened(let channel, let label) = event, label == "chat", opensChannel else { return }
      // Not within the event: the connection is being drained.
      let driver = box.value
      Task { try await driver?.perform { connection, now in try Self.say("hello", connection, channel, now) } }
    }
    let (audio, video) = try await driver.perform { connection, now in
      box.value = driver
      let audio = try connection.addTransceiver(
        .audio, TransceiverParameters(direction: .sendReceive, streamID: "s", trackID: "a", codecs: [.opus]))
      let video = try connection.addTransceiver(
        .video, TransceiverParameters(direction: .sendReceive, streamID: "s", trackID: "v", codecs: [.video(.vp8)]))
      connection.setAudioSink(report, of: audio)
      connection.setVideoSink(report, of: video)
      if opensChannel { _ = try connection.createDataChannel(label: "chat", at: now) }
      return (audio, video)
    }
    return try CallEnd(driver: driver, report: report, audio: audio, video: video)
  }

  private static func say(
    _ text: String, _ connection: PeerConnection, _ channel: DataChannelID, _ now: Instant
  ) throws {
    try Array(text.utf8).withUnsafeBytes { try connection.send($0, isBinary: false, on: channel, at: now) }
  }

  func offer() async throws -> String {
    try await driver.perform { connection, now in try connection.createOffer(at: now) }
  }

  func answer(_ offer: String) async throws -> String {
    try await driver.perform { connection, now in
      try connection.setRemoteOffer(offer, at: now)
      return try connection.createAnswer(at: now)
    }
  }

  func accept(_ answer: String) async throws {
    try await driver.perform { connection, now in try connection.setRemoteAnswer(answer, at: now) }
  }

  /// Ends the call and tells what came.
  func close() async -> Report {
    sender.stop()
    await driver.close()
    return report.finish()
  }

  // MARK: Sending

  private static func send(
    _ driver: PeerConnectionDriver, _ audio: TransceiverID, _ video: TransceiverID, _ context: RealtimeThread.Context
  ) {
    let scene = SyntheticScene(width: 640, height: 360)
    let encoder = VP8SimulcastEncoder(layers: [SimulcastLayer(bitrate: 800_000)])
    guard let opus = try? OpusEncoder() else { return }
    let frame = VideoFrame(width: 640, height: 360)
    let epoch = MonotonicClock.now
    var samples = [Float](repeating: 0, count: OpusEncoder.sampleCount)
    var packet = [UInt8](repeating: 0, count: OpusEncoder.maximumByteCount)
    var index: Int64 = 0
    // 20 ms of sound a turn, a picture every other turn; a key frame each second, so that nobody has to wait for one.
    while !context.shouldStop {
      let time = epoch + .milliseconds(20) * Int(index)
      let tone = SyntheticSound.tone(frequency: 600, level: -12)
      for offset in samples.indices { samples[offset] = tone.sample(index * 960 + Int64(offset)) }
      let encoded = try? samples.withUnsafeBufferPointer { samples in
        try packet.withUnsafeMutableBytes { try opus.encode(samples, into: $0) }
      }
      if let encoded {
        let bytes = Array(packet[..<encoded.byteCount])
        let timestamp = UInt32(truncatingIfNeeded: index * 960)
        let level = RTPAudioLevel(voice: true, level: encoded.audioLevel)
        Task {
          try? await driver.perform { connection, now in
            bytes.withUnsafeBytes {
              connection.sendAudio(
                $0, timestamp: timestamp, capturedAt: time, level: level, startsTalkspurt: false, on: audio, at: now)
            }
          }
        }
      }
      if index % 2 == 0 {
        scene.paint(frame, at: time - epoch)
        frame.captureTime = time
        if index % 50 == 0 { encoder.requestKeyFrame() }
        try? encoder.encode(frame) { picture in
          let outgoing = Outgoing(picture)
          Task {
            try? await driver.perform { connection, now in connection.send(outgoing.frame, on: video, at: now) }
          }
        }
      }
      index += 1
      MonotonicClock.sleep(until: epoch + .milliseconds(20) * Int(index))
    }
  }

  /// A picture of its own for the event loop. `@unchecked Sendable`: handed over once.
  private final class Outgoing: @unchecked Sendable {
    let frame = OutgoingVideoFrame()

    init(_ picture: borrowing EncodedPicture) {
      frame.append(picture.bytes)
      frame.captureTime = picture.captureTime
      frame.isKeyFrame = picture.isKeyFrame
      frame.width = picture.width
      frame.height = picture.height
    }
  }
}

/// What arrives, decoded at once on the event loop. `@unchecked Sendable`: all state is behind the lock.
private final class Received: VideoFrameSink, AudioPacketSink, @unchecked Sendable {
  private struct State {
    var report = CallEnd.Report()
    var decoder = VideoDecoder(codec: .vp8)
    var pool = VideoFramePool(capacity: 4)
    var opus = try? OpusDecoder()
    var samples: [Float] = []
    var lastPicture: Instant?
    var firstPicture: Instant?
  }

  // The sinks' calls come from one event loop; the lock is for the test that reads the result.
  private let lock = Mutex(())
  private var state = State()

  private func withState<Result>(_ body: (inout State) -> Result) -> Result {
    lock._unsafeLock()
    defer { lock._unsafeUnlock() }
    return body(&state)
  }

  func note(_ event: PeerConnectionEvent) {
    withState { state in
      switch event {
      case .stateChanged(let new): state.report.states.append("\(new)")
      case .dataChannelMessage(_, let bytes, _): state.report.messages.append(String(decoding: bytes, as: UTF8.self))
      default: break
      }
    }
  }

  func vacantFrame() -> EncodedFrame? { EncodedFrame() }

  func deliver(_ frame: EncodedFrame) {
    withState { state in
      guard let picture = try? state.decoder.decode(frame.bytes, into: state.pool, time: frame.completedAt) else {
        state.report.pictureErrors += 1
        return
      }
      state.report.pictures += 1
      state.report.leftLuma = mean(picture, column: picture.width / 4)
      state.report.rightLuma = mean(picture, column: picture.width * 3 / 4)
      let first = state.firstPicture ?? frame.completedAt
      state.firstPicture = first
      if let last = state.lastPicture, frame.completedAt - first > .seconds(1) {
        state.report.longestPictureGap = max(state.report.longestPictureGap, frame.completedAt - last)
      }
      state.lastPicture = frame.completedAt
    }
  }

  private func mean(_ picture: VideoFrame, column: Int) -> Double {
    var sum = 0
    for row in 0..<20 { sum += Int(picture.y[row * picture.strideY + column]) }
    return Double(sum) / 20
  }

  func deliver(
    sequenceNumber: Int64, timestamp: UInt32, payload: UnsafeRawBufferPointer, isRedundant: Bool, arrival: Instant
  ) {
    withState { state in
      guard !isRedundant, let opus = state.opus else { return }
      state.report.packets += 1
      var output = [Float](repeating: 0, count: 5_760)
      let count = (try? output.withUnsafeMutableBufferPointer { try opus.decode(payload, into: $0) }) ?? 0
      if state.samples.count < 48_000 * 20 { state.samples += output[..<count] }
    }
  }

  func synchronize(timestamp: UInt32, ntp: NTPTime) {}

  /// The result, with the tone measured by counting cycles in the last two seconds.
  func finish() -> CallEnd.Report {
    withState { state in
      let tail = state.samples.suffix(96_000)
      var crossings: [Double] = []
      for index in tail.indices.dropFirst() where tail[index - 1] < 0 && tail[index] >= 0 {
        let before = Double(tail[index - 1])
        crossings.append(Double(index) - Double(tail[index]) / (Double(tail[index]) - before))
      }
      if crossings.count > 2 {
        state.report.tone = Double(crossings.count - 1) * 48_000 / (crossings[crossings.count - 1] - crossings[0])
      }
      return state.report
    }
  }
}
