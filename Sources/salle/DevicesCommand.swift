import ArgumentParser
import Catalogue
import Devices
import FoundationEssentials

/// `salle devices`.
struct DevicesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices",
    abstract: "Lists cameras, microphones, loudspeakers and screens, which is chosen and why; checks one of them.",
    discussion: ExitStatus.hint)

  @OptionGroup var wishes: DeviceWishes

  @Flag(help: "One JSON object, for programs.") var json = false

  @Option(help: "Check the chosen device instead: camera, presentation, microphone, speaker or screen.")
  var test: CheckedDevice?

  @Option(help: "How long a check takes; loudspeakers get a second for each channel.") var seconds = 3

  @Option(help: "A PNG file for the last picture of a checked camera.") var picture: String?

  @Option(help: "The language of the list: fr or en.") var language = Language.french

  func validate() throws {
    guard (1...3_600).contains(seconds) else { throw ValidationError("a check takes 1 to 3600 seconds") }
  }

  func run() throws {
    if let test {
      let check = DeviceCheck(
        role: test.role, wishes: wishes, seconds: seconds, picture: picture, language: language)
      if !check.run() { throw ExitStatus.deviceUnusable.code }
      return
    }
    let inventory = DeviceInventory.take()
    if json { return try printJSON(inventory) }
    for role in DeviceRole.allCases {
      Terminal.say(role.heading[language])
      let items = inventory[role]
      if items.isEmpty { Terminal.say("  " + InventoryLabels.none[language]) }
      let choice = DeviceChoice(amongItems: items, wishes: wishes.rules(role))
      for (index, item) in items.enumerated() { tell(item, reason: choice?.index == index ? choice?.reason : nil) }
    }
  }

  private func tell(_ item: InventoryItem, reason: DeviceChoice.Reason?) {
    Terminal.say("  \(reason == nil ? "-" : "*") \(item.name)  [\(item.node)]")
    if let reason { Terminal.say("      " + reason.sentence[language]) }
    if !item.isReady { Terminal.say("      " + InventoryLabels.notReady[language]) }
    Terminal.say("      " + InventoryLabels.rule(item.rule.description)[language])
    for line in item.abilities { Terminal.say("      " + line) }
  }

  // MARK: For programs

  private struct Entry: Encodable {
    var name: String
    var node: String
    var rule: String
    var path: String
    var abilities: [String]
    var ready: Bool
    var chosen: String?
  }

  private func printJSON(_ inventory: DeviceInventory) throws {
    var lists: [String: [Entry]] = [:]
    for role in DeviceRole.allCases {
      let items = inventory[role]
      let choice = DeviceChoice(amongItems: items, wishes: wishes.rules(role))
      lists[role.rawValue] = items.enumerated().map { index, item in
        Entry(
          name: item.name, node: item.node, rule: item.rule.description, path: item.identity.busPath,
          abilities: item.abilities, ready: item.isReady, chosen: choice?.index == index ? choice?.reason.word : nil)
      }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    Terminal.say(String(decoding: try encoder.encode(lists), as: UTF8.self))
  }
}

extension DeviceRole {
  fileprivate var heading: Sentence {
    switch self {
    case .camera: InventoryLabels.cameras
    case .presentation: InventoryLabels.presentations
    case .microphone: InventoryLabels.microphones
    case .loudspeaker: InventoryLabels.loudspeakers
    case .screen: InventoryLabels.screens
    }
  }
}

extension DeviceChoice.Reason {
  fileprivate var sentence: Sentence {
    switch self {
    case .wished(let rule): InventoryLabels.chosenByWish(rule.description)
    case .best: InventoryLabels.chosenAsBest
    case .bestInPlaceOfWished: InventoryLabels.chosenInPlace
    }
  }

  fileprivate var word: String {
    switch self {
    case .wished: "wished"
    case .best: "best"
    case .bestInPlaceOfWished: "bestInPlaceOfWished"
    }
  }
}

/// What can be checked, as the command line names it.
enum CheckedDevice: String, ExpressibleByArgument {
  case camera, presentation, microphone, speaker, screen

  var role: DeviceRole {
    switch self {
    case .camera: .camera
    case .presentation: .presentation
    case .microphone: .microphone
    case .speaker: .loudspeaker
    case .screen: .screen
    }
  }
}
