/// The master keys and salts of both directions, from the DTLS exporter (RFC 5764 §4.2).
public struct SRTPKeyingMaterial: Hashable, Sendable {
  /// The profile that the keys are for.
  public let profile: SRTPProfile
  /// Master key then master salt for what we send: `keyLength + saltLength` bytes.
  public let local: [UInt8]
  /// Master key then master salt for what we receive: `keyLength + saltLength` bytes.
  public let remote: [UInt8]

  /// Keys of `profile`; nil when a length isn't that of the profile.
  public init?(profile: SRTPProfile, local: [UInt8], remote: [UInt8]) {
    let count = profile.keyLength + profile.saltLength
    guard local.count == count, remote.count == count else { return nil }
    self.profile = profile
    self.local = local
    self.remote = remote
  }

  /// The exporter's output: client key, server key, client salt, server salt.
  init?(profile: SRTPProfile, exported bytes: [UInt8], isClient: Bool) {
    let (key, salt) = (profile.keyLength, profile.saltLength)
    guard bytes.count == 2 * (key + salt) else { return nil }
    let client = Array(bytes[..<key] + bytes[(2 * key)..<(2 * key + salt)])
    let server = Array(bytes[key..<(2 * key)] + bytes[(2 * key + salt)...])
    self.init(profile: profile, local: isClient ? client : server, remote: isClient ? server : client)
  }
}
