import ArgumentParser
import Catalogue
import Devices
import WebRTC

extension Language: ExpressibleByArgument {}

/// What `join` and `demo` have in common.
struct RoomOptions: ParsableArguments {
  @Option(help: "The room's name, as others see it.")
  var name = "Salle"

  @Option(help: "synthetic, none, or a Y4M, MJPEG or IVF file that repeats.")
  var camera = "synthetic"

  @Option(help: "synthetic, none, tone:HERTZ, or a WAV file that repeats.")
  var microphone = "synthetic"

  @Option(help: "none, or a WAV file to write.")
  var speaker = "none"

  @Option(help: "browser, browser:PORT (on this machine only), or none.")
  var screen = "browser"

  @Option(help: "A PNG file that gets the screen's picture every five seconds and at the end.")
  var snapshot: String?

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
