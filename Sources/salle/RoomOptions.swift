import ArgumentParser
import Audio
import Catalogue
import Devices
import WebRTC

extension Language: ExpressibleByArgument {}
extension SoundProcessing: ExpressibleByArgument {}

/// What `join` and `demo` have in common. Devices that aren't given are the room's own for `join`, synthetic for `demo`.
struct RoomOptions: ParsableArguments {
  static let standardName = "Salle"

  @Option(help: "The room's name, as others see it.")
  var name = Self.standardName

  @Option(help: "auto (the best), a device as “salle devices” names it, synthetic, none, or a Y4M, MJPEG or IVF file.")
  var camera: String?

  @Option(help: "auto, a device as “salle devices” names it, synthetic, none, tone:HERTZ, or a WAV file that repeats.")
  var microphone: String?

  @Option(help: "auto, a device as “salle devices” names it, none, or a WAV file to write.")
  var speaker: String?

  @Option(help: "on removes echo, noise and reverberation; off sends the sound as it is, such as music.")
  var soundProcessing = SoundProcessing.on

  @Option(help: "What “salle audio calibrate” stored; the room's own file if left out and there is one.")
  var roomProfile: String?

  @Option(help: "auto, a display as “salle devices” names it, browser, browser:PORT (on this machine only), or none.")
  var screen = "browser"

  @Flag(help: "A second display shows what is shared.")
  var contentScreen = false

  @Option(help: "auto, or a capture device: what is plugged into it is presented to the others while it has a signal.")
  var presentation: String?

  @Option(help: "A PNG file that gets the screen's picture every five seconds and at the end.")
  var snapshot: String?

  @Option(help: "A JSON file that gets what is known of the room's sound, each second.")
  var status: String?

  @Option(help: "The camera's codec: vp8 (which everybody can decode) or vp9. The server may choose another.")
  var codec = CameraCodec.vp8

  @Option(help: "The language of screen and messages: fr or en.")
  var language = Language.french

  @Flag(help: "Tell on standard error what happens inside.")
  var verbose = false
}

/// The camera's codec on the command line.
enum CameraCodec: String, ExpressibleByArgument {
  case vp8
  case vp9

  var codec: VideoCodec { self == .vp8 ? .vp8 : .vp9 }
}
