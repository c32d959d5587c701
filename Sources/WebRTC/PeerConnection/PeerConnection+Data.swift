import Realtime

extension PeerConnection {
  /// Opens a data channel (RFC 8831); may be called before anything is negotiated. `dataChannelOpened` tells when it can
  /// be used. The session gets an m-line for data with the next description.
  /// - Throws: `SCTPError`: options that can't be, no stream left, or the association is over.
  public func createDataChannel(
    label: String, options: DataChannelOptions = DataChannelOptions(), at now: Instant
  ) throws(SCTPError) -> DataChannelID {
    guard state != .closed else { throw .notConnected }
    let association = data ?? SCTPAssociation()
    data = association
    negotiator.addData()
    defer { advance(at: now) }
    return try association.open(label: label, options: options, at: now)
  }

  /// Sends a message on a data channel.
  /// - Throws: `SCTPError`: no such channel, not open yet, too long for the peer, or too much waits already.
  public func send(
    _ message: UnsafeRawBufferPointer, isBinary: Bool, on channel: DataChannelID, at now: Instant
  ) throws(SCTPError) {
    guard let data, state != .closed else { throw .noSuchChannel }
    defer { advance(at: now) }
    try data.send(message, isBinary: isBinary, on: channel, at: now)
  }

  /// What is known about a data channel, such as how much waits to be sent on it; nil once it is closed.
  public func dataChannel(_ id: DataChannelID) -> DataChannel? {
    data?.channel(id)
  }

  /// Sets when `dataChannelBufferedAmountLow` is told, in bytes.
  public func setBufferedAmountLowThreshold(_ threshold: Int, of channel: DataChannelID) {
    data?.setBufferedAmountLowThreshold(threshold, of: channel)
  }

  /// Closes a data channel once what was sent on it is out.
  public func closeDataChannel(_ channel: DataChannelID, at now: Instant) {
    data?.close(channel, at: now)
    advance(at: now)
  }

  // MARK: Inner works

  /// Starts SCTP once DTLS is up and both sides have described the data section.
  func startDataIfPossible(at now: Instant) {
    guard !isDataStarted, dtls.state == .connected, let role = dtls.role,
      let section = negotiator.sections.first(where: { if case .data = $0.content { true } else { false } }),
      section.local != nil, let remote = section.remote, !remote.isRejected
    else { return }
    let association = data ?? SCTPAssociation()
    data = association
    isDataStarted = true
    let limit = remote.maximumMessageSize.map { Int(clamping: $0) } ?? 65_536
    // A failure comes as an event too.
    try? association.start(role: role, remoteMaximumMessageSize: limit, at: now)
  }

  /// Carries what SCTP has to say over to DTLS and to the events.
  func flushData(at now: Instant) {
    guard let data else { return }
    while let event = data.pollEvent() { handle(event, data) }
    while let packet = data.pollTransmit(into: pool) {
      // What DTLS refuses is lost as on any network; SCTP sends it again.
      try? dtls.send(packet.bytes, at: now)
      pool.recycle(packet)
    }
  }

  private func handle(_ event: SCTPAssociation.Event, _ data: SCTPAssociation) {
    switch event {
    case .connected, .failed: break
    case .opened(let id): events.append(.dataChannelOpened(id, label: data.channel(id)?.label ?? ""))
    case .message(let id, let bytes, let isBinary): events.append(.dataChannelMessage(id, bytes, isBinary: isBinary))
    case .bufferedAmountLow(let id): events.append(.dataChannelBufferedAmountLow(id))
    case .closed(let id, _): events.append(.dataChannelClosed(id))
    }
  }
}
