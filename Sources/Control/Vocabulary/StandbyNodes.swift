import Catalogue

extension ControlTree {
  static let standbyNodes: [ControlNode] = [
    .command("Standby Activate", "Met la salle en veille.", "Sends the room to standby."),
    .command("Standby Deactivate", "Réveille la salle.", "Wakes the room."),
    .command("Standby Halfwake", "Réveille la salle à demi.", "Wakes the room halfway."),
    .command(
      "Standby ResetTimer", "Repousse la mise en veille.", "Puts standby off.",
      [.required("Delay", .integer(1...480), "Délai, en minutes.", "How long, in minutes.")]),
    .setting(
      "Standby Control", .onOff, standard: .onOff(true), "Indique si la salle se met en veille d'elle-même.",
      "Whether the room goes to standby by itself."),
    .setting(
      "Standby Delay", .integer(1...480), standard: .integer(10), "Délai avant la veille, en minutes.",
      "How long until standby, in minutes."),
    .setting(
      "Standby WakeupOnMotionDetection", .onOff, standard: .onOff(true), "Indique si un mouvement réveille la salle.",
      "Whether motion wakes the room."),
    .state(
      "Standby State", .literal(["Off", "Halfwake", "EnteringStandby", "Standby"]), initially: .literal("Off"),
      "Indique si la salle est en veille.", "Whether the room is in standby."),
    .state(
      "Standby Level", .literal(["None", "DisplayOff", "Networked", "DeepSleep"]), initially: .literal("None"),
      "Profondeur de la veille.", "How deep the standby is."),
    .state(
      "RoomAnalytics PeoplePresence", .literal(["Yes", "No", "Unknown"]), initially: .literal("Unknown"),
      isPersonal: true, "Indique si la caméra voit bouger quelqu'un.", "Whether the camera sees somebody move."),
  ]
}
