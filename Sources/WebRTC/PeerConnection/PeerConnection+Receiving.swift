import Realtime

extension PeerConnection {
  /// Attaches what takes a video track's frames; nil detaches. A key frame is asked for.
  public func setVideoSink(_ sink: (any VideoFrameSink)?, of transceiver: TransceiverID) {
    transceivers[transceiver.index]?.sinks.video = sink
  }

  /// Attaches what takes an audio track's packets; nil detaches.
  public func setAudioSink(_ sink: (any AudioPacketSink)?, of transceiver: TransceiverID) {
    transceivers[transceiver.index]?.sinks.audio = sink
  }

  /// Attaches what takes a track's packets as they are; nil detaches.
  public func setPacketSink(_ sink: (any RTPPacketSink)?, of transceiver: TransceiverID) {
    transceivers[transceiver.index]?.sinks.packets = sink
  }

  /// Asks the sender of a track for a key frame: for a decoder that lost its way, or a media server's new subscriber.
  /// - Parameter rid: which simulcast layer; nil for all.
  public func requestKeyFrame(from transceiver: TransceiverID, rid: String? = nil, at now: Instant) {
    guard let receiver = transceivers[transceiver.index]?.receiver else { return }
    for encoding in receiver.encodings where rid == nil || encoding.rid == rid { encoding.stream.requestKeyFrame() }
    feedbackDeadline = now
    advance(at: now)
  }

  // MARK: Inner works

  func receiveProtected(_ datagram: PacketBuffer, at now: Instant) {
    guard let inbound else {
      drops.unrouted += 1
      return
    }
    let isRTCP = RTCPReader.isRTCP(datagram.bytes)
    let memory = UnsafeMutableRawBufferPointer(start: datagram.base, count: datagram.count)
    do {
      datagram.count = isRTCP ? try inbound.unprotectRTCP(memory) : try inbound.unprotectRTP(memory)
    } catch {
      drops.unauthentic += 1
      return
    }
    ice.noteReceivedData(at: now)
    if isRTCP { receiveRTCP(datagram.bytes, at: now) } else { receiveRTP(datagram.bytes, at: now) }
  }

  private func receiveRTP(_ packet: UnsafeRawBufferPointer, at now: Instant) {
    guard let header = try? RTPHeader(parsing: packet, extensions: router.extensions) else {
      drops.malformed += 1
      return
    }
    if let number = header.extensions.transportSequenceNumber {
      arrivals.receive(number, ssrc: header.ssrc, at: now)
      feedbackDeadline = min(feedbackDeadline, arrivals.nextDeadline)
    }
    guard let encoding = router.encoding(for: header, of: packet) else {
      drops.unrouted += 1
      return
    }
    if encoding.stream.packetCount == 0 { reports.streamBegan(at: now) }
    if encoding.isVideo { receiveBandwidth.receive(byteCount: packet.count, at: now) }
    encoding.receive(header, packet, at: now)
    feedbackDeadline = min(feedbackDeadline, encoding.nextDeadline, reports.nextDeadline)
  }

  private func receiveRTCP(_ datagram: UnsafeRawBufferPointer, at now: Instant) {
    var reader = RTCPReader(datagram)
    while let packet = reader.next() {
      switch packet {
      case .senderReport(let report):
        router.encoding(ssrc: report.ssrc)?.receive(report.information, at: now)
        receive(report.blocks, at: now)
      case .receiverReport(let report): receive(report.blocks, at: now)
      case .genericNACK(let nack): repeatPackets(nack, at: now)
      case .pictureLossIndication(let indication):
        sendStream(ssrc: indication.mediaSSRC)?.receivePictureLossIndication()
        feedbackDeadline = now
      case .fullIntraRequest(let request):
        for entry in request {
          sendStream(ssrc: entry.ssrc)?.receive(entry, senderSSRC: request.senderSSRC)
        }
        feedbackDeadline = now
      case .transportFeedback(let feedback): sentPackets.receive(feedback, at: now) { _ in }
      case .receiverEstimatedMaximumBitrate(let estimate): peerBitrateLimit = estimate.bitrate
      case .sourceDescription, .goodbye, .extendedReport, .other: break
      }
    }
    if reader.isMalformed { drops.malformed += 1 }
  }

  private func receive(_ blocks: ReportBlocks, at now: Instant) {
    for block in blocks {
      guard let stream = sendStream(ssrc: block.ssrc) else { continue }
      stream.receive(block, at: now, clock: configuration.ntpClock)
      if let time = stream.roundTripTime { noteRoundTrip(time) }
    }
  }

  private func noteRoundTrip(_ time: Duration) {
    roundTripTime = time
    for stream in router.allStreams { stream.roundTripTime = time }
  }

  private func repeatPackets(_ nack: GenericNACK, at now: Instant) {
    guard let stream = sendStream(ssrc: nack.mediaSSRC) else { return }
    stream.receive(nack, at: now)
    while true {
      let buffer = pool.take()
      guard stream.nextRetransmission(to: buffer, at: now) else { return pool.recycle(buffer) }
      stampAndSend(buffer, stream.configuration.extensions, at: now)
    }
  }

  /// The sent stream with this source; there are a handful.
  private func sendStream(ssrc: UInt32) -> RTPSendStream? {
    sendStreams.first { $0.configuration.ssrc == ssrc }
  }
}
