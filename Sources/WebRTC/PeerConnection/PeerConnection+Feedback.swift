import Realtime

extension PeerConnection {
  /// Does what RTCP has due: reports, NACK and PLI, feedback on arrivals, key frame requests to the encoder.
  func runFeedback(at now: Instant) {
    guard now >= min(feedbackDeadline, reports.nextDeadline) else { return }
    // A received frame that waited long enough may ask for a key frame.
    for encoding in router.allEncodings where encoding.nextDeadline <= now { encoding.handleTimeout(at: now) }
    sendReports(at: now)
    sendRequests(at: now)
    passKeyFrameRequests(at: now)
    updateFeedbackDeadline()
  }

  private func sendReports(at now: Instant) {
    guard reports.takeReport(at: now, using: &random) else { return }
    reporter.report(
      sendStreams: sendStreams, receiveStreams: router.allStreams, clock: configuration.ntpClock, at: now, pool: pool,
      send: sendControl)
  }

  private func sendRequests(at now: Instant) {
    var writer = RTCPWriter(pool.take())
    for encoding in router.allEncodings {
      while !encoding.stream.pollFeedback(at: now, senderSSRC: reporter.receiverSSRC, to: &writer) { next(&writer) }
    }
    while !arrivals.poll(at: now, senderSSRC: reporter.receiverSSRC, to: &writer) { next(&writer) }
    if sendsBitrateEstimate, let bitrate = receiveBandwidth.poll(at: now) {
      let video = router.videoSources
      if !writer.receiverEstimatedMaximumBitrate(
        senderSSRC: reporter.receiverSSRC, bitrate: bitrate, ssrcs: video)
      {
        next(&writer)
        _ = writer.receiverEstimatedMaximumBitrate(senderSSRC: reporter.receiverSSRC, bitrate: bitrate, ssrcs: video)
      }
    }
    if writer.isEmpty { pool.recycle(writer.buffer) } else { sendControl(writer.buffer) }
  }

  private func next(_ writer: inout RTCPWriter) {
    // An empty datagram that still has no room would never have any.
    guard !writer.isEmpty else { return }
    sendControl(writer.buffer)
    writer = RTCPWriter(pool.take())
  }

  private func passKeyFrameRequests(at now: Instant) {
    for (id, transceiver) in transceivers {
      guard let encodings = transceiver.sender?.encodings else { continue }
      for (index, encoding) in encodings.enumerated() {
        if encoding?.stream.takeKeyFrameRequest(at: now) == true {
          events.append(.keyFrameRequested(TransceiverID(index: id), encoding: index))
        }
      }
    }
  }

  private func updateFeedbackDeadline() {
    var deadline = min(arrivals.nextDeadline, reports.nextDeadline)
    if sendsBitrateEstimate { deadline = min(deadline, receiveBandwidth.nextDeadline) }
    for encoding in router.allEncodings { deadline = min(deadline, encoding.nextDeadline) }
    for stream in sendStreams { deadline = min(deadline, stream.nextDeadline) }
    feedbackDeadline = deadline
  }

  private func sendControl(_ buffer: PacketBuffer) {
    guard buffer.count > 0 else { return pool.recycle(buffer) }
    do {
      try outbound?.protectRTCP(buffer)
      enqueue(buffer)
    } catch {
      pool.recycle(buffer)
    }
  }

  /// Says that our sources end (RFC 3550 §6.6).
  func sendGoodbyes() {
    guard outbound != nil else { return }
    for ssrc in sendStreams.map(\.configuration.ssrc) {
      var writer = RTCPWriter(pool.take())
      // A compound packet begins with a report.
      _ = writer.receiverReport(ssrc: ssrc)
      _ = writer.goodbye(ssrc: ssrc)
      sendControl(writer.buffer)
    }
  }
}
