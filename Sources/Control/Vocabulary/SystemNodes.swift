import Catalogue

extension ControlTree {
  static let systemNodes: [ControlNode] = [
    .command(
      "SystemUnit Boot", "Redémarre l'appareil, ou l'éteint.", "Restarts the device, or shuts it down.",
      role: .integrator,
      [
        .optional(
          "Action", .literal(["Restart", "Shutdown"]), "Ce qu'il faut faire ; sans autre indication, redémarrer.",
          "What to do; if it is left out, to restart.")
      ]),
    .setting("SystemUnit Name", .string(0...50), standard: .string("Salle"), "Nom de la salle.", "The room's name."),
    .state("SystemUnit ProductId", .line, initially: .string("Salle"), "Produit.", "The product."),
    .state(
      "SystemUnit Software Version", .line, initially: .string(""), "Version du logiciel.", "The software's version."),
    .state(
      "SystemUnit Software DisplayName", .line, initially: .string(""), "Version du logiciel, pour les personnes.",
      "The software's version, for people."),
    .state(
      "SystemUnit Hardware Module SerialNumber", .line, initially: .string(""), role: .integrator, "Numéro de série.",
      "The serial number."),
    .state(
      "SystemUnit Uptime", .count, initially: .integer(0), "Temps depuis le démarrage, en secondes.",
      "How long it has been running, in seconds."),
    .state(
      "SystemUnit State NumberOfActiveCalls", .integer(0...8), initially: .integer(0), "Nombre de réunions en cours.",
      "How many meetings the room is in."),
    .state(
      "SystemUnit State NumberOfInProgressCalls", .integer(0...8), initially: .integer(0),
      "Nombre de réunions que la salle est en train de rejoindre.", "How many meetings the room is joining."),
    .state(
      "SystemUnit State Room",
      .literal([
        "Starting", "Idle", "Standby", "Joining", "Lobby", "InMeeting", "Reconnecting", "Leaving", "Fault",
      ]), initially: .literal("Starting"), "État de la salle.", "The room's state."),
    .setting(
      "SerialPort LoginRequired", .onOff, standard: .onOff(true),
      "Demande un nom et un mot de passe sur le port série.",
      "Asks for name and password on the serial port."),
    .setting(
      "SerialPort BaudRate", .literal(["9600", "19200", "38400", "57600", "115200"]), standard: .literal("115200"),
      role: .integrator, "Débit du port série, en bits par seconde.", "The serial port's rate, in bits a second."),
    .setting(
      "SerialPort Parity", .literal(["None", "Even", "Odd"]), standard: .literal("None"), role: .integrator,
      "Parité du port série.", "The serial port's parity."),
    .state(
      "Diagnostics Message[n] Type", .line, role: .integrator, "Identité du diagnostic.", "The diagnostic's identity."),
    .state(
      "Diagnostics Message[n] Level", .literal(["Info", "Warning", "Error", "Critical"]), role: .integrator,
      "Gravité du diagnostic.", "How grave it is."),
    .state(
      "Diagnostics Message[n] Description", .string(0...1_024), role: .integrator,
      "Ce qui ne va pas, et ce qu'il faut faire.", "What is wrong, and what to do."),
  ]
}
