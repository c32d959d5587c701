import LiveKitMessages
import SwiftProtobuf

/// Takes a text apart into the packets of a stream.
enum TextStreamWriter {
  /// The most bytes of a chunk.
  static let maximumChunk = 15_000

  /// Header, chunks and trailer of `text`.
  static func values(
    _ text: String, id: String, topic: String, attributes: [String: String], timestamp: Int64
  ) -> [LKDataPacket.OneOf_Value] {
    let content = Array(text.utf8)
    var values: [LKDataPacket.OneOf_Value] = [
      .streamHeader(
        .with {
          $0.streamID = id
          $0.timestamp = timestamp
          $0.topic = topic
          $0.mimeType = "text/plain"
          $0.totalLength = UInt64(content.count)
          $0.attributes = attributes
          $0.textHeader.operationType = .create
        })
    ]
    for (index, part) in chunks(content).enumerated() {
      values.append(
        .streamChunk(
          .with {
            $0.streamID = id
            $0.chunkIndex = UInt64(index)
            $0.content.append(contentsOf: part)
          }))
    }
    values.append(.streamTrailer(.with { $0.streamID = id }))
    return values
  }

  /// `content` in pieces that each end at the end of a character (RFC 3629: a continuation byte begins with 10).
  static func chunks(_ content: [UInt8]) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var start = 0
    while start < content.count {
      var end = min(start + maximumChunk, content.count)
      if end < content.count {
        while end > start + 1, content[end] & 0xC0 == 0x80 { end -= 1 }
      }
      result.append(content[start..<end])
      start = end
    }
    return result
  }
}
