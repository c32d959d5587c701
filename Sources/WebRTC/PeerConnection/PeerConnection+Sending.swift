import Realtime

extension PeerConnection {
  /// Attaches what has media to send on a transceiver; nil detaches.
  public func setSource(_ source: (any MediaSource)?, of transceiver: TransceiverID) {
    transceivers[transceiver.index]?.source = source
  }

  /// Asks all sources for the media that waits.
  public func sendPendingMedia(at now: Instant) {
    guard isMediaRunning else { return }
    for (id, transceiver) in transceivers {
      transceiver.source?.sendPending(on: self, transceiver: TransceiverID(index: id), at: now)
    }
    advance(at: now)
  }

  /// Sends an encoded picture, or one spatial layer of it. Nothing happens while the transceiver doesn't send, or when
  /// the peer doesn't take the codec or the encoding.
  public func send(_ frame: OutgoingVideoFrame, on transceiver: TransceiverID, at now: Instant) {
    guard outbound != nil, let sender = transceivers[transceiver.index]?.sender,
      let payloadType = sender.format.payloadType(of: .video(frame.codec)),
      sender.encodings.indices.contains(frame.encoding), let encoding = sender.encodings[frame.encoding]
    else { return }
    encoding.beginPicture(captureTime: frame.captureTime, temporalLayer: frame.temporalLayer)
    switch frame.codec {
    case .vp8: sendVP8(frame, encoding, payloadType, at: now)
    case .vp9: sendVP9(frame, encoding, payloadType, at: now)
    }
  }

  /// Sends one Opus packet.
  /// - Parameters:
  ///   - payload: the packet.
  ///   - timestamp: of its first sample, 48 kHz; the stream adds its random offset.
  ///   - capturedAt: when that sample was captured.
  ///   - level: loudness for the media server's choice of speakers (RFC 6464).
  ///   - startsTalkspurt: whether it is the first after silence that wasn't sent (RFC 3551 §4.1).
  public func sendAudio(
    _ payload: UnsafeRawBufferPointer, timestamp: UInt32, capturedAt: Instant, level: RTPAudioLevel,
    startsTalkspurt: Bool, on transceiver: TransceiverID, at now: Instant
  ) {
    guard outbound != nil, let sender = transceivers[transceiver.index]?.sender, let encoding = sender.encodings.first,
      let stream = encoding?.stream, let payloadType = sender.audioPayloadType
    else { return }
    var extensions = RTPHeaderExtensions()
    extensions.audioLevel = level
    extensions.absoluteCaptureTime = captureTime(capturedAt, on: stream)
    sendPacket(on: stream, at: now) { (buffer) throws(RTPError) in
      try stream.begin(
        buffer, payloadType: payloadType, marker: startsTalkspurt, timestamp: timestamp, capturedAt: capturedAt,
        extensions: extensions)
      let count = sender.writeAudio(payload, timestamp: timestamp, into: buffer.vacantMemory)
      buffer.count += count
      return count > 0
    }
  }

  /// The value of the absolute capture time for a packet that begins with what was captured at `instant`; nil when the
  /// packet needs none.
  private func captureTime(_ instant: Instant, on stream: RTPSendStream) -> AbsoluteCaptureTime? {
    guard stream.takesCaptureTime(at: instant) else { return nil }
    return AbsoluteCaptureTime(time: configuration.ntpClock.time(at: instant))
  }

  // MARK: Video

