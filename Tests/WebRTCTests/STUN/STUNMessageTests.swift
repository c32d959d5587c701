import Realtime
import Testing
import WebRTC

/// The messages of RFC 5769.
enum STUNVectors {
  static let password = "VOkJxbRl1RmTxUk/WvJxBt"
  static let request = bytes(
    """
    000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b1\
    51263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf
    """)
  static let ipv4Response = bytes(
    """
    0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599\
    fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96
    """)
  static let ipv6Response = bytes(
    """
    010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179bc25f4b5\
    bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c
    """)
  static let longTermRequest = bytes(
    """
    000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015001c662f2f3439396b39\
    353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a2\
    8ca89666
    """)

  static func bytes(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }
}

private func text(_ bytes: UnsafeRawBufferPointer?) -> String? {
  bytes.map { String(decoding: $0, as: UTF8.self) }
}

@Suite("STUN messages")
struct STUNMessageTests {
  @Test("the request of RFC 5769 section 2.1 is read and authentic")
  func request() throws {
    try STUNVectors.request.withUnsafeBytes { bytes in
      let message = try STUNMessage(parsing: bytes)
      #expect(message.messageClass == .request)
      #expect(message.method == STUNMessage.binding)
      #expect(message.transactionID == STUNTransactionID(upper: 0xB7E7_A701, lower: 0xBC34_D686_FA87_DFAE))
      #expect(text(message.software) == "STUN test client")
      #expect(text(message.username) == "evtj:h6vY")
      #expect(message.priority == 0x6E00_01FF)
      #expect(message.iceControlled == 0x932F_F9B1_5126_3B36)
      #expect(message.iceControlling == nil)
      #expect(!message.useCandidate)
      #expect(message.hasFingerprint)
      #expect(message.isAuthentic(key: STUNKey(password: STUNVectors.password)))
      #expect(!message.isAuthentic(key: STUNKey(password: STUNVectors.password + "x")))
    }
  }

  @Test("the responses of RFC 5769 sections 2.2 and 2.3 are read and authentic")
  func responses() throws {
    let expected: [([UInt8], SocketAddress)] = [
      (STUNVectors.ipv4Response, socket("192.0.2.1:32853")),
      (STUNVectors.ipv6Response, socket("[2001:db8:1234:5678:11:2233:4455:6677]:32853")),
    ]
    for (vector, address) in expected {
      try vector.withUnsafeBytes { bytes in
        let message = try STUNMessage(parsing: bytes)
        #expect(message.messageClass == .successResponse)
        #expect(message.mappedAddress == address)
        #expect(text(message.software) == "test vector")
        #expect(message.isAuthentic(key: STUNKey(password: STUNVectors.password)))
        #expect(message.hasFingerprint)
      }
    }
  }

  @Test("the long-term request of RFC 5769 section 2.4 is read, authentic and written the same")
  func longTerm() throws {
    let (username, realm, nonce) = ("マトリックス", "example.org", "f//499k954d6OL34oL9FSTvy64sA")
    let key = STUNKey(username: username, realm: realm, password: "TheMatrIX")
    try STUNVectors.longTermRequest.withUnsafeBytes { bytes in
      let message = try STUNMessage(parsing: bytes)
      #expect(text(message.username) == username)
      #expect(text(message.realm) == realm)
      #expect(text(message.nonce) == nonce)
      #expect(message.isAuthentic(key: key))
      let written = stun(.request, message.transactionID) {
        $0.append(.username, username)
        $0.append(.nonce, nonce)
        $0.append(.realm, realm)
        $0.appendIntegrity(key: key)
      }
      #expect(written == STUNVectors.longTermRequest)
    }
  }

  @Test("what is written is read back")
  func roundTrip() throws {
    let id = STUNTransactionID(upper: 1, lower: 2)
    let key = STUNKey(password: "secret")
    let bytes = stun(.errorResponse, id) {
      $0.append(.username, "a:bc")
      $0.append(.useCandidate)
      $0.append(.iceControlling, UInt64(77))
      $0.appendXORMappedAddress(socket("[2001:db8::9]:9"))
      $0.appendErrorCode(487, "Role Conflict")
      $0.appendUnknownAttribute(0x7FFF)
      $0.appendIntegrity(key: key)
      $0.appendFingerprint()
    }
    try bytes.withUnsafeBytes { bytes in
      let message = try STUNMessage(parsing: bytes)
      #expect(message.messageClass == .errorResponse)
      #expect(text(message.username) == "a:bc")
      #expect(message.useCandidate)
      #expect(message.iceControlling == 77)
      #expect(message.mappedAddress == socket("[2001:db8::9]:9"))
      #expect(message.errorCode == 487)
      #expect(message.unknownRequiredAttribute == nil)
      #expect(message.isAuthentic(key: key))
    }
  }

