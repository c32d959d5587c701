import Testing

@testable import Video

@Suite("Frame headers")
struct FrameHeaderTests {
  func vp9(_ bytes: [UInt8]) -> VP9FrameHeader? { bytes.withUnsafeBytes { VP9FrameHeader($0) } }
  func vp8(_ bytes: [UInt8]) -> VP8FrameHeader? { bytes.withUnsafeBytes { VP8FrameHeader($0) } }

  @Test("the headers of streams made by ffmpeg")
  func samples() throws {
    let first = try #require(vp8(IVFSample("vp8-176x144.ivf").frames[0]))
    #expect(first.isKeyFrame && first.width == 176 && first.height == 144)
    let second = try #require(vp8(IVFSample("vp8-176x144.ivf").frames[1]))
    #expect(!second.isKeyFrame)
    let key = try #require(vp9(IVFSample("vp9-178x102-bt709.ivf").frames[0]))
    #expect(key.isKeyFrame && key.profile == 0 && key.width == 178 && key.height == 102)
    let inter = try #require(vp9(IVFSample("vp9-178x102-bt709.ivf").frames[1]))
    #expect(!inter.isKeyFrame && !inter.isIntraOnly && inter.width == 0)
  }

  @Test("a header cut short at any byte is refused or read, never trapped on", arguments: 0...2)
  func cut(index: Int) {
    let name = ["vp8-176x144.ivf", "vp9-176x144.ivf", "vp9-178x102-bt709.ivf"][index]
    for frame in IVFSample(name).frames {
      for count in 0..<min(frame.count, 40) {
        let part = Array(frame[..<count])
        if index == 0 { _ = vp8(part) } else { _ = vp9(part) }
        part.withUnsafeBytes { _ = VP9SuperframeIndex($0) }
      }
    }
    #expect(vp8([]) == nil && vp9([]) == nil)
  }

  @Test("a superframe's index gives the ranges of its frames, and none when it lies")
  func superframe() throws {
    let bytes = VP9Superframe.join([[1, 2, 3], [4], [5, 6]])
    try bytes.withUnsafeBytes { bytes in
      let index = try #require(VP9SuperframeIndex(bytes))
      #expect(index.count == 3)
      #expect(index.range(0) == 0..<3 && index.range(1) == 3..<4 && index.range(2) == 4..<6)
    }
    var lying = bytes
    lying[lying.count - 2] = 0x7F
    let count = lying.withUnsafeBytes { VP9SuperframeIndex($0)?.count }
    #expect(count == 0)
    let isNone = [UInt8](arrayLiteral: 1, 2, 0x41).withUnsafeBytes { VP9SuperframeIndex($0) == nil }
    #expect(isNone)
  }

  @Test("memory for a picture beyond the limit is refused, and what is given back is used again")
  func frameBuffers() throws {
    let buffers = VP9FrameBuffers()
    #expect(buffers.take(VP9FrameBuffers.maximumSize + 1) == nil)
    #expect(buffers.take(16_384 * 16_384 * 3 / 2) == nil)
    #expect(buffers.refusedCount == 2)
    let first = try #require(buffers.take(1_000))
    buffers.giveBack(first.index)
    buffers.giveBack(-1)
    buffers.giveBack(99)
    let second = try #require(buffers.take(900))
    #expect(second.memory == first.memory)
    for _ in 1..<VP9FrameBuffers.maximumCount { #expect(buffers.take(100) != nil) }
    #expect(buffers.take(100) == nil)
  }
}
