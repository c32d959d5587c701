import Catalogue

extension ControlTree {
  static let cameraNodes: [ControlNode] = [
    .command(
      "Camera Ramp", "Fait bouger la caméra jusqu'à « Stop ».", "Moves the camera until “Stop”.",
      [
        camera,
        .optional("Pan", .literal(["Left", "Right", "Stop"]), "À gauche ou à droite.", "To the left or right."),
        .optional("PanSpeed", .integer(1...15), "Vitesse.", "How fast."),
        .optional("Tilt", .literal(["Down", "Up", "Stop"]), "En bas ou en haut.", "Down or up."),
        .optional("TiltSpeed", .integer(1...15), "Vitesse.", "How fast."),
        .optional("Zoom", .literal(["In", "Out", "Stop"]), "Plus près ou plus large.", "Nearer or wider."),
        .optional("ZoomSpeed", .integer(1...15), "Vitesse.", "How fast."),
      ]),
    .command(
      "Camera Preset Activate", "Dirige la caméra sur une vue gardée.", "Turns the camera to a view that was kept.",
      [preset]),
    .command(
      "Camera Preset Store", "Garde la vue de la caméra.", "Keeps the camera's view.", role: .integrator,
      [
        .optional(
          "PresetId", presets, "Numéro ; sans lui, le premier libre.", "The number; without it, the first free one."),
        camera, .optional("Name", .line, "Nom de la vue.", "The view's name."),
      ], results: [preset]),
    .command("Camera Preset Remove", "Oublie une vue.", "Forgets a view.", role: .integrator, [preset]),
    .command(
      "Camera Preset List", "Donne les vues gardées.", "Lists the views that were kept.",
      results: [
        .required("Preset[n] PresetId", presets, "Numéro.", "The number."),
        .required("Preset[n] CameraId", cameras, "Numéro de la caméra.", "The camera's number."),
        .required("Preset[n] Name", .line, "Nom de la vue.", "The view's name."),
      ]),
    .command(
      "RoomPreset Activate", "Applique un ensemble de réglages gardé.", "Applies a set of settings that was kept.",
      [.required("PresetId", presets, "Numéro de l'ensemble.", "The set's number.")]),
    .command(
      "Cameras SpeakerTrack Activate", "Suit la personne qui parle.", "Follows whoever speaks."),
    .command(
      "Cameras SpeakerTrack Deactivate", "Ne suit plus la personne qui parle.", "Stops following whoever speaks."),
    .state(
      "Cameras SpeakerTrack Availability", .literal(["Off", "Unavailable", "Available"]),
      initially: .literal("Unavailable"), "Indique si la salle peut suivre la personne qui parle.",
      "Whether the room can follow whoever speaks."),
    .state(
      "Cameras SpeakerTrack Status", .literal(["Active", "Inactive"]), initially: .literal("Inactive"),
      "Indique si la salle suit la personne qui parle.", "Whether the room follows whoever speaks."),
    .state(
      "Cameras Camera[n] Connected", .trueFalse, "Indique si la caméra est branchée.",
      "Whether the camera is plugged in."),
    .state("Cameras Camera[n] Model", .line, "Modèle de la caméra.", "The camera's model."),
    .state(
      "Cameras Camera[n] Position Pan", positions, "Direction, de la gauche à la droite.",
      "Where it looks, from left to right."),
    .state(
      "Cameras Camera[n] Position Tilt", positions, "Direction, de bas en haut.", "Where it looks, from below upwards."),
    .state(
      "Cameras Camera[n] Position Zoom", .integer(0...10_000), "Grossissement, du plus large au plus près.",
      "How near it looks, from the widest."),
  ]

  private static let presets = ValueSpace.integer(1...35)
  private static let cameras = ValueSpace.integer(1...7)
  /// In ten-thousandths of what can be reached from the middle.
  private static let positions = ValueSpace.integer(-10_000...10_000)
  private static let camera = ControlField.required(
    "CameraId", cameras, "Numéro de la caméra.", "The camera's number.")
  private static let preset = ControlField.required("PresetId", presets, "Numéro de la vue.", "The view's number.")
}
