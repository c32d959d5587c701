import Realtime

@testable import Control

/// A session and a store, as a control centre would have them, in virtual time.
private struct ControlPeer<Session: ControlSession> {
  var session: Session
  var store = ControlStore(tree: .room)
  var now = Instant(nanoseconds: 0)
  var isClosed = false
  var sentCount = 0
  /// Looks at what the session sends.
  var look: ([UInt8]) -> Void = { _ in }

  init(_ session: Session) {
    self.session = session
    feed(.opened)
  }

  mutating func feed(_ input: ControlSessionInput) {
    var inputs = [input]
    while !inputs.isEmpty {
      for action in session.handle(inputs.removeFirst(), at: now) {
        switch action {
        case .send(let bytes):
          sentCount += bytes.count
          look(bytes)
        case .close: isClosed = true
        case .authenticate(let name, _):
          inputs.append(.authenticated(ControlRole.allCases.first { $0.rawValue == name }))
        case .perform(let request, let role, let number): perform(request, role, number, &inputs)
        }
      }
    }
  }

  private mutating func perform(
    _ request: ControlRequest, _ role: ControlRole, _ number: Int, _ inputs: inout [ControlSessionInput]
  ) {
    do throws(ControlError) {
      switch request {
      case .get(let query): inputs.append(.answered(number, .success(.values(try store.leaves(query, role: role)))))
      case .set(let path, let text):
        let change = try store.set(path, to: text, role: role)
        inputs += [.answered(number, .success(.set)), .changed(change)]
      case .run(let call):
        // Some are never answered.
        if call.node % 7 != 0 { inputs.append(.answered(number, .success(.done([])))) }
      }
    } catch {
      inputs.append(.answered(number, .failure(error)))
    }
  }

  /// What the room does meanwhile.
  mutating func live(_ byte: UInt8) {
    let item = Int(byte >> 4)
    guard let status = ControlPath("Call \(item) Status"), let call = ControlPath("Call \(item)") else { return }
    switch byte & 3 {
    case 0:
      guard let change = try? store.update([(status, .literal("Connected"))]) else { return }
      feed(.changed(change))
    case 1: feed(.changed(store.remove(call)))
    case 2:
      guard let change = try? store.event("Bookings Updated", []) else { return }
      feed(.changed(change))
    default:
      now = now + .seconds(item * 5)
      feed(.woken)
    }
  }
}

extension FuzzTarget {
  /// Terminals: records, of which the first byte chooses whether bytes come, or what the room does.
  static let terminal = FuzzTarget(name: "terminal") { bytes in
    guard let first = bytes.first else { return }
    let options = TerminalOptions(
      endsWithSession: first & 1 == 0, role: first & 2 == 0 ? .admin : nil, name: "Salle", version: "1")
    var peer = ControlPeer(TerminalSession(options: options))
    var reader = RecordReader(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
    var receivedCount = 0
    while let record = reader.next(), !peer.isClosed {
      guard let kind = record.first else { continue }
      if kind & 0xC0 == 0xC0 {
        peer.live(kind & 3 | (record.last ?? 0) & 0xF0)
        continue
      }
      receivedCount += record.count - 1
      peer.feed(.received(Array(record.dropFirst())))
      require(peer.session.input.waitingCount <= TerminalLimits.waitingLength, "too much waits")
    }
    require(peer.sentCount <= 10_000 + receivedCount * 40_000, "answers too much")
    // After a while without anything a command is a command again, or a name is asked for.
    guard !peer.isClosed, options.role != nil, !options.endsWithSession else { return }
    for _ in 0..<4 {
      peer.now = peer.now + .seconds(60)
      peer.feed(.woken)
    }
    var answered = false
    peer.look = { answered = answered || !$0.isEmpty }
    peer.feed(.received(Array("\u{0}\r.\rxStatus Audio Volume\r".utf8)))
    require(answered, "doesn't answer any more")
  } seeds: {
    let texts = [
      "xCommand Audio Volume Set Level: 60 | resultId=\"a\"\r",
      "xConfiguration Audio DefaultVolume: 9\rxConfiguration\r",
      "xFeedback register /Status/Call\r", "xFeedback register /Event/Bookings\rxFeedback list\r",
      "xPreferences outputmode json\rxStatus //aud//mut\r", "xPreferences outputmode xml\rxStatus\r",
      "xCommand Bookings Put\r[]\r.\r", "{24} \nxCommand Bookings Put\n[]\n", "xCommand Audio ??\r?\rxEvent *\r",
      "xGetxml /Status/Video/Output/Connector[@item='1']\r", "echo off\rbye\r",
    ]
    let dialogue = texts.map { [UInt8(0)] + Array($0.utf8) } + [[0xC0], [0xC2], [0xC1], [0xC3, 0xF0]]
    return (0..<4).map { [UInt8($0)] + RecordReader.join([Array("\u{0}Admin\rx\r".utf8)] + dialogue) }
      + texts.map { [UInt8(0)] + RecordReader.join([[0] + Array($0.utf8)]) }
  }

  /// JSON-RPC: records, each a message, or with a first byte from 0xC0 what the room does.
  static let jsonRPC = FuzzTarget(name: "json-rpc") { bytes in
    if let value = try? JSONReader.value(of: Array(bytes)) {
      let text = value.compact
      require((try? JSONReader.value(of: Array(text.utf8))) == value, "changes in print: \(text)")
    }
    var peer = ControlPeer(JSONRPCSession(role: .admin))
    peer.look = { message in
      require((try? JSONReader.value(of: message)) != nil, "sends what isn't JSON")
    }
    var reader = RecordReader(bytes)
    while let record = reader.next(), !peer.isClosed {
      guard let kind = record.first else { continue }
      if kind & 0xC0 == 0xC0 { peer.live(kind) } else { peer.feed(.received(Array(record))) }
    }
    var isAnswered = false
    peer.look = { isAnswered = isAnswered || String(decoding: $0, as: UTF8.self).contains("\"id\":\"last\"") }
    peer.feed(.received(Array(#"{"jsonrpc":"2.0","id":"last","method":"xGet","params":{"Path":["Status"]}}"#.utf8)))
    while !isAnswered, let deadline = peer.session.deadline {
      peer.now = deadline
      peer.feed(.woken)
    }
    require(isAnswered || peer.isClosed, "doesn't answer any more")
  } seeds: {
    let messages = [
      ("xGet", #"{"Path":["Status","Call",27,"Status"]}"#), ("xGet", #"{"Path":["Configuration"]}"#),
      ("xSet", #"{"Path":["Configuration","Audio","DefaultVolume"],"Value":70}"#),
      ("xQuery", #"{"Query":["Status","**","DisplayName"]}"#),
      ("xDoc", #"{"Path":["Status","Audio"],"Type":"Schema"}"#),
      ("xCommand/Dial", #"{"Number":"abc-defg-hij"}"#), ("xCommand/Bookings/Put", #"{"body":"[]\n"}"#),
      ("xFeedback/Subscribe", #"{"Query":["Status","Call"],"NotifyCurrentValue":true}"#),
      ("xFeedback/Subscribe", #"{"Query":["Event"]}"#), ("xFeedback/Unsubscribe", #"{"Id":1}"#),
    ].map { Array(#"{"jsonrpc":"2.0","method":"\#($0)","id":1,"params":\#($1)}"#.utf8) }
    return messages.map { RecordReader.join([$0]) }
      + [
        RecordReader.join(messages + [[0xD0], [0xD2], [0xD1], [0xF3]]), Array(#"{"a":[1,-0.5e3,"é\u00e9",null]}"#.utf8),
      ]
  }
}
