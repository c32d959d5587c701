import Audio
import FoundationEssentials
import Meeting

/// What a room tells of itself to programs: a JSON file that is written anew each second.
struct RoomStatus: Encodable {
  private struct Sound: Encodable {
    var blocks: Int
    var hasMicrophone: Bool
    var hasLoudspeaker: Bool
    var captureOverruns: Int
    var playbackUnderruns: Int
    var streams: Int
    var speaksWhileMuted: Bool
    var frontEnd: FrontEnd?
  }

  private struct FrontEnd: Encodable {
    var nearEndPresence: Double
    var talkerAzimuth: Double?
    var echoReturnLossEnhancement: Double
    var echoDelayMilliseconds: Double?
    var driftPPM: Double
    var reverberationTime: Double?
    var nonLinearity: Double?
    var howlFrequency: Double?
    var gain: Double
    var captureLevel: Double
    var outputLevel: Double
    var isReferenceSilent: Bool
    var faultyMicrophones: [Int]
    var overloadedMicrophones: [Int]
  }

  private var sound: Sound

  init(_ statistics: MeetingStatistics) {
    let audio = statistics.audio
    sound = Sound(
      blocks: audio.blocks, hasMicrophone: audio.hasCapture != 0, hasLoudspeaker: audio.hasPlayback != 0,
      captureOverruns: audio.captureOverruns, playbackUnderruns: audio.playbackUnderruns, streams: audio.streams,
      speaksWhileMuted: audio.speaksWhileMuted != 0,
      frontEnd: audio.hasFrontEnd == 0 ? nil : Self.frontEnd(audio.frontEnd))
  }

  private static func frontEnd(_ report: MicrophoneFrontEndReport) -> FrontEnd {
    FrontEnd(
      nearEndPresence: report.nearEndPresence, talkerAzimuth: report.talkerAzimuth,
      echoReturnLossEnhancement: report.echoReturnLossEnhancement,
      echoDelayMilliseconds: report.echoDelayMilliseconds, driftPPM: report.driftPPM,
      reverberationTime: report.reverberationTime, nonLinearity: report.nonLinearity,
      howlFrequency: report.howlFrequency, gain: report.gain, captureLevel: report.captureLevel,
      outputLevel: report.outputLevel, isReferenceSilent: report.isReferenceSilent,
      faultyMicrophones: report.faultyMicrophones, overloadedMicrophones: report.overloadedMicrophones)
  }

  /// The file's text; nothing if a figure can't be written.
  var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return (try? encoder.encode(self)).map { [UInt8]($0) + [UInt8(ascii: "\n")] } ?? []
  }
}
