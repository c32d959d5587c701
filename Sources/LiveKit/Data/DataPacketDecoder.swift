import LiveKitMessages
import SwiftProtobuf

/// Turns a message of a data channel into a packet. Total: any bytes give a packet or an error.
public enum DataPacketDecoder {
  /// The most bytes of one packet: the server takes no larger message.
  public static let maximumSize = 65_535

  /// The packet that `bytes` hold. One of a kind newer than this code has no `value`.
  public static func decode(_ bytes: [UInt8]) throws(MessageDecodingError) -> LKDataPacket {
    guard bytes.count <= maximumSize else { throw .tooLarge(count: bytes.count) }
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 16
    do {
      return try LKDataPacket(serializedBytes: bytes, options: options)
    } catch {
      throw .malformed
    }
  }
}
