import Catalogue

extension ControlTree {
  static let videoNodes: [ControlNode] = [
    .command("Video Input MainVideo Mute", "Coupe la caméra.", "Switches the camera off."),
    .command("Video Input MainVideo Unmute", "Rétablit la caméra.", "Switches the camera on."),
    .state(
      "Video Input MainVideoMute", .onOff, initially: .onOff(false), "Indique si la caméra est coupée.",
      "Whether the camera is off."),
    .command(
      "Video Input SetMainVideoSource", "Change de caméra.", "Changes to another camera.",
      [.required("SourceId", .integer(1...7), "Numéro de la caméra.", "The camera's number.")]),
    .state(
      "Video Input MainVideoSource", .integer(1...7), "Numéro de la caméra utilisée.",
      "The number of the camera in use."),
    .state(
      "Video Input Connector[n] Connected", .literal(["True", "False", "Unknown"]),
      "Indique si quelque chose est branché.", "Whether something is plugged in."),
    .state(
      "Video Input Connector[n] SignalState", .literal(["OK", "NotFound", "Unstable", "Unknown", "Unsupported"]),
      "Indique si une image arrive.", "Whether a picture comes."),
    .setting(
      "Video Input Connector[n] Name", .string(0...50), standard: .string(""), items: 1...3, role: .integrator,
      "Nom de l'entrée, affiché aux personnes.", "The input's name, as people see it."),
    .setting(
      "Video Input Connector[n] PresentationSelection", .literal(["AutoShare", "Manual", "Hidden"]),
      standard: .literal("AutoShare"), items: 1...3, role: .integrator,
      "Partage l'entrée dès qu'elle a un signal, à la demande, ou jamais.",
      "Shares the input as soon as it has a signal, on demand, or never."),
    .state(
      "Video Output Connector[n] Connected", .trueFalse, "Indique si un écran est branché.",
      "Whether a screen is plugged in."),
    .state("Video Output Connector[n] ConnectedDevice Name", .line, "Nom de l'écran.", "The screen's name."),
    .state(
      "Video Output Connector[n] Resolution Width", .integer(0...16_384), "Largeur de l'image, en pixels.",
      "The picture's width, in pixels."),
    .state(
      "Video Output Connector[n] Resolution Height", .integer(0...16_384), "Hauteur de l'image, en pixels.",
      "The picture's height, in pixels."),
    .setting(
      "Video Output Connector[n] MonitorRole", .literal(["Auto", "First", "Second", "PresentationOnly"]),
      standard: .literal("Auto"), items: 1...2, role: .integrator, "Ce que montre l'écran.", "What the screen shows."),
    .setting(
      "Video Output Connector[n] Resolution", resolutions, standard: .literal("Auto"), items: 1...2, role: .integrator,
      "Taille et fréquence de l'image (largeur, hauteur, hertz) ; sans effet si l'écran ne les a pas.",
      "The picture's size and rate (width, height, hertz); without effect if the screen doesn't have them."),
    .setting(
      "Video Output Connector[n] OverscanLevel", .literal(["None", "Medium", "High"]), standard: .literal("None"),
      items: 1...2, role: .integrator, "Bord que l'écran cache : aucun, 3 % ou 6 % de chaque côté.",
      "The edge that the screen hides: none, 3 % or 6 % on each side."),
    .setting(
      "Video Output Connector[n] RGBQuantizationRange", .literal(["Auto", "Full", "Limited"]),
      standard: .literal("Auto"), items: 1...2, role: .integrator,
      "Plage des couleurs : celle du mode, 0 à 255, ou 16 à 235 comme la veulent des téléviseurs.",
      "The range of colours: the mode's own, 0 to 255, or 16 to 235 as some televisions want it."),
    .command(
      "Video Selfview Set", "Règle l'image de la salle à son propre écran.",
      "Sets how the room sees itself on its screen.",
      [
        .optional("Mode", .onOff, "Affichée ou non.", "Whether it is shown."),
        .optional("FullscreenMode", .onOff, "En plein écran ou non.", "Whether it fills the screen."),
        .optional("PIPPosition", positions, "Coin de l'écran.", "The screen's corner."),
      ]),
    .state(
      "Video Selfview Mode", .onOff, initially: .onOff(true), "Indique si la salle se voit elle-même.",
      "Whether the room sees itself."),
    .state(
      "Video Selfview FullscreenMode", .onOff, initially: .onOff(false), "Indique si elle se voit en plein écran.",
      "Whether it sees itself on the full screen."),
    .state(
      "Video Selfview PIPPosition", positions, initially: .literal("LowerRight"), "Coin où la salle se voit.",
      "The corner in which the room sees itself."),
    .command(
      "Video Layout SetLayout", "Choisit la disposition de l'écran.", "Chooses the screen's layout.",
      [.required("LayoutName", layouts, "La disposition.", "The layout.")]),
    .command(
      "Video Layout LayoutFamily Set", "Choisit la disposition sous ses noms plus anciens.",
      "Chooses the layout by its older names.",
      [
        .required("LayoutFamily", families, "La disposition.", "The layout."),
        .optional(
          "Target", .literal(["Local"]), "Accepté des pilotes existants, sans effet.",
          "Accepted from existing drivers, without effect."),
      ]),
    .state(
      "Video Layout CurrentLayouts ActiveLayout", layouts, initially: .literal("Auto"), "Disposition de l'écran.",
      "The screen's layout."),
    .state(
      "Video Layout LayoutFamily Local", families, initially: .literal("auto"),
      "Disposition de l'écran sous ses noms plus anciens.", "The screen's layout by its older names."),
  ]

  private static let positions = ValueSpace.literal([
    "UpperLeft", "UpperCenter", "UpperRight", "CenterLeft", "CenterRight", "LowerLeft", "LowerRight",
  ])
  private static let resolutions = ValueSpace.literal([
    "Auto", "1280_720_50", "1280_720_60", "1920_1080_25", "1920_1080_30", "1920_1080_50", "1920_1080_60",
    "3840_2160_25", "3840_2160_30", "3840_2160_50", "3840_2160_60",
  ])
  private static let layouts = ValueSpace.literal(["Auto", "Grid", "Speaker"])
  private static let families = ValueSpace.literal(["auto", "equal", "prominent"])
}
