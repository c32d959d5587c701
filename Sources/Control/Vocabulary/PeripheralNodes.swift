import Catalogue

/// Control systems that say that they are there.
extension ControlTree {
  static let peripheralNodes: [ControlNode] = [
    .command(
      "Peripherals Connect", "Annonce un appareil qui pilote la salle.", "Announces a device that controls the room.",
      role: .integrator,
      [
        id, .required("Type", types, "Sorte d'appareil.", "The kind of device."),
        .optional("Name", .line, "Nom.", "The name."),
        .optional("HardwareInfo", .line, "Matériel.", "The hardware."),
        .optional("SoftwareInfo", .line, "Logiciel.", "The software."),
        .optional("NetworkAddress", .line, "Adresse.", "The address."),
        .optional("SerialNumber", .line, "Numéro de série.", "The serial number."),
      ]),
    .command(
      "Peripherals HeartBeat", "Confirme que l'appareil est toujours là.", "Confirms that the device is still there.",
      role: .integrator,
      [
        id,
        .optional(
          "Timeout", .integer(1...65_535), "Délai jusqu'au prochain signe, en secondes ; 60 sans autre indication.",
          "How long until the next sign, in seconds; 60 if it is left out."),
      ]),
    .state("Peripherals ConnectedDevice[n] ID", .line, role: .integrator, "Identité.", "The identity."),
    .state("Peripherals ConnectedDevice[n] Type", types, role: .integrator, "Sorte d'appareil.", "The kind of device."),
    .state("Peripherals ConnectedDevice[n] Name", .line, role: .integrator, "Nom.", "The name."),
    .state("Peripherals ConnectedDevice[n] HardwareInfo", .line, role: .integrator, "Matériel.", "The hardware."),
    .state("Peripherals ConnectedDevice[n] SoftwareInfo", .line, role: .integrator, "Logiciel.", "The software."),
    .state("Peripherals ConnectedDevice[n] NetworkAddress", .line, role: .integrator, "Adresse.", "The address."),
    .state(
      "Peripherals ConnectedDevice[n] SerialNumber", .line, role: .integrator, "Numéro de série.", "The serial number."),
    .state(
      "Peripherals ConnectedDevice[n] Status", .literal(["Connected", "LostConnection"]), role: .integrator,
      "Indique si l'appareil répond encore.", "Whether the device still answers."),
  ]

  private static let id = ControlField.required(
    "ID", .string(1...100), "Identité de l'appareil.", "The device's identity.")
  private static let types = ValueSpace.literal(["ControlSystem", "TouchPanel", "Other"])
}
