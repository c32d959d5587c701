/// A message of the Data Channel Establishment Protocol (RFC 8832 §5).
enum DataChannelEstablishment: Hashable {
  /// DATA_CHANNEL_OPEN.
  case open(label: String, options: DataChannelOptions)
  /// DATA_CHANNEL_ACK.
  case acknowledgement

  /// Bytes of the longest opening that is taken.
  static let maximumLength = 12 + 2 * DataChannel.maximumTextLength

  private static let acknowledgementType: UInt8 = 0x02
  private static let openType: UInt8 = 0x03
  private static let unorderedFlag: UInt8 = 0x80

  /// Reads a message; nil when it isn't one. Bytes that aren't UTF-8 are replaced.
  init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.maximumLength, let type = bytes.first else { return nil }
    if type == Self.acknowledgementType {
      self = .acknowledgement
      return
    }
    guard type == Self.openType, bytes.count >= 12 else { return nil }
    let parameter = bytes[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let labelLength = Int(bytes[8]) << 8 | Int(bytes[9])
    let protocolLength = Int(bytes[10]) << 8 | Int(bytes[11])
    guard labelLength <= DataChannel.maximumTextLength, protocolLength <= DataChannel.maximumTextLength,
      bytes.count == 12 + labelLength + protocolLength
    else { return nil }
    let value = UInt16(clamping: parameter)
    let reliability: DataChannelOptions.Reliability
    switch bytes[1] & ~Self.unorderedFlag {
    case 0: reliability = .reliable
    case 1: reliability = .maximumRetransmits(value)
    case 2: reliability = .maximumLifetime(value)
    default: return nil
    }
    let label = String(decoding: bytes[12..<12 + labelLength], as: UTF8.self)
    self = .open(
      label: label,
      options: DataChannelOptions(
        isOrdered: bytes[1] & Self.unorderedFlag == 0, reliability: reliability,
        subprotocol: String(decoding: bytes[(12 + labelLength)...], as: UTF8.self)))
  }

  /// The message's bytes. Label and protocol must be within `DataChannel.maximumTextLength`.
  var bytes: [UInt8] {
    guard case .open(let label, let options) = self else { return [Self.acknowledgementType] }
    let (type, parameter): (UInt8, UInt16) =
      switch options.reliability {
      case .reliable: (0, 0)
      case .maximumRetransmits(let count): (1, count)
      case .maximumLifetime(let milliseconds): (2, milliseconds)
      }
    let (labelLength, protocolLength) = (
      UInt16(clamping: label.utf8.count), UInt16(clamping: options.subprotocol.utf8.count)
    )
    var bytes = [Self.openType, options.isOrdered ? type : type | Self.unorderedFlag, 0, 0]
    for value in [0, parameter, labelLength, protocolLength] { bytes += [UInt8(value >> 8), UInt8(value & 0xFF)] }
    return bytes + label.utf8 + options.subprotocol.utf8
  }
}
