import Catalogue

extension ControlTree {
  static let audioNodes: [ControlNode] = [
    .command(
      "Audio Volume Set", "Règle le volume du haut-parleur.", "Sets the loudspeaker's volume.",
      [.required("Level", .integer(0...100), "Volume, en pour cent.", "The volume, in per cent.")]),
    .command("Audio Volume Increase", "Augmente le volume.", "Turns the volume up.", [steps]),
    .command("Audio Volume Decrease", "Baisse le volume.", "Turns the volume down.", [steps]),
    .command("Audio Volume Mute", "Coupe le haut-parleur.", "Mutes the loudspeaker."),
    .command("Audio Volume Unmute", "Rétablit le haut-parleur.", "Unmutes the loudspeaker."),
    .command(
      "Audio Volume ToggleMute", "Coupe le haut-parleur, ou le rétablit.", "Mutes the loudspeaker, or unmutes it."),
    .command("Audio Microphones Mute", "Coupe les microphones.", "Mutes the microphones."),
    .command("Audio Microphones Unmute", "Rétablit les microphones.", "Unmutes the microphones."),
    .command(
      "Audio Microphones ToggleMute", "Coupe les microphones, ou les rétablit.",
      "Mutes the microphones, or unmutes them."),
    .setting(
      "Audio DefaultVolume", .integer(0...100), standard: .integer(50), role: .integrator,
      "Volume au démarrage et à la sortie de veille.", "The volume after starting and after standby."),
    .state(
      "Audio Volume", .integer(0...100), initially: .integer(50), "Volume, en pour cent.", "The volume, in per cent."),
    .state(
      "Audio VolumeMute", .onOff, initially: .onOff(false), "Indique si le haut-parleur est coupé.",
      "Whether the loudspeaker is muted."),
    .state(
      "Audio Microphones Mute", .onOff, initially: .onOff(false), "Indique si les microphones sont coupés.",
      "Whether the microphones are muted."),
  ]

  private static let steps = ControlField.optional(
    "Steps", .integer(1...100), "Nombre de pas ; 5 sans autre indication.", "The number of steps; 5 if it is left out.")
}
