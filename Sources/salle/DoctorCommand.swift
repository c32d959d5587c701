import Appliance
import ArgumentParser
import Catalogue
import Devices
import FoundationEssentials
import HTTPExchange
import Visio

/// `salle doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks devices, computer and network, and says what is wrong and what to do.",
    discussion: """
      A running room tells the same, and what only shows in meetings, on its screen, on the panel and as Diagnostics \
      Message. Ends with 1 when something that people need doesn't work.
      """)

  @Option(help: "Where the room keeps what lasts.")
  var stateDirectory = "/var/lib/salle"

  @Option(help: "The Visio instance that the room uses.")
  var instance: String?

  @Flag(help: "One JSON object, for programs.") var json = false

  @Option(help: "The language: fr or en.") var language = Language.french

  @OptionGroup var wishes: DeviceWishes

  func validate() throws {
    if let instance, VisioInstance(instance) == nil {
      throw ValidationError("“\(instance)” is no address of an instance")
    }
  }

  func run() async throws {
    let findings = await facts().findings
    if json { try printJSON(findings) } else { tell(findings) }
    if findings.contains(where: { $0.level > .warning }) { throw ExitCode(1) }
  }

  private func facts() async -> RoomFacts {
    var facts = RoomFacts()
    facts.system = SystemProbe(
      directory: stateDirectory, certificate: DeviceCertificate.path(in: stateDirectory)
    ).facts()
    let transport = AsyncHTTPTransport()
    facts.network = await NetworkProbe(instance: instance.flatMap { VisioInstance($0) }, transport: transport).facts()
    await transport.shutdown()
    facts.equipment = EquipmentReport(DeviceInventory.take(), wishes)
    let sound = facts.equipment.sound
    if sound?.microphone == .missing, sound?.loudspeaker == .missing { facts.faults.insert(.sound) }
    if facts.equipment.outputs.isEmpty { facts.faults.insert(.screen) }
    return facts
  }

  private func tell(_ findings: [RoomDiagnostic]) {
    for finding in findings {
      Terminal.say("\(finding.level.sentence[language])  \(finding.rawValue)")
      Terminal.say("    " + finding.sentence[language])
    }
    if findings.isEmpty { Terminal.say(DiagnosticLabels.allWell[language]) }
  }

  private struct Entry: Encodable {
    var type: String
    var level: String
    var description: String
  }

  private func printJSON(_ findings: [RoomDiagnostic]) throws {
    let entries = findings.map {
      Entry(type: $0.rawValue, level: $0.level.rawValue, description: $0.sentence[language])
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(["diagnostics": entries]), as: UTF8.self))
  }
}

extension RoomDiagnostic.Level {
  fileprivate var sentence: Sentence {
    switch self {
    case .warning: DiagnosticLabels.warning
    case .error: DiagnosticLabels.error
    case .critical: DiagnosticLabels.critical
    }
  }
}

extension EquipmentReport {
  /// What an inventory says without opening a device.
  fileprivate init(_ inventory: DeviceInventory, _ wishes: DeviceWishes) {
    self.init()
    func isThere(_ role: DeviceRole) -> Bool {
      let items = inventory[role]
      guard let choice = DeviceChoice(amongItems: items, wishes: wishes.rules(role)) else { return false }
      return items[choice.index].isReady
    }
    cameras = [.init(condition: isThere(.camera) ? .showing : .disconnected, model: "")]
    if isThere(.screen) { outputs = [.init(isConnected: true, name: "", width: 0, height: 0)] }
    var sound = Sound()
    sound.microphone = isThere(.microphone) ? .fine : .missing
    sound.loudspeaker = isThere(.loudspeaker) ? .fine : .missing
    self.sound = sound
  }
}
