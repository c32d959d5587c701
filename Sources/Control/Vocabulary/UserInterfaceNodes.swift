import Catalogue

extension ControlTree {
  static let userInterfaceNodes: [ControlNode] = [
    .command(
      "UserInterface Message Alert Display", "Affiche un message à l'écran.", "Shows a message on the screen.",
      role: .integrator,
      [
        .required("Text", .string(1...255), "Le message.", "The message."),
        .optional("Title", .line, "Titre.", "The title."),
        .optional(
          "Duration", .integer(0...3_600), "Durée, en secondes ; 0 jusqu'à nouvel ordre.",
          "How long, in seconds; 0 until further notice."),
      ]),
    .command(
      "UserInterface Message Alert Clear", "Retire le message de l'écran.", "Takes the message off the screen.",
      role: .integrator),
    .event(
      "UserInterface Message Alert Cleared", "Le message n'est plus affiché.", "The message is no longer shown.", []),
    .event(
      "UserInterface Extensions Panel Clicked", "Un bouton ajouté a été touché.",
      "A button that was added was pressed.",
      [.required("PanelId", .line, "Identité du bouton.", "The button's identity.")]),
    .setting(
      "UserInterface Pairing Mode", .onOff, standard: .onOff(true),
      "Affiche à l'écran un QR code avec lequel un téléphone pilote la salle.",
      "Shows a QR code on the screen by which a phone controls the room."),
    .setting(
      "UserInterface Language", .literal(["French", "English"]), standard: .literal("French"), role: .integrator,
      "Langue de l'écran et du panneau.", "The language of screen and panel."),
  ]
}
