/// The words of the touch panel, each under the name by which the page asks for it. `{name}` in them stands for a value
/// that the page puts there.
public enum PanelTexts {
  /// A text and its name.
  public struct Entry: Hashable, Sendable {
    /// What the page calls it.
    public let key: String
    /// The text in both languages.
    public let text: Sentence

    fileprivate init(_ key: String, _ french: FrenchText, _ english: String) {
      self.key = key
      text = Sentence(french: french, english: english)
    }
  }

  /// All texts.
  public static let all: [Entry] = entrance + idle + states + meeting + dialogs + service + answers

  /// Before the room can be asked.
  private static let entrance: [Entry] = [
    Entry("skip", "Aller au contenu", "Skip to the content"),
    Entry("loading", "Connexion à la salle…", "Connecting to the room…"),
    Entry("offline", "La salle ne répond plus. Nouvel essai en cours…", "The room doesn't answer. Trying again…"),
    Entry("otherLanguage", "English", "Français"),
    Entry("loginTitle", "Ouvrir le panneau", "Open the panel"),
    Entry("loginName", "Nom", "Name"),
    Entry("loginPIN", "Code PIN ou mot de passe", "PIN or password"),
    Entry("loginEnter", "Ouvrir", "Open"),
    Entry("loginWrong", "Ce nom et ce code ne vont pas ensemble.", "This name and this PIN don't belong together."),
    Entry(
      "loginLater", "Trop d'essais. Attendez une minute, puis réessayez.",
      "Too many attempts. Wait a minute, then try again."),
    Entry("setupTitle", "Première mise en service", "First use"),
    Entry(
      "setupHint",
      "Saisissez le code affiché sur l'écran de la salle, puis choisissez le PIN de l'administrateur (admin).",
      "Enter the code on the room's screen, then choose the administrator's PIN (admin)."),
    Entry("setupCode", "Code affiché sur l'écran", "Code on the screen"),
    Entry("setupPIN", "Nouveau PIN ou mot de passe", "New PIN or password"),
    Entry("setupPINHint", "Au moins quatre caractères.", "At least four characters."),
    Entry("setupAgain", "Le même, une deuxième fois", "The same, a second time"),
    Entry("setupEnter", "Enregistrer", "Save"),
    Entry("setupWrong", "Ce n'est pas le code affiché.", "This isn't the code on the screen."),
    Entry("setupOver", "Le PIN a déjà été choisi. Rechargez la page.", "The PIN has been chosen. Reload the page."),
    Entry("setupRefused", "Ce PIN ne peut pas être utilisé.", "This PIN can't be used."),
    Entry("setupDiffers", "Les deux PIN ne sont pas les mêmes.", "The two PINs differ."),
    Entry("logout", "Fermer la session", "Log out"),
  ]

  /// The room is in no meeting.
  private static let idle: [Entry] = [
    Entry("today", "Réunions du jour", "Today's meetings"),
    Entry(
      "noMeetings", "Aucune réunion n'est prévue dans cette salle aujourd'hui.",
      "No meeting is planned in this room today."),
    Entry(
      "calendarOld", "Le calendrier ne répond pas : réunions connues {time}.",
      "The calendar doesn't answer: meetings as of {time}."),
    Entry("calendarNever", "Le calendrier ne répond pas.", "The calendar doesn't answer."),
    Entry("reserved", "Réservé", "Reserved"),
    Entry("meeting", "Réunion", "Meeting"),
    Entry("join", "Rejoindre", "Join"),
    Entry("joinNamed", "Rejoindre {name}", "Join {name}"),
    Entry("joinByCode", "Rejoindre par code", "Join by code"),
    Entry("code", "Code ou lien de la réunion", "The meeting's code or link"),
    Entry("codeHint", "Dix lettres, par exemple abc-defg-hij.", "Ten letters, for example abc-defg-hij."),
    Entry("keypad", "Clavier", "Keypad"),
    Entry("erase", "Effacer une lettre", "Erase a letter"),
    Entry("scan", "Scanner un QR code", "Scan a QR code"),
    Entry("giveUp", "Annuler", "Cancel"),
  ]

