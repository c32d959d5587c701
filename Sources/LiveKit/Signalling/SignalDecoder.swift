import LiveKitMessages
import SwiftProtobuf

/// Why bytes from the server aren't a message.
public enum MessageDecodingError: Error, Hashable, Sendable {
  /// More than the protocol allows in one message.
  case tooLarge(count: Int)
  /// Not the expected protocol buffer message.
  case malformed
}

/// Turns a WebSocket message into a signalling response. Total: any bytes give a response or an error.
public enum SignalDecoder {
  /// The most bytes of one message: the server's own limit, 2 MiB.
  public static let maximumSize = 2 << 20

  /// The response that `bytes` hold. One of a kind newer than this code has no `message`; see `name(of:)`.
  public static func decode(_ bytes: [UInt8]) throws(MessageDecodingError) -> LKSignalResponse {
    guard bytes.count <= maximumSize else { throw .tooLarge(count: bytes.count) }
    var options = BinaryDecodingOptions()
    // The deepest message of the protocol is six levels deep.
    options.messageDepthLimit = 16
    do {
      return try LKSignalResponse(serializedBytes: bytes, options: options)
    } catch {
      throw .malformed
    }
  }

  /// What to call a response in the log, also one that this code doesn't handle.
  public static func name(of response: LKSignalResponse) -> String {
    guard let message = response.message else {
      guard let field = firstUnknownField(of: response) else { return "empty" }
      return laterNames[field] ?? "response \(field)"
    }
    return name(of: message)
  }

  private static func name(of message: LKSignalResponse.OneOf_Message) -> String {
    switch message {
    case .join: "join"
    case .answer: "answer"
    case .offer: "offer"
    case .trickle: "trickle"
    case .update: "update"
    case .trackPublished: "track_published"
    case .leave: "leave"
    case .mute: "mute"
    case .speakersChanged: "speakers_changed"
    case .roomUpdate: "room_update"
    case .connectionQuality: "connection_quality"
    case .streamStateUpdate: "stream_state_update"
    case .subscribedQualityUpdate: "subscribed_quality_update"
    case .subscriptionPermissionUpdate: "subscription_permission_update"
    case .refreshToken: "refresh_token"
    case .trackUnpublished: "track_unpublished"
    case .pong: "pong"
    case .reconnect: "reconnect"
    case .pongResp: "pong_resp"
    case .subscriptionResponse: "subscription_response"
    case .requestResponse: "request_response"
    case .trackSubscribed: "track_subscribed"
    case .roomMoved: "room_moved"
    case .mediaSectionsRequirement: "media_sections_requirement"
    case .subscribedAudioCodecUpdate: "subscribed_audio_codec_update"
    }
  }

  private static let laterNames: [UInt64: String] = [
    27: "publish_data_track_response", 28: "unpublish_data_track_response", 29: "data_track_subscriber_handles",
    30: "store_data_blob_response", 31: "get_data_blob_response",
  ]

  private static func firstUnknownField(of response: LKSignalResponse) -> UInt64? {
    var tag: UInt64 = 0
    var shift: UInt64 = 0
    for byte in response.unknownFields.data.prefix(5) {
      tag |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return tag >> 3 }
      shift += 7
    }
    return nil
  }
}