  private func sendVP8(
    _ frame: OutgoingVideoFrame, _ encoding: SendEncoding, _ payloadType: UInt8, at now: Instant
  ) {
    var descriptor = VP8Descriptor()
    descriptor.isNonReference = frame.isDiscardable
    descriptor.pictureID = encoding.pictureID
    if frame.temporalLayerCount > 1 {
      descriptor.temporalBaseIndex = encoding.temporalBaseIndex
      descriptor.temporalLayer = frame.temporalLayer
      descriptor.isLayerSync = frame.isSwitchingUpPoint
    }
    let stream = encoding.stream
    let timestamp = Self.videoTimestamp(frame.captureTime)
    var packetizer = VP8Packetizer(
      frame: frame.bytes, descriptor: descriptor, maximumPayloadSize: maximumPayloadSize(of: stream))
    var extensions = RTPHeaderExtensions()
    extensions.absoluteCaptureTime = captureTime(frame.captureTime, on: stream)
    while !packetizer.isFinished {
      defer { extensions.absoluteCaptureTime = nil }
      let isSent = sendPacket(on: stream, at: now) { (buffer) throws(RTPError) in
        try stream.begin(
          buffer, payloadType: payloadType, marker: false, timestamp: timestamp, capturedAt: frame.captureTime,
          extensions: extensions)
        let count = packetizer.next(into: buffer.vacantMemory)
        buffer.count += count
        if packetizer.isFinished { buffer.setRTPMarker() }
        return count > 0
      }
      if !isSent { return }
    }
  }

  private func sendVP9(
    _ frame: OutgoingVideoFrame, _ encoding: SendEncoding, _ payloadType: UInt8, at now: Instant
  ) {
    let layer = frame.vp9Layer
    let stream = encoding.stream
    let descriptor = encoding.vp9.describe(
      layer, pictureID: encoding.pictureID, temporalBaseIndex: encoding.temporalBaseIndex)
    guard let descriptor else {
      // The encoder has to begin anew.
      stream.receivePictureLossIndication()
      feedbackDeadline = now
      return
    }
    let scratch = pool.take()
    defer { pool.recycle(scratch) }
    let memory = UnsafeMutableRawBufferPointer(rebasing: scratch.memory[..<DependencyDescriptor.maximumSize])
    let others = UnsafeMutableRawBufferPointer(
      rebasing: scratch.memory[DependencyDescriptor.maximumSize..<2 * DependencyDescriptor.maximumSize])
    let counts = encoding.vp9.writeDependencies(of: layer, first: memory, others: others)
    let room = maximumPayloadSize(of: stream, dependencyDescriptorCount: counts.others)
    let timestamp = Self.videoTimestamp(frame.captureTime)
    var packetizer = VP9Packetizer(
      frame: frame.bytes, descriptor: descriptor, structure: encoding.vp9.structure(of: layer),
      maximumPayloadSize: room,
      firstReserve: room - maximumPayloadSize(of: stream, dependencyDescriptorCount: counts.first))
    var dependencies = UnsafeMutableRawBufferPointer(rebasing: memory[..<counts.first])
    var startsFrame = true
    var extensions = RTPHeaderExtensions()
    extensions.absoluteCaptureTime = captureTime(frame.captureTime, on: stream)
    while !packetizer.isFinished {
      defer { extensions.absoluteCaptureTime = nil }
      DependencyDescriptor.setPlace(dependencies, startsFrame: startsFrame, endsFrame: packetizer.isAtLast)
      let isSent = sendPacket(on: stream, at: now) { (buffer) throws(RTPError) in
        try stream.begin(
          buffer, payloadType: payloadType, marker: false, timestamp: timestamp, capturedAt: frame.captureTime,
          extensions: extensions, dependencyDescriptor: UnsafeRawBufferPointer(dependencies))
        let count = packetizer.next(into: buffer.vacantMemory)
        buffer.count += count
        if packetizer.isFinished, frame.isLastLayerOfPicture { buffer.setRTPMarker() }
        return count > 0
      }
      if !isSent { return }
      startsFrame = false
      dependencies = UnsafeMutableRawBufferPointer(rebasing: others[..<counts.others])
    }
  }

  /// 90 kHz since the clock's epoch, so that all streams of a source agree.
  static func videoTimestamp(_ captureTime: Instant) -> UInt32 {
    let (seconds, rest) = captureTime.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt32(truncatingIfNeeded: seconds &* 90_000 &+ rest * 9 / 100_000)
  }

