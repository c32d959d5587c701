import CZlib

/// Data in gzip's format (RFC 1952), in which clients may send their join request.
enum Gzip {
  /// What `bytes` hold; nil when they are damaged, end early, or hold more than `limit` bytes.
  static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    var stream = z_stream()
    guard czlib_inflate_gzip_init(&stream) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var input = bytes
    var result: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    return input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(clamping: input.count)
      while true {
        let (status, count) = chunk.withUnsafeMutableBufferPointer { chunk in
          stream.next_out = chunk.baseAddress
          stream.avail_out = UInt32(chunk.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          return (status, chunk.count - Int(stream.avail_out))
        }
        guard status == Z_OK || status == Z_STREAM_END, result.count + count <= limit else { return nil }
        result += chunk[..<count]
        if status == Z_STREAM_END { return result }
        // Neither input nor output: it goes on nowhere.
        guard count > 0 || stream.avail_in > 0 else { return nil }
      }
    }
  }
}
