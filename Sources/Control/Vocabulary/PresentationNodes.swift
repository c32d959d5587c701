import Catalogue

extension ControlTree {
  static let presentationNodes: [ControlNode] = [
    .command(
      "Presentation Start", "Partage une source avec la réunion.", "Shares a source with the meeting.",
      [
        .optional(
          "ConnectorId", connectors, "Numéro de l'entrée ; sans lui, la première qui a un signal.",
          "The input's number; without it, the first that has a signal."),
        .optional("PresentationSource", connectors, "Comme « ConnectorId ».", "The same as “ConnectorId”."),
        .optional(
          "SendingMode", .literal(["LocalRemote", "LocalOnly"]), "À tous, ou dans la salle seulement.",
          "To all, or in the room only."),
      ]),
    .command("Presentation Stop", "Arrête le partage.", "Stops sharing."),
    .state(
      "Conference Presentation Mode", .literal(["Off", "Sending", "Receiving"]), initially: .literal("Off"),
      "Qui partage un contenu.", "Who shares something."),
    .state(
      "Conference Presentation LocalInstance[n] SendingMode", .literal(["LocalRemote", "LocalOnly", "Off"]),
      "À qui la salle montre la source.", "To whom the room shows the source."),
    .state(
      "Conference Presentation LocalInstance[n] Source", connectors, "Entrée que la salle partage.",
      "The input that the room shares."),
    .event(
      "PresentationStarted", "Un partage a commencé.", "Somebody has begun to share.",
      [.required("Mode", .literal(["Sending", "Receiving"]), "Qui partage.", "Who shares.")]),
    .event(
      "PresentationStopped", "Un partage est terminé.", "Somebody has stopped sharing.",
      [.required("Mode", .literal(["Sending", "Receiving"]), "Qui partageait.", "Who shared.")]),
  ]

  static let connectors = ValueSpace.integer(1...8)
}
