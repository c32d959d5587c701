import Appliance
import ArgumentParser
import Catalogue
import Control
import ControlServer
import Visio

/// `salle run`.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs the room: it waits, joins what is dialled, and is driven by control systems; Ctrl-C ends it.",
    discussion: """
      What lasts (settings, accounts, the certificate) is in the state directory. Nothing listens unless it is asked for, \
      and nobody can sign in until a password is set: salle run --set-pin < FILE. The room's name and the language of its \
      screen are settings (SystemUnit Name, UserInterface Language).
      """)

  @Option(help: "Where the room keeps what lasts; made if it isn't there.")
  var stateDirectory = "/var/lib/salle"

  @Option(help: "The Visio instance of dialled codes, such as https://visio.numerique.gouv.fr.")
  var instance: String?

  @Flag(help: "Codes are those of a practice meeting inside this program.")
  var practice = false

  @Option(help: "The code or link of a meeting to join as soon as the room is ready.")
  var dial: String?

  @Option(help: "ADDRESS:PORT where terminals of control systems connect, over TLS.")
  var terminal: String?

  @Option(help: "ADDRESS:PORT of HTTPS: the touch panel, JSON-RPC over WebSocket at /ws, REST below /api.")
  var https: String?

  @Option(help: "A serial port with a terminal on it; may be repeated.")
  var serial: [String] = []

  @Option(help: "The certificate of these services and those above it, PEM; else the room makes its own.")
  var certificate: String?

  @Option(help: "The certificate's private key, PEM.")
  var privateKey: String?

  @Option(help: "A name or address by which the room is reached over HTTPS; may be repeated.")
  var hostName: [String] = []

  @Flag(help: "Sets a password or PIN to the first line of standard input, and ends.")
  var setPin = false

  @Option(help: "Whose password --set-pin sets.")
  var account = "admin"

  @Option(help: "What that account may do: Admin, Integrator or User.")
  var role = ControlRole.admin

  @OptionGroup var room: RoomOptions

  func validate() throws {
    for text in [terminal, https].compactMap({ $0 }) where ListenAddress(text) == nil {
      throw ValidationError("“\(text)” is no ADDRESS:PORT")
    }
    if (certificate == nil) != (privateKey == nil) {
      throw ValidationError("--certificate and --private-key belong together")
    }
    if let instance, VisioInstance(instance) == nil {
      throw ValidationError("“\(instance)” is no address of an instance")
    }
    if room.name != RoomOptions.standardName {
      throw ValidationError("the room's name is the setting SystemUnit Name")
    }
  }

  func run() async throws {
    let status = setPin ? await setPassword() : await ApplianceRunner(options: self).run()
    if status != .success { throw status.code }
  }

  private func setPassword() async -> ExitStatus {
    do {
      let book = try AccountBook(storage: try StateDirectory(stateDirectory).storage())
      try await book.setPassword(readLine() ?? "", of: account, role: role)
      Terminal.say(RoomSentences.passwordSet(name: account)[room.language])
      return .success
    } catch AccountError.name, AccountError.password(.length) {
      Terminal.complain(RoomSentences.passwordRefused[room.language])
      return .usage
    } catch {
      Terminal.complain("\(RoomSentences.unusable(path: stateDirectory)[room.language]) (\(error))")
      return .stateUnusable
    }
  }
}

extension ControlRole: ExpressibleByArgument {}