  @Test("unknown attributes count only when they must be understood")
  func unknownAttributes() throws {
    let id = STUNTransactionID(upper: 1, lower: 2)
    let optional = stun(.request, id) { $0.append(STUNAttribute(rawValue: 0xC001), "warp") }
    let required = stun(.request, id) {
      $0.append(STUNAttribute(rawValue: 0x7001), "x")
      $0.append(STUNAttribute(rawValue: 0x7002), "y")
    }
    try optional.withUnsafeBytes { bytes in
      let message = try STUNMessage(parsing: bytes)
      #expect(message.unknownRequiredAttribute == nil)
    }
    try required.withUnsafeBytes { bytes in
      let message = try STUNMessage(parsing: bytes)
      #expect(message.unknownRequiredAttribute == 0x7001)
    }
  }

  @Test("attributes behind the integrity don't count, as anybody may have added them")
  func unprotectedAttributes() throws {
    let key = STUNKey(password: "secret")
    let bytes = stun(.request, STUNTransactionID(upper: 1, lower: 2)) {
      $0.append(.priority, UInt32(5))
      $0.appendIntegrity(key: key)
      $0.append(.useCandidate)
    }
    try bytes.withUnsafeBytes { bytes in
      let message = try STUNMessage(parsing: bytes)
      #expect(!message.useCandidate)
      #expect(message.priority == 5)
      #expect(message.isAuthentic(key: key))
    }
  }

  @Test("each single changed bit is noticed")
  func changedBits() {
    let key = STUNKey(password: STUNVectors.password)
    for vector in [STUNVectors.request, STUNVectors.ipv4Response, STUNVectors.ipv6Response] {
      for bit in 0..<vector.count * 8 {
        var bytes = vector
        bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        let isAccepted = bytes.withUnsafeBytes { (try? STUNMessage(parsing: $0))?.isAuthentic(key: key) ?? false }
        // Renaming FINGERPRINT to an unknown optional attribute leaves the integrity as it was.
        if isAccepted { #expect((vector.count - 8..<vector.count - 4).contains(bit / 8)) }
      }
    }
  }

  @Test("cut and damaged messages are refused or read, never more")
  func malformed() {
    var random = SeededRandom(seed: 5)
    let vectors = [
      STUNVectors.request, STUNVectors.ipv4Response, STUNVectors.ipv6Response, STUNVectors.longTermRequest,
    ]
    for vector in vectors {
      for length in 0...vector.count {
        var bytes = Array(vector[..<length])
        exercise(bytes)
        guard length >= 20 else { continue }
        // With a header that claims to be right.
        bytes[2] = UInt8((length - 20) >> 8)
        bytes[3] = UInt8((length - 20) & 0xFF)
        exercise(bytes)
      }
      for _ in 0..<2_000 {
        var bytes = vector
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          bytes[Int.random(in: 20..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        exercise(bytes)
      }
    }
    exercise([])
  }

  private func exercise(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { bytes in
      guard let message = try? STUNMessage(parsing: bytes) else { return }
      _ = message.isAuthentic(key: STUNKey(password: STUNVectors.password))
      if let username = message.username { #expect(username.count <= bytes.count) }
    }
  }

  @Test("a message that doesn't fit its memory isn't sent at all")
  func overflow() {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 40, alignment: 8)
    defer { memory.deallocate() }
    var writer = STUNMessageWriter(memory, .request, transactionID: STUNTransactionID(upper: 1, lower: 2))
    writer.append(.username, "0123456789")
    #expect(writer.finishedCount == 36)
    writer.appendIntegrity(key: STUNKey(password: "x"))
    #expect(writer.finishedCount == 0)
    let tiny = STUNMessageWriter(
      UnsafeMutableRawBufferPointer(rebasing: memory[..<10]), .request,
      transactionID: STUNTransactionID(upper: 1, lower: 2))
    #expect(tiny.finishedCount == 0)
  }
}
