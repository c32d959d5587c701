import Audio
import Realtime
import Testing

@testable import Devices

/// The frequency of a tone by its rising zero crossings, and its root mean square.
private func measure(_ samples: [Float]) -> (frequency: Double, level: Float) {
  var crossings: [Double] = []
  for index in 1..<samples.count where samples[index - 1] < 0 && samples[index] >= 0 {
    crossings.append(Double(index) - Double(samples[index] / (samples[index] - samples[index - 1])))
  }
  let level = (samples.reduce(0) { $0 + $1 * $1 } / Float(samples.count)).squareRoot()
  guard let first = crossings.first, let last = crossings.last, crossings.count > 1 else { return (0, level) }
  return (Double(crossings.count - 1) * 48_000 / (last - first), level)
}

@Suite("Sound files")
struct SoundFileTests {
  @Test(
    "a tone is heard at its pitch and level from every sample format and rate",
    arguments: [
      "tone-u8-8000-1", "tone-s16le-44100-2", "tone-s24le-96000-1", "tone-s32le-48000-2", "tone-f32le-22050-1",
      "tone-f64le-48000-1",
    ])
  func formats(name: String) throws {
    let stream = try WAVStream(path: Sample.path(name + ".wav"))
    var samples = [Float](repeating: 0, count: 9_600)
    for start in stride(from: 0, to: samples.count, by: 480) {
      try samples.withUnsafeMutableBufferPointer {
        try stream.read(into: UnsafeMutableBufferPointer(rebasing: $0[start..<start + 480]))
      }
    }
    let (frequency, level) = measure(Array(samples[1_000...]))
    #expect(abs(frequency - 1_000) < 1)
    // ffmpeg's sine has an amplitude of 1/8, and 3 dB less when it makes two channels of one.
    #expect(abs(level - (name.hasSuffix("2") ? 0.0625 : 0.125 / Float(2).squareRoot())) < 0.002)
    let loudest = samples.reduce(0) { max($0, abs($1)) }
    #expect(loudest < 0.13, "no click where the file begins anew")
  }

  @Test("what a loudspeaker writes can be read again, here and by ffmpeg")
  func writing() throws {
    try Sample.withFile { path in
      let writer = try WAVWriter(path: path, channelCount: 2, blockSampleCount: 480)
      let block = AudioBlock(channelCount: 2)
      var expected: [Float] = []
      for index in 0..<150 {
        for sample in 0..<480 {
          let value = SyntheticSound.tone(frequency: 440, level: -6).sample(Int64(index * 480 + sample))
          block.channel(0)[sample] = value
          block.channel(1)[sample] = value
          expected.append(value)
        }
        try writer.append(count: 480) { block.channel($0) }
        // After more than a second the unfinished file's header tells of the first second.
        if index == 120 { #expect(try WAVReader(path: path + ".partial").sampleCount >= 48_000) }
      }
      #expect(throws: MediaFileError.self, "the old file stays until the new one is whole") {
        try WAVReader(path: path)
      }
      try writer.finish()
      let reader = try WAVReader(path: path)
      #expect(reader.sampleCount == 72_000 && reader.sampleRate == 48_000)
      var read = [Float](repeating: 0, count: 72_000)
      try read.withUnsafeMutableBufferPointer { try reader.read(into: $0) }
      #expect(zip(read, expected).allSatisfy { abs($0 - $1) < 1.0 / 20_000 })
      if let decoded = try Sample.ffmpeg(path, ["-f", "s16le"]) { #expect(decoded.count == 72_000 * 4) }
    }
  }

  @Test("what can't be used is told by file and reason, and altered files never trap")
  func errors() throws {
    #expect(throws: MediaFileError(path: "/nowhere/a.wav", reason: .system(2))) {
      try WAVReader(path: "/nowhere/a.wav")
    }
    let good = try Sample.bytes("tone-s16le-44100-2.wav")
    func reason(_ bytes: [UInt8]) throws -> MediaFileError.Reason? {
      try Sample.withFile(bytes) { path in
        do throws(MediaFileError) {
          _ = try WAVStream(path: path)
          return nil
        } catch {
          return error.reason
        }
      }
    }
    #expect(try reason([]) == .empty)
    #expect(try reason(Array("ID3 and so on, an MP3".utf8)) == .unknownFormat)
    #expect(try reason(Array(good.prefix(36))) == .malformed("there is no data chunk"))
    var noise = good
    noise[20] = 85
    #expect(try reason(noise) == .unsupported("the encoding 85"))
    for rate in [0, 7_999, 44_101, 192_001] {
      var odd = good
      odd.replaceSubrange(24..<28, with: withUnsafeBytes(of: UInt32(rate).littleEndian, Array.init))
      #expect(try reason(odd) == .unsupported("a rate of \(rate) Hz"))
    }
    var random = SeededRandom(seed: 32)
    for _ in 0..<500 {
      var bytes = good
      for _ in 0..<3 { bytes[Int.random(in: 0..<80, using: &random)] = .random(in: 0...255, using: &random) }
      try Sample.withFile(bytes) { path in
        guard let reader = try? WAVReader(path: path) else { return }
        var samples = [Float](repeating: 0, count: 3_000)
        try? samples.withUnsafeMutableBufferPointer { try reader.read(into: $0) }
        #expect(samples.allSatisfy { $0.isFinite })
      }
    }
  }

  @Test("the devices give and take blocks, and say when they are pulled out")
  func devices() throws {
    let microphone = try FileMicrophone(path: Sample.path("tone-s16le-44100-2.wav"))
    let block = AudioBlock(channelCount: 1)
    try microphone.read(into: block)
    let first = block.timestamp
    try microphone.read(into: block)
    #expect(block.timestamp == first + .milliseconds(10) && block.channel(0).contains { $0 > 0.08 })
    microphone.disconnect()
    #expect(throws: AudioDeviceError.vanished) { try microphone.read(into: block) }
    let loudspeaker = try FileLoudspeaker()
    let heard = try loudspeaker.write(block)
    #expect(try loudspeaker.write(block) == heard + .milliseconds(10))
    loudspeaker.disconnect()
    #expect(throws: AudioDeviceError.vanished) { try loudspeaker.write(block) }
  }
}