  /// How many bytes of payload fit into a packet of `stream` that carries a dependency descriptor of this length.
  private func maximumPayloadSize(of stream: RTPSendStream, dependencyDescriptorCount: Int = 0) -> Int {
    let map = stream.configuration.extensions
    // Extension header and padding, and each extension with its identifier and length: one byte, or two when one of the
    // extensions is longer than 16 bytes or has an identifier above 14 (RFC 8285 section 4.2).
    var values = 0
    var elements = 0
    var isTwoByte = false
    func add(_ kind: RTPHeaderExtensionKind, _ count: Int) {
      guard count > 0, let id = map.id(of: kind) else { return }
      values += count
      elements += 1
      isTwoByte = isTwoByte || count > 16 || id > 14
    }
    add(.mid, stream.configuration.mid?.utf8.count ?? 0)
    // RTX names the repaired stream instead, in as many bytes.
    add(.rid, stream.configuration.rid?.utf8.count ?? 0)
    add(.transportSequenceNumber, 2)
    add(.absoluteSendTime, 3)
    add(.absoluteCaptureTime, 8)
    add(.dependencyDescriptor, dependencyDescriptorCount)
    let extensions = 4 + 3 + values + elements * (isTwoByte ? 2 : 1)
    // RTX adds the original sequence number (RFC 4588 section 4).
    return Self.maximumRTPPacketSize - RTPHeader.fixedCount - extensions - 2
  }

  // MARK: Packets

  /// Lets `fill` write a packet of `stream` and sends it; false when `fill` couldn't.
  @discardableResult
  func sendPacket(
    on stream: RTPSendStream, at now: Instant, fill: (PacketBuffer) throws(RTPError) -> Bool
  ) -> Bool {
    let buffer = pool.take()
    guard let isFilled = try? fill(buffer), isFilled else {
      pool.recycle(buffer)
      return false
    }
    stream.end(buffer, at: now)
    if let places = stream.sendPlaces {
      stamp(buffer, places, at: now)
      protectAndEnqueue(buffer)
    } else {
      stampAndSend(buffer, stream.configuration.extensions, at: now)
    }
    return true
  }

  /// Writes what is known only at sending, encrypts and queues.
  func stampAndSend(_ buffer: PacketBuffer, _ extensions: RTPHeaderExtensionMap, at now: Instant) {
    let number =
      extensions.contains(.transportSequenceNumber) ? sentPackets.send(byteCount: buffer.count, at: now) : nil
    RTPHeader.rewrite(
      buffer, extensions: extensions, transportSequenceNumber: number,
      absoluteSendTime: RTPHeaderExtensions.absoluteSendTime(at: now))
    protectAndEnqueue(buffer)
  }

  private func stamp(_ buffer: PacketBuffer, _ places: RTPHeaderTemplate.SendPlaces, at now: Instant) {
    if places.transportSequenceNumber > 0 {
      buffer.memory.storeNetwork(
        sentPackets.send(byteCount: buffer.count, at: now), at: places.transportSequenceNumber)
    }
    if places.absoluteSendTime > 0 {
      buffer.memory.storeNetwork24(RTPHeaderExtensions.absoluteSendTime(at: now), at: places.absoluteSendTime)
    }
  }

  private func protectAndEnqueue(_ buffer: PacketBuffer) {
    do {
      try outbound?.protectRTP(buffer)
      enqueue(buffer)
    } catch {
      pool.recycle(buffer)
    }
  }
}

extension PacketBuffer {
  /// The memory behind what is in use.
  var vacantMemory: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[count...]) }

  /// Appends a copy of `bytes`; false when they don't fit.
  func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count <= Self.capacity - count else { return false }
    vacantMemory.copyMemory(from: bytes)
    count += bytes.count
    return true
  }

  /// Sets the marker bit of the RTP packet in this buffer.
  func setRTPMarker() {
    memory[1] |= 0x80
  }
}