  /// What the room is doing.
  private static let states: [Entry] = [
    Entry("stateStarting", "Démarrage", "Starting"),
    Entry("stateIdle", "Salle libre", "Room is free"),
    Entry("stateStandby", "En veille", "In standby"),
    Entry("stateJoining", "Connexion à la réunion", "Joining the meeting"),
    Entry("stateLobby", "Salle d'attente", "Waiting room"),
    Entry("stateInMeeting", "En réunion", "In a meeting"),
    Entry("stateReconnecting", "Réseau perdu, reconnexion en cours", "Network lost, reconnecting"),
    Entry("stateLeaving", "Fin de la réunion", "Leaving the meeting"),
    Entry("stateFault", "Panne : voir le diagnostic", "Fault: see the diagnostics"),
    Entry("busyStarting", "La salle démarre…", "The room is starting…"),
    Entry("busyJoining", "Connexion à {name}…", "Joining {name}…"),
    Entry("busyLobby", "Un organisateur va vous faire entrer.", "An organiser will let you in."),
    Entry("busyLeaving", "Fin de la réunion…", "Leaving the meeting…"),
    Entry(
      "lobbyDetail", "Les organisateurs sont prévenus. Il n'y a rien à faire.",
      "The organisers have been told. There is nothing to do."),
  ]

  /// The room is in a meeting.
  private static let meeting: [Entry] = [
    Entry("since", "Depuis {minutes} min", "For {minutes} min"),
    Entry("recordingStarting", "L'enregistrement commence", "Recording is starting"),
    Entry("recordingRecording", "Réunion enregistrée", "Meeting is recorded"),
    Entry("recordingTranscribing", "Réunion transcrite", "Meeting is transcribed"),
    Entry("recordingSaving", "Enregistrement en cours de sauvegarde", "Recording is being saved"),
    Entry("presentSending", "La salle partage un contenu", "The room shares something"),
    Entry("presentReceiving", "Un participant partage un contenu", "A participant shares something"),
    Entry("volume", "Volume", "Volume"),
    Entry("volumeDown", "Baisser le volume", "Turn the volume down"),
    Entry("volumeUp", "Monter le volume", "Turn the volume up"),
    Entry("speakerOff", "Couper le son", "Mute the sound"),
    Entry("microphoneOff", "Couper le micro", "Mute the microphone"),
    Entry("microphoneOn", "Rétablir le micro", "Unmute the microphone"),
    Entry("cameraOff", "Couper la caméra", "Switch the camera off"),
    Entry("cameraOn", "Rétablir la caméra", "Switch the camera on"),
    Entry("presentStart", "Partager", "Share"),
    Entry("presentStop", "Arrêter le partage", "Stop sharing"),
    Entry("handRaise", "Lever la main", "Raise the hand"),
    Entry("handLower", "Baisser la main", "Lower the hand"),
  ]

  /// What opens over the meeting.
  private static let dialogs: [Entry] = [
    Entry("reactions", "Réactions", "Reactions"),
    Entry("chat", "Discussion", "Chat"),
    Entry("chatText", "Votre message", "Your message"),
    Entry("chatFrom", "{name} : {words}", "{name}: {words}"),
    Entry("unreadOne", "{count} non lu", "{count} unread"),
    Entry("unread", "{count} non lus", "{count} unread"),
    Entry("send", "Envoyer", "Send"),
    Entry("us", "La salle", "The room"),
    Entry("someone", "Participant", "Participant"),
    Entry("participants", "Participants", "Participants"),
    Entry("signHand", "main levée", "hand raised"),
    Entry("signMuted", "micro coupé", "microphone off"),
    Entry("signCameraOff", "caméra coupée", "camera off"),
    Entry("signPresenting", "partage un contenu", "shares something"),
    Entry("pin", "Épingler", "Pin"),
    Entry("pinOf", "Épingler {name}", "Pin {name}"),
    Entry("mute", "Couper", "Mute"),
    Entry("muteOf", "Couper le micro de {name}", "Mute {name}"),
    Entry("screenLayout", "Disposition", "Layout"),
    Entry("layoutAuto", "Automatique", "Automatic"),
    Entry("layoutGrid", "Mosaïque", "Grid"),
    Entry("layoutSpeaker", "Orateur", "Speaker"),
    Entry("selfView", "Image de la salle", "The room's own picture"),
    Entry("selfViewOff", "Masquée", "Hidden"),
    Entry("selfViewCorner", "Dans un coin", "In a corner"),
    Entry("selfViewFull", "Plein écran", "Full screen"),
  ]

