import Audio
import CALSA
import Glibc

/// What is wished of a PCM device. The best of what it can do is taken.
public struct PCMRequest: Sendable, Equatable {
  /// Channels wished; nil for as many as there are, at most 16. The next larger number is taken, else the next smaller.
  public var channelCount: Int?
  /// Of a microphone: which of the device's channels, from 0, are used, in this order; nil for all in theirs. The device
  /// must have them.
  public var channels: [Int]?
  /// Rates in Hz, best first.
  public var sampleRates = [48_000, 96_000, 44_100, 32_000, 16_000]
  /// Formats, best first.
  public var formats = PCMSampleFormat.allCases
  /// The period wished, in milliseconds.
  public var periodMilliseconds = 5
  /// The buffer wished, in milliseconds. It is room for a late thread, not delay.
  public var bufferMilliseconds = 200

  /// A request for `channelCount` channels, or as many as there are.
  public init(channelCount: Int? = nil) { self.channelCount = channelCount }
}

/// How a PCM device has been set.
public struct PCMConfiguration: Sendable, Equatable {
  /// Most channels that are used.
  public static let maximumChannelCount = 16

  /// Samples per second and channel.
  public var sampleRate: Int
  /// Channels.
  public var channelCount: Int
  /// How a sample lies in memory.
  public var format: PCMSampleFormat
  /// Frames from one interrupt to the next.
  public var periodSize: Int
  /// Frames that the device's memory holds.
  public var bufferSize: Int

  /// Frames of the device in a block of 10 ms.
  public var framesPerBlock: Int { sampleRate / 100 }

  /// Sets `pcm` to the best that it can do of `request`.
  static func set(_ pcm: OpaquePointer, _ request: PCMRequest) throws(ALSAError) -> PCMConfiguration {
    var parameters: OpaquePointer?
    guard snd_pcm_hw_params_malloc(&parameters) >= 0, let parameters else { throw .system(ENOMEM, "parameters") }
    defer { snd_pcm_hw_params_free(parameters) }
    try ALSAError.check(snd_pcm_hw_params_any(pcm, parameters), "hardware parameters")
    snd_pcm_hw_params_set_rate_resample(pcm, parameters, 0)
    try setAccess(pcm, parameters)
    guard let format = request.formats.first(where: { snd_pcm_hw_params_test_format(pcm, parameters, $0.alsa) == 0 })
    else { throw .unsupported("none of the sample formats") }
    try ALSAError.check(snd_pcm_hw_params_set_format(pcm, parameters, format.alsa), "format")
    guard
      let rate = request.sampleRates.first(where: { snd_pcm_hw_params_test_rate(pcm, parameters, UInt32($0), 0) == 0 })
    else { throw .unsupported("none of the sample rates") }
    try ALSAError.check(snd_pcm_hw_params_set_rate(pcm, parameters, UInt32(rate), 0), "rate")
    let channels = try setChannels(pcm, parameters, request.channelCount)
    var buffer = snd_pcm_uframes_t(max(rate * request.bufferMilliseconds / 1_000, 4))
    var period = snd_pcm_uframes_t((rate * max(request.periodMilliseconds, 1) + 999) / 1_000)
    // First the period, which matters more; both as near as the hardware has them.
    try ALSAError.check(snd_pcm_hw_params_set_period_size_near(pcm, parameters, &period, nil), "period")
    try ALSAError.check(snd_pcm_hw_params_set_buffer_size_near(pcm, parameters, &buffer), "buffer")
    try ALSAError.check(snd_pcm_hw_params(pcm, parameters), "hardware parameters")
    try ALSAError.check(snd_pcm_hw_params_get_period_size(parameters, &period, nil), "period")
    try ALSAError.check(snd_pcm_hw_params_get_buffer_size(parameters, &buffer), "buffer")
    guard Int(buffer) >= rate / 100 * 3 else { throw .unsupported("its buffer holds less than 30 ms") }
    return PCMConfiguration(
      sampleRate: rate, channelCount: channels, format: format, periodSize: Int(period), bufferSize: Int(buffer))
  }

  private static func setAccess(_ pcm: OpaquePointer, _ parameters: OpaquePointer) throws(ALSAError) {
    for access in [SND_PCM_ACCESS_MMAP_INTERLEAVED, SND_PCM_ACCESS_MMAP_NONINTERLEAVED]
    where snd_pcm_hw_params_set_access(pcm, parameters, access) == 0 { return }
    throw .unsupported("its memory can't be mapped")
  }

  private static func setChannels(
    _ pcm: OpaquePointer, _ parameters: OpaquePointer, _ wished: Int?
  ) throws(ALSAError) -> Int {
    var most: UInt32 = 0
    try ALSAError.check(snd_pcm_hw_params_get_channels_max(parameters, &most), "channels")
    let limit = min(Int(most), maximumChannelCount)
    let wish = min(max(wished ?? limit, 1), maximumChannelCount)
    let order = Array(wish...maximumChannelCount) + (1..<wish).reversed()
    for count in order where snd_pcm_hw_params_test_channels(pcm, parameters, UInt32(count)) == 0 {
      try ALSAError.check(snd_pcm_hw_params_set_channels(pcm, parameters, UInt32(count)), "channels")
      return count
    }
    throw .unsupported("no number of channels from 1 to \(maximumChannelCount)")
  }
}
