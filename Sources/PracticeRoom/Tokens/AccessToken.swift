import COpenSSL
import FoundationEssentials

/// A LiveKit access token: a JSON Web Token (RFC 7519) signed with HMAC-SHA256, in the shape that Visio gives out.
struct AccessToken: Hashable, Sendable, Codable {
  /// What its holder may do.
  struct Grant: Hashable, Sendable, Codable {
    var room: String?
    var roomJoin: Bool?
    var roomAdmin: Bool?
    var canPublish: Bool?
    var canSubscribe: Bool?
    var canPublishData: Bool?
    /// Lower-case source names; nil allows all.
    var canPublishSources: [String]?
    var canUpdateOwnMetadata: Bool?
    var hidden: Bool?
  }

  /// The API key.
  var issuer: String
  /// Identity of the participant.
  var subject: String
  /// Display name.
  var name: String?
  var metadata: String?
  /// JSON null stands for an empty text.
  var attributes: [String: String?]?
  var video: Grant?
  /// Seconds since 1970.
  var notBefore: Int64?
  /// Seconds since 1970.
  var expires: Int64

  private enum CodingKeys: String, CodingKey {
    case issuer = "iss"
    case subject = "sub"
    case name, metadata, attributes, video
    case notBefore = "nbf"
    case expires = "exp"
  }

  /// Why a token isn't accepted.
  enum Refusal: Error, Hashable {
    /// Not three parts, not JSON, or another algorithm.
    case malformed
    /// Signed with another secret, or changed.
    case wrongSignature
    /// From another key.
    case unknownKey
    /// Too old, or not valid yet.
    case expired
  }

  /// Clocks may differ by this much, seconds.
  static let leeway: Int64 = 60
  /// Bytes of a token, at most.
  static let maximumLength = 16_384

  /// The signed token.
  func sign(with key: APIKey) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Encoding texts, numbers and truth values doesn't fail.
    let claims = (try? encoder.encode(self)) ?? Data()
    let content = "\(Self.header).\(Base64URL.encode(claims))"
    return "\(content).\(Base64URL.encode(Self.signature(of: content, secret: key.secret)))"
  }

  /// Checks a token's signature, key and time.
  /// - Parameter now: seconds since 1970.
  init(verifying text: String, with key: APIKey, now: Int64) throws(Refusal) {
    guard text.utf8.count <= Self.maximumLength else { throw .malformed }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Base64URL.decode(parts[0]), let claims = Base64URL.decode(parts[1]),
      let signature = Base64URL.decode(parts[2])
    else { throw .malformed }
    let decoder = JSONDecoder()
    guard let algorithm = try? decoder.decode(Header.self, from: Data(header)), algorithm.alg == "HS256" else {
      throw .malformed
    }
    let expected = Self.signature(of: "\(parts[0]).\(parts[1])", secret: key.secret)
    guard signature.count == expected.count, CRYPTO_memcmp(signature, expected, expected.count) == 0 else {
      throw .wrongSignature
    }
    guard let token = try? decoder.decode(AccessToken.self, from: Data(claims)) else { throw .malformed }
    guard token.issuer == key.key else { throw .unknownKey }
    let latest = token.expires.addingReportingOverflow(Self.leeway)
    guard latest.overflow || now <= latest.partialValue,
      now >= (token.notBefore ?? 0).subtractingReportingOverflow(Self.leeway).partialValue
    else { throw .expired }
    self = token
  }

  init(
    issuer: String, subject: String, name: String?, attributes: [String: String?]?, video: Grant?, notBefore: Int64,
    expires: Int64
  ) {
    self.issuer = issuer
    self.subject = subject
    self.name = name
    self.attributes = attributes
    self.video = video
    self.notBefore = notBefore
    self.expires = expires
  }

  private struct Header: Codable {
    let alg: String
  }

  private static let header = Base64URL.encode(#"{"alg":"HS256","typ":"JWT"}"#.utf8)

  private static func signature(of content: String, secret: String) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    let key = Array(secret.utf8)
    let bytes = Array(content.utf8)
    guard HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &result, &count) != nil else { return [] }
    return Array(result.prefix(Int(count)))
  }
}

/// The key pair that a LiveKit server and the Visio instance in front of it share.
struct APIKey: Hashable, Sendable {
  let key: String
  let secret: String

  /// A pair of its own for a room that lives as long as the process.
  init() {
    key = "API" + RandomText.make(count: 12)
    secret = RandomText.make(count: 43)
  }

  init(key: String, secret: String) {
    self.key = key
    self.secret = secret
  }
}

/// Random identifiers.
enum RandomText {
  private static let signs = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ23456789")

  /// `count` random letters and digits.
  static func make(count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return String((0..<count).map { _ in signs.randomElement(using: &generator) ?? "x" })
  }

  /// A random UUID, version 4.
  static func uuid() -> String {
    UUID().uuidString.lowercased()
  }
}

/// The wall clock.
enum WallClock {
  /// Seconds since 1970.
  static var seconds: Int64 { milliseconds / 1_000 }

  /// Milliseconds since 1970.
  static var milliseconds: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