  /// For who looks after the room.
  private static let service: [Entry] = [
    Entry("cameraControl", "Cadrage", "Camera view"),
    Entry("rampUp", "Haut", "Up"),
    Entry("rampDown", "Bas", "Down"),
    Entry("rampLeft", "Gauche", "Left"),
    Entry("rampRight", "Droite", "Right"),
    Entry("rampIn", "Plus près", "Nearer"),
    Entry("rampOut", "Plus large", "Wider"),
    Entry("rampHint", "Gardez le bouton appuyé pour bouger la caméra.", "Keep the button pressed to move the camera."),
    Entry("cameraNumber", "Caméra {number}", "Camera {number}"),
    Entry("presets", "Vues gardées", "Kept views"),
    Entry("preset", "Vue {number}", "View {number}"),
    Entry("noPresets", "Aucune vue n'est gardée.", "No view is kept."),
    Entry("leave", "Quitter", "Leave"),
    Entry("leaveSure", "Quitter la réunion ?", "Leave the meeting?"),
    Entry("stay", "Rester", "Stay"),
    Entry("close", "Fermer", "Close"),
    Entry("wake", "Réveiller la salle", "Wake the room"),
    Entry("standby", "Mettre en veille", "Go to standby"),
    Entry("diagnostics", "Diagnostic", "Diagnostics"),
    Entry("allWell", "Tout va bien.", "All is well."),
    Entry("levelInfo", "Information", "Information"),
    Entry("levelWarning", "Attention", "Warning"),
    Entry("levelError", "Erreur", "Error"),
    Entry("levelCritical", "Panne", "Fault"),
    Entry("version", "Version", "Version"),
    Entry("serialNumber", "Numéro de série", "Serial number"),
    Entry("settings", "Réglages", "Settings"),
    Entry(
      "settingsDenied", "Les réglages sont réservés aux installateurs : ouvrez une session avec leur nom.",
      "Settings are for installers: log in with their name."),
    Entry("settingSystemUnitName", "Nom de la salle", "The room's name"),
    Entry("settingUserInterfaceLanguage", "Langue de l'écran", "The screen's language"),
    Entry("settingAudioDefaultVolume", "Volume au démarrage, en pour cent", "Volume after starting, in per cent"),
    Entry("settingStandbyControl", "Veille automatique", "Automatic standby"),
    Entry("settingStandbyDelay", "Délai avant la veille, en minutes", "Time until standby, in minutes"),
    Entry("settingStandbyWakeupOnMotionDetection", "Réveil quand quelqu'un bouge", "Wake when somebody moves"),
    Entry("wordFrench", "Français", "French"),
    Entry("wordEnglish", "Anglais", "English"),
    Entry("wordOn", "Oui", "Yes"),
    Entry("wordOff", "Non", "No"),
  ]

  /// What came of what somebody did.
  private static let answers: [Entry] = [
    Entry("saved", "Le réglage est enregistré.", "The setting has been stored."),
    Entry("notSaved", "Le réglage n'a pas été accepté.", "The setting wasn't accepted."),
    Entry("notSent", "La salle n'a pas répondu. Réessayez.", "The room didn't answer. Try again."),
    Entry("refused", "Ce n'est pas possible pour le moment.", "That isn't possible now."),
    Entry(
      "refusedDial", "Ce code ou ce lien ne mène pas à une réunion.", "This code or link doesn't lead to a meeting."),
    Entry(
      "refusedPresentation", "Rien à partager : branchez un ordinateur à l'entrée de la salle.",
      "Nothing to share: plug a computer into the room's input."),
    Entry("denied", "Votre session ne permet pas cela.", "Your session may not do that."),
    Entry("unavailable", "Cette salle ne sait pas le faire.", "This room can't do that."),
    Entry("reaction-thumbs-up", "Pouce levé", "Thumbs up"),
    Entry("reaction-thumbs-down", "Pouce baissé", "Thumbs down"),
    Entry("reaction-clapping-hands", "Applaudissements", "Clapping hands"),
    Entry("reaction-red-heart", "Cœur", "Heart"),
    Entry("reaction-face-with-tears-of-joy", "Rire", "Laughing"),
    Entry("reaction-face-with-open-mouth", "Étonnement", "Surprised"),
    Entry("reaction-party-popper", "Fête", "Party"),
    Entry("reaction-folded-hands", "Merci", "Thank you"),
  ]
}
