import Catalogue

/// Lobby, hand, reactions, chat, participants and recording.
extension ControlTree {
  static let conferenceNodes: [ControlNode] = [
    .state(
      "Conference Lobby State", .literal(["None", "Waiting", "Admitted", "Refused", "Unanswered"]),
      initially: .literal("None"), "Réponse des organisateurs à la demande d'entrée.",
      "What the organisers say to the request to enter."),
    .command("Conference Hand Raise", "Lève la main.", "Raises the room's hand."),
    .command("Conference Hand Lower", "Baisse la main.", "Lowers the room's hand."),
    .state(
      "Conference Hand Raised", .trueFalse, initially: .literal("False"), "Indique si la salle a levé la main.",
      "Whether the room's hand is raised."),
    .command(
      "Conference Reaction Send", "Envoie une réaction.", "Sends a reaction.",
      [.required("Reaction", reactions, "La réaction.", "The reaction.")]),
    .event(
      "Conference Reaction", "Quelqu'un a réagi.", "Somebody reacted.", isPersonal: true,
      [.required("Reaction", reactions, "La réaction.", "The reaction."), sender]),
    .command(
      "Conference Chat Send", "Écrit à tous les participants.", "Writes to all participants.", isPersonal: true,
      [.required("Text", .string(1...2_000), "Le message.", "The message.")]),
    .event(
      "Conference Chat", "Un message est arrivé.", "A message has come.", isPersonal: true,
      [.required("Text", .string(0...65_536), "Le message.", "The message."), sender]),
    .state(
      "Conference Participant[n] DisplayName", .line, isPersonal: true, "Nom du participant.", "The participant's name."
    ),
    .state(
      "Conference Participant[n] AudioMute", .onOff, isPersonal: true, "Indique si son microphone est coupé.",
      "Whether their microphone is muted."),
    .state(
      "Conference Participant[n] VideoMute", .onOff, isPersonal: true, "Indique si sa caméra est coupée.",
      "Whether their camera is off."),
    .state(
      "Conference Participant[n] HandRaised", .trueFalse, isPersonal: true, "Indique si sa main est levée.",
      "Whether their hand is raised."),
    .state(
      "Conference Participant[n] Presenting", .trueFalse, isPersonal: true, "Indique s'il partage un contenu.",
      "Whether they share something."),
    .command(
      "Conference Participant Mute", "Coupe le microphone d'un participant, si l'organisateur le permet.",
      "Mutes a participant's microphone, if the organiser allows it.", [.participantID]),
    .command(
      "Conference Participant Pin", "Garde un participant en grand à l'écran.",
      "Keeps a participant large on the screen.", [.participantID]),
    .command("Conference Participant Unpin", "Libère le participant gardé en grand.", "Lets go of who was kept large."),
    .state(
      "Conference Recording State", .literal(["Off", "Starting", "Recording", "Transcribing", "Saving"]),
      initially: .literal("Off"), "Indique si la réunion est enregistrée ou transcrite.",
      "Whether the meeting is recorded or transcribed."),
  ]

  private static let reactions = ValueSpace.literal([
    "thumbs-up", "thumbs-down", "clapping-hands", "red-heart", "face-with-tears-of-joy", "face-with-open-mouth",
    "party-popper", "folded-hands",
  ])

  private static let sender = ControlField.required(
    "DisplayName", .line, "Nom de l'expéditeur.", "The sender's name.")
}
